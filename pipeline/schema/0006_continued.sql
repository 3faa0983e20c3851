-- 1: the visitor's number is yesterday's, since the visit was open at midnight. It is no visit of this day's, and with the
-- mark that can be seen without the rows of the day before, which may be gone.
ALTER TABLE events ADD COLUMN IF NOT EXISTS continued UInt8 AFTER visitor
