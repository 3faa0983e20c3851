-- A page of the chain, in its order. With ties: a number that stands twice is a fault, and must be seen as one.
SELECT
    number,
    concat(replaceOne(toString(receipts.at, 'UTC'), ' ', 'T'), 'Z'),
    what,
    span,
    rows,
    bytes,
    toString(receipts.previous),
    toString(receipts.hash)
FROM receipts
WHERE number >= {from:UInt64}
ORDER BY number
LIMIT {most:UInt32} WITH TIES
