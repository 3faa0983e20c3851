-- The same columns of days whose rows are still there, from the rows.
CREATE OR REPLACE VIEW open AS
SELECT
    day, 'day' AS grain, pair AS dim, a AS value, label, visitors, visits, measured_visits, views, measured_views, events,
    bounces, entries, exits, intDiv(engaged_ms + 500, 1000) AS engaged_seconds, scroll, scrolls, item_views, carts, checkouts,
    CAST(orders, 'Map(LowCardinality(String), UInt64)') AS orders, units,
    CAST(revenue, 'Map(LowCardinality(String), Int64)') AS revenue
FROM counts(
    site = {site:String}, `from` = greatest({from:Date}, {open:Date}), `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    time_zone = {time_zone:String}, only = {only:Array(String)}, slices = 1, slice = 0)
