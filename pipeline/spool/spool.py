"""The durable hand-over between the process that visitors talk to and the one that holds the database.

Enters: rows, their tally and notes, in one transaction that is on the disk when `append` returns. Leaves: shipments,
whose boundaries are written down before they are sent, so that one retried is the same shipment byte for byte.

The way of a shipment of events: sealed (`take`), settled (which of its lines go), delivered piece by piece, each
written down, and acknowledged. What the file is made of stands in `spool.sql`.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from pipeline.event import COLUMNS
from pipeline.outcome import Counted, Noted, Notes, Outcome, Tally
from pipeline.spool.contents import contents_of
from pipeline.spool.file import SpoolError, SpoolFile, SpoolFull, spools
from pipeline.spool.keeping import Kept
from pipeline.spool.leaving import describe, expire, expire_aside, leave_out, rows_text
from pipeline.spool.reading import SHIPMENT_EVENTS, Span, is_described, next_span, unsettled
from pipeline.spool.shipment import EVENTS, NOTES, QUARANTINE, TALLY, Piece, Shipment
from pipeline.spool.waiting import Waiting, read_waiting

__all__ = ["EVENTS", "NOTES", "QUARANTINE", "TALLY", "Spool", "SpoolError", "SpoolFull", "spools"]

_EVENT_COLUMNS = (*COLUMNS, "batch")
_LINE_COLUMNS = {
    QUARANTINE: ("site", "day", "ts", "reason", "columns", "row"),
    TALLY: (*Counted._fields, "events"),
    NOTES: (*Noted._fields, "times"),
}
"""What is sealed line by line."""
_TABLES = (QUARANTINE, EVENTS, TALLY, NOTES)
"""In the order of sealing. The quarantine first: so it holds what one shipment gave it, and not more."""
_NO_END = 1 << 62
_NO_LIMIT = 1 << 42
_NOTHING: Notes = Counter()

_Sealed = tuple[int, str, int, int, bytes | None]
"""A row of `shipments`."""


class Spool:
    """One spool file. One writer and one reader may have it open at the same time, each with a `Spool` of its own.

    Two writers would give two batches one number, and the second one's rows would be taken for the first one's: a
    process that appends holds the lock beside the file (`lock.take`).

    Args:
        path: made if it isn't there.
        limit_bytes: `append` raises `SpoolFull` when the file would grow past it. Who empties it has no limit: to let
            go of a line may take a page more.

    Raises:
        SpoolError: as every method does, when the file can't be read or written. Nothing of that call is in it then.
    """

    def __init__(self, path: Path, limit_bytes: int = _NO_LIMIT) -> None:
        self._file = SpoolFile(path, limit_bytes)
        self._db = self._file.db
        with self._file.transaction():
            self._upgrade()
            self._format = self._file.format_of(_EVENT_COLUMNS)
            self._next_seq = self._file.next_seq()

    def append(self, rows: Sequence[bytes], tally: Tally, notes: Notes = _NOTHING) -> None:
        """Write rows (as `pipeline.event.encode` gives them), what they and others counted as, and what was noted.

        All of it is durable on return.

        Raises:
            SpoolFull: no room; nothing was written.
            SpoolError: the file can't be written; nothing was.
        """
        seq = self._next_seq
        self._next_seq += 1  # a failed commit leaves a gap, never a number twice
        ending = b",%d]\n" % self._file.batch(seq)
        body = ending.join(rows) + ending if rows else b""
        found = contents_of(body, _EVENT_COLUMNS)
        contents = (found.oldest, found.first_day, found.ids, rows_text(found.rows))
        row = (seq, self._format, len(rows), body, *contents, _lines(tally), _lines(notes))
        with self._file.plainly():
            self._db.execute("INSERT INTO intake VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def latest(self) -> int:
        """The last batch that is here, as this file numbers them."""
        with self._file.plainly():
            return self._file.next_seq() - 1

    def take(
        self, tables: Collection[str] = _TABLES, until: int = _NO_END, read: Shipment | None = None
    ) -> Shipment | None:
        """The oldest shipment that is not acknowledged; if there is none, seal one of what has gathered.

        Args:
            tables: for which one may be sealed.
            until: the last batch that may go.
            read: what `peek` has read of it, if that is what is taken.
        """
        with self._file.transaction():
            row = self._oldest()
            sealed_before = row is not None
            if row is None and any(self._seal(table, until) for table in _TABLES if table in tables):
                row = self._oldest()
        if row is None:
            return None
        with self._file.transaction(write=False):  # it is long, and the collector need not wait for it
            return self._shipment(row, read, sealed_before=sealed_before)

    def goes_on(self, shipment: Shipment, until: int) -> bool:
        """Whether there may be batches behind a shipment of events, and not behind `until`."""
        return self._file.seq(shipment.last_batch) < until

    def peek(self, shipment: Shipment, until: int = _NO_END) -> Shipment | None:
        """What will be taken after a shipment of events, as it lies there now; unless that can't be told yet."""
        with self._file.transaction(write=False):
            span = next_span(self._file, self._file.seq(shipment.last_batch), until)
            if span is None or not is_described(self._file, span):
                return None
            return unsettled(self._file, 0, span, sealed_before=False)

    def is_under_way(self) -> bool:
        """Whether a shipment of events has been settled that is not acknowledged."""
        with self._file.plainly():
            return self._db.execute("SELECT 1 FROM settled").fetchone() is not None

    def settle(self, shipment: Shipment, left_out: Mapping[int, Outcome], now: float) -> Shipment:
        """Write down which lines don't go, and count them as what they are; the shipment as it goes.

        Args:
            left_out: by number of the line, from 0.
        """
        with self._file.transaction():
            if left_out:
                leave_out(self._db, *self._seqs(shipment), left_out, now)
            whole = shipment.whole
            self._db.execute("INSERT INTO settled (shipment) VALUES (?)", (shipment.number,))
            self._db.execute("INSERT INTO pieces VALUES (?, ?, ?)", (shipment.number, whole.first, whole.end))
        return replace(shipment, pieces=(whole,), unsettled=None).without(left_out)

    def leave_out(self, shipment: Shipment, lines: Mapping[int, Outcome], now: float) -> Shipment:
        """Of a settled shipment: these lines don't go any more; the shipment as it goes."""
        with self._file.transaction():
            leave_out(self._db, *self._seqs(shipment), lines, now)
        return shipment.without(lines)

    def split(self, shipment: Shipment, piece: Piece) -> None:
        """Its halves are to be delivered instead."""
        with self._file.transaction():
            self._forget(shipment, piece)
            halves = [(shipment.number, half.first, half.end) for half in piece.halves()]
            self._db.executemany("INSERT INTO pieces VALUES (?, ?, ?)", halves)

    def delivered(self, shipment: Shipment, piece: Piece) -> None:
        """The other side has that piece."""
        with self._file.transaction():
            self._forget(shipment, piece)

    def set_aside(self, shipment: Shipment, piece: Piece, line: int, reason: str, now: float) -> None:
        """The one line of a piece goes to the quarantine: what the store refuses can't stop the rest."""
        with self._file.transaction():
            for left in leave_out(self._db, *self._seqs(shipment), {line: Outcome.QUARANTINED}, now):
                self._db.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?)", left.aside(reason, now))
                self._db.execute("UPDATE settled SET refused = refused + 1 WHERE shipment = ?", (shipment.number,))
            self._forget(shipment, piece)

    def acknowledge(self, shipment: Shipment) -> None:
        """The other side has it: forget the rows and the shipment in one transaction."""
        with self._file.erasing_later(), self._file.transaction():
            if shipment.table == EVENTS:
                for table in ("batches", "contents"):
                    gone = f"DELETE FROM {table} WHERE seq BETWEEN ? AND ?"  # noqa: S608 - one of these two
                    self._db.execute(gone, self._seqs(shipment))
                for table in ("settled", "pieces"):
                    self._db.execute(f"DELETE FROM {table} WHERE shipment = ?", (shipment.number,))  # noqa: S608 - as above
            self._db.execute("DELETE FROM shipments WHERE number = ?", (shipment.number,))

    def expire(self, kept: Kept) -> int:
        """Let go of rows whose time is over, sealed or not, and count them as expired; how many.

        Of a shipment that is being delivered it is then unknown for ever whether they had arrived; by their time, they
        are over there too.
        """
        gone, more = 0, True
        while more:
            with self._file.transaction():  # a few batches at a time: the collector waits for each
                more = describe(self._db, 0, self._file.next_seq())
        more = True
        while more:
            with self._file.transaction():
                now_gone, more = expire(self._db, kept)
            gone += now_gone
        with self._file.transaction():
            return gone + expire_aside(self._db, kept)

    def waiting(self) -> Waiting:
        """What is here at one moment."""
        with self._file.transaction(write=False):
            return read_waiting(self._file)

    def tidy(self) -> None:
        """See to it that rows which were shipped and deleted are on the disk nowhere any more."""
        self._file.erase()
        with self._file.plainly():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; what is in it stays."""
        self._db.close()

    def _upgrade(self) -> None:
        """What a version had sealed that settled nothing may have been sent whole: so it goes whole."""
        if self._db.execute("PRAGMA user_version").fetchone()[0]:
            return
        sealed = self._db.execute("SELECT number, first, last FROM shipments WHERE target = ?", (EVENTS,)).fetchall()
        for number, first, last in sealed:
            describe(self._db, first, last, most=SHIPMENT_EVENTS)
            self._db.execute("INSERT INTO settled (shipment) VALUES (?)", (number,))
            self._db.execute(
                "INSERT INTO pieces SELECT ?, 0, sum(events) FROM batches WHERE seq BETWEEN ? AND ?",
                (number, first, last),
            )
        self._db.execute("PRAGMA user_version = 1")

    def _seqs(self, shipment: Shipment) -> tuple[int, int]:
        """First and last batch as this file numbers them."""
        asked = "SELECT first, last FROM shipments WHERE number = ?"
        first, last = self._db.execute(asked, (shipment.number,)).fetchone()
        return int(first), int(last)

    def _forget(self, shipment: Shipment, piece: Piece) -> None:
        self._db.execute("DELETE FROM pieces WHERE shipment = ? AND first = ?", (shipment.number, piece.first))

    def _oldest(self) -> _Sealed | None:
        query = "SELECT number, target, first, last, body FROM shipments ORDER BY number LIMIT 1"
        row: _Sealed | None = self._db.execute(query).fetchone()
        return row

    def _seal(self, table: str, until: int) -> bool:
        return self._seal_events(until) if table == EVENTS else self._seal_lines(table)

    def _seal_events(self, until: int) -> bool:
        span = next_span(self._file, 0, until)
        if span is None:
            return False
        describe(self._db, span.first, span.last, most=SHIPMENT_EVENTS)
        self._write_shipment(EVENTS, span.first, span.last, None)
        return True

    def _seal_lines(self, table: str) -> bool:
        columns = ", ".join(_LINE_COLUMNS[table])
        rows = self._db.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608 - one of our three names
        rows = [row for row in rows if row[-1] != 0]  # counted as stored and taken back: nothing to tell
        if rows:
            batch = self._file.batch(self._write_shipment(table, 0, 0, b""))
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

    def _shipment(self, row: _Sealed, read: Shipment | None, *, sealed_before: bool) -> Shipment:
        number, target, first, last, body = row
        if target != EVENTS:
            batch, lines = self._file.batch(number), body or b""
            columns, whole = (*_LINE_COLUMNS[target], "batch"), Piece(0, lines.count(b"\n"))
            return Shipment(number, target, columns, lines, batch, batch, sealed_before, whole, (whole,))
        span = Span(first, last)
        batches = (self._file.batch(first), self._file.batch(last))
        if read is None or sealed_before or (read.first_batch, read.last_batch) != batches:
            read = unsettled(self._file, number, span, sealed_before=sealed_before)
        settled = self._db.execute("SELECT refused FROM settled WHERE shipment = ?", (number,)).fetchone()
        if settled is None:
            return replace(read, number=number)
        pieces_left = "SELECT first, finish FROM pieces WHERE shipment = ? ORDER BY first"
        pieces = tuple(Piece(*ends) for ends in self._db.execute(pieces_left, (number,)))
        return replace(read, pieces=pieces, unsettled=None, refused=settled[0])


def _lines(counts: Counter[Counted] | Counter[Noted]) -> str:
    return msgspec.json.encode([(*key, number) for key, number in counts.items()]).decode()
