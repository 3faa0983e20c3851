-- What each partition holds, and what the engine has set aside of it: parts that it found broken at a start lie in
-- `detached` until somebody removes them, and rows of visits may not wait there for that.
SELECT table, partition_id, any(partition), 0 AS aside, sum(rows), sum(bytes_on_disk)
FROM system.parts
WHERE database = currentDatabase() AND active AND has({tables:Array(String)}, table)
GROUP BY table, partition_id
UNION ALL
SELECT table, assumeNotNull(partition_id), any(assumeNotNull(partition_id)), 1, 0, sum(bytes_on_disk)
FROM system.detached_parts
WHERE database = currentDatabase() AND has({dated:Array(String)}, table) AND partition_id IS NOT NULL
    AND reason NOT IN ('deleting', 'attaching')
GROUP BY table, partition_id
