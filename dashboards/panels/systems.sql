-- On which operating system? Families only, no versions.
SELECT
    value          AS os,
    sum(views)     AS page_views,
    sum(margins.visitors)  AS visitors
FROM margins('os') AS margins
GROUP BY value
HAVING page_views > 0 OR visitors > 0
ORDER BY page_views DESC, os
LIMIT 1000
