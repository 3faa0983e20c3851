-- Weeks or months whose days or weeks have been closed, or closed again, since they were closed themselves.
SELECT below.site, below.span
FROM
(
    SELECT site, if({grain:String} = 'week', toMonday(day), toStartOfMonth(day)) AS span,
        sipHash64(arraySort(groupArray((day, run)))) AS rests_on
    FROM (SELECT site, day, max(closings.run) AS run FROM closings WHERE grain = {below:String} GROUP BY site, day)
    GROUP BY site, span
) AS below
LEFT JOIN
    (SELECT site, day AS span, argMax(closings.rests_on, closings.run) AS rests_on
        FROM closings WHERE grain = {grain:String} GROUP BY site, day) AS closed
    ON closed.site = below.site AND closed.span = below.span
WHERE below.rests_on != closed.rests_on AND below.span >= {since:Date}
ORDER BY below.span, below.site
