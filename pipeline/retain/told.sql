-- What the tally says has become of a day's events, by site and name, where it isn't nothing.
SELECT site, name, sum(events) AS rows
FROM tally
WHERE day = {day:Date} AND outcome = {outcome:String}
GROUP BY site, name
HAVING rows > 0
