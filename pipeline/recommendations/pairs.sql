-- Each product's nearest others: visitor-days of the pair ÷ (visitor-days of the other) ^ damping; of orders, where they were
-- bought together. Old weeks weigh less. `weekly` holds no pair of fewer than ten visitors; what is reckoned with is steps of
-- so many, whose beginning is thrown for each pair and product of a week (`steps.sql`).
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
        SELECT a, b, sum(had * exp2(-({week:Date} - week) / 7 / {half_life:Float64})) AS both
        FROM
        (
            SELECT
                week, a, b,
                steps(sum(visitors), arrayStringConcat([{site:String}, {pair:String}, a, b, toString(week)], '\n')) AS had
            FROM weekly
            WHERE site = {site:String} AND pair = {pair:String} AND (week, run) IN (SELECT week, run FROM weeks)
                AND a NOT IN ('(other)', '(sensitive)') AND b NOT IN ('(other)', '(sensitive)')
                AND position(concat(a, b), '(removed)') = 0
            GROUP BY week, a, b
        )
        GROUP BY a, b
        HAVING both > 0
    ),
    alone AS
    (
        SELECT product, sum(had * exp2(-({week:Date} - week) / 7 / {half_life:Float64})) AS had_alone
        FROM
        (
            SELECT
                toMonday(day) AS week, value AS product,
                steps(
                    sum(if({pair:String} = 'bought together', arraySum(mapValues(orders)), visitors)),
                    arrayStringConcat([
                        {site:String}, if({pair:String} = 'bought together', 'bought', 'seen'), value, toString(week)], '\n')
                ) AS had
            FROM daily
            WHERE site = {site:String} AND grain = 'day' AND dim = 'product' AND toMonday(day) IN (SELECT week FROM weeks)
                AND run IN (SELECT max(run) FROM closings WHERE site = {site:String} AND grain = 'day' GROUP BY day)
            GROUP BY week, product
        )
        GROUP BY product
    ),
    each AS
    (
        SELECT a AS product, b AS other, both FROM together
        UNION ALL
        SELECT b, a, both FROM together
    ),
    nearest AS
    (
        SELECT each.product AS product, other, both / pow(greatest(had_alone, both), {damping:Float64}) AS near
        FROM each
        INNER JOIN alone ON alone.product = each.other
        ORDER BY product, near DESC, other
        LIMIT {most:UInt32} BY product
    )
SELECT product, arrayMap(x -> x.2, arraySort(groupArray((-near, other)))) AS others
FROM nearest
GROUP BY product
