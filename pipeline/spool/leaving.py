"""Lines that leave a spool otherwise than by being stored: in one transaction the line, and what it is counted as.

Enters: batches, and which of their lines end how. Leaves: the others where they stand, and a tally that says so.
"""

import sqlite3
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec

from pipeline.outcome import Outcome
from pipeline.spool.contents import Head, contents_of, head_of, lines_of
from pipeline.spool.keeping import Kept
from pipeline.spool.shipment import QUARANTINE, joined

_AT_ONCE = 200
"""Batches a transaction: the collector waits for it."""
_FIRST_YEAR, _LAST_YEAR = 1971, 2100
_LAST_SECOND = 4e9
_COUNT = "INSERT INTO tally VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET events = events + excluded.events"


@dataclass(frozen=True, slots=True)
class Left:
    """A line that has been left out."""

    head: Head
    """With a site and a day that the tally can have."""
    text: bytes
    columns: str
    """Joined by commas."""

    def aside(self, reason: str, now: float) -> tuple[str, str, str, str, str, str]:
        """A row of `quarantine` that no table refuses: what of it can't be read is made up from `now`."""
        ts = self.head.ts if self.head.ts is not None and 0 < self.head.ts < _LAST_SECOND else now
        text = self.text.decode(errors="backslashreplace")
        return self.head.site, self.head.day, f"{ts:.3f}", reason, self.columns, text


def leave_out(db: sqlite3.Connection, first: int, last: int, lines: Mapping[int, Outcome], now: float) -> list[Left]:
    """Make lines of the batches `first` to `last` empty, and count them as what they are instead of as stored.

    Args:
        lines: by number, counted from the first line of batch `first`. An empty one stays as it is.
    """
    seqs, starts = [], [0]
    asked = "SELECT seq, events FROM batches WHERE seq BETWEEN ? AND ? ORDER BY seq"
    for seq, events in db.execute(asked, (first, last)):
        seqs.append(seq)
        starts.append(starts[-1] + events)
    by_batch: defaultdict[int, dict[int, Outcome]] = defaultdict(dict)
    for line, outcome in lines.items():
        at = bisect_right(starts, line) - 1
        by_batch[seqs[at]][line - starts[at]] = outcome
    return [left for seq, mine in sorted(by_batch.items()) for left in _leave_out(db, seq, mine, now)]


def _is_day(text: str) -> bool:
    try:
        return _FIRST_YEAR <= date.fromisoformat(text).year <= _LAST_YEAR
    except ValueError:
        return False


def _leave_out(db: sqlite3.Connection, seq: int, lines: Mapping[int, Outcome], now: float) -> list[Left]:
    body, columns, held = db.execute(
        "SELECT body, columns, rows FROM batches JOIN formats USING (format) JOIN contents USING (seq) WHERE seq = ?",
        (seq,),
    ).fetchone()
    texts = body.split(b"\n")
    rows = Counter({(site, day): number for site, day, number in msgspec.json.decode(held)})
    moved: Counter[tuple[str, str, str, Outcome]] = Counter()
    found = []
    for line, outcome in sorted(lines.items()):
        if texts[line]:
            head, counted = _placed(head_of(texts[line], columns.split(",")), rows, now)
            found.append(Left(head, texts[line], columns))
            rows[counted] -= 1
            moved[head.site, head.day, head.name, Outcome.STORED] -= 1
            moved[head.site, head.day, head.name, outcome] += 1
            texts[line] = b""
    db.execute("UPDATE batches SET body = ? WHERE seq = ?", (b"\n".join(texts), seq))
    db.execute("UPDATE contents SET rows = ? WHERE seq = ?", (rows_text(rows), seq))
    db.executemany(_COUNT, ((*key, events) for key, events in moved.items()))
    return found


def _placed(head: Head, rows: Counter[tuple[str, str]], now: float) -> tuple[Head, tuple[str, str]]:
    """With a site and a day that can be counted by, where the line itself has none; and what the batch counted it as.

    If all that can be told of the batch is of one site and day, so is this line. Otherwise it is nobody's, of today.
    """
    own = (head.site, head.day)
    counted = own if rows[own] else max(rows, key=rows.__getitem__)
    if counted == own and _is_day(head.day):
        return head, counted
    known = [key for key in rows if _is_day(key[1])]
    nobody = ("", datetime.fromtimestamp(now, UTC).date().isoformat())
    site, day = known[0] if len(known) == 1 else nobody
    return head._replace(site=site, day=day), counted


