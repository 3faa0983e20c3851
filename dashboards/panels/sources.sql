-- Where did visits come from? The campaign's source, else the host that linked here, as the visit began.
-- Counted visits (without a number) are page views that came from outside; they have no visitor.
WITH arrivals AS
(
    SELECT
        coalesce(nullIf(toString(source), ''), nullIf(toString(referrer), ''), '(direct)') AS label,
        day,
        visitor
    FROM visits(site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')})
    UNION ALL
    SELECT
        coalesce(nullIf(toString(source), ''), nullIf(toString(referrer), ''), '(direct)') AS label,
        day,
        visitor
    FROM events
    WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
        AND visitor = 0 AND name = 'page_view' AND entry = 1
)
SELECT
    label                                      AS source,
    count()                                    AS visits,
    uniqExactIf((day, visitor), visitor != 0)  AS visitors
FROM arrivals
GROUP BY label
ORDER BY visits DESC, label
LIMIT 1000
