-- Z2: what is left of a day, one dimension at a time. Counts only; `closing/CLOSING.md` says what each of them is.
--
-- `grain` is `day`, or `week` or `month` for orders of cells that were too small to be written by the day.
CREATE TABLE IF NOT EXISTS daily
(
    site            LowCardinality(String),
    grain           LowCardinality(String),
    day             Date,
    dim             LowCardinality(String),
    value           String,
    label           String,
    visitors        UInt64,
    visits          UInt64,
    measured_visits UInt64,
    views           UInt64,
    measured_views  UInt64,
    events          UInt64,
    bounces         UInt64,
    entries         UInt64,
    exits           UInt64,
    engaged_seconds UInt64,
    scroll          UInt64,
    scrolls         UInt64,
    item_views      UInt64,
    carts           UInt64,
    checkouts       UInt64,
    orders          Map(LowCardinality(String), UInt64),
    units           UInt64,
    revenue         Map(LowCardinality(String), Int64),
    run             UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (site, dim, day, value)
SETTINGS
    fsync_after_insert = 1,
    min_rows_to_fsync_after_merge = 1,
    fsync_part_directory = 1
