-- What has been closed. Counts are written under a number, `run`, and hold from the moment that a row here names it:
-- an insert of one row is all or nothing, so a closing is, too. Of two for one span the higher number holds.
--
-- `grain` is day, week or month, `day` the first of it. `rests_on` is what was counted (rows of a day, or a hash of the
-- days' own runs): where it no longer agrees, something came late, and the span is closed again.
CREATE TABLE IF NOT EXISTS closings
(
    site     LowCardinality(String),
    grain    LowCardinality(String),
    day      Date,
    run      UInt64,
    rests_on UInt64,
    at       DateTime64(3, 'UTC')
)
ENGINE = MergeTree
PARTITION BY toYear(day)
ORDER BY (site, grain, day, run)
SETTINGS
    fsync_after_insert = 1,
    min_rows_to_fsync_after_merge = 1,
    fsync_part_directory = 1
