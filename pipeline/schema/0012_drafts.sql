-- A day's counts while it is being closed, before small cells are taken out. They lie here for the minute that this
-- takes, and where a kill left them, until the next closing or, at the latest, for a day.
--
-- A big day is counted in slices by visitor number, whose counts add up: rows are increments. `pair` is a dimension
-- (then `b` is empty) or a pair of them; `kind` says by which rule its cells are kept (`views/2_cells.sql`).
CREATE TABLE IF NOT EXISTS drafts
(
    site            LowCardinality(String),
    day             Date,
    kind            LowCardinality(String),
    pair            LowCardinality(String),
    a               String,
    b               String,
    label           String,
    labelled        Tuple(DateTime64(3, 'UTC'), UInt64),
    visitors        UInt64,
    visits          UInt64,
    measured_visits UInt64,
    views           UInt64,
    measured_views  UInt64,
    events          UInt64,
    bounces         UInt64,
    entries         UInt64,
    exits           UInt64,
    engaged_ms      UInt64,
    scroll          UInt64,
    scrolls         UInt64,
    item_views      UInt64,
    carts           UInt64,
    checkouts       UInt64,
    orders          Map(LowCardinality(String), UInt64),
    units           UInt64,
    revenue         Map(LowCardinality(String), Int64),
    run             UInt64,
    written         DateTime DEFAULT now()
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (site, run, pair, a, b)
TTL written + INTERVAL 1 DAY
SETTINGS
    merge_with_ttl_timeout = 300,
    fsync_after_insert = 1,
    fsync_part_directory = 1
