-- Who is here right now? Two rows, whatever the period asked for.
SELECT period, visitors, page_views
FROM
(
    SELECT
        [uniqExactIf(visitor, visitor != 0 AND ts > {now:DateTime64(3, 'UTC')} - INTERVAL 5 MINUTE),
            uniqExactIf(visitor, visitor != 0)]                                                      AS visitors_by_period,
        [countIf(name = 'page_view' AND ts > {now:DateTime64(3, 'UTC')} - INTERVAL 5 MINUTE),
            countIf(name = 'page_view')]                                                             AS views_by_period
    FROM events
    WHERE site = {site:String}
        AND day >= toDate({now:DateTime64(3, 'UTC')}) - 1
        AND ts > {now:DateTime64(3, 'UTC')} - INTERVAL 30 MINUTE
)
ARRAY JOIN
    ['5 min', '30 min']  AS period,
    visitors_by_period   AS visitors,
    views_by_period      AS page_views
