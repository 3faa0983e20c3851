"""Does it add up? received = refused + stored + waiting, read at one moment.

Enters: the store and the spools, while nothing is between them. Leaves: the numbers by site and day, and whether the
events that were acknowledged are all accounted for. `stored` is counted from the rows themselves, not from the tally.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec

from pipeline.outcome import Counted, Outcome, Tally
from pipeline.spool import Waiting
from pipeline.store import Store


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


def read_accounts(store: Store, spools: Iterable[Waiting], since: date) -> list[DayAccount]:
    """One account a site and day, newest first. `since`: the first day of which all rows are still kept.

    Call it while the shipper is paused, or a shipment may be counted on both sides.
    """
    tally: Tally = Counter()
    waiting: Counter[tuple[str, str]] = Counter()
    for spool in spools:
        tally.update(spool.tally)
        waiting.update(spool.events)
    window = {"since": since.isoformat()}
    for site, day, name, outcome, events in store.query(
        "SELECT site, toString(day), name, outcome, sum(events) FROM tally WHERE day >= {since:Date} GROUP BY ALL",
        window,
    ).rows:
        tally[Counted(site, day, name, Outcome(outcome))] += events
    stored: Counter[tuple[str, str]] = Counter()
    for site, day, events in store.query(
        "SELECT site, toString(day), count() FROM events WHERE day >= {since:Date} GROUP BY ALL", window
    ).rows:
        stored[site, day] = events
    keys = {(counted.site, counted.day) for counted in tally} | set(stored) | set(waiting)
    recent = (key for key in keys if key[1] >= since.isoformat())
    return [
        _account(site, day, tally, stored, waiting)
        for site, day in sorted(recent, key=lambda k: (k[1], k[0]), reverse=True)
    ]


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
