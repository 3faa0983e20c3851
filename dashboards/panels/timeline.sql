-- When did they come? By hour of the site's clock where one day is asked for (23 to 25 rows), else by day; gaps are 0.
SELECT
    time,
    sum(seen.visitors)  AS visitors,
    sum(seen.views)     AS page_views
FROM
(
    SELECT value AS time, visitors, views
    FROM margins('hour')
    -- of this day: a page draws each of its days by hour, and fetches the cells of all of them at once
    WHERE {from:Date} = {to:Date} AND day = {from:Date}
    UNION ALL
    SELECT toString(day), visitors, views
    FROM margins('all')
    WHERE {from:Date} != {to:Date}
    UNION ALL
    SELECT replaceRegexpOne(
        formatDateTime(addHours(toDateTime({from:Date}, {time_zone:String}), number), '%FT%T%z', {time_zone:String}),
        '(..)$', ':\\1'), 0, 0
    -- no less than 0: where a date or an instant is beyond its type, the difference is negative, and as a count
    -- without a sign it would be 2⁶⁴ rows
    FROM numbers(toUInt64(greatest(0, dateDiff('hour',
        toDateTime({from:Date}, {time_zone:String}), toDateTime({to:Date} + 1, {time_zone:String})))))
    WHERE {from:Date} = {to:Date}
    UNION ALL
    SELECT toString({from:Date} + number), 0, 0
    FROM numbers(toUInt64(greatest(0, {to:Date} - {from:Date} + 1)))
    WHERE {from:Date} != {to:Date}
) AS seen
GROUP BY time
ORDER BY time
