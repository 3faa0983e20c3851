-- Which pages were seen? `entries` are the page views that came from outside the shop.
SELECT
    path,
    count()                                    AS page_views,
    uniqExactIf((day, visitor), visitor != 0)  AS visitors,
    countIf(entry = 1)                         AS entries
FROM events
WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
    AND name = 'page_view'
GROUP BY path
ORDER BY page_views DESC, path
LIMIT 1000
