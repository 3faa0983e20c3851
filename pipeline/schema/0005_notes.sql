-- What the operator should know of the events that came in: closed words and numbers, nothing of any visitor. Rows are
-- increments; sum them. `field` is a column, an event's name, a group of the starter list, or a time of day.
CREATE TABLE IF NOT EXISTS notes
(
    site  LowCardinality(String),
    day   Date,
    field LowCardinality(String),
    note  LowCardinality(String),
    times UInt64,
    batch UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, note, field)
TTL day + INTERVAL 25 MONTH
SETTINGS
    non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1,
    fsync_part_directory = 1
