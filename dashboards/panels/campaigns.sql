-- Which campaigns brought visits? As the visit began; visits without a campaign are left out.
WITH arrivals AS
(
    SELECT
        toString(campaign) AS label,
        day,
        visitor
    FROM visits(site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')})
    UNION ALL
    SELECT
        toString(campaign) AS label,
        day,
        visitor
    FROM events
    WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
        AND visitor = 0 AND name = 'page_view' AND entry = 1
)
SELECT
    label                                      AS campaign,
    count()                                    AS visits,
    uniqExactIf((day, visitor), visitor != 0)  AS visitors
FROM arrivals
WHERE label != ''
GROUP BY label
ORDER BY visits DESC, label
LIMIT 1000
