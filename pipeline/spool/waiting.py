"""What a spool holds at one moment. Enters: a spool's file. Leaves: numbers, however long it is, in little memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from pipeline.outcome import Counted, Outcome, Tally
from pipeline.spool.contents import contents_of
from pipeline.spool.file import SpoolFile
from pipeline.spool.shipment import EVENTS, QUARANTINE, TALLY


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a spool holds at one moment."""

    events: Counter[tuple[str, str]]
    """By (site, day)."""
    tally: Tally
    sealed: tuple[tuple[str, int, int], ...]
    """Table, first and last batch of what may be in the store already: it was sealed, and not acknowledged yet."""
    quarantined: Counter[tuple[str, str]]
    """Rows on their way to the quarantine, by (site, day)."""
    oldest: float | None
    """When the oldest of the events came, seconds since 1970."""
    bytes: int
    """What the file uses."""


def read_waiting(file: SpoolFile) -> Waiting:
    """Read it; call it within a transaction, so that it is one moment."""
    tally, quarantined = _unsealed(file)
    sealed = []
    for number, target, first, last in file.db.execute("SELECT number, target, first, last FROM shipments").fetchall():
        span = (first, last) if target == EVENTS else (number, number)
        sealed.append((target, file.batch(span[0]), file.batch(span[1])))
        if target in (TALLY, QUARANTINE):
            (body,) = file.db.execute("SELECT body FROM shipments WHERE number = ?", (number,)).fetchone()
            for line in map(msgspec.json.decode, body.splitlines()):
                if target == TALLY:
                    tally[counted(line[:4])] += line[4]
                else:
                    quarantined[line[0], line[1]] += 1
    events, oldest = _events(file)
    return Waiting(events, tally, tuple(sealed), quarantined, oldest, file.used_bytes())


def counted(key: Sequence[str]) -> Counted:
    """The tally's key from its columns."""
    site, day, name, outcome = key
    return Counted(site, day, name, Outcome(outcome))


def _unsealed(file: SpoolFile) -> tuple[Tally, Counter[tuple[str, str]]]:
    tally: Tally = Counter()
    for *key, events in file.db.execute("SELECT site, day, name, outcome, events FROM tally"):
        tally[counted(key)] += events
    asked = "SELECT site, day, count(*) FROM quarantine GROUP BY site, day"
    return tally, Counter({(site, day): rows for site, day, rows in file.db.execute(asked)})


def _events(file: SpoolFile) -> tuple[Counter[tuple[str, str]], float | None]:
    events: Counter[tuple[str, str]] = Counter()
    oldest: list[float] = []
    for moment, rows in file.db.execute("SELECT oldest, rows FROM contents"):
        oldest = [min([*oldest, moment])] if moment is not None else oldest
        for site, day, number in msgspec.json.decode(rows):
            events[site, day] += number
    # batches of a worker of the version before have to be read; one at a time
    for body, columns in file.db.execute(
        "SELECT body, columns FROM batches JOIN formats USING (format) WHERE seq NOT IN (SELECT seq FROM contents)"
    ):
        events.update(contents_of(body, columns.split(",")).rows)
    return events, oldest[0] if oldest else None
