-- What was dropped and when, each line carrying the hash of the one before: a line taken out or changed shows.
CREATE TABLE IF NOT EXISTS receipts
(
    number   UInt64,
    at       DateTime64(3, 'UTC'),
    what     LowCardinality(String),
    span     String,
    rows     UInt64,
    bytes    UInt64,
    previous FixedString(64),
    hash     FixedString(64)
)
ENGINE = MergeTree
ORDER BY number
SETTINGS
    non_replicated_deduplication_window = 1000,
    fsync_after_insert = 1,
    min_rows_to_fsync_after_merge = 1,
    fsync_part_directory = 1
