-- Measured visits of the open days: runs of one visitor's events with gaps under 30 minutes. `engagement` and
-- `web_vitals` are sent when a page is left, however long it stood open: they go with the visit before and begin none.
--
-- A visit belongs to the day it began on. A visitor's number outlives midnight while the visit is open, so the day
-- before `from` is read too: else the rest of its last visit would stand as a bounced one of the next day.
-- `until` cuts both days of a comparison at the same time of day.
CREATE VIEW IF NOT EXISTS visits AS
SELECT
    site,
    visitor,
    visit,
    min(day)                                              AS day,
    min(ts)                                               AS began,
    countIf(name = 'page_view')                           AS page_views,
    count()                                               AS events,
    argMinIf(path, ts, name = 'page_view')                AS entry_path,
    argMaxIf(path, ts, name = 'page_view')                AS exit_path,
    argMinIf(channel, ts, name = 'page_view')             AS channel,
    argMinIf(source, ts, name = 'page_view')              AS source,
    argMinIf(campaign, ts, name = 'page_view')            AS campaign,
    argMinIf(referrer, ts, name = 'page_view')            AS referrer,
    sum(engaged_ms) / 1000                                AS engaged_seconds,
    dateDiff('second', min(ts), max(ts))                  AS length_seconds,
    -- a visit of one page in which nothing more was done
    page_views <= 1 AND countIf(name NOT IN ('page_view', 'view_item', 'view_item_list', 'engagement', 'web_vitals')) = 0
        AND engaged_seconds < 10                          AS bounced
FROM
(
    SELECT
        *,
        -- RANGE, not ROWS: what one request brought stands at one moment, and each of the two sorts may order it otherwise
        sum(begins) OVER (PARTITION BY site, visitor ORDER BY ts, batch RANGE UNBOUNDED PRECEDING) AS visit
    FROM
    (
        SELECT
            *,
            dateDiff('millisecond', lagInFrame(ts, 1, toDateTime64(0, 3, 'UTC'))
                OVER (PARTITION BY site, visitor ORDER BY ts, batch ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), ts)
                >= 1800000 AND name NOT IN ('engagement', 'web_vitals') AS begins
        FROM events
        WHERE site = {site:String} AND day BETWEEN {from:Date} - 1 AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
            AND visitor != 0
            -- of the day before only the few who were still here after midnight: to sort all of them doubles the time
            AND (day >= {from:Date} OR visitor IN
                (SELECT visitor FROM events WHERE site = {site:String} AND day = {from:Date} AND visitor != 0))
    )
)
GROUP BY site, visitor, visit
-- `day` is the one above, where the visit began; a run of page leavings only has lost its visit
HAVING day BETWEEN {from:Date} AND {to:Date} AND countIf(name NOT IN ('engagement', 'web_vitals')) > 0
