-- Each product's nearest others: visitor-days of the pair ÷ (visitor-days of the other) ^ damping; of orders, where they were
-- bought together. Old weeks weigh less. `weekly` holds no pair of fewer than ten visitors.
WITH
    weeks AS
    (
        SELECT day AS week, max(run) AS run
        FROM closings
        WHERE site = {site:String} AND grain = 'week' AND day BETWEEN {since:Date} AND {week:Date}
        GROUP BY day
    ),
    together AS
    (
        SELECT a, b, sum(visitors * exp2(-({week:Date} - week) / 7 / {half_life:Float64})) AS both
        FROM weekly
        WHERE site = {site:String} AND pair = {pair:String} AND (week, run) IN (SELECT week, run FROM weeks)
            AND a NOT IN ('(other)', '(sensitive)') AND b NOT IN ('(other)', '(sensitive)')
        GROUP BY a, b
    ),
    alone AS
    (
        SELECT
            value AS product,
            sum(if({pair:String} = 'bought together', arraySum(mapValues(orders)), visitors)
                * exp2(-({week:Date} - toMonday(day)) / 7 / {half_life:Float64})) AS had
        FROM daily
        WHERE site = {site:String} AND grain = 'day' AND dim = 'product' AND toMonday(day) IN (SELECT week FROM weeks)
            AND run IN (SELECT max(run) FROM closings WHERE site = {site:String} AND grain = 'day' GROUP BY day)
        GROUP BY value
    ),
    each AS
    (
        SELECT a AS product, b AS other, both FROM together
        UNION ALL
        SELECT b, a, both FROM together
    ),
    nearest AS
    (
        SELECT each.product AS product, other, both / pow(greatest(had, both), {damping:Float64}) AS near
        FROM each
        INNER JOIN alone ON alone.product = each.other
        ORDER BY product, near DESC, other
        LIMIT {most:UInt32} BY product
    )
SELECT product, arrayMap(x -> x.2, arraySort(groupArray((-near, other)))) AS others
FROM nearest
GROUP BY product
