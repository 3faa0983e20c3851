-- The measures of each cell, defined in closing/CLOSING.md. Slices of a day add up.
CREATE OR REPLACE VIEW counts AS
SELECT
    day, kind, pair, a, b,
    argMaxIf(cells.label, (ts, batch, cells.label), cells.label != '')                     AS label,
    maxIf((ts, batch), cells.label != '')                                     AS labelled,
    uniqExactIf(visitor, visitor != 0)                                        AS visitors,
    uniqExactIf((visitor, visit), visit != 0)                                 AS measured_visits,
    measured_visits + countIf(counted_visit = 1)                              AS visits,
    countIf(name = 'page_view')                                               AS views,
    countIf(name = 'page_view' AND visitor != 0)                              AS measured_views,
    count()                                                                   AS events,
    uniqExactIf((visitor, visit), bounced = 1)                                AS bounces,
    countIf(is_entry = 1)                                                     AS entries,
    countIf(is_exit = 1)                                                      AS exits,
    sum(cells.engaged_ms)                                                     AS engaged_ms,
    sum(cells.scroll)                                                         AS scroll,
    countIf(cells.scroll != 0)                                                AS scrolls,
    countIf(name = 'view_item')                                               AS item_views,
    countIf(name = 'add_to_cart')                                             AS carts,
    countIf(name = 'begin_checkout')                                          AS checkouts,
    sumMap(if(name = 'purchase', map(currency, toUInt64(1)), CAST(map(), 'Map(String, UInt64)')))             AS orders,
    sum(cells.units)                                                          AS units,
    sumMap(if(name = 'purchase', map(currency, cells.revenue), CAST(map(), 'Map(String, Int64)')))            AS revenue
FROM cells(
    site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    time_zone = {time_zone:String}, only = {only:String}, slices = {slices:UInt16}, slice = {slice:UInt16}) AS cells
GROUP BY day, kind, pair, a, b
