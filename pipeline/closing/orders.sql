-- Numbers of orders that were too small by the day (or the week), added up over a longer span: what is shown of them.
INSERT INTO daily
(
    site, grain, day, dim, value, orders, run
)
SELECT
    {site:String}, {grain:String}, {first:Date}, pair, a, CAST(map('', bought), 'Map(LowCardinality(String), UInt64)'),
    {run:UInt64}
FROM judged_span(
    site = {site:String}, grain = {grain:String}, below = {below:String}, first = {first:Date}, k = {k:UInt16})
WHERE NOT hides
