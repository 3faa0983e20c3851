-- What was looked at, put in the cart and bought? A product is its id, shown by its latest name.
--
-- revenue is price × quantity in minor units of `currency` only, the one most orders were paid in: currencies are never
-- added up. Two reports of one order (browser and server) are one, the one that lists more.
SELECT
    if(argMaxIf(label, day, label != '') = '', value, argMaxIf(label, day, label != ''))       AS product,
    sum(margins.item_views)                                                                    AS item_views,
    sum(margins.carts)                                                                         AS carts,
    sum(arraySum(mapValues(margins.orders)))                                                   AS orders,
    sum(margins.units)                                                                         AS units,
    -- in 128 bits and held within 64: a sum too large for its column would come out negative
    toInt64(greatest(-9223372036854775807, least(9223372036854775807,
        sum(toInt128(margins.revenue[{currency:String}])))))                                   AS revenue,
    {currency:String}                                                                          AS currency
FROM margins('product') AS margins
GROUP BY value
ORDER BY orders DESC, item_views DESC, product
LIMIT 1000
