-- A day's cells as they are kept: without small numbers of buyers, rare searches, and what the funnel doesn't say.
INSERT INTO daily
(
    site, grain, day, dim, value, label, visitors, visits, measured_visits, views, measured_views, events, bounces, entries,
    exits, engaged_seconds, scroll, scrolls, item_views, carts, checkouts, orders, units, revenue, run
)
WITH
    judged AS
    (
        SELECT *, kind = 'search' AND visitors < {k_search:UInt16} AS rare, kind = 'funnel' AS steps, kind = 'time' AS of_hours,
            kind = 'behaviour' AS of_behaviour
        FROM judged_day(site = {site:String}, day = {day:Date}, run = {run:UInt64}, k = {k:UInt16})
        WHERE kind != 'pair'
    ),
    kept AS
    (
        SELECT
            pair, a, label, visitors, visits, measured_visits,
            if(steps, 0, views) AS views, if(steps, 0, measured_views) AS measured_views,
            -- else what is left of them when views are taken off would tell who bought
            multiIf(steps, 0, of_hours, views, hides, views + item_views, events) AS events,
            if(steps OR of_hours, 0, bounces) AS bounces, if(steps OR of_hours, 0, entries) AS entries, if(steps OR of_hours, 0, exits) AS exits,
            if(steps OR of_hours, 0, engaged_ms) AS engaged_ms, if(steps OR of_hours, 0, scroll) AS scroll, if(steps OR of_hours, 0, scrolls) AS scrolls,
            if(steps OR of_hours, 0, item_views) AS item_views, if(hides OR steps OR of_hours, 0, carts) AS carts,
            if(hides OR steps OR of_hours, 0, checkouts) AS checkouts,
            multiIf(hides OR steps OR of_hours OR bought = 0, CAST(map(), 'Map(LowCardinality(String), UInt64)'), of_behaviour, map('', bought),
                orders) AS orders,
            if(of_behaviour OR steps OR of_hours, 0, units) AS units,
            if(of_behaviour OR steps OR of_hours, CAST(map(), 'Map(LowCardinality(String), Int64)'), revenue) AS revenue
        FROM judged
        WHERE NOT rare AND NOT (steps AND visits < {k:UInt16})
        UNION ALL
        SELECT pair, '(other)', '', 0, 0, 0, sum(judged.views), 0, sum(judged.events), 0, 0, 0, 0, 0, 0, 0, 0, 0,
            CAST(map(), 'Map(LowCardinality(String), UInt64)'), 0, CAST(map(), 'Map(LowCardinality(String), Int64)')
        FROM judged
        WHERE rare
        GROUP BY pair
        UNION ALL
        SELECT pair, '(other)', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(judged.carts), sum(judged.checkouts),
            if(sum(bought) = 0, CAST(map(), 'Map(LowCardinality(String), UInt64)'), map('', sum(bought))), 0,
            CAST(map(), 'Map(LowCardinality(String), Int64)')
        FROM judged
        WHERE hides
        GROUP BY pair
        HAVING (sum(bought) = 0 OR sum(bought) >= {k:UInt16}) AND (sum(judged.carts) > 0 OR sum(judged.checkouts) > 0
            OR sum(bought) > 0)
    )
SELECT
    {site:String}, {grain:String}, {day:Date}, pair, a, label, visitors, visits, measured_visits, views, measured_views, events, bounces,
    entries, exits, intDiv(engaged_ms + 500, 1000), scroll, scrolls, item_views, carts, checkouts, orders, units, revenue,
    {run:UInt64}
FROM kept
