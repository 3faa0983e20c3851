-- Products of the latest weeks: whether enough visitors had to do with them, in all of these weeks and in the latest days; and
-- how many in these days, fresh ones weighing more. The warmest first.
WITH day > {until:Date} - {days:UInt16} AS is_late
SELECT
    value                                                                                   AS product,
    sum(visitors) >= {k:UInt16}                                                             AS by_enough,
    sumIf(visitors, is_late) >= {k:UInt16}                                                  AS by_enough_lately,
    sumIf(visitors * exp2(-toInt32({until:Date} - day) / {half_life:Float64}), is_late)     AS warmth
FROM daily
WHERE site = {site:String} AND grain = 'day' AND dim = 'product' AND day BETWEEN {since:Date} AND {until:Date}
    AND value NOT IN ('', '(other)', '(sensitive)')
    AND run IN (SELECT max(run) FROM closings WHERE site = {site:String} AND grain = 'day' GROUP BY day)
GROUP BY value
ORDER BY warmth DESC, product
