"""Does it add up? received = refused + stored + waiting, read at one moment.

Enters: the store and the spools, while nothing is between them. Leaves: the numbers by site and day, and whether the
events that were acknowledged are all accounted for. `stored` is counted from the rows themselves, not from the tally.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from pipeline.outcome import Counted, Outcome, Tally
from pipeline.spool import EVENTS, TALLY, Waiting
from pipeline.store import Store

_ROWS_LIVE_SECONDS = 2860 * 60.0
"""Ten minutes less than `events` keeps them: nothing that is counted on may just be leaving."""


# what the spools still hold as sealed is left out: it counts as waiting
_TALLY = """
    SELECT site, toString(day), name, outcome, sum(events) FROM tally
    WHERE day >= {since:Date}
        AND NOT arrayExists((f, l) -> batch BETWEEN f AND l, {firsts:Array(UInt64)}, {lasts:Array(UInt64)})
    GROUP BY ALL
"""
_STORED = """
    SELECT site, toString(day), count() FROM events
    WHERE day >= {since:Date}
        AND NOT arrayExists((f, l) -> batch BETWEEN f AND l, {firsts:Array(UInt64)}, {lasts:Array(UInt64)})
    GROUP BY ALL
"""


class DayAccount(msgspec.Struct, frozen=True):
    """The events of one site and day."""

    site: str
    day: str
    received: int
    stored: int
    """Rows in ClickHouse."""
    waiting: int
    """Rows in a spool."""
    refused: dict[str, int]
    """By reason."""

    @property
    def missing(self) -> int:
        """Acknowledged but neither stored nor waiting; below 0: stored more than once."""
        return self.received - sum(self.refused.values()) - self.stored - self.waiting


def all_kept_since(now: float, zones: Iterable[str]) -> date:
    """The first day of which every row is still in the store, wherever the day begins.

    Args:
        now: seconds since 1970.
        zones: names of the sites' time zones.
    """
    oldest = now - _ROWS_LIVE_SECONDS
    days = [datetime.fromtimestamp(oldest, ZoneInfo(zone)).date() for zone in zones]
    return max(days) + timedelta(days=1)


def read_accounts(store: Store, spools: Iterable[Waiting], since: date) -> list[DayAccount]:
    """One account a site and day, newest first. `since`: the first day of which all rows are still kept.

    Call it while the shipper is paused. A shipment that was sealed and not acknowledged counts as waiting, whether or
    not the store has it by now.
    """
    tally: Tally = Counter()
    waiting: Counter[tuple[str, str]] = Counter()
    sealed: list[tuple[str, int, int]] = []
    for spool in spools:
        tally.update(spool.tally)
        waiting.update(spool.events)
        sealed += spool.sealed
    for site, day, name, outcome, events in store.query(_TALLY, _parameters(since, TALLY, sealed)).rows:
        tally[Counted(site, day, name, Outcome(outcome))] += events
    stored: Counter[tuple[str, str]] = Counter()
    for site, day, events in store.query(_STORED, _parameters(since, EVENTS, sealed)).rows:
        stored[site, day] = events
    keys = {(counted.site, counted.day) for counted in tally} | set(stored) | set(waiting)
    recent = (key for key in keys if key[1] >= since.isoformat())
    return [
        _account(site, day, tally, stored, waiting)
        for site, day in sorted(recent, key=lambda k: (k[1], k[0]), reverse=True)
    ]


def _parameters(since: date, table: str, sealed: list[tuple[str, int, int]]) -> dict[str, object]:
    spans = [(first, last) for name, first, last in sealed if name == table]
    return {
        "since": since.isoformat(),
        "firsts": [first for first, _ in spans],
        "lasts": [last for _, last in spans],
    }


def _account(
    site: str, day: str, tally: Tally, stored: Counter[tuple[str, str]], waiting: Counter[tuple[str, str]]
) -> DayAccount:
    mine = {counted: events for counted, events in tally.items() if (counted.site, counted.day) == (site, day)}
    refused: Counter[str] = Counter()
    for counted, events in mine.items():
        if counted.outcome is not Outcome.STORED:
            refused[counted.outcome] += events
    return DayAccount(
        site=site,
        day=day,
        received=sum(mine.values()),
        stored=stored[site, day],
        waiting=waiting[site, day],
        refused=dict(refused),
    )
