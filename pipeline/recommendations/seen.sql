-- Products of the latest weeks: whether enough visitors had to do with them, ever and lately; and how many lately, fresh ones
-- weighing more. The warmest first. A closed week is one number, and so is each closed day after the last of them: every
-- visitor-day is in one of either, so few throws (`steps.sql`) depend on it. Lately is that week and these days.
WITH
    spans AS
    (
        SELECT
            value AS product, toMonday(day) <= {week:Date} AS whole, if(whole, toMonday(day), day) AS first,
            steps(
                sum(visitors),
                arrayStringConcat([{site:String}, if(whole, 'seen', 'seen that day'), value, toString(first)], '\n')
            ) AS had
        FROM daily
        WHERE site = {site:String} AND grain = 'day' AND dim = 'product' AND day BETWEEN {since:Date} AND {until:Date}
            AND value NOT IN ('', '(other)', '(sensitive)') AND position(value, '(removed)') = 0
            AND run IN (SELECT max(run) FROM closings WHERE site = {site:String} AND grain = 'day' GROUP BY day)
        GROUP BY product, whole, first
    ),
    (first = {week:Date} OR NOT whole) AND {until:Date} - first < {days:UInt16} AS is_late,
    {until:Date} - if(whole, first + 3, first) AS age
SELECT
    product,
    max(had) > 0                                                    AS by_enough,
    maxIf(had, is_late) > 0                                         AS by_enough_lately,
    sumIf(had * exp2(-age / {half_life:Float64}), is_late)          AS warmth
FROM spans
GROUP BY product
ORDER BY warmth DESC, product
