-- Rows that the store refuses whatever is tried, each kept as it was sent, so that one of them does not stop the rest.
-- Pseudonymised like `events`, and gone as soon. `row` is a line of JSONCompactEachRow with the columns `columns`.
CREATE TABLE IF NOT EXISTS quarantine
(
    site    LowCardinality(String),
    day     Date,
    ts      DateTime64(3, 'UTC'),
    reason  String,
    columns LowCardinality(String),
    row     String,
    batch   UInt64
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (site, day, ts)
TTL toDateTime(ts) + INTERVAL 2870 MINUTE
SETTINGS
    non_replicated_deduplication_window = 10000,
    merge_with_ttl_timeout = 300,
    fsync_after_insert = 1,
    fsync_part_directory = 1
