-- What was counted although it looks like a robot's, by the layer that says so? Of days whose rows are
-- there; nothing of it is kept.
SELECT
    marked   AS reason,
    count()  AS events
FROM events
WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date} AND ts < {until:DateTime64(3, 'UTC')}
    AND marked != ''
GROUP BY marked
ORDER BY events DESC, reason
