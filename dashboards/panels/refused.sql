-- What was not stored, and why? From the tally, which knows days but no times, so `until` cuts nothing here.
-- Events whose sender named no site of ours can't be told apart by site: they are shown with every site.
SELECT
    outcome      AS reason,
    sum(events)  AS events
FROM tally
WHERE site IN ({site:String}, '') AND day BETWEEN {from:Date} AND {to:Date} AND outcome != 'stored'
GROUP BY outcome
ORDER BY events DESC, reason
