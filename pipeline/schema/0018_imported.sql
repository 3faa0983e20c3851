-- Which tool counted the day, where it wasn't us: of closings of the grain `imported`; else empty. Weeks and months are made
-- of days that we closed ourselves, so they never look at such a day.
ALTER TABLE closings ADD COLUMN IF NOT EXISTS imported_from LowCardinality(String)
