-- One slice of a day, counted.
INSERT INTO drafts
(
    site, day, kind, pair, a, b, label, labelled, visitors, visits, measured_visits, views, measured_views, events, bounces,
    entries, exits, engaged_ms, scroll, scrolls, item_views, carts, checkouts, orders, units, revenue, run
)
SELECT
    {site:String}, day, kind, pair, a, b, label, labelled, visitors, visits, measured_visits, views, measured_views, events,
    bounces, entries, exits, engaged_ms, scroll, scrolls, item_views, carts, checkouts, orders, units, revenue, {run:UInt64}
FROM counts(
    site = {site:String}, `from` = {day:Date}, `to` = {day:Date}, until = toDateTime64('2148-01-01 00:00:00', 3, 'UTC'),
    time_zone = {time_zone:String}, only = [], slices = {slices:UInt16}, slice = {slice:UInt16})
-- an event becomes some thirty lines: in blocks of the usual size they would take half a gigabyte at a time
SETTINGS max_block_size = 8192, max_threads = 1
