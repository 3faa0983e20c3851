-- What is left of closed days, as the runs that hold have written it. Days from `open` on are not among them: their rows
-- are still there, and say more.
--
-- `grain` is `day`, but for orders that were too few to be shown by the day: `week` or `month`, if all of it is asked about.
CREATE OR REPLACE VIEW closed AS
SELECT
    day, grain, dim, value, label, visitors, visits, measured_visits, views, measured_views, events, bounces, entries, exits,
    engaged_seconds, scroll, scrolls, item_views, carts, checkouts, orders, units, revenue
FROM daily
WHERE site = {site:String} AND day BETWEEN {from:Date} AND least({to:Date}, {open:Date} - 1)
    -- a run's number is given once, so it says by itself which span it is of: there are fewer of them than of cells
    AND run IN
    (
        SELECT max(run) FROM closings
        WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date}
            AND multiIf(grain = 'week', day + 6, grain = 'month', toLastDayOfMonth(day) + 6, day)
                <= least({to:Date}, {open:Date} - 1)
        GROUP BY grain, day
    )
