-- The one place that questions are answered from: a dimension's cells, of closed days from `daily`, of days whose rows are
-- still there (from `open` on) from the rows, with the same columns.
--
-- `grain` is `day`, but for orders that were too few to be shown by the day: `week` or `month`, if all of it is asked about.
-- `until` cuts open days only: of closed ones no times are left.
CREATE OR REPLACE VIEW margins AS
SELECT
    day, grain, value, label, visitors, visits, measured_visits, views, measured_views, events, bounces, entries, exits,
    engaged_seconds, scroll, scrolls, item_views, carts, checkouts, orders, units, revenue
FROM daily
WHERE site = {site:String} AND dim = {dim:String} AND day BETWEEN {from:Date} AND {to:Date} AND day < {open:Date}
    AND multiIf(grain = 'week', day + 6, grain = 'month', toLastDayOfMonth(day) + 6, day) <= {to:Date}
    AND (grain, day, run) IN
        (SELECT grain, day, max(run) FROM closings WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} GROUP BY grain, day)
UNION ALL
SELECT
    day, 'day', a, label, visitors, visits, measured_visits, views, measured_views, events, bounces, entries, exits,
    intDiv(engaged_ms + 500, 1000), scroll, scrolls, item_views, carts, checkouts,
    CAST(orders, 'Map(LowCardinality(String), UInt64)'), units, CAST(revenue, 'Map(LowCardinality(String), Int64)')
FROM counts(
    site = {site:String}, `from` = greatest({from:Date}, {open:Date}), `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    time_zone = {time_zone:String}, only = {dim:String}, slices = 1, slice = 0)
