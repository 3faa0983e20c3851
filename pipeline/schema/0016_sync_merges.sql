-- What was merged is not synced by itself, and what it was merged from is taken away: a power cut could lose both.
ALTER TABLE tally MODIFY SETTING min_rows_to_fsync_after_merge = 1
