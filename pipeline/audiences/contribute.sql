-- One slice of a day: what its visitor-days add to each table, as AUDIENCES.md has it.
--
-- Of each visitor-day few cells are drawn by a hash that its number is the key of: a die that looks at nobody else, and
-- falls the same way when the day is counted again.
INSERT INTO contributions
(
    site, day, release_table, key, amount, run
)
WITH
    declared AS
    (
        SELECT release_table AS list, key
        FROM contributions
        WHERE site = {site:String} AND day = {day:Date} AND run = {run:UInt64}
    ),
    visits AS
    (
        SELECT
            visitor,
            min((ts, batch, region, country, if(device IN ('mobile', 'tablet'), 'mobile', 'desktop')))       AS began,
            any(came_by)                                                                                     AS channel,
            any((came_from, came_medium, came_campaign))                                                     AS campaign,
            groupUniqArrayArrayIf(arrayFilter(x -> x NOT IN ('', '(other)'), item_id), name = 'view_item')   AS viewed,
            groupUniqArrayArrayIf(arrayFilter(x -> x NOT IN ('', '(other)'), item_id), name = 'add_to_cart') AS carted,
            groupUniqArrayArrayIf(arrayFilter(x -> x NOT IN ('', '(other)'), item_id), name = 'purchase')    AS bought,
            -- of a category its two widest levels: `Lego / City / Politi` has too few visitors to be said
            groupUniqArrayArrayIf(arrayMap((x, c) -> (x, arrayStringConcat(arraySlice(splitByString(' / ', c), 1, 2), ' / ')),
                item_id, arrayResize(item_category, length(item_id))), name = 'view_item')                   AS kinds,
            arrayFilter(deed -> deed = 'visit' OR has(groupUniqArray(name), deed), {deeds:Array(String)})    AS done,
            sumIf(value, name = 'purchase' AND currency = {currency:String})                                 AS paid
        FROM facts(
            site = {site:String}, `from` = {day:Date}, `to` = {day:Date},
            until = toDateTime64('2148-01-01 00:00:00', 3, 'UTC'), apart = 1, slices = {slices:UInt16}, slice = {slice:UInt16})
        -- of visits alone: what goes on after midnight under the day before's number would be a second visitor-day
        WHERE visit != 0 AND NOT has(item_id, '(sensitive)') AND position(path, '(sensitive)') = 0
            -- what a visit came by is said of all that it did, so it must not be for what is sensitive
            AND position(concat(entry_path, came_from, came_medium, came_campaign), '(sensitive)') = 0
            -- a robot that the operator has counted stays one, before it was found out, too
            AND visitor NOT IN
                (SELECT visitor FROM events WHERE site = {site:String} AND day = {day:Date} AND visitor != 0 AND marked != '')
        GROUP BY visitor, visit
    ),
    named AS
    (
        SELECT
            visitor, channel, viewed, carted, kinds, bought, done, paid, began.5 AS device,
            {dayparts:Array(String)}[intDiv(toHour(began.1, {time_zone:String}), 4) + 1]                     AS daypart,
            -- of a region only where it is declared: cut up by regions of its own accord, a shop would have too few in each
            multiIf(
                began.3 != '' AND {areas:Bool} AND began.3 IN (SELECT key[1] FROM declared WHERE list = '(area)'), began.3,
                began.4 != '' AND (NOT {areas:Bool} OR began.4 IN (SELECT key[1] FROM declared WHERE list = '(area)')), began.4,
                {areas:Bool}, '(other)', '(unknown)')                                                        AS area,
            if(NOT {campaigns:Bool} OR campaign IN (SELECT (key[1], key[2], key[3]) FROM declared WHERE list = '(campaign)'),
                [campaign.1, campaign.2, campaign.3], ['(other)', '(other)', '(other)'])                     AS advertised,
            if(NOT {campaigns:Bool} OR campaign.1 = '(direct)'
                OR campaign.1 IN (SELECT key[1] FROM declared WHERE list = '(campaign)'), campaign.1, '(other)') AS source,
            -- who ordered a product at last is not in its carts
            groupUniqArrayArray(bought) OVER (PARTITION BY visitor)                                          AS bought_that_day
        FROM visits
    ),
    cells AS
    (
        SELECT visitor, cell.1 AS of_table, cell.2 AS words, cell.3 AS product, cell.4 AS much
        FROM named
        ARRAY JOIN arrayConcat(
            arrayMap(x -> ('interest', [x, device], x, toInt64(1)), viewed),
            arrayMap(x -> ('conversion', [x, 'cart'], x, toInt64(1)), arrayFilter(x -> NOT has(bought_that_day, x), carted)),
            arrayMap(x -> ('conversion', [x, 'order'], x, toInt64(1)), bought),
            arrayMap(deed -> ('campaigns', arrayPushBack(advertised, deed), '', toInt64(1)), done),
            [('revenue', [channel], '', toInt64(paid))],
            arrayMap(deed -> ('places', [area, daypart, device, deed], '', toInt64(1)),
                arrayFilter(deed -> deed IN ('visit', 'purchase'), done)),
            arrayMap(k -> ('affinity', [k.2, 'area', area], k.1, toInt64(1)), kinds),
            arrayMap(k -> ('affinity', [k.2, 'device', device], k.1, toInt64(1)), kinds),
            arrayMap(k -> ('affinity', [k.2, 'source', source], k.1, toInt64(1)), kinds)
        ) AS cell
    ),
    contributed AS
    (
        SELECT
            visitor, of_table,
            -- where there is a catalogue, a category is what it says
            if(of_table = 'affinity' AND {catalogue:Bool}, [products.category, words[2], words[3]], words)   AS words,
            -- money in whole units, rounded; a visitor-day counts once for all that it did in another cell
            if(of_table = 'revenue', least(intDiv(sum(much) + intDiv({unit:Int64}, 2), {unit:Int64}), {cap:Int64}), 1) AS much
        FROM cells
        LEFT JOIN (SELECT key[1] AS id, key[2] AS category FROM declared WHERE list = '(product)') AS products
            ON products.id = cells.product
        WHERE of_table NOT IN ('interest', 'conversion', 'affinity') OR NOT {catalogue:Bool} OR products.id != ''
        GROUP BY visitor, of_table, words
        HAVING much > 0 AND NOT (of_table = 'affinity' AND words[1] IN ('', '(other)'))
    ),
    drawn AS
    (
        SELECT
            of_table, words, much,
            row_number() OVER (PARTITION BY visitor, of_table ORDER BY
                sipHash64Keyed((visitor, toUInt64(0)), arrayStringConcat(arrayPushFront(words, of_table), '\n')), words) AS place
        FROM contributed
    )
SELECT {site:String}, {day:Date}, of_table, words, sum(much), {run:UInt64}
FROM drawn
WHERE place <= transform(of_table, {tables:Array(String)}, {cells:Array(UInt64)}, toUInt64(0))
GROUP BY of_table, words
SETTINGS max_block_size = 8192, max_threads = 1
