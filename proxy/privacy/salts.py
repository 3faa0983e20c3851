"""The salts: what makes a visitor number possible for one day, and impossible afterwards.

Enters: the time, and the time zones whose midnights count. Leaves: a view of 32 bytes to hash with, never a copy.
Where several collectors share their salts, a day begins without one, and nobody gets a number until it has been put
into the page from outside (`undrawn`, `take`).

All workers and their parent map the same memory. Whoever first notices that a day has ended renews the salt under a
lock; the parent looks every second, so that it happens at night too. Overwriting in place wipes it for every process at
once: a child forked or started earlier has no copy. A salt is never an immutable object, because such an object is
still in memory after it is deleted and collected.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from proxy.privacy.day import day_of, iso
from proxy.privacy.overlap import TABLE_BYTES, OpenVisits
from proxy.privacy.page import Head, Page, draw, erase, name_of

OVERLAP_SECONDS = 30 * 60
"""How long yesterday's salt may still continue a visit that is open, and no visit is open longer without an event."""

T = TypeVar("T")


class DaySalt(NamedTuple):
    """What the privacy room may use at one moment, for one time zone."""

    day: str
    """The local calendar day, ISO 8601."""
    starts: float
    """Its first second, seconds since 1970."""
    salt: memoryview | None
    """None while the clock shows a time before the salt's own day, lest one visitor get two numbers, and until the
    day's salt is drawn: nobody gets a number then."""
    previous: memoryview | None
    """Yesterday's, for half an hour, to continue open visits with."""
    visits: OpenVisits | None
    """Given in the half hours before and after midnight: who has a visit open."""


class Undrawn(NamedTuple):
    """A day that has begun without its salt."""

    zone: str
    day: str
    ends: float
    salt: memoryview
    """Where it is to be put: nobody is lent it before `Salts.take`."""


class _Lent(NamedTuple):
    """What was lent last, good until the page changes or a moment is reached at which other things are lent."""

    generation: int
    since: float
    until: float
    day_salt: DaySalt


