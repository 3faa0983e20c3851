-- A week's pairs: cells of at least k visitors. Small ones are gathered; as a visitor may have been in several of them, a
-- gathering counts as many as its largest cell had, day by day.
INSERT INTO weekly
(
    site, week, pair, a, b, visitors, visits, views, item_views, orders, run
)
WITH
    days AS
    (
        SELECT waiting.*
        FROM waiting
        WHERE site = {site:String} AND grain = 'week' AND until = {first:Date} AND kind = 'pair'
            AND run IN (SELECT max(run) FROM closings WHERE site = {site:String} AND grain = 'day' GROUP BY day)
    ),
    large AS
    (
        SELECT pair, a, b
        FROM days
        GROUP BY pair, a, b
        HAVING sum(visitors) >= {k_pairs:UInt16}
    ),
    gathered AS
    (
        SELECT *
        FROM days
        WHERE (pair, a, b) NOT IN (SELECT pair, a, b FROM large)
    ),
    of_one AS
    (
        SELECT pair, a, sum(most) AS at_least
        FROM (SELECT pair, a, day, max(visitors) AS most FROM gathered GROUP BY pair, a, day)
        GROUP BY pair, a
        HAVING at_least >= {k_pairs:UInt16}
    ),
    rest AS
    (
        SELECT *
        FROM gathered
        WHERE (pair, a) NOT IN (SELECT pair, a FROM of_one)
    ),
    of_all AS
    (
        SELECT pair, sum(most) AS at_least
        FROM (SELECT pair, day, max(visitors) AS most FROM rest GROUP BY pair, day)
        GROUP BY pair
        HAVING at_least >= {k_pairs:UInt16}
    ),
    lines AS
    (
        SELECT pair, a, b, visitors, visits, views, item_views, orders, toUInt64(0) AS at_least
        FROM days
        WHERE (pair, a, b) IN (SELECT pair, a, b FROM large)
        UNION ALL
        SELECT pair, a, '(other)', toUInt64(0), visits, views, item_views, orders, of_one.at_least
        FROM gathered
        INNER JOIN of_one USING (pair, a)
        UNION ALL
        SELECT pair, '(other)', '(other)', toUInt64(0), visits, views, item_views, orders, of_all.at_least
        FROM rest
        INNER JOIN of_all USING (pair)
    ),
    summed AS
    (
        SELECT
            pair, a, b, greatest(sum(lines.visitors), max(at_least)) AS visitors, sum(lines.visits) AS visits,
            sum(lines.views) AS views, sum(lines.item_views) AS item_views, sum(lines.orders) AS orders
        FROM lines
        GROUP BY pair, a, b
    )
SELECT
    {site:String}, {first:Date}, pair, a, b, visitors, visits, views, item_views,
    if(orders >= {k:UInt16}, orders, 0), {run:UInt64}
FROM summed
