-- Counts of closed days that wait for their week or month, since alone they may be too small to be shown. Nobody but
-- closing reads them.
--
-- `grain` is what they wait for, `until` its first day; `kind` and `pair` as in `drafts`.
CREATE TABLE IF NOT EXISTS waiting
(
    site       LowCardinality(String),
    grain      LowCardinality(String),
    until      Date,
    day        Date,
    kind       LowCardinality(String),
    pair       LowCardinality(String),
    a          String,
    b          String,
    visitors   UInt64,
    visits     UInt64,
    views      UInt64,
    item_views UInt64,
    orders     UInt64,
    run        UInt64
)
ENGINE = MergeTree
PARTITION BY (grain, until)
ORDER BY (site, pair, day, a, b)
SETTINGS
    fsync_after_insert = 1,
    min_rows_to_fsync_after_merge = 1,
    fsync_part_directory = 1