class Salts:
    """The shared page.

    Args:
        memory: a file descriptor of `new_memory` or `kept_memory`, the same in every process of a collector.
        zones: names of the time zones, in the same order in every process.
        draws: whether a day's salt is the kernel's, drawn by whoever begins the day; else it comes by `take`.
    """

    def __init__(self, memory: int, zones: Sequence[str], *, draws: bool = True) -> None:
        self.zones = tuple(zones)
        self._slots = {zone: slot for slot, zone in enumerate(zones)}
        self._zones = {zone: ZoneInfo(zone) for zone in zones}
        self._draws = draws
        self._page = Page(memory, len(zones), TABLE_BYTES)
        self.locked = self._page.locked
        self.visits = OpenVisits(self._page.table)
        self._lent: dict[str, _Lent] = {}

    def under(self, zone: str, now: float, compute: Callable[[DaySalt], T]) -> T:
        """What `compute` makes of the salt that is valid now; called again if the salt was renewed meanwhile."""
        while True:
            generation, day_salt = self._read(zone, now)
            result = compute(day_salt)
            if self._page.generation(self._slots[zone]) == generation:
                return result

    def day(self, zone: str, now: float) -> str:
        """The local calendar day, ISO 8601."""
        return self._read(zone, now)[1].day

    def renew(self, now: float) -> None:
        """Whatever is due: a new salt where a day has begun, zeroes over yesterday's once the overlap is over."""
        for zone in self._slots:
            self._renew(zone, now)

    def starts(self, zone: str) -> float:
        """When the salt's day began, seconds since 1970."""
        return self._page.head(self._slots[zone]).starts

    def drawn(self, zone: str) -> float:
        """When the salt in use was drawn, seconds since 1970; 0: the day has none yet."""
        return self._page.head(self._slots[zone]).drawn

    def undrawn(self, now: float) -> list[Undrawn]:
        """The days that still wait for a salt; only one process may fill them."""
        heads = ((zone, slot, self._page.head(slot)) for zone, slot in self._slots.items())
        return [
            Undrawn(zone, iso(head.epoch), head.ends, self._page.current(slot))
            for zone, slot, head in heads
            if not head.drawn and head.starts <= now < head.ends
        ]

    def take(self, filled: Undrawn, now: float) -> None:
        """From now on lend what was put there, unless its day ended meanwhile: then it is wiped."""
        slot = self._slots[filled.zone]
        with self._page.alone():
            head = self._page.head(slot)
            if not head.drawn and head.ends == filled.ends > now:
                self._page.begin_change(slot, head)
                self._page.end_change(slot, head._replace(drawn=now))
            elif not head.drawn:
                erase(filled.salt)

    def wipe(self) -> None:
        """Zeroes over everything."""
        self._page.wipe()
        self._lent.clear()

    def _read(self, zone: str, now: float) -> tuple[int, DaySalt]:
        lent = self._lent.get(zone)
        if (
            lent is not None
            and lent.generation == self._page.generation(self._slots[zone])
            and lent.since <= now < lent.until
        ):
            return lent.generation, lent.day_salt
        head = self._page.head(self._slots[zone])
        # kept memory may hold another zone's day in this place
        while head.generation % 2 or head.name != name_of(zone) or not head.epoch or now >= head.ends:
            self._renew(zone, now)
            head = self._page.head(self._slots[zone])
        if now < head.starts or not head.drawn:
            day = day_of(now, self._zones[zone])
            return head.generation, DaySalt(iso(day.ordinal), day.starts, None, None, None)
        slot = self._slots[zone]
        overlaps = now < head.previous_ends
        evening = head.ends - OVERLAP_SECONDS
        day_salt = DaySalt(
            day=iso(head.epoch),
            starts=head.starts,
            salt=self._page.current(slot),
            previous=self._page.previous(slot) if overlaps else None,
            visits=self.visits if overlaps or now >= evening else None,
        )
        until = min(moment for moment in (head.previous_ends, evening, head.ends) if now < moment)
        self._lent[zone] = _Lent(head.generation, now, until, day_salt)
        return head.generation, day_salt

    def _renew(self, zone: str, now: float) -> None:
        slot = self._slots[zone]
        with self._page.alone():
            head = self._page.head(slot)
            if head.name != name_of(zone):  # new memory, or kept memory of other settings
                head = Head(name_of(zone), head.generation, 0, 0.0, 0.0, 0.0, 0.0)
            begins_day = not head.epoch or now >= head.ends
            overlap_over = bool(head.previous_ends) and now >= head.previous_ends
            if not begins_day and not overlap_over and not head.generation % 2:
                return
            self._page.begin_change(slot, head)
            after = self._begin_day(zone, now, head) if begins_day else head
            if overlap_over and not begins_day:
                erase(self._page.previous(slot))
                after = head._replace(previous_ends=0.0)
            others = (self._page.head(other) for other in self._slots.values() if other != slot)
            if not after.previous_ends and not any(other.previous_ends for other in others):
                self.visits.wipe()
            self._page.end_change(slot, after)

    def _begin_day(self, zone: str, now: float, head: Head) -> Head:
        continues = bool(head.drawn) and now < head.ends + OVERLAP_SECONDS
        self._replace_salt(self._slots[zone], keep_previous=continues)
        day = day_of(now, self._zones[zone])
        return head._replace(
            epoch=day.ordinal,
            starts=day.starts,
            ends=day.ends,
            previous_ends=head.ends + OVERLAP_SECONDS if continues else 0.0,
            drawn=now if self._draws else 0.0,
        )

    def _replace_salt(self, slot: int, *, keep_previous: bool) -> None:
        current = self._page.current(slot)
        if keep_previous:
            # memory to memory: the salt is in no object of the interpreter on its way
            self._page.previous(slot)[:] = current
        else:
            erase(self._page.previous(slot))
        (draw if self._draws else erase)(current)
