-- Days of a week of which there are rows that its closing has not counted, or that no closing has.
SELECT rows.day
FROM (SELECT day, count() AS events FROM events
    WHERE site = {site:String} AND day BETWEEN {monday:Date} AND {monday:Date} + 6 GROUP BY day) AS rows
LEFT JOIN
    (SELECT day, argMax(closings.rests_on, closings.run) AS counted FROM closings
        WHERE site = {site:String} AND grain = 'day' GROUP BY day) AS closed
    ON closed.day = rows.day
WHERE rows.events > closed.counted
