-- What a week was still too small to show waits for the month that its Monday lies in.
INSERT INTO waiting
(
    site, grain, until, day, kind, pair, a, orders, run
)
SELECT
    {site:String}, 'month', toStartOfMonth({first:Date}), {first:Date}, 'behaviour', pair, a, bought, {run:UInt64}
FROM judged_span(site = {site:String}, grain = 'week', below = 'day', first = {first:Date}, k = {k:UInt16})
WHERE hides
