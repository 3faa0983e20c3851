-- A day's draft, its slices added up, and which cells hide what was bought: those of fewer than k orders, and the smallest of
-- the others where these have 1 to k - 1 together, lest they be found by subtraction.
CREATE OR REPLACE VIEW judged_day AS
WITH summed AS
(
    SELECT
        kind, pair, a, b, argMax(drafts.label, (labelled, drafts.label)) AS label, sum(drafts.visitors) AS visitors,
        sum(drafts.visits) AS visits, sum(drafts.measured_visits) AS measured_visits, sum(drafts.views) AS views,
        sum(drafts.measured_views) AS measured_views, sum(drafts.events) AS events, sum(drafts.bounces) AS bounces,
        sum(drafts.entries) AS entries, sum(drafts.exits) AS exits, sum(drafts.engaged_ms) AS engaged_ms,
        sum(drafts.scroll) AS scroll, sum(drafts.scrolls) AS scrolls, sum(drafts.item_views) AS item_views,
        sum(drafts.carts) AS carts, sum(drafts.checkouts) AS checkouts, sumMap(drafts.orders) AS orders,
        sum(drafts.units) AS units, sumMap(drafts.revenue) AS revenue, arraySum(mapValues(orders)) AS bought
    FROM drafts
    WHERE site = {site:String} AND day = {day:Date} AND run = {run:UInt64}
    GROUP BY kind, pair, a, b
)
SELECT
    *,
    sumIf(bought, bought < {k:UInt16}) OVER (PARTITION BY kind, pair)                     AS left_over,
    row_number() OVER (PARTITION BY kind, pair, bought < {k:UInt16} ORDER BY bought, a)   AS size_rank,
    kind = 'behaviour' AND (bought < {k:UInt16}
        OR (left_over BETWEEN 1 AND {k:UInt16} - 1 AND size_rank = 1))                    AS hides
FROM summed
