-- What closed days add to their week's release: sums over visitor-days, each of which counts in few cells only
-- (`audiences/AUDIENCES.md`). No visitor number, but exact, so nobody reads them but the release, and they leave with it.
--
-- `run` as in `daily`. Beside the sums, with names in brackets and 0 for a sum: what the shop had declared when the day
-- was counted, and by which rules it was.
CREATE TABLE IF NOT EXISTS contributions
(
    site          LowCardinality(String),
    day           Date,
    release_table LowCardinality(String),
    key           Array(String),
    amount        Int64,
    run           UInt64
)
ENGINE = MergeTree
PARTITION BY (site, toMonday(day))
ORDER BY (site, day, release_table, key)
TTL day + INTERVAL 22 DAY
SETTINGS
    merge_with_ttl_timeout = 300,
    fsync_after_insert = 1,
    min_rows_to_fsync_after_merge = 1,
    fsync_part_directory = 1
