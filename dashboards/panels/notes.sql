-- What should the operator know of what came in? One row a note and place, the gravest first; see `Note` in outcome.py.
-- Of the salts only those too many: on a day with two of them a visitor of both halves counts twice, and `place` is the
-- day. Notes know days but no times, so `until` cuts nothing here.
SELECT note, place, times
FROM
(
    SELECT note, field AS place, sum(times) AS times
    FROM notes
    WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND note != 'salt'
    GROUP BY note, field
    UNION ALL
    SELECT 'salt' AS note, toString(day) AS place, toUInt64(uniqExact(field) - 1) AS times
    FROM notes
    -- qualified: the alias above would be compared with itself
    WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND notes.note = 'salt'
    GROUP BY day
    HAVING times > 0
)
ORDER BY indexOf(['redacted', 'looks_sensitive', 'salt', 'undeclared', 'over_cap'], note), times DESC, place
