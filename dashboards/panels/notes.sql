-- What should the operator know of what came in? One row a note and place, the gravest first; see `Note` in outcome.py.
-- Of the salts only those too many: on a day with two of them a visitor of both halves counts twice, and `place` is the
-- day. Notes know days but no times, so `until` cuts nothing here. Last, how many days another tool has counted.
SELECT note, place, times
FROM
(
    SELECT
        note,
        if(note = 'salt', toString(day), field)                                AS place,
        if(note = 'salt', toUInt64(uniqExact(field) - 1), sum(notes.times))    AS times
    FROM notes
    WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date}
    GROUP BY note, place
    HAVING times > 0
    UNION ALL
    SELECT
        'imported' AS note,
        transform(toString(imported_from), ['plausible', 'ga4', 'matomo', 'umami'],
            ['Plausible', 'Google Analytics', 'Matomo', 'Umami'], toString(imported_from)) AS place,
        uniqExact(day) AS times
    FROM closings
    WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND grain = 'imported'
    GROUP BY imported_from
)
ORDER BY indexOf(['redacted', 'looks_sensitive', 'salt', 'undeclared', 'over_cap', 'imported'], note), times DESC, place
