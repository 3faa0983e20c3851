-- Which pages were seen? `entries` are the page views that a visit began with.
SELECT
    value                  AS path,
    sum(views)             AS page_views,
    sum(margins.visitors)  AS visitors,
    sum(margins.entries)   AS entries
FROM margins('path') AS margins
GROUP BY value
HAVING page_views > 0
ORDER BY page_views DESC, path
LIMIT 1000
