"""The durable hand-over between the process that visitors talk to and the one that holds the database.

Enters: rows, their tally and notes, in one transaction that is on the disk when `append` returns. Leaves: shipments,
whose boundaries are written down before they are sent, so that one retried is the same shipment byte for byte.

    SpoolError       the spool could not be written
    └── SpoolFull    it has reached its limit, or the disk has
"""

import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import msgspec

from pipeline.event import COLUMNS
from pipeline.outcome import Counted, Noted, Notes, Outcome, Tally

EVENTS = "events"
TALLY = "tally"
NOTES = "notes"

_EVENT_COLUMNS = (*COLUMNS, "batch")
_COUNT_COLUMNS = {TALLY: (*Counted._fields, "events"), NOTES: (*Noted._fields, "times")}
"""What is not rows but sums: sealed line by line."""
_NOTHING: Notes = Counter()
_SHIPMENT_BYTES = 16 * 1024 * 1024
_SHIPMENT_EVENTS = 50_000
"""Both far below one ClickHouse block: a shipment split into blocks could be stored in part."""
_SEQ_BITS = 40
"""Of the 64 bits of a batch number: 34 years at a thousand commits a second; the rest names the spool."""
_SCHEMA = resources.files("pipeline").joinpath("spool.sql").read_text(encoding="utf-8")


class SpoolError(Exception):
    """The spool could not be written; nothing of the call is in it."""


class SpoolFull(SpoolError):
    """The spool has reached its limit, or the disk has."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """Rows on their way to one table."""

    number: int
    table: str
    columns: tuple[str, ...]
    body: bytes
    first_batch: int
    last_batch: int
    sealed_before: bool
    """It had been sealed before this `take`: whether it was sent is not known."""

    @property
    def token(self) -> str:
        """The same for the same rows, different for any others."""
        return f"{self.table}-{self.first_batch:x}-{self.last_batch:x}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a spool holds at one moment."""

    events: Counter[tuple[str, str]]
    """By (site, day)."""
    tally: Tally
    sealed: tuple[tuple[str, int, int], ...]
    """Table, first and last batch of what may be in the store already: it was sealed, and not acknowledged yet."""


