-- What each of the three users of a server may do, and no more. An operator creates the users, then runs these.
-- One statement ends with a semicolon; `sporlos` stands for the database.

-- The back office: it brings tables up to date, ships, closes and drops. No user of its own makes or ends the database.
GRANT CREATE TABLE, CREATE VIEW, DROP VIEW, ALTER COLUMN, ALTER TTL, ALTER SETTINGS ON sporlos.* TO sporlos_ship;
GRANT SELECT, INSERT ON sporlos.migrations TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.events TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.tally TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.notes TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.quarantine TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.drafts TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.waiting TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.daily TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.weekly TO sporlos_ship;
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.closings TO sporlos_ship;
-- exact sums, which it alone may see: it counts them, releases them with noise, and drops them
GRANT SELECT, INSERT, ALTER DELETE ON sporlos.contributions TO sporlos_ship;
-- what was dropped stays written down, and so does what was released: nobody may take a line out
GRANT SELECT, INSERT ON sporlos.receipts TO sporlos_ship;
GRANT SELECT, INSERT ON sporlos.releases TO sporlos_ship;
GRANT SELECT ON sporlos.open TO sporlos_ship;
GRANT SELECT ON sporlos.closed TO sporlos_ship;
GRANT SELECT ON sporlos.facts TO sporlos_ship;
GRANT SELECT ON sporlos.cells TO sporlos_ship;
GRANT SELECT ON sporlos.counts TO sporlos_ship;
GRANT SELECT ON sporlos.judged_day TO sporlos_ship;
GRANT SELECT ON sporlos.judged_span TO sporlos_ship;
GRANT SELECT ON sporlos.margins TO sporlos_ship;
GRANT SELECT ON system.parts TO sporlos_ship;
GRANT SELECT ON system.detached_parts TO sporlos_ship;
GRANT SELECT ON system.errors TO sporlos_ship;

-- Dashboards: what a panel reads, and the tables behind the one view that it reads from. Open days are answered from
-- `events`, for the shop's own staff; nothing that waits to be counted, or could not be stored.
GRANT SELECT ON sporlos.events TO sporlos_read;
GRANT SELECT ON sporlos.tally TO sporlos_read;
GRANT SELECT ON sporlos.notes TO sporlos_read;
GRANT SELECT ON sporlos.daily TO sporlos_read;
GRANT SELECT ON sporlos.weekly TO sporlos_read;
GRANT SELECT ON sporlos.closings TO sporlos_read;
GRANT SELECT ON sporlos.margins TO sporlos_read;
-- `numbers(…)` counts as a table of the moment; who may make lasting ones may make those
GRANT CREATE TEMPORARY TABLE ON *.* TO sporlos_read;

-- Exports: what was released, and nothing that it was made of.
GRANT SELECT ON sporlos.releases TO sporlos_release;
