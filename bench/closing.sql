-- A day of a large shop: visits of about five events, products with a long tail, an order in fifty visits.
INSERT INTO events
(
    site, day, ts, name, event_id, visitor, entry, path, network, country, device, browser, os, language, viewport, channel,
    source, campaign, referrer, item_id, item_name, item_category, item_price, item_quantity, value, currency, order_key,
    engaged_ms, scroll, batch
)
WITH
    intDiv(number, 5) AS visit,
    number % 5 AS step,
    cityHash64(visit, 'who') AS who,
    toUInt32(pow((cityHash64(number, 'what') % 1000000) / 1000000, 3) * 5000) AS product,
    who % 97 AS way
SELECT
    {site:String},
    {day:Date},
    toDateTime64({start:UInt32} + who % 82000 + step * 40, 3, 'UTC'),
    multiIf(step = 0, 'page_view', step = 1, 'view_item', step = 2, 'page_view', step = 3 AND who % 9 = 0, 'add_to_cart',
        step = 4 AND who % 50 = 0, 'purchase', step = 4, 'engagement', 'page_view') AS what,
    number + 1,
    if(who % 5 = 0, 0, who),
    step = 0,
    concat('/p/', toString(product % 2000)),
    concat('84.', toString(who % 200), '.', toString(who % 251), '.0/24'),
    ['NO', 'NO', 'NO', 'SE', 'DK', 'DE'][who % 6 + 1],
    ['mobile', 'mobile', 'desktop', 'tablet'][who % 4 + 1],
    ['Safari', 'Chrome', 'Edge', 'Firefox'][who % 4 + 1],
    ['iOS', 'Android', 'Windows', 'Mac OS X'][who % 4 + 1],
    'nb',
    [360, 768, 1280, 1536][who % 4 + 1],
    ['search', 'social', 'direct', 'referral'][way % 4 + 1],
    if(way % 4 = 2, '', concat('source', toString(way % 40))),
    if(way % 3 = 0, concat('campaign', toString(way)), ''),
    if(way % 4 = 2, '', concat('host', toString(way % 40), '.no')),
    if(what IN ('view_item', 'add_to_cart', 'purchase'), [toString(product)], []),
    if(what IN ('view_item', 'add_to_cart', 'purchase'), [concat('Product ', toString(product))], []),
    if(what IN ('view_item', 'add_to_cart', 'purchase'), [concat('Group ', toString(product % 20), ' / ', toString(product % 200))], []),
    if(what IN ('view_item', 'add_to_cart', 'purchase'), [9900 + product], []),
    if(what IN ('view_item', 'add_to_cart', 'purchase'), [1], []),
    if(what = 'purchase', 9900 + product, 0),
    if(what = 'purchase', 'NOK', ''),
    if(what = 'purchase', number + 1, 0),
    if(what = 'engagement', 20000 + who % 60000, 0),
    if(what = 'engagement', who % 101, 0),
    intDiv(number, 50)
FROM numbers({from:UInt64}, {count:UInt64})
SETTINGS max_insert_threads = 1
