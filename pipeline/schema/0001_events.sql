-- Z1: one row an event, pseudonymised, gone 48 hours after the event: the time to live is ten minutes less, so that the
-- merge which drops the rows has time to run. `visitor` is in no key, index or projection, so that no
-- structure outlives the rows.
--
-- `batch` says which commit of which spool a row came with. It is how the shipper finds out, after a crash in the
-- middle of an insert, whether the rows arrived: the deduplication log is written before the part is in place, so a
-- token alone can claim rows that a kill took away.
CREATE TABLE IF NOT EXISTS events
(
    site          LowCardinality(String),
    day           Date,
    ts            DateTime64(3, 'UTC'),
    name          LowCardinality(String),
    event_id      UInt64,
    visitor       UInt64,
    entry         UInt8,
    path          String,
    network       LowCardinality(String),
    country       LowCardinality(String),
    region        LowCardinality(String),
    device        LowCardinality(String),
    browser       LowCardinality(String),
    os            LowCardinality(String),
    language      LowCardinality(String),
    viewport      UInt16,
    channel       LowCardinality(String),
    source        LowCardinality(String),
    medium        LowCardinality(String),
    campaign      LowCardinality(String),
    content       LowCardinality(String),
    term          LowCardinality(String),
    referrer      LowCardinality(String),
    paid_by       LowCardinality(String),
    item_id       Array(LowCardinality(String)),
    item_name     Array(LowCardinality(String)),
    item_brand    Array(LowCardinality(String)),
    item_variant  Array(LowCardinality(String)),
    item_category Array(LowCardinality(String)),
    item_list     Array(LowCardinality(String)),
    item_index    Array(UInt16),
    item_price    Array(Int64),
    item_quantity Array(UInt32),
    value         Int64,
    currency      LowCardinality(String),
    order_key     UInt64,
    search_term   String,
    engaged_ms    UInt32,
    scroll        UInt8,
    props         Map(LowCardinality(String), String),
    batch         UInt64 CODEC(Delta, ZSTD)
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (site, day, name, ts)
TTL toDateTime(ts) + INTERVAL 2870 MINUTE
SETTINGS
    non_replicated_deduplication_window = 10000,
    merge_with_ttl_timeout = 300,
    fsync_after_insert = 1,
    fsync_part_directory = 1
