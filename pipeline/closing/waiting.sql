-- What a day adds to its week: pairs, and numbers of orders that the day alone is too small to show.
INSERT INTO waiting
(
    site, grain, until, day, kind, pair, a, b, visitors, visits, views, item_views, orders, run
)
SELECT
    {site:String}, 'week', toMonday({day:Date}), {day:Date}, kind, pair, a, b, if(kind = 'pair', visitors, 0),
    if(kind = 'pair', visits, 0), if(kind = 'pair', views, 0), if(kind = 'pair', item_views, 0),
    -- of two products; what is joined to behaviour could be subtracted from the shop's own list of orders
    if(kind = 'behaviour' OR pair = 'bought together', bought, 0), {run:UInt64}
FROM judged_day(site = {site:String}, day = {day:Date}, run = {run:UInt64}, k = {k:UInt16})
WHERE kind = 'pair' OR (hides AND bought > 0)
