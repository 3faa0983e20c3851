-- Which cells an event counts in: the one list of dimensions and pairs. `only` names dimensions; none means all, and pairs.
--
-- A line is: dimension or pair, its value, of a pair the other, of a product its name. No more, for an event becomes some
-- thirty of them: by which rule cells are kept when the day is closed `counts` says. Each event has just one value of a
-- dimension of behaviour.
CREATE OR REPLACE VIEW cells AS
WITH
    empty({only:Array(String)}) AS every,
    name IN ('view_item', 'add_to_cart', 'begin_checkout', 'purchase', 'refund')                     AS of_goods,
    visit != 0                                                                                       AS measured,
    name = 'purchase'                                                                                AS is_order,
    is_order OR name = 'refund'                                                                      AS of_money,
    formatDateTime(toStartOfHour(ts, {time_zone:String}), '%FT%T%z', {time_zone:String})             AS hour,
    -- what an event says of products: the lines of its items that have a value, once for each value
    arrayZip(
        item_id,
        arrayResize(item_name, length(item_id)),
        arrayResize(item_brand, length(item_id)),
        arrayResize(item_category, length(item_id)),
        arrayMap(x -> greatest(x, 1), arrayResize(item_quantity, length(item_id))),
        arrayResize(item_price, length(item_id)))                                                    AS lines,
    -- what is summed is of orders and refunds, and few events are: the lines of all needn't be copied for each cell
    if(of_money, lines, [])                                                                          AS paid,
    if(of_goods, arrayDistinct(arrayFilter(x -> x != '', item_id)), [])                              AS products,
    if(of_goods, arrayDistinct(arrayFilter(x -> x != '', arrayMap(l -> l.3, lines))), [])        AS brands,
    -- `Lego / City` counts for `Lego`, too
    if(of_goods, arrayDistinct(arrayFlatten(arrayMap(c -> arrayMap(
        n -> arrayStringConcat(arraySlice(splitByString(' / ', c), 1, n + 1), ' / '),
        range(length(splitByString(' / ', c)))), arrayFilter(c -> c != '', arrayMap(l -> l.4, lines))))), []) AS categories
SELECT
    day, ts, batch, name, visitor, visit, counted_visit, bounced, is_entry, is_exit, engaged_ms, scroll, currency,
    cell.1 AS pair, cell.2 AS a, if(pair = 'product', '', cell.3) AS b, if(pair = 'product', cell.3, '') AS label,
    if(is_order, multiIf(
        pair = 'product', arraySum(l -> if(l.1 = a, l.5, 0), paid),
        pair = 'brand', arraySum(l -> if(l.3 = a, l.5, 0), paid),
        pair = 'category', arraySum(l -> if(l.4 = a OR startsWith(l.4, concat(a, ' / ')), l.5, 0), paid),
        arraySum(l -> l.5, paid)), 0)                                                                AS units,
    -- in 128 bits and held within 64: a sum too large for its column would come out negative
    toInt64(greatest(-9223372036854775807, least(9223372036854775807, multiIf(
        NOT of_money, toInt128(0),
        is_order,
        multiIf(
            pair = 'product', arraySum(l -> if(l.1 = a, toInt128(l.6) * l.5, 0), paid),
            pair = 'brand', arraySum(l -> if(l.3 = a, toInt128(l.6) * l.5, 0), paid),
            pair = 'category', arraySum(l -> if(l.4 = a OR startsWith(l.4, concat(a, ' / ')), toInt128(l.6) * l.5, 0), paid),
            toInt128(value)) AS turnover,
        -abs(turnover)))))                                                                           AS revenue
FROM facts(
    site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    apart = 0, slices = {slices:UInt16}, slice = {slice:UInt16})
ARRAY JOIN arrayConcat(
    if(every OR has({only:Array(String)}, 'all'),      [('all', '', '')], []),
    if(every OR has({only:Array(String)}, 'hour'),
        [('hour', concat(substring(hour, 1, 22), ':', substring(hour, 23)), '')], []),
    if(every OR has({only:Array(String)}, 'event'),    [('event', name, '')], []),
    if(every OR has({only:Array(String)}, 'path'),     [('path', path, '')], []),
    if(every OR has({only:Array(String)}, 'entry'),    [('entry', entry_path, '')], []),
    if(every OR has({only:Array(String)}, 'exit'),     [('exit', exit_path, '')], []),
    if(every OR has({only:Array(String)}, 'source'),   [('source', came_from, '')], []),
    if(every OR has({only:Array(String)}, 'channel'),  [('channel', came_by, '')], []),
    if(every OR has({only:Array(String)}, 'medium'),   [('medium', came_medium, '')], []),
    if(every OR has({only:Array(String)}, 'campaign'), [('campaign', came_campaign, '')], []),
    if(every OR has({only:Array(String)}, 'referrer'), [('referrer', came_referrer, '')], []),
    if(every OR has({only:Array(String)}, 'country'),  [('country', country, '')], []),
    if(every OR has({only:Array(String)}, 'region'),   [('region', region, '')], []),
    if(every OR has({only:Array(String)}, 'device'),   [('device', device, '')], []),
    if(every OR has({only:Array(String)}, 'browser'),  [('browser', browser, '')], []),
    if(every OR has({only:Array(String)}, 'os'),       [('os', os, '')], []),
    if(every OR has({only:Array(String)}, 'language'), [('language', language, '')], []),
    if(every OR has({only:Array(String)}, 'viewport'), [('viewport', toString(viewport), '')], []),
    if(every OR has({only:Array(String)}, 'funnel'),   arrayMap(step -> ('funnel', step, ''), steps), []),
    if((every OR has({only:Array(String)}, 'search')) AND search_term != '', [('search', search_term, '')], []),
    if(every OR has({only:Array(String)}, 'product'),  arrayMap(
        x -> ('product', x, arrayLast(l -> l.1 = x AND l.2 != '', lines).2), products), []),
    if(every OR has({only:Array(String)}, 'category'), arrayMap(x -> ('category', x, ''), categories), []),
    if(every OR has({only:Array(String)}, 'brand'),    arrayMap(x -> ('brand', x, ''), brands), []),
    if(every AND measured,                  [('channel × device', came_by, device)], []),
    if(every AND measured,                  arrayMap(step -> ('channel × funnel', came_by, step), steps), []),
    if(every AND measured AND name = 'page_view', [('device × path', device, path)], []),
    if(every AND next_path != '',           [('path → path', path, next_path)], []),
    if(every AND measured,                  arrayMap(x -> ('source × product', came_from, x), products), []),
    if(every AND measured,                  arrayMap(x -> ('source × category', came_from, x), categories), []),
    if(every AND measured AND came_campaign != '',
        arrayMap(x -> ('campaign × product', came_campaign, x), products), []),
    if(every AND measured,                  arrayMap(x -> ('country × category', country, x), categories), []),
    if(every,                               arrayFlatten(arrayMap(x -> arrayMap(y -> ('viewed together', x, y),
        arrayFilter(y -> x < y, viewed)), viewed)), []),
    if(every AND measured AND is_order,     arrayFlatten(arrayMap(x -> arrayMap(y -> ('bought together', x, y),
        arrayFilter(y -> x < y, arraySlice(arraySort(products), 1, 30))), arraySlice(arraySort(products), 1, 30))), [])
) AS cell
