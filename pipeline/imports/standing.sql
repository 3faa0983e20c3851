-- What holds of a site's day: whether we closed it ourselves, and which import does.
SELECT
    countIf(grain = 'day')                                                   AS closed_here,
    argMaxIf(imported_from, closings.run, grain = 'imported')                AS source,
    argMaxIf(closings.rests_on, closings.run, grain = 'imported')            AS fingerprint
FROM closings
WHERE site = {site:String} AND day = {day:Date}
