-- What became of the events, day by day? `received` is what the collector took note of; the others add up to it, but for
-- what still waits in a spool, which the store can't know: `sporlos status` can. `stored` is what is, or was, in the
-- table of events. From the tally, which knows days but no times, so `until` cuts nothing here.
SELECT
    day,
    sum(events)                                                                         AS received,
    sumIf(events, outcome = 'stored')                                                   AS stored,
    sumIf(events, outcome = 'duplicate')                                                AS duplicate,
    sumIf(events, outcome = 'quarantined')                                              AS quarantined,
    sumIf(events, outcome NOT IN ('stored', 'duplicate', 'quarantined'))                AS refused
FROM tally
WHERE site = {site:String} AND day BETWEEN {from:Date} AND {to:Date}
GROUP BY day
ORDER BY day
