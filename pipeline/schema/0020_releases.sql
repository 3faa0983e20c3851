-- The ledger: what was released of a week, a line a table, noise and all. Each line carries the hash of the one before, so
-- that one which is changed or taken out shows. No partitions: the lines of a week are one part, all of them or none.
--
-- `cells` is JSON, `[[["60316", "mobile"], 103], …]` in the order of keys, kept as text since exports rest on its bytes.
CREATE TABLE IF NOT EXISTS releases
(
    number        UInt64,
    at            DateTime64(3, 'UTC'),
    site          LowCardinality(String),
    week          Date,
    release_table LowCardinality(String),
    most          Int64,
    epsilon       Float64,
    delta         Float64,
    scale         Float64,
    threshold     Int64,
    cells         String CODEC(ZSTD(3)),
    cells_hash    FixedString(64),
    previous      FixedString(64),
    hash          FixedString(64)
)
ENGINE = MergeTree
ORDER BY number
SETTINGS
    non_replicated_deduplication_window = 1000,
    fsync_after_insert = 1,
    min_rows_to_fsync_after_merge = 1,
    fsync_part_directory = 1
