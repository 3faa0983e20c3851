-- Which layer took the sender for a robot, where the operator wants such events counted and marked; else empty.
ALTER TABLE events ADD COLUMN IF NOT EXISTS marked LowCardinality(String) AFTER paid_by
