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
    body   BLOB    NOT NULL
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

-- What is on its way, written down before it leaves: the same shipment is sent until it is acknowledged.
-- For `events` the batches `first` to `last`; for `tally` the lines themselves.
CREATE TABLE IF NOT EXISTS shipments
(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT    NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    body   BLOB
) STRICT;
