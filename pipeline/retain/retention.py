"""How long what is kept: each pass drops the partitions whose time has come, each drop with a receipt.

Enters: the limits, the sites' time zones, the hour. Leaves: fewer partitions, and lines of `receipts`.

A day's rows leave ten minutes before its first second is as old as the limit, in the latest of the sites' time zones.
Rows of zones where that day began earlier are removed by the table's time to live, which also stands in when no pass
runs; of these there is no receipt, since the engine removes them row by row, while it merges. Nothing is kept longer
for anybody: there is no legal hold. What is of a day to come, since a clock was ahead, leaves by `untimely.py`.

What waits for a week's release (`../audiences/`) leaves when the week is in the ledger, at the latest after 21 days.

Receipt, then drop, then a look whether it is gone. What a kill leaves is at most a receipt at the end of the chain
whose partition is still there; the next pass drops it. If more rows came in between, a further receipt says how many
more: each row that was dropped stands in one receipt. (If fewer are there, the time to live has taken the others.) One
case can't be told apart by a new process: rows that came for a span after its drop, with nothing dropped since, and no
more of them than the receipt says. So the shipper lets nothing pass for a day that has had its
time (`spool/keeping.py`), and a pass runs between two shipments.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog

from pipeline.audiences import ledger
from pipeline.retain import receipts
from pipeline.retain.partitions import DATED, MONTHLY, TABLES, Partition, first_day, held_in, span_of, words_of
from pipeline.retain.receipts import Receipt
from pipeline.retain.untimely import Untimely, tell_expired, to_come
from pipeline.store.database import Store, StoreError

PROMISED_HOURS = 48

_EARLY_MINUTES = 10
"""The pass comes once a minute, and a drop takes its time; the limit is what is promised."""
_WAITING_DAYS = {"week": 8, "month": 40}
"""From the first day on. A week's last day can be counted again while its rows are there, two days after it; a month
waits for the week of its last Monday. By then both are closed: upkeep closes before it drops."""
_CONTRIBUTIONS_DAYS = 21
"""From a week's Monday on, where it never gets released; else they leave with the release."""
_ANYWHERE = ["Etc/GMT+12", "Etc/GMT-14"]
"""Where a day begins last, and first."""
_TTL_BEHIND_MONTHS = 2
"""A month is dropped whole, when its last day is old enough. With no distance, the time to live would have taken most
of it by then, without a receipt."""

_LEAVE_NOTHING = {"old_parts_lifetime": 0, "min_rows_to_fsync_after_merge": 1}
"""Parts that were merged away lie about for as long as the first says, whatever is dropped meanwhile; with eight
minutes, which was the engine's habit, beyond the 48 hours. They insure against a power cut, since what is merged isn't
synced by itself: so it must be."""

log = structlog.get_logger("sporlos.retain")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what is kept."""

    events_hours: int = PROMISED_HOURS
    quarantine_hours: int = PROMISED_HOURS
    counts_months: int = 25

    @property
    def promise_kept(self) -> bool:
        """Whether rows about single visits are deleted as soon as the shop's page says."""
        return self.longest_hours <= PROMISED_HOURS

    @property
    def longest_hours(self) -> int:
        """How long a row about a single visit may be anywhere."""
        return max(self.events_hours, self.quarantine_hours)

    @property
    def keep_seconds(self) -> float:
        """How long a row may be in a spool or in `events`."""
        return self.events_hours * 3600.0 - _EARLY_MINUTES * 60.0

    def hours(self, table: str) -> int:
        """Of a table that is partitioned by the day."""
        return self.quarantine_hours if table == "quarantine" else self.events_hours


PROMISED = Limits()
"""What the shop's page says."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A partition whose time has come."""

    partition: Partition
    span: str
    """As the receipt says it."""
    untimely: bool = False
    """It is of a day to come."""


def due(partitions: Iterable[Partition], zones: Sequence[str], limits: Limits, now: float) -> list[Drop]:
    """What is to be dropped, in this order.

    Args:
        partitions: what is there.
        zones: names of the sites' time zones; at least one.
        limits: how long what is kept.
        now: seconds since 1970.
    """
    return _in_order(Drop(part, span_of(part)) for part in partitions if now >= _leaves_at(part, zones, limits))


def _in_order(drops: Iterable[Drop]) -> list[Drop]:
    return sorted(drops, key=lambda drop: (TABLES.index(drop.partition.table), drop.span))


def day_leaves_at(day: date, zones: Iterable[str], hours: int) -> float:
    """When a day's rows are dropped, in seconds since 1970: counted in hours that pass, whatever the clocks are set."""
    return _begins(day, zones) + hours * 3600.0 - _EARLY_MINUTES * 60.0


def _begins(day: date, zones: Iterable[str]) -> float:
    """The day's first moment where it begins last."""
    return max(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp() for zone in zones)


def _leaves_at(partition: Partition, zones: Iterable[str], limits: Limits) -> float:
    table, first = partition.table, first_day(partition)
    if table in DATED:
        return day_leaves_at(first, zones, limits.hours(table))
    if table == "waiting":
        waits = _WAITING_DAYS[words_of(partition.name)[0]] * 86400.0
        return _begins(first, zones) + waits + limits.events_hours * 3600.0
    if table == "contributions":
        return _begins(first, zones) + _CONTRIBUTIONS_DAYS * 86400.0
    months = limits.counts_months + (1 if table in MONTHLY else 12)
    return _begins(_months_later(first, months), zones)


