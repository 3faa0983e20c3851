-- Pairs of products, as many a product and week as `partners`, an eighth of them bought.
INSERT INTO weekly
(
    site, week, pair, a, b, visitors, visits, run
)
SELECT
    {site:String}, {first:Date} + 7 * (number % {weeks:UInt16}),
    if(nth % 8 = 0, 'bought together', 'viewed together'), least(x, y), greatest(x, y),
    10 + cityHash64(number) % 90 AS people, people, {run:UInt64}
FROM
(
    SELECT
        number,
        intDiv(number, {weeks:UInt16}) % {products:UInt32}                                      AS first_of_two,
        intDiv(number, {weeks:UInt16} * {products:UInt32})                                      AS nth,
        concat('p', toString(first_of_two))                                                     AS x,
        concat('p', toString((first_of_two + 1 + nth * 37) % {products:UInt32}))                AS y
    FROM numbers({products:UInt32} * {weeks:UInt16} * {partners:UInt16})
)
