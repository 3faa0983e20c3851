-- A page of the ledger, in its order. With ties: a number that stands twice is a fault, and must be seen as one.
SELECT
    number,
    concat(replaceOne(toString(releases.at, 'UTC'), ' ', 'T'), 'Z'),
    site,
    toString(week),
    release_table,
    most,
    epsilon,
    delta,
    scale,
    threshold,
    cells,
    toString(releases.cells_hash),
    toString(releases.previous),
    toString(releases.hash)
FROM releases
WHERE number >= {from:UInt64} AND ({site:String} = '' OR site = {site:String}) AND week >= {since:Date}
ORDER BY number, release_table
LIMIT {most:UInt32} WITH TIES
