"""Does it add up? received = stored + refused + duplicate + quarantined + waiting, read at one moment.

Enters: the store and the spools, while nothing is between them. Leaves: the numbers by site and day, and whether the
events that were acknowledged are all accounted for.

`received` is the tally: what the collector counted, whatever it became. What it became is counted from what is there:

    stored         rows of `events`; of a day whose rows are gone, what its closing counted
    quarantined    rows of `quarantine`, and those that a spool holds for it; of a day whose rows are gone, the tally's
    waiting        rows in the spools; a shipment that is under way waits, whether or not the store has it by now
    duplicate      the tally's, as of everything that left no row
    refused        the tally's other words, `expired` among them

So an event that is nowhere shows as missing, and one that is somewhere twice as missing less than nothing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import msgspec

from pipeline.outcome import Outcome
from pipeline.retain.retention import PROMISED_HOURS
from pipeline.spool.shipment import EVENTS, QUARANTINE, TALLY
from pipeline.spool.waiting import Waiting
from pipeline.store.database import Store

_LEAVING_SECONDS = 20 * 60.0
"""Rows leave ten minutes before their time is over; ten more, as nothing that is counted on may just be leaving."""
_CLOSED_DAYS = 7
"""So many closed days are told of, too; the panel `account` tells of all."""
_ASKED = resources.files("pipeline").joinpath("status.sql").read_text(encoding="utf-8")

_SiteDay = tuple[str, str]


class DayAccount(msgspec.Struct, frozen=True):
    """The events of one site and day."""

    site: str
    day: str
    received: int
    stored: int
    """Rows in ClickHouse; of a closed day, what was counted."""
    waiting: int
    """Rows in a spool."""
    refused: dict[str, int]
    """By reason."""
    duplicate: int = 0
    quarantined: int = 0
    closed: bool = False
    """The rows have left or are leaving; the day's counts are what stays."""

    @property
    def missing(self) -> int:
        """Acknowledged but nowhere; below 0: somewhere twice."""
        found = self.stored + self.waiting + self.duplicate + self.quarantined
        return self.received - sum(self.refused.values()) - found


@dataclass(slots=True)
class _Found:
    """What was counted, by (site, day)."""

    tally: dict[_SiteDay, Counter[str]] = field(default_factory=dict)
    stored: Counter[_SiteDay] = field(default_factory=Counter)
    quarantined: Counter[_SiteDay] = field(default_factory=Counter)
    waiting: Counter[_SiteDay] = field(default_factory=Counter)
    closed: set[_SiteDay] = field(default_factory=set)


def all_kept_since(now: float, zones: Iterable[str], events_hours: int = PROMISED_HOURS) -> date:
    """The first day of which every row is still in the store, wherever the day begins.

    Args:
        now: seconds since 1970.
        zones: names of the sites' time zones.
        events_hours: how long rows are kept.
    """
    oldest = now - events_hours * 3600.0 + _LEAVING_SECONDS
    days = [datetime.fromtimestamp(oldest, ZoneInfo(zone)).date() for zone in zones]
    return max(days) + timedelta(days=1)


def read_accounts(store: Store, spools: Iterable[Waiting], since: date) -> list[DayAccount]:
    """One account a site and day, newest first: of the days from `since`, and of those closed in the week before.

    Call it while the shipper is paused.

    Args:
        since: the first day of which all rows are still kept.

    Raises:
        StoreError: the store can't be asked.
    """
    found = _Found()
    sealed: list[tuple[str, int, int]] = []
    for spool in spools:
        for counted, events in spool.tally.items():
            found.tally.setdefault((counted.site, counted.day), Counter())[counted.outcome] += events
        found.waiting.update(spool.events)
        found.quarantined.update(spool.quarantined)
        sealed += spool.sealed
    for source, site, day, word, events in store.query(_ASKED, _parameters(since, sealed)).rows:
        _enter(found, source, (site, day), word, events)
    every = {*found.tally, *found.stored, *found.quarantined, *found.waiting}
    told = (key for key in every if key[1] >= since.isoformat() or key in found.closed)
    return [_account(key, found) for key in sorted(told, key=lambda k: (k[1], k[0]), reverse=True)]


def _enter(found: _Found, source: str, key: _SiteDay, word: str, events: int) -> None:
    if source == TALLY:
        found.tally.setdefault(key, Counter())[word] += events
    elif source == QUARANTINE:
        found.quarantined[key] += events
    else:
        found.stored[key] += events
        if source != EVENTS:
            found.closed.add(key)


def _parameters(since: date, sealed: list[tuple[str, int, int]]) -> dict[str, object]:
    parameters: dict[str, object] = {
        "since": since.isoformat(),
        "closed_since": (since - timedelta(days=_CLOSED_DAYS)).isoformat(),
    }
    for table in (EVENTS, TALLY, QUARANTINE):
        spans = [(first, last) for name, first, last in sealed if name == table]
        parameters[f"{table}_firsts"] = [first for first, _ in spans]
        parameters[f"{table}_lasts"] = [last for _, last in spans]
    return parameters


def _account(key: _SiteDay, found: _Found) -> DayAccount:
    tally, closed = found.tally.get(key, Counter()), key in found.closed
    quarantined = tally[Outcome.QUARANTINED] if closed else found.quarantined[key]
    apart = {Outcome.STORED, Outcome.DUPLICATE, Outcome.QUARANTINED}
    return DayAccount(
        site=key[0],
        day=key[1],
        received=tally.total(),
        stored=found.stored[key],
        waiting=found.waiting[key],
        refused={word: events for word, events in tally.items() if word not in apart and events},
        duplicate=tally[Outcome.DUPLICATE],
        quarantined=quarantined,
        closed=closed,
    )
