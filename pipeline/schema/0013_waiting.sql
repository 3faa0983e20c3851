-- Counts of closed days that wait for their week or month, since alone they may be too small to be shown. Nobody but
-- closing reads them. No money: the revenue of a cell of one order would be an order's total that outlives its row.
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
    carts      UInt64,
    orders     UInt64,
    run        UInt64
)
ENGINE = MergeTree
PARTITION BY (grain, until)
ORDER BY (site, pair, day, a, b)
SETTINGS
    fsync_after_insert = 1,
    fsync_part_directory = 1
