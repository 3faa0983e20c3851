-- From which regions? ISO 3166-2 of the truncated address; empty: not known. No rows where none is: without a file of places.
SELECT
    value          AS region,
    sum(views)     AS page_views,
    sum(margins.visitors)  AS visitors
FROM margins('region') AS margins
GROUP BY value
HAVING page_views > 0 OR visitors > 0
QUALIFY max(region) OVER () != ''
ORDER BY page_views DESC, region
LIMIT 1000
