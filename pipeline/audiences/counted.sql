-- The days of a week that were closed from rows, and by which rules the run that holds counted them for a release.
SELECT closed.day, closed.run, closed.rests_on, counted.key, counted.amount
FROM
(
    SELECT day, max(closings.run) AS run, argMax(closings.rests_on, closings.run) AS rests_on
    FROM closings
    WHERE site = {site:String} AND grain = 'day' AND day BETWEEN {monday:Date} AND {monday:Date} + 6
    GROUP BY day
    HAVING rests_on > 0
) AS closed
LEFT JOIN
(
    SELECT day, run, key, amount
    FROM contributions
    WHERE site = {site:String} AND day BETWEEN {monday:Date} AND {monday:Date} + 6 AND release_table = '(counted)'
) AS counted
    ON counted.day = closed.day AND counted.run = closed.run
ORDER BY closed.day
