-- What was counted as stored and turns out to be a duplicate, or cannot be stored, is taken back by a negative increment.
ALTER TABLE tally MODIFY COLUMN events Int64
