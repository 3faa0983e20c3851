-- As of the tally.
ALTER TABLE notes MODIFY SETTING min_rows_to_fsync_after_merge = 1
