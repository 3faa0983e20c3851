-- Days of which there are rows: how many, how many there were by the tally (where the rows are fewer, some have left), and
-- how many were counted by the run that holds.
SELECT rows.site, rows.day, rows.events, told.stored, closed.rests_on, closed.run
FROM (SELECT site, day, count() AS events FROM events GROUP BY site, day) AS rows
LEFT JOIN
    (SELECT site, day, sum(events) AS stored FROM tally
        WHERE outcome = 'stored' AND day >= (SELECT min(day) FROM events) GROUP BY site, day) AS told
    ON told.site = rows.site AND told.day = rows.day
LEFT JOIN
    (SELECT site, day, argMax(closings.rests_on, closings.run) AS rests_on, max(closings.run) AS run
        FROM closings WHERE grain = 'day' GROUP BY site, day) AS closed
    ON closed.site = rows.site AND closed.day = rows.day
ORDER BY rows.day, rows.site
