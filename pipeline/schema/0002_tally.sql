-- How every received event ended, by site, day and name: numbers about events, not about visitors. Rows are
-- increments; sum them.
CREATE TABLE IF NOT EXISTS tally
(
    site    LowCardinality(String),
    day     Date,
    name    LowCardinality(String),
    outcome LowCardinality(String),
    events  UInt64,
    batch   UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, name, outcome)
TTL day + INTERVAL 25 MONTH
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1
