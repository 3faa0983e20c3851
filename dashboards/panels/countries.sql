-- From which countries? ISO 3166-1 alpha-2 of the truncated address; empty: not known.
SELECT
    country,
    countIf(name = 'page_view')                AS page_views,
    uniqExactIf((day, visitor), visitor != 0)  AS visitors
FROM events
WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
GROUP BY country
HAVING page_views > 0 OR visitors > 0
ORDER BY page_views DESC, country
LIMIT 1000
