-- How is it going? Always one row.
--
-- visitors         measured ones; a number lives for one day, so several days are the sum of their days
-- visits           measured ones, and of the counted page views those that came from outside
-- bounce_rate      of measured visits, 0 to 1; NULL where none was measured
-- engaged_seconds  average of measured visits
-- orders           in every currency; two reports of one order (browser and server) are one
-- revenue          minor units of `currency` only, the one most orders were paid in: currencies are never added up
-- measured_share   of the page views, how many visitors, bounce_rate and engaged_seconds rest on; NULL where none
SELECT
    sum(margins.visitors)                                                                      AS visitors,
    sum(margins.visits)                                                                        AS visits,
    sum(margins.views)                                                                         AS page_views,
    if(sum(margins.measured_visits) = 0, NULL, sum(margins.bounces) / sum(margins.measured_visits)) AS bounce_rate,
    if(sum(margins.measured_visits) = 0, NULL, sum(margins.engaged_seconds) / sum(margins.measured_visits)) AS engaged_seconds,
    sum(arraySum(mapValues(margins.orders)))                                                   AS orders,
    -- in 128 bits and held within 64: a sum too large for its column would come out negative
    toInt64(greatest(-9223372036854775807, least(9223372036854775807,
        sum(toInt128(margins.revenue[{currency:String}])))))                                   AS revenue,
    {currency:String}                                                                          AS currency,
    if(page_views = 0, NULL, sum(margins.measured_views) / page_views)                         AS measured_share
FROM margins('all') AS margins