class Spool:
    """One spool file. One writer and one reader may have it open at the same time, each with a `Spool` of its own.

    Two writers would give two batches one number, and the second one's rows would be taken for the first one's: a
    process that appends holds the lock beside the file (`lock.take`).

    Args:
        path: made if it isn't there.
        limit_bytes: `append` raises `SpoolFull` when the file would grow past it.
    """

    def __init__(self, path: Path, limit_bytes: int = 1 << 30) -> None:
        with _plainly():
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # the 202 leaves after the fsync, not before
            self._db.execute("PRAGMA secure_delete = ON")  # a shipped row must not linger in a free page
            page_bytes = self._db.execute("PRAGMA page_size").fetchone()[0]
            self._db.execute(f"PRAGMA max_page_count = {max(64, limit_bytes // page_bytes)}")
            self._db.executescript(_SCHEMA)
            with self._transaction():
                self._number = self._read_number()
                self._format = self._format_of(_EVENT_COLUMNS)
                self._next_seq = self._read_next_seq()

    def append(self, rows: Sequence[bytes], tally: Tally, notes: Notes = _NOTHING) -> None:
        """Write rows (as `pipeline.event.encode` gives them), what they and others counted as, and what was noted.

        All of it is durable on return.

        Raises:
            SpoolFull: no room; nothing was written.
            SpoolError: the file can't be written; nothing was.
        """
        seq = self._next_seq
        self._next_seq += 1  # a failed commit leaves a gap, never a number twice
        ending = b",%d]\n" % self._batch(seq)
        body = ending.join(rows) + ending if rows else b""
        row = (seq, self._format, len(rows), body, _lines(tally), _lines(notes))
        with _plainly():
            self._db.execute("INSERT INTO intake VALUES (?, ?, ?, ?, ?, ?)", row)

    def take(self) -> Shipment | None:
        """The oldest shipment that is not acknowledged; if there is none, seal one of what has gathered."""
        with _plainly(), self._transaction():
            row = self._oldest()
            sealed_before = row is not None
            if row is None and (self._seal_events() or any(map(self._seal_counts, _COUNT_COLUMNS))):
                row = self._oldest()
            return None if row is None else self._shipment(row, sealed_before=sealed_before)

    def acknowledge(self, shipment: Shipment) -> None:
        """The other side has it: forget the rows and the shipment in one transaction."""
        with _plainly(), self._transaction():
            if shipment.table == EVENTS:
                span = (self._seq(shipment.first_batch), self._seq(shipment.last_batch))
                self._db.execute("DELETE FROM batches WHERE seq BETWEEN ? AND ?", span)
            self._db.execute("DELETE FROM shipments WHERE number = ?", (shipment.number,))

    def waiting(self) -> Waiting:
        """What is here at one moment: events by (site, day), and the tally that has not been acknowledged."""
        with _plainly(), self._transaction(write=False):
            lines = [line for (body,) in self._db.execute("SELECT body FROM batches") for line in body.splitlines()]
            tally: Tally = Counter()
            for *key, events in self._db.execute("SELECT site, day, name, outcome, events FROM tally"):
                tally[_counted(key)] += events
            sealed = []
            for row in self._db.execute("SELECT number, target, first, last, body FROM shipments ORDER BY number"):
                sealed.append((row[1], *self._span(row)))
                lines_of_tally = (row[4] or b"").splitlines() if row[1] == TALLY else ()
                for *key, events, _batch in map(msgspec.json.decode, lines_of_tally):
                    tally[_counted(key)] += events
        events_waiting = Counter((row[0], row[1]) for row in map(msgspec.json.decode, lines))
        return Waiting(events_waiting, tally, tuple(sealed))

    def tidy(self) -> None:
        """Cut off the log, so that rows which were shipped and deleted are on the disk nowhere any more."""
        with _plainly():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; what is in it stays."""
        self._db.close()

    @contextmanager
    def _transaction(self, *, write: bool = True) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # SQLite has already rolled back by itself when the disk is full
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _read_number(self) -> int:
        row = self._db.execute("SELECT number FROM spool").fetchone()
        if row is None:
            row = (secrets.randbits(64 - _SEQ_BITS),)
            self._db.execute("INSERT INTO spool VALUES (?)", row)
        return int(row[0])

    def _format_of(self, columns: tuple[str, ...]) -> int:
        text = ",".join(columns)
        self._db.execute("INSERT OR IGNORE INTO formats (columns) VALUES (?)", (text,))
        return int(self._db.execute("SELECT format FROM formats WHERE columns = ?", (text,)).fetchone()[0])

    def _read_next_seq(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batches'").fetchone()
        return 1 if row is None else row[0] + 1

    def _batch(self, seq: int) -> int:
        return self._number << _SEQ_BITS | seq

    def _seq(self, batch: int) -> int:
        return batch & ((1 << _SEQ_BITS) - 1)

    def _oldest(self) -> tuple[int, str, int, int, bytes | None] | None:
        query = "SELECT number, target, first, last, body FROM shipments ORDER BY number LIMIT 1"
        row: tuple[int, str, int, int, bytes | None] | None = self._db.execute(query).fetchone()
        return row

    def _seal_events(self) -> bool:
        first = last = first_format = events = size = 0
        for seq, row_format, count, length in self._db.execute(
            "SELECT seq, format, events, length(body) FROM batches ORDER BY seq"
        ):
            first, first_format = first or seq, first_format or row_format
            over = events and (events + count > _SHIPMENT_EVENTS or size + length > _SHIPMENT_BYTES)
            if over or row_format != first_format:
                break
            last, events, size = seq, events + count, size + length
        if first:
            self._write_shipment(EVENTS, first, last, None)
        return bool(first)

    def _seal_counts(self, table: str) -> bool:
        columns = ", ".join(_COUNT_COLUMNS[table])
        rows = self._db.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608 - one of our two names
        if rows:
            batch = self._batch(self._write_shipment(table, 0, 0, b""))
            body = b"".join(msgspec.json.encode([*row, batch]) + b"\n" for row in rows)
            self._db.execute("UPDATE shipments SET body = ? WHERE body = x''", (body,))
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - as above
        return bool(rows)

    def _write_shipment(self, target: str, first: int, last: int, body: bytes | None) -> int:
        cursor = self._db.execute(
            "INSERT INTO shipments (target, first, last, body) VALUES (?, ?, ?, ?)",
            (target, first, last, body),
        )
        return int(cursor.lastrowid or 0)

    def _shipment(self, row: tuple[int, str, int, int, bytes | None], *, sealed_before: bool) -> Shipment:
        number, target, first, last, body = row
        if target in _COUNT_COLUMNS:
            columns = (*_COUNT_COLUMNS[target], "batch")
            return Shipment(number, target, columns, body or b"", *self._span(row), sealed_before)
        bodies = self._db.execute(
            "SELECT body, columns FROM batches JOIN formats USING (format) WHERE seq BETWEEN ? AND ? ORDER BY seq",
            (first, last),
        ).fetchall()
        columns = tuple(bodies[0][1].split(","))
        joined = b"".join(body for body, _ in bodies)
        return Shipment(number, EVENTS, columns, joined, *self._span(row), sealed_before)

    def _span(self, row: tuple[int, str, int, int, bytes | None]) -> tuple[int, int]:
        """First and last batch number of a shipment."""
        number, target, first, last, _ = row
        return (self._batch(number),) * 2 if target in _COUNT_COLUMNS else (self._batch(first), self._batch(last))


def spools(folder: Path) -> list[Path]:
    """The spool files of a folder, in order of name."""
    return sorted(folder.glob("*.sqlite"))


def _lines(counts: Counter[Counted] | Counter[Noted]) -> str:
    return msgspec.json.encode([(*key, number) for key, number in counts.items()]).decode()


def _counted(key: Sequence[str]) -> Counted:
    site, day, name, outcome = key
    return Counted(site, day, name, Outcome(outcome))


@contextmanager
def _plainly() -> Iterator[None]:
    """SQLite's errors as ours. Its messages name no values, so none can leak."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")  # misuse of the module has none
        if name == "SQLITE_FULL":
            raise SpoolFull(str(error)) from None
        raise SpoolError(f"{error} ({name})") from None
