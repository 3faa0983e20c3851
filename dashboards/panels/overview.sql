-- How is it going? Always one row.
--
-- visitors         measured ones; a number lives for one day, so several days are the sum of their days
-- visits           measured ones, and of the counted page views those that came from outside
-- bounce_rate      of measured visits, 0 to 1; NULL where none was measured
-- engaged_seconds  average of measured visits
-- orders           in every currency; two reports of one order (browser and server) are one
-- revenue          minor units of `currency` only, the one most orders were paid in: currencies are never added up
-- measured_share   of the page views, how many visitors, bounce_rate and engaged_seconds rest on; NULL where none
WITH
    total AS
    (
        SELECT
            sum(margins.visitors)                                                              AS visitors,
            sum(margins.visits)                                                                AS visits,
            sum(margins.measured_visits)                                                       AS measured_visits,
            sum(margins.views)                                                                 AS views,
            sum(margins.measured_views)                                                        AS measured_views,
            sum(margins.bounces)                                                               AS bounces,
            sum(margins.engaged_seconds)                                                       AS engaged_seconds,
            sumMap(margins.orders)                                                             AS orders_in,
            -- in 128 bits: a sum too large for its column would come out negative
            sumMap(mapApply((paid_in, sum) -> (paid_in, toInt128(sum)), margins.revenue))      AS revenue_in,
            arraySort(c -> (c = '', -toInt64(orders_in[c]), c), mapKeys(orders_in))[1]         AS most_used
        FROM margins('all') AS margins
    )
SELECT
    visitors,
    visits,
    views                                                                                      AS page_views,
    if(measured_visits = 0, NULL, bounces / measured_visits)                                   AS bounce_rate,
    if(measured_visits = 0, NULL, engaged_seconds / measured_visits)                           AS engaged_seconds,
    arraySum(mapValues(orders_in))                                                             AS orders,
    toInt64(greatest(-9223372036854775807, least(9223372036854775807, revenue_in[most_used]))) AS revenue,
    toString(most_used)                                                                        AS currency,
    if(views = 0, NULL, measured_views / views)                                                AS measured_share
FROM total
