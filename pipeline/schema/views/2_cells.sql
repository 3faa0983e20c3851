-- Which cells an event counts in: the one list of dimensions and pairs. `only` names dimensions; none means all, and pairs.
--
-- A line is: kind, dimension or pair, its value or two. The kind says by which rule cells are kept when the day is closed:
-- `plain` all of them; `behaviour` without what was bought, where that is too little to hide a buyer; `search` from ten
-- visitors on; `time` and `funnel` visits, and hours their views; `pair` for the week, of measured visits. Each event has just one value of a dimension of behaviour.
CREATE OR REPLACE VIEW cells AS
WITH
    empty({only:Array(String)}) AS every,
    -- what an event says of products: the lines of its items that have a value, once for each value
    arrayZip(
        item_id,
        arrayResize(item_name, length(item_id)),
        arrayResize(item_brand, length(item_id)),
        arrayResize(item_category, length(item_id)),
        arrayMap(x -> greatest(x, 1), arrayResize(item_quantity, length(item_id))),
        arrayResize(item_price, length(item_id)))                                                    AS lines,
    name IN ('view_item', 'add_to_cart', 'begin_checkout', 'purchase')                               AS of_goods,
    visit != 0                                                                                       AS measured,
    name = 'purchase'                                                                                AS is_order,
    if(of_goods, arrayDistinct(arrayFilter(x -> x != '', item_id)), [])                              AS products,
    if(of_goods, arrayDistinct(arrayFilter(x -> x != '', arrayMap(l -> l.3, lines))), [])        AS brands,
    -- `Lego / City` counts for `Lego`, too
    if(of_goods, arrayDistinct(arrayFlatten(arrayMap(c -> arrayMap(
        n -> arrayStringConcat(arraySlice(splitByString(' / ', c), 1, n + 1), ' / '),
        range(length(splitByString(' / ', c)))), arrayFilter(c -> c != '', arrayMap(l -> l.4, lines))))), []) AS categories
SELECT
    day, ts, batch, name, visitor, visit, counted_visit, bounced, is_entry, is_exit, engaged_ms, scroll, currency,
    cell.1 AS kind, cell.2 AS pair, cell.3 AS a, cell.4 AS b,
    multiIf(NOT is_order, 0, pair = 'product', arraySum(l -> if(l.1 = a, l.5, 0), lines),
        pair = 'brand', arraySum(l -> if(l.3 = a, l.5, 0), lines),
        pair = 'category', arraySum(l -> if(l.4 = a OR startsWith(l.4, concat(a, ' / ')), l.5, 0), lines),
        arraySum(l -> l.5, lines))                                                                   AS units,
    -- in 128 bits and held within 64: a sum too large for its column would come out negative
    toInt64(greatest(-9223372036854775807, least(9223372036854775807,
        multiIf(NOT is_order, toInt128(0), pair = 'product', arraySum(l -> if(l.1 = a, toInt128(l.6) * l.5, 0), lines),
            pair = 'brand', arraySum(l -> if(l.3 = a, toInt128(l.6) * l.5, 0), lines),
            pair = 'category',
            arraySum(l -> if(l.4 = a OR startsWith(l.4, concat(a, ' / ')), toInt128(l.6) * l.5, 0), lines),
            toInt128(value)))))                                                                      AS revenue,
    if(pair = 'product', arrayLast(l -> l.1 = a AND l.2 != '', lines).2, '')                         AS label
FROM facts(
    site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    slices = {slices:UInt16}, slice = {slice:UInt16})
ARRAY JOIN arrayConcat(
    if(every OR has({only:Array(String)}, 'all'),      [('plain', 'all', '', '')], []),
    if(every OR has({only:Array(String)}, 'hour'),     [('time', 'hour', replaceRegexpOne(formatDateTime(
        toStartOfHour(ts, {time_zone:String}), '%FT%T%z', {time_zone:String}), '(..)$', ':\\1'), '')], []),
    if(every OR has({only:Array(String)}, 'event'),    [('plain', 'event', name, '')], []),
    if(every OR has({only:Array(String)}, 'path'),     [('behaviour', 'path', path, '')], []),
    if(every OR has({only:Array(String)}, 'entry'),    [('behaviour', 'entry', entry_path, '')], []),
    if(every OR has({only:Array(String)}, 'exit'),     [('behaviour', 'exit', exit_path, '')], []),
    if(every OR has({only:Array(String)}, 'source'),   [('behaviour', 'source', came_from, '')], []),
    if(every OR has({only:Array(String)}, 'channel'),  [('behaviour', 'channel', came_by, '')], []),
    if(every OR has({only:Array(String)}, 'medium'),   [('behaviour', 'medium', came_medium, '')], []),
    if(every OR has({only:Array(String)}, 'campaign'), [('behaviour', 'campaign', came_campaign, '')], []),
    if(every OR has({only:Array(String)}, 'referrer'), [('behaviour', 'referrer', came_referrer, '')], []),
    if(every OR has({only:Array(String)}, 'country'),  [('behaviour', 'country', country, '')], []),
    if(every OR has({only:Array(String)}, 'region'),   [('behaviour', 'region', region, '')], []),
    if(every OR has({only:Array(String)}, 'device'),   [('behaviour', 'device', device, '')], []),
    if(every OR has({only:Array(String)}, 'browser'),  [('behaviour', 'browser', browser, '')], []),
    if(every OR has({only:Array(String)}, 'os'),       [('behaviour', 'os', os, '')], []),
    if(every OR has({only:Array(String)}, 'language'), [('behaviour', 'language', language, '')], []),
    if(every OR has({only:Array(String)}, 'viewport'), [('behaviour', 'viewport', toString(viewport), '')], []),
    if(every OR has({only:Array(String)}, 'funnel'),   arrayMap(step -> ('funnel', 'funnel', step, ''), steps), []),
    if((every OR has({only:Array(String)}, 'search')) AND search_term != '', [('search', 'search', search_term, '')], []),
    if(every OR has({only:Array(String)}, 'product'),  arrayMap(x -> ('plain', 'product', x, ''), products), []),
    if(every OR has({only:Array(String)}, 'category'), arrayMap(x -> ('plain', 'category', x, ''), categories), []),
    if(every OR has({only:Array(String)}, 'brand'),    arrayMap(x -> ('plain', 'brand', x, ''), brands), []),
    if(every AND measured,                  [('pair', 'channel × device', came_by, device)], []),
    if(every AND measured,                  arrayMap(step -> ('pair', 'channel × funnel', came_by, step), steps), []),
    if(every AND measured AND name = 'page_view', [('pair', 'device × path', device, path)], []),
    if(every AND next_path != '',           [('pair', 'path → path', path, next_path)], []),
    if(every AND measured,                  arrayMap(x -> ('pair', 'source × product', came_from, x), products), []),
    if(every AND measured,                  arrayMap(x -> ('pair', 'source × category', came_from, x), categories), []),
    if(every AND measured AND came_campaign != '',
        arrayMap(x -> ('pair', 'campaign × product', came_campaign, x), products), []),
    if(every AND measured,                  arrayMap(x -> ('pair', 'country × category', country, x), categories), []),
    if(every,                               arrayFlatten(arrayMap(x -> arrayMap(y -> ('pair', 'viewed together', x, y),
        arrayFilter(y -> x < y, viewed)), viewed)), []),
    if(every AND measured AND is_order,     arrayFlatten(arrayMap(x -> arrayMap(y -> ('pair', 'bought together', x, y),
        arrayFilter(y -> x < y, arraySlice(arraySort(products), 1, 30))), arraySlice(arraySort(products), 1, 30))), [])
) AS cell
