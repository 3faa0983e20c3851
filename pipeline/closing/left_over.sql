-- Spans of which more is there than the run that holds: what a kill between closing and sweeping leaves.
SELECT written.site, written.grain, written.day, max(closings.run)
FROM
(
    SELECT site, grain, day, run FROM daily WHERE day >= {since:Date} GROUP BY site, grain, day, run
    UNION ALL
    SELECT site, 'week', week, run FROM weekly WHERE week >= {since:Date} GROUP BY site, week, run
    UNION ALL
    SELECT site, 'day', day, run FROM contributions WHERE day >= {since:Date} GROUP BY site, day, run
) AS written
INNER JOIN closings
    ON closings.site = written.site AND closings.grain = written.grain AND closings.day = written.day
GROUP BY written.site, written.grain, written.day
HAVING min(written.run) < max(closings.run) OR max(written.run) > max(closings.run)
