-- Each event of a site's days with what is known of its visit; reports of one order are one. Defined in closing/CLOSING.md.
--
-- A visit is of one day. `visit` is 0 for events of none: without a number, or of a visit that began the day before
-- (`continued`), or a page's leaving whose visit is over. `slice` of `slices`: all events of a visitor are in one. With
-- `apart` an order is one for each number that reports it, so that no number's events depend on another's.
CREATE OR REPLACE VIEW facts AS
WITH
    orders AS
    (
        SELECT
            day,
            -- the least of these tuples begins with what decides, and carries what is taken
            min((visitor = 0, ts, batch, visitor, continued, path, toString(country), toString(region), toString(device),
                toString(browser), toString(os), toString(language), viewport, toString(channel), toString(source),
                toString(medium), toString(campaign), toString(referrer)))                                       AS who,
            min((value = 0, ts, batch, value, toString(currency)))                                              AS amount,
            min((-toInt64(length(item_id)), ts, batch, arrayMap(x -> toString(x), item_id),
                arrayMap(x -> toString(x), item_name), arrayMap(x -> toString(x), item_brand),
                arrayMap(x -> toString(x), item_category), item_price, item_quantity))                          AS goods
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
            AND name = 'purchase'
        -- not by the row's number: each shard of a cluster has a first row
        GROUP BY day, order_key, if(order_key = 0, generateUUIDv4(), toUUID('00000000-0000-0000-0000-000000000000')),
            if({apart:UInt8} = 1, visitor, 0)
    ),
    happened AS
    (
        SELECT
            day, ts, batch, toString(name) AS name, visitor, continued, entry, path, toString(country) AS country,
            toString(region) AS region, toString(device) AS device, toString(browser) AS browser, toString(os) AS os,
            toString(language) AS language, viewport, toString(channel) AS channel, toString(source) AS source,
            toString(medium) AS medium, toString(campaign) AS campaign, toString(referrer) AS referrer,
            multiIf(events.name != 'refund', toInt64(0), events.value != 0, -abs(events.value),
                toInt64(greatest(-9223372036854775807, -abs(arraySum((price, pieces) -> toInt128(price) * greatest(pieces, 1),
                    arrayResize(events.item_price, length(events.item_id)),
                    arrayResize(events.item_quantity, length(events.item_id)))))))
                                                                                                       AS value,
            if(events.name = 'refund', toString(events.currency), '') AS currency, search_term, engaged_ms, scroll, arrayMap(x -> toString(x), item_id) AS item_id,
            arrayMap(x -> toString(x), item_name) AS item_name, arrayMap(x -> toString(x), item_brand) AS item_brand,
            arrayMap(x -> toString(x), item_category) AS item_category, item_price, item_quantity
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
            -- qualified: the alias above is another type
            AND events.name != 'purchase' AND if(visitor = 0, intHash64(batch), visitor) % {slices:UInt16} = {slice:UInt16}
        UNION ALL
        SELECT
            day, who.2, who.3, 'purchase', who.4, who.5, 0, who.6, who.7, who.8, who.9, who.10, who.11, who.12, who.13,
            who.14, who.15, who.16, who.17, who.18,
            if(amount.4 != 0, amount.4, toInt64(greatest(-9223372036854775807, least(9223372036854775807, arraySum(
                (price, pieces) -> toInt128(price) * greatest(pieces, 1),
                arrayResize(goods.8, length(goods.4)), arrayResize(goods.9, length(goods.4))))))), amount.5, '', 0, 0, goods.4, goods.5, goods.6, goods.7,
            goods.8, goods.9
        FROM orders
        WHERE if(who.4 = 0, intHash64(who.3), who.4) % {slices:UInt16} = {slice:UInt16}
    ),
    runs AS
    (
        SELECT
            *,
            -- RANGE, not ROWS: what one request brought stands at one moment, and must not fall into two runs.
            -- By `ms`, which orders as `ts` does: the rows are sorted so already
            sum(begins) OVER (PARTITION BY day, visitor ORDER BY ms RANGE UNBOUNDED PRECEDING) AS run
        FROM
        (
            SELECT
                *,
                toUnixTimestamp64Milli(ts) AS ms,
                -- since the last event of an earlier moment: what stands at one moment has no order
                ms - max(ms) OVER (PARTITION BY day, visitor ORDER BY ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    >= 1800000 AND name NOT IN ('engagement', 'web_vitals') AS begins
            FROM happened
            WHERE visitor != 0 AND continued = 0
        )
    ),
    known AS
    (
        SELECT
            *,
            (ts, batch, path, channel, source, medium, campaign, referrer)                            AS view,
            minIf(view, name = 'page_view') OVER visit_window                                         AS first_view,
            maxIf(view, name = 'page_view') OVER visit_window                                         AS last_view,
            countIf(name = 'page_view') OVER visit_window                                             AS page_views,
            countIf(name NOT IN ('engagement', 'web_vitals')) OVER visit_window                       AS deeds,
            countIf(name NOT IN ('page_view', 'view_item', 'view_item_list', 'engagement', 'web_vitals')) OVER visit_window
                                                                                                      AS more,
            sum(engaged_ms) OVER visit_window                                                         AS visit_engaged_ms,
            multiIf(
                countIf(name = 'purchase') OVER visit_window > 0, 5, countIf(name = 'begin_checkout') OVER visit_window > 0, 4,
                countIf(name = 'add_to_cart') OVER visit_window > 0, 3, countIf(name = 'view_item') OVER visit_window > 0, 2, 1)
                                                                                                      AS reached,
            groupUniqArrayArrayIf(item_id, name = 'view_item') OVER visit_window                      AS visit_viewed,
            row_number() OVER (PARTITION BY day, visitor, run ORDER BY ts, batch)                     AS number,
            row_number() OVER page_window                                                             AS page,
            leadInFrame(path) OVER (PARTITION BY day, visitor, run, name = 'page_view'
                ORDER BY view ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)                               AS next_view
        FROM runs
        WINDOW
            visit_window AS (PARTITION BY day, visitor, run),
            page_window AS (PARTITION BY day, visitor, run, name = 'page_view' ORDER BY view)
    )
SELECT
    day, ts, batch, name, visitor, continued, if(deeds > 0, run + 1, 0) AS visit, 0 AS counted_visit, path, country, region,
    device, browser, os, language, viewport,
    multiIf(visit = 0 AND channel = '', '(unknown)', visit = 0, channel, first_view.4 = '', 'direct', first_view.4) AS came_by,
    multiIf(visit = 0 AND channel = '', '(unknown)',
        visit = 0, coalesce(nullIf(source, ''), nullIf(referrer, ''), '(direct)'),
        coalesce(nullIf(first_view.5, ''), nullIf(first_view.8, ''), '(direct)'))                     AS came_from,
    if(visit = 0, medium, first_view.6)                                                               AS came_medium,
    if(visit = 0, campaign, first_view.7)                                                             AS came_campaign,
    if(visit = 0, referrer, first_view.8)                                                             AS came_referrer,
    if(visit = 0, '(unknown)', first_view.3)                                                          AS entry_path,
    if(visit = 0, '(unknown)', last_view.3)                                                           AS exit_path,
    visit != 0 AND page_views <= 1 AND more = 0 AND visit_engaged_ms < 10000                          AS bounced,
    visit != 0 AND name = 'page_view' AND page = 1                                                    AS is_entry,
    visit != 0 AND name = 'page_view' AND page = page_views                                           AS is_exit,
    if(visit != 0 AND name = 'page_view' AND page < page_views, next_view, '')                        AS next_path,
    arraySlice(['visit', 'view_item', 'add_to_cart', 'begin_checkout', 'purchase'], 1, if(visit = 0, 0, reached)) AS steps,
    -- once a visit
    if(visit != 0 AND number = 1, arraySlice(arraySort(arrayFilter(x -> x != '', visit_viewed)), 1, 30), []) AS viewed,
    value, currency, search_term, engaged_ms, scroll, item_id, item_name, item_brand, item_category, item_price, item_quantity
FROM known
UNION ALL
SELECT
    day, ts, batch, name, visitor, continued, 0, visitor = 0 AND entry = 1 AND name = 'page_view' AS from_outside, path,
    country, region, device, browser, os, language, viewport,
    if(channel = '', '(unknown)', channel),
    if(channel = '', '(unknown)', coalesce(nullIf(source, ''), nullIf(referrer, ''), '(direct)')),
    medium, campaign, referrer,
    if(from_outside, path, '(unknown)'),
    '(unknown)', 0, from_outside, 0, '', [], [],
    value, currency, search_term, engaged_ms, scroll, item_id, item_name, item_brand, item_category, item_price, item_quantity
FROM happened
WHERE visitor = 0 OR continued = 1