def _months_later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


class Retention:
    """Drops what is due, whenever it is told that a minute has passed.

    Args:
        store: the store; nobody else drops partitions in it.
        zones: names of the sites' time zones; none: a day begins where it begins first, and is over where it is last.
        limits: how long what is kept.
        steady: seconds, from anywhere, that go on whatever the clock is set to.
    """

    def __init__(
        self, store: Store, zones: Iterable[str], limits: Limits, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._zones = sorted(set(zones)) or _ANYWHERE
        self._limits = limits
        self._untimely = Untimely(steady)
        self._carried_out = 0

    def round(self, now: float) -> list[Receipt]:
        """Drop what is due at `now`, seconds since 1970; the receipts that were written for it.

        Raises:
            StoreError: something was not dropped, or it isn't known; the next pass goes on from there.
        """
        held = held_in(self._store)
        drops = _in_order(
            [
                *due(held, self._zones, self._limits, now),
                *self._of_days_to_come(held, now),
                *self._of_released_weeks(held, now),
            ]
        )
        if not drops:
            return []
        chain = receipts.latest(self._store)
        # what the chain's end announces goes first: once another receipt stands after it, nothing says that it is open
        drops.sort(key=lambda drop: not self._announced(chain, drop)[0])
        written = []
        for drop in drops:
            receipt = self._receipt_for(chain, drop, now)
            if receipt is not None:
                receipts.write(self._store, receipt)
                chain.append(receipt)
                written.append(receipt)
            if drop.untimely:
                tell_expired(self._store, drop.partition.table, first_day(drop.partition), now)
            self._carry_out(drop)
            self._carried_out = chain[-1].number
        return written

    def _of_days_to_come(self, held: Iterable[Partition], now: float) -> Iterable[Drop]:
        over = self._untimely.over(to_come(held, self._zones, now))
        return (Drop(part, f"{span_of(part)} not begun", untimely=True) for part in over)

    def _of_released_weeks(self, held: Sequence[Partition], now: float) -> Iterable[Drop]:
        """What a release was made of is not needed any more, and exact."""
        found = [
            part for part in held if part.table == "contributions" and now < _leaves_at(part, self._zones, self._limits)
        ]
        done = ledger.released(self._store) if found else set()
        return (Drop(part, span_of(part)) for part in found if (words_of(part.name)[0], first_day(part)) in done)

    def _announced(self, chain: Sequence[Receipt], drop: Drop) -> tuple[bool, int, int]:
        return receipts.announced(chain, drop.partition.table, drop.span, self._carried_out)

    def _receipt_for(self, chain: Sequence[Receipt], drop: Drop, now: float) -> Receipt | None:
        """For what no open receipt speaks of yet."""
        found, rows, size = self._announced(chain, drop)
        part = drop.partition
        if found and part.rows <= rows:
            return None
        last = chain[-1] if chain else None
        more = max(0, part.bytes - size)  # merged meanwhile, it may be less
        return receipts.next_after(last, now, part.table, drop.span, part.rows - rows, more)

    def _carry_out(self, drop: Drop) -> None:
        part = drop.partition
        kind, settings = (
            ("DETACHED PARTITION", " SETTINGS allow_drop_detached = 1") if part.aside else ("PARTITION", "")
        )
        self._store.command(f"ALTER TABLE {part.table} DROP {kind} ID {{id:String}}{settings}", {"id": part.id})
        if any(left.key == part.key for left in held_in(self._store)):
            raise StoreError(f"{part.table}: {drop.span} is still there after it was dropped")
        log.info("dropped", what=part.table, span=drop.span, rows=part.rows, bytes=part.bytes)


def fit_tables(store: Store, limits: Limits) -> list[str]:
    """Make the engine's own times to live, and what it keeps of parts merged away, fit the limits; what was changed.

    Call it once, before the first pass. A shorter time to live counts for the rows that are there, too.

    Raises:
        StoreError: a table could not be changed.
    """
    found = store.query("SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()").rows
    engines: dict[str, str] = {row[0]: row[1] for row in found}
    wanted = [
        *((table, f"TTL {_row_ttl(limits.hours(table))}") for table in ("events", "quarantine")),
        *((table, f"TTL day + toIntervalMonth({_counts_ttl(limits)})") for table in ("tally", "notes")),
        *((table, f"SETTING {name} = {value}") for table in DATED for name, value in _LEAVE_NOTHING.items()),
    ]
    missing = [
        (table, clause)
        for table, clause in wanted
        # no digit after it: else 5 would be found in 50
        if not re.search(rf"{re.escape(clause.removeprefix('SETTING '))}(?!\d)", engines[table])
    ]
    for table, clause in missing:
        store.command(f"ALTER TABLE {table} MODIFY {clause}")
    return [f"{table}: {clause}" for table, clause in missing]


def _row_ttl(hours: int) -> str:
    return f"toDateTime(ts) + toIntervalMinute({hours * 60 - _EARLY_MINUTES})"


def _counts_ttl(limits: Limits) -> int:
    return limits.counts_months + _TTL_BEHIND_MONTHS
