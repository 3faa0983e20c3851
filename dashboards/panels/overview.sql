-- How is it going? Always one row.
--
-- visitors         measured ones; a number lives for one day, so several days are the sum of their days
-- visits           measured visits that began here, and of the counted page views those that came from outside
-- bounce_rate      of measured visits, 0 to 1; NULL where none was measured
-- engaged_seconds  average of measured visits
-- orders           in every currency; two reports of one order (browser and server) are one
-- revenue          minor units of `currency` only, the one most orders were paid in: currencies are never added up
-- measured_share   of the page views, how many visitors, bounce_rate and engaged_seconds rest on; NULL where none
WITH
    hits AS
    (
        SELECT
            uniqExactIf((day, visitor), visitor != 0)                       AS visitors,
            countIf(name = 'page_view')                                     AS page_views,
            countIf(name = 'page_view' AND visitor = 0 AND entry = 1)       AS counted_visits,
            countIf(name = 'page_view' AND visitor != 0)                    AS measured_views
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
    ),
    measured AS
    (
        SELECT
            count()                    AS visits,
            avgOrNull(bounced)         AS bounce_rate,
            avgOrNull(engaged_seconds) AS engaged_seconds
        FROM visits(site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')})
    ),
    sold AS
    (
        SELECT value, currency
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
            AND name = 'purchase'
        -- of two reports of an order the one that knows the amount, else the first; without a number each counts
        ORDER BY value = 0, ts
        LIMIT 1 BY order_key, if(order_key = 0, rowNumberInAllBlocks(), 0)
    ),
    most_used AS
    (
        SELECT currency
        FROM sold
        GROUP BY currency
        ORDER BY currency = '', count() DESC, currency
        LIMIT 1
    ),
    takings AS
    (
        SELECT
            count()                                                               AS orders,
            -- qualified: an alias of the same name would be compared with itself
            -- in 128 bits and held within 64: a sum too large for its column would come out negative
            toInt64(greatest(-9223372036854775807, least(9223372036854775807,
                sumIf(toInt128(value), sold.currency = (SELECT any(currency) FROM most_used))))) AS revenue,
            (SELECT any(currency) FROM most_used)                                 AS paid_in
        FROM sold
    )
SELECT
    hits.visitors                                                           AS visitors,
    measured.visits + hits.counted_visits                                   AS visits,
    hits.page_views                                                         AS page_views,
    measured.bounce_rate                                                    AS bounce_rate,
    measured.engaged_seconds                                                AS engaged_seconds,
    takings.orders                                                          AS orders,
    takings.revenue                                                         AS revenue,
    ifNull(toString(takings.paid_in), '')                                  AS currency,
    if(hits.page_views = 0, NULL, hits.measured_views / hits.page_views)    AS measured_share
FROM hits, measured, takings
