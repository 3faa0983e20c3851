-- When did they come? By hour of the site's clock where one day is asked for (23 to 25 rows), else by day; gaps are 0.
WITH
    buckets AS
    (
        SELECT replaceRegexpOne(
            formatDateTime(addHours(toDateTime({from:Date}, {time_zone:String}), number), '%FT%T%z', {time_zone:String}),
            '(..)$', ':\\1') AS time
        -- no less than 0: where a date or an instant is beyond its type, the difference is negative, and as a count
        -- without a sign it would be 2⁶⁴ rows
        FROM numbers(toUInt64(greatest(0, dateDiff('hour',
            toDateTime({from:Date}, {time_zone:String}), toDateTime({to:Date} + 1, {time_zone:String})))))
        WHERE {from:Date} = {to:Date}
        UNION ALL
        SELECT toString({from:Date} + number) AS time
        FROM numbers(toUInt64(greatest(0, {to:Date} - {from:Date} + 1)))
        WHERE {from:Date} != {to:Date}
    ),
    seen AS
    (
        SELECT value AS time, sum(margins.visitors) AS visitors, sum(views) AS page_views
        FROM margins('hour') AS margins
        WHERE {from:Date} = {to:Date}
        GROUP BY time
        UNION ALL
        SELECT toString(day) AS time, sum(margins.visitors) AS visitors, sum(views) AS page_views
        FROM margins('all') AS margins
        WHERE {from:Date} != {to:Date}
        GROUP BY time
    )
SELECT buckets.time AS time, seen.visitors AS visitors, seen.page_views AS page_views
FROM buckets
LEFT JOIN seen ON seen.time = buckets.time
ORDER BY time
