-- Z2: two dimensions a week, cells of at least ten visitors. `pair` names the two, `week` is the ISO week's Monday.
CREATE TABLE IF NOT EXISTS weekly
(
    site       LowCardinality(String),
    week       Date,
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
PARTITION BY toYYYYMM(week)
ORDER BY (site, pair, week, a, b)
SETTINGS
    fsync_after_insert = 1,
    min_rows_to_fsync_after_merge = 1,
    fsync_part_directory = 1