def describe(db: sqlite3.Connection, first: int, last: int, most: int = _AT_ONCE) -> bool:
    """Write down what batches of an older version's worker hold, as `append` does now; whether there may be more."""
    asked = "SELECT seq FROM batches WHERE seq BETWEEN ? AND ? AND seq NOT IN (SELECT seq FROM contents) LIMIT ?"
    batches = db.execute(asked, (first, last, most)).fetchall()
    for (seq,) in batches:
        found = contents_of(*_lines(db, seq))
        described = (seq, found.oldest, found.first_day, found.ids, rows_text(found.rows))
        db.execute("INSERT INTO contents VALUES (?, ?, ?, ?, ?)", described)
    return len(batches) == most


def expire(db: sqlite3.Connection, kept: Kept) -> tuple[int, bool]:
    """Let rows go whose time is over, a few batches at a time; how many, and whether there may be more."""
    batches = db.execute(
        "SELECT seq FROM contents WHERE oldest < ? OR (first_day != '' AND first_day < ?) LIMIT ?",
        (kept.since, kept.first_day, _AT_ONCE),
    ).fetchall()
    gone = 0
    for (seq,) in batches:
        body, columns = _lines(db, seq)
        heads = [head_of(line, columns) for line in lines_of(body)]
        over = {line: Outcome.EXPIRED for line, head in enumerate(heads) if kept.is_over(head)}
        gone += len(leave_out(db, seq, seq, over, kept.since))
        left = contents_of(joined(line for line in lines_of(_lines(db, seq)[0]) if line), columns)
        if left.rows or _is_sealed(db, seq):
            moments = (left.oldest, left.first_day, seq)
            db.execute("UPDATE contents SET oldest = ?, first_day = ? WHERE seq = ?", moments)
        else:
            db.execute("DELETE FROM batches WHERE seq = ?", (seq,))
            db.execute("DELETE FROM contents WHERE seq = ?", (seq,))
    return gone, len(batches) == _AT_ONCE


def expire_aside(db: sqlite3.Connection, kept: Kept) -> int:
    """The same of rows on their way to the quarantine. They are counted as quarantined, and stay so."""
    over = "CAST(ts AS REAL) < ? OR day < ?"
    gone = db.execute(f"DELETE FROM quarantine WHERE {over}", (kept.since, kept.first_day)).rowcount  # noqa: S608 - ours
    sealed = db.execute("SELECT number, body FROM shipments WHERE target = ?", (QUARANTINE,)).fetchall()
    for number, body in sealed:
        lines = [(line, msgspec.json.decode(line)) for line in lines_of(body)]
        left = [line for line, (_, day, ts, *_) in lines if float(ts) >= kept.since and day >= kept.first_day]
        gone += len(lines) - len(left)
        if not left:
            db.execute("DELETE FROM shipments WHERE number = ?", (number,))
        elif len(left) < len(lines):
            db.execute("UPDATE shipments SET body = ? WHERE number = ?", (joined(left), number))
    return gone


def rows_text(rows: Counter[tuple[str, str]]) -> str:
    """As the column `rows` of `contents` has them; without those that are no more."""
    return msgspec.json.encode([(*key, number) for key, number in rows.items() if number > 0]).decode()


def _lines(db: sqlite3.Connection, seq: int) -> tuple[bytes, list[str]]:
    asked = "SELECT body, columns FROM batches JOIN formats USING (format) WHERE seq = ?"
    body, columns = db.execute(asked, (seq,)).fetchone()
    return body, columns.split(",")


def _is_sealed(db: sqlite3.Connection, seq: int) -> bool:
    """Then the batch stays, though empty: the lines after it are counted from where they stood."""
    asked = "SELECT 1 FROM shipments WHERE target = 'events' AND ? BETWEEN first AND last"
    return db.execute(asked, (seq,)).fetchone() is not None
