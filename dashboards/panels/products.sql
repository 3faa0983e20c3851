-- What was looked at, put in the cart and bought? A product is its id, shown by its latest name.
--
-- revenue is price × quantity in minor units of `currency` only, the one most orders were paid in: currencies are
-- never added up. Two reports of one order (browser and server) are one, the one that lists more.
WITH
    sold AS
    (
        SELECT *
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
            AND name = 'purchase'
        ORDER BY length(item_id) DESC, ts
        LIMIT 1 BY order_key, if(order_key = 0, rowNumberInAllBlocks(), 0)
    ),
    most_used AS
    (
        SELECT currency
        FROM sold
        GROUP BY currency
        ORDER BY currency = '', count() DESC, currency
        LIMIT 1
    ),
    happened AS
    (
        SELECT name, ts, currency, 0 AS purchase, item_id, item_name, item_price, item_quantity
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
            AND name IN ('view_item', 'add_to_cart')
        UNION ALL
        SELECT name, ts, currency, rowNumberInAllBlocks() + 1 AS purchase, item_id, item_name, item_price, item_quantity
        FROM sold
    ),
    lines AS
    (
        SELECT
            name, ts, currency, purchase,
            -- a report may leave names, prices or quantities out; ARRAY JOIN wants equal lengths
            toString(id)       AS id,
            toString(label)    AS label,
            price,
            greatest(quantity, 1) AS pieces
        FROM happened
        ARRAY JOIN
            item_id                                         AS id,
            arrayResize(item_name, length(item_id))         AS label,
            arrayResize(item_price, length(item_id))        AS price,
            arrayResize(item_quantity, length(item_id))     AS quantity
    )
SELECT
    if(argMaxIf(label, ts, label != '') = '', id, argMaxIf(label, ts, label != ''))  AS product,
    countIf(name = 'view_item')                                                      AS item_views,
    countIf(name = 'add_to_cart')                                                    AS carts,
    uniqExactIf(purchase, name = 'purchase')                                         AS orders,
    sumIf(pieces, name = 'purchase')                                                 AS units,
    -- in 128 bits and held within 64: a sum too large for its column would come out negative
    -- qualified: an alias of the same name would be compared with itself
    toInt64(greatest(-9223372036854775807, least(9223372036854775807,
        sumIf(toInt128(price) * pieces,
            name = 'purchase' AND lines.currency = (SELECT any(currency) FROM most_used))))) AS revenue,
    ifNull(toString((SELECT any(currency) FROM most_used)), '')                      AS currency
FROM lines
GROUP BY id
ORDER BY orders DESC, item_views DESC, product
LIMIT 1000
