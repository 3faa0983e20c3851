-- From which countries? ISO 3166-1 alpha-2 of the truncated address; empty: not known.
SELECT
    value          AS country,
    sum(views)     AS page_views,
    sum(margins.visitors)  AS visitors
FROM margins('country') AS margins
GROUP BY value
HAVING page_views > 0 OR visitors > 0
ORDER BY page_views DESC, country
LIMIT 1000
