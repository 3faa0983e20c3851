-- On which kind of device? desktop, mobile, tablet.
SELECT
    device,
    countIf(name = 'page_view')                AS page_views,
    uniqExactIf((day, visitor), visitor != 0)  AS visitors
FROM events
WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
GROUP BY device
HAVING page_views > 0 OR visitors > 0
ORDER BY page_views DESC, device
LIMIT 1000
