-- `views/1_facts.sql` says what a visit is.
DROP VIEW IF EXISTS visits
