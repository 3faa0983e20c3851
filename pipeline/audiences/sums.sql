-- The sums of a week, of the runs that hold; of revenue only those in the currency that the shop has now.
SELECT release_table, key, sum(amount)
FROM contributions
WHERE site = {site:String} AND day BETWEEN {monday:Date} AND {monday:Date} + 6 AND NOT startsWith(release_table, '(')
    AND run IN {runs:Array(UInt64)} AND (release_table != 'revenue' OR run IN {paid:Array(UInt64)})
GROUP BY release_table, key
