-- One file a collector worker. The worker appends; the shipper seals, ships and deletes.

-- Which spool this is, so that rows of a file made anew under the same name are not taken for old ones.
CREATE TABLE IF NOT EXISTS spool (number INTEGER NOT NULL) STRICT;

-- The columns that rows were written with: rows outlive an upgrade.
CREATE TABLE IF NOT EXISTS formats (format INTEGER PRIMARY KEY, columns TEXT NOT NULL UNIQUE) STRICT;

-- One commit of the worker: lines of JSONCompactEachRow. AUTOINCREMENT: a number is never given twice.
CREATE TABLE IF NOT EXISTS batches
(
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    format INTEGER NOT NULL,
    events INTEGER NOT NULL,
    -- one line an event; a line that is left out is made empty, so that the others keep their numbers
    body   BLOB    NOT NULL
) STRICT;

-- What a batch holds, told without reading its rows: when the oldest of them came (seconds since 1970) and its first day,
-- the senders' ids (eight bytes a line), and how many rows each site and day has: [[site, day, rows], …]. A table of its
-- own and not columns, so that a worker of the version before can go on writing while it is replaced.
CREATE TABLE IF NOT EXISTS contents
(
    seq       INTEGER PRIMARY KEY,
    oldest    REAL,
    first_day TEXT    NOT NULL,
    ids       BLOB    NOT NULL,
    rows      TEXT    NOT NULL
) STRICT;

-- How many events ended how, since the last sealing. Changed in the transaction that stores the events.
CREATE TABLE IF NOT EXISTS tally
(
    site    TEXT    NOT NULL,
    day     TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    outcome TEXT    NOT NULL,
    events  INTEGER NOT NULL,
    PRIMARY KEY (site, day, name, outcome)
) WITHOUT ROWID, STRICT;

-- What was noted on the way, since the last sealing: as the tally.
CREATE TABLE IF NOT EXISTS notes
(
    site   TEXT    NOT NULL,
    day    TEXT    NOT NULL,
    field  TEXT    NOT NULL,
    note   TEXT    NOT NULL,
    times  INTEGER NOT NULL,
    PRIMARY KEY (site, day, field, note)
) WITHOUT ROWID, STRICT;

-- What is on its way, written down before it leaves: the same shipment is sent until it is acknowledged.
-- For `events` the batches `first` to `last`; for the other tables the lines themselves.
CREATE TABLE IF NOT EXISTS shipments
(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT    NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    body   BLOB
) STRICT;

-- Shipments of `events` of which it is written down what goes: from then on they may have been sent. `refused`: how many
-- lines the store would not take.
CREATE TABLE IF NOT EXISTS settled (shipment INTEGER PRIMARY KEY, refused INTEGER NOT NULL DEFAULT 0) STRICT;

-- What of a settled shipment is still to be delivered: lines `first` to before `finish`, counted from its first batch.
CREATE TABLE IF NOT EXISTS pieces
(
    shipment INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    finish   INTEGER NOT NULL,
    PRIMARY KEY (shipment, first)
) WITHOUT ROWID, STRICT;

-- Rows that the store refuses, each kept as it is, since the last sealing.
CREATE TABLE IF NOT EXISTS quarantine
(
    site    TEXT NOT NULL,
    day     TEXT NOT NULL,
    ts      TEXT NOT NULL,
    reason  TEXT NOT NULL,
    columns TEXT NOT NULL,
    row     TEXT NOT NULL
) STRICT;

-- Zeros over what free pages hold; empty but while they are written.
CREATE TABLE IF NOT EXISTS blanks (zeros BLOB NOT NULL) STRICT;

-- The worker's only door: one INSERT into this view is one transaction, so the interpreter's lock is let go once a
-- commit and not once a statement, which under load is the difference between one wait and six.
CREATE TEMP VIEW intake AS
SELECT 0 AS seq, 0 AS format, 0 AS events, x'' AS body, 0.0 AS oldest, '' AS first_day, x'' AS ids, '[]' AS rows,
    '[]' AS tally, '[]' AS notes;

CREATE TEMP TRIGGER take_in INSTEAD OF INSERT ON intake
BEGIN
    INSERT INTO batches SELECT NEW.seq, NEW.format, NEW.events, NEW.body WHERE NEW.events > 0;
    INSERT INTO contents SELECT NEW.seq, NEW.oldest, NEW.first_day, NEW.ids, NEW.rows WHERE NEW.events > 0;
    INSERT INTO tally
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(NEW.tally) WHERE true
    ON CONFLICT DO UPDATE SET events = events + excluded.events;
    INSERT INTO notes
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(NEW.notes) WHERE true
    ON CONFLICT DO UPDATE SET times = times + excluded.times;
END;
