-- On which kind of device? desktop, mobile, tablet.
SELECT
    value          AS device,
    sum(views)     AS page_views,
    sum(margins.visitors)  AS visitors
FROM margins('device') AS margins
GROUP BY value
HAVING page_views > 0 OR visitors > 0
ORDER BY page_views DESC, device
LIMIT 1000
