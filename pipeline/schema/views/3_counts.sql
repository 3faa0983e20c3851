-- The measures of each cell, defined in closing/CLOSING.md. Slices of a day add up.
--
-- `kind` says by which rule a cell is kept when the day is closed: `plain` all of them; `behaviour` without what was bought,
-- where that is too little to hide a buyer; `search` from ten visitors on; `time` and `funnel` visits, and hours their views;
-- `pair` (a name of several words) for the week, of measured visits. What is said nothing of is behaviour, the strictest.
CREATE OR REPLACE VIEW counts AS
WITH
    if(pair = 'viewed together', '', cells.name) AS deed,  -- it tells of a visit, not of the event that carries it
    -- one number is told apart faster than two; visits of two visitors meet in it as rarely as their own numbers do
    visitor + visit * 11400714819323198485 AS visit_key
SELECT
    day,
    multiIf(
        pair IN ('all', 'event', 'product', 'category', 'brand'), 'plain', pair = 'hour', 'time', pair = 'funnel', 'funnel',
        pair = 'search', 'search', position(pair, ' ') > 0, 'pair', 'behaviour')                          AS kind,
    pair, a, b,
    argMaxIf(cells.label, (ts, batch, cells.label), cells.label != '')                     AS label,
    maxIf((ts, batch), cells.label != '')                                     AS labelled,
    uniqExactIf(visitor, visitor != 0)                                        AS visitors,
    uniqExactIf(visit_key, visit != 0)                                        AS measured_visits,
    measured_visits + countIf(counted_visit = 1)                              AS visits,
    countIf(deed = 'page_view')                                               AS views,
    countIf(deed = 'page_view' AND visitor != 0)                              AS measured_views,
    count()                                                                   AS events,
    uniqExactIf(visit_key, bounced = 1)                                       AS bounces,
    countIf(is_entry = 1)                                                     AS entries,
    countIf(is_exit = 1)                                                      AS exits,
    sumIf(cells.engaged_ms, visit != 0)                                       AS engaged_ms,
    sum(cells.scroll)                                                         AS scroll,
    countIf(cells.scroll != 0)                                                AS scrolls,
    countIf(deed = 'view_item')                                               AS item_views,
    countIf(deed = 'add_to_cart')                                             AS carts,
    countIf(deed = 'begin_checkout')                                          AS checkouts,
    sumMapIf(map(currency, toUInt64(1)), deed = 'purchase')                   AS orders,
    sum(cells.units)                                                          AS units,
    -- in 128 bits and held within 64: a sum too large for its column would come out negative
    mapApply((paid_in, total) -> (paid_in, toInt64(greatest(-9223372036854775807, least(9223372036854775807, total)))),
        sumMapIf(map(currency, toInt128(cells.revenue)), deed IN ('purchase', 'refund')))            AS revenue
FROM cells(
    site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    time_zone = {time_zone:String}, only = {only:Array(String)}, slices = {slices:UInt16}, slice = {slice:UInt16}) AS cells
GROUP BY day, pair, a, b
