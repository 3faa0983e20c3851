-- With which browser? Families only, no versions.
SELECT
    value          AS browser,
    sum(views)     AS page_views,
    sum(margins.visitors)  AS visitors
FROM margins('browser') AS margins
GROUP BY value
HAVING page_views > 0 OR visitors > 0
ORDER BY page_views DESC, browser
LIMIT 1000
