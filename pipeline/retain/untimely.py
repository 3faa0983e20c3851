"""Rows of a day that has not begun anywhere: a clock was ahead when they came, and has been set since.

Enters: what is there of such days, pass by pass. Leaves: what of it is to be dropped, and a tally that says so. Their
own day may be years away, and the promise is about the day on which the visitor was there.

An hour is waited, by a clock that nobody sets. A machine that was just started may itself be behind, and then all that
it has seems to be of the future; and a collector's clock that is a little ahead writes rows of tomorrow each night.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from importlib import resources
from zoneinfo import ZoneInfo

import msgspec
import structlog

from pipeline.outcome import Outcome
from pipeline.retain.partitions import DATED, Key, Partition, first_day
from pipeline.store.database import Store

WAIT_SECONDS = 3600.0

_TOLD_AS: Mapping[str, Outcome] = {"events": Outcome.STORED, "quarantine": Outcome.QUARANTINED}
"""What the tally says of a table's rows."""
_COLUMNS = ("site", "day", "name", "outcome", "events", "batch")
_NO_BATCH = 0
_TOLD = resources.files("pipeline.retain").joinpath("told.sql").read_text(encoding="utf-8")

log = structlog.get_logger("sporlos.retain")


def to_come(partitions: Iterable[Partition], zones: Iterable[str], now: float) -> list[Partition]:
    """Those of days that have begun in no zone. `now`: seconds since 1970."""
    begun = max(datetime.fromtimestamp(now, ZoneInfo(zone)).date() for zone in zones)
    return [part for part in partitions if part.table in DATED and first_day(part) > begun]


class Untimely:
    """Remembers how long something has been of a day to come.

    Args:
        steady: seconds, from anywhere, that go on whatever the clock is set to.
    """

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._since: dict[Key, float] = {}

    def over(self, found: Iterable[Partition]) -> list[Partition]:
        """Those of which something has been in `found` for an hour of passes on end."""
        now, here = self._steady(), {part.key: part for part in found}
        for key in here.keys() - self._since.keys():
            log.error(
                "rows of a day to come; was a clock ahead? Unless it is now behind, they are dropped in an hour",
                what=here[key].table,
                day=here[key].name,
                rows=here[key].rows,
            )
        self._since = {key: self._since.get(key, now) for key in here}
        return [part for key, part in here.items() if now >= self._since[key] + WAIT_SECONDS]


def tell_expired(store: Store, table: str, day: date, now: float) -> None:
    """Let the tally say of a table's rows of a day that they are `expired`, if it says anything of them.

    Else the day's account would miss them once it comes. Done again it does nothing.

    Raises:
        StoreError: it is not known whether it was done.
    """
    outcome = _TOLD_AS.get(table)
    if outcome is None:
        return
    told = store.query(_TOLD, {"day": day.isoformat(), "outcome": outcome}).rows
    lines = [
        msgspec.json.encode((site, day.isoformat(), name, word, events, _NO_BATCH))
        for site, name, rows in told
        for word, events in ((outcome, -rows), (Outcome.EXPIRED, rows))
    ]
    if lines:
        store.insert("tally", _COLUMNS, b"\n".join(lines) + b"\n", f"untimely-{table}-{day}-{now:.3f}")
