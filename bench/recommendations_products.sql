-- Each product on each day of the weeks.
INSERT INTO daily
(
    site, grain, day, dim, value, visitors, item_views, orders, run
)
SELECT
    {site:String}, 'day', {first:Date} + intDiv(number, {products:UInt32}), 'product',
    concat('p', toString(number % {products:UInt32})), 10 + cityHash64(number) % 200 AS people, people,
    map('NOK', 5), {run:UInt64}
FROM numbers({products:UInt32} * {weeks:UInt16} * 7)
