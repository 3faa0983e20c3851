-- What became of the events of each site and day, as far as the store knows. What the spools still hold as sealed is
-- left out: it counts as waiting, whether or not it has arrived. Of days before `since`, whose rows are leaving or gone,
-- what their closing counted stands for the rows.
SELECT 'tally' AS source, site, toString(day) AS on_day, outcome AS word, sum(events) AS number
FROM tally
WHERE day >= {closed_since:Date} AND NOT arrayExists((f, l) -> batch BETWEEN f AND l, {tally_firsts:Array(UInt64)}, {tally_lasts:Array(UInt64)})
GROUP BY site, day, outcome
UNION ALL
SELECT 'events', site, toString(day), '', toInt64(count())
FROM events
WHERE day >= {since:Date} AND NOT arrayExists((f, l) -> batch BETWEEN f AND l, {events_firsts:Array(UInt64)}, {events_lasts:Array(UInt64)})
GROUP BY site, day
UNION ALL
SELECT 'quarantine', site, toString(day), '', toInt64(count())
FROM quarantine
WHERE day >= {since:Date}
    AND NOT arrayExists((f, l) -> batch BETWEEN f AND l, {quarantine_firsts:Array(UInt64)}, {quarantine_lasts:Array(UInt64)})
GROUP BY site, day
UNION ALL
SELECT 'closings', site, toString(day), '', toInt64(argMax(rests_on, run))
FROM closings
WHERE grain = 'day' AND day >= {closed_since:Date} AND day < {since:Date}
GROUP BY site, day
UNION ALL
-- of a day that was never closed before its rows left nothing stands for them: it shows as missing
SELECT 'closings', site, toString(day), '', toInt64(0)
FROM tally
WHERE outcome = 'stored' AND day >= {closed_since:Date} AND day < {since:Date}
    AND day >= (SELECT minOrNull(day) FROM closings WHERE grain != 'imported') AND (site, day) NOT IN (SELECT site, day FROM closings WHERE grain = 'day')
GROUP BY site, day
HAVING sum(events) > 0
