"""The salts: what makes a visitor number possible for one day, and impossible afterwards.

Enters: the time, and the time zones whose midnights count. Leaves: a view of 32 bytes to hash with, never a copy.

All workers and their parent map the same memory. Whoever first notices that a day has ended renews the salt under a
lock; the parent looks every second, so that it happens at night too. Overwriting in place wipes it for every process at
once: a child forked or started earlier has no copy. A salt is never an immutable object, because such an object is
still in memory after it is deleted and collected.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from hashlib import blake2b
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from proxy.privacy.overlap import TABLE_BYTES, OpenVisits
from proxy.privacy.page import SALT_BYTES, Head, Page

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
    """None while the clock shows a time before the salt's own day: nobody gets a number then, lest one get two."""
    previous: memoryview | None
    """Yesterday's, for half an hour, to continue open visits with."""
    visits: OpenVisits | None
    """Given in the half hours before and after midnight: who has a visit open."""


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
    """

    def __init__(self, memory: int, zones: Sequence[str]) -> None:
        self.zones = tuple(zones)
        self._slots = {zone: slot for slot, zone in enumerate(zones)}
        self._zones = {zone: ZoneInfo(zone) for zone in zones}
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

    def epoch(self, zone: str) -> int:
        """The number of the day the salt is for (proleptic Gregorian ordinal); it only grows."""
        return self._page.head(self._slots[zone]).epoch

    def starts(self, zone: str) -> float:
        """When the salt's day began, seconds since 1970."""
        return self._page.head(self._slots[zone]).starts

    def drawn(self, zone: str) -> float:
        """When the salt in use was drawn, seconds since 1970."""
        return self._page.head(self._slots[zone]).drawn

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
        while head.generation % 2 or head.name != _name(zone) or not head.epoch or now >= head.ends:
            self._renew(zone, now)
            head = self._page.head(self._slots[zone])
        if now < head.starts:
            epoch, starts, _ = _day_of(now, self._zones[zone])
            return head.generation, DaySalt(_iso(epoch), starts, None, None, None)
        slot = self._slots[zone]
        overlaps = now < head.previous_ends
        evening = head.ends - OVERLAP_SECONDS
        day_salt = DaySalt(
            day=_iso(head.epoch),
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
            if head.name != _name(zone):  # new memory, or kept memory of other settings
                head = Head(_name(zone), head.generation, 0, 0.0, 0.0, 0.0, 0.0)
            begins_day = not head.epoch or now >= head.ends
            overlap_over = bool(head.previous_ends) and now >= head.previous_ends
            if not begins_day and not overlap_over and not head.generation % 2:
                return
            # odd while the page changes: whoever hashed with a half-written salt hashes again
            odd = head.generation | 1
            self._page.write(slot, head._replace(generation=odd))
            after = self._begin_day(zone, now, head) if begins_day else head
            if overlap_over and not begins_day:
                self._wipe_previous(slot)
                after = head._replace(previous_ends=0.0)
            if not after.previous_ends:
                self.visits.wipe()
            self._page.write(slot, after._replace(generation=odd))
            # even only when all the rest is in place: who reads between two fields must not believe half of them
            self._page.write_generation(slot, odd + 1)

    def _begin_day(self, zone: str, now: float, head: Head) -> Head:
        continues = bool(head.epoch) and now < head.ends + OVERLAP_SECONDS
        self._replace_salt(self._slots[zone], keep_previous=continues)
        epoch, starts, ends = _day_of(now, self._zones[zone])
        return head._replace(
            epoch=epoch,
            starts=starts,
            ends=ends,
            previous_ends=head.ends + OVERLAP_SECONDS if continues else 0.0,
            drawn=now,
        )

    def _replace_salt(self, slot: int, *, keep_previous: bool) -> None:
        current = self._page.current(slot)
        if keep_previous:
            # memory to memory: the salt is in no object of the interpreter on its way
            self._page.previous(slot)[:] = current
        else:
            self._wipe_previous(slot)
        # read into the page itself: os.urandom would leave it in a bytes object
        with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - Path.open can't be unbuffered and typed
            if source.readinto(current) != SALT_BYTES:
                raise OSError("the kernel gave too few random bytes")

    def _wipe_previous(self, slot: int) -> None:
        self._page.previous(slot)[:] = bytes(SALT_BYTES)


def _name(zone: str) -> int:
    return int.from_bytes(blake2b(zone.encode(), digest_size=8).digest(), "little")


def _iso(epoch: int) -> str:
    return datetime.fromordinal(epoch).date().isoformat()


def _day_of(now: float, zone: ZoneInfo) -> tuple[int, float, float]:
    """The local day's ordinal, and its first and last moment: 23 and 25 hours apart when the clocks change."""
    day = datetime.fromtimestamp(now, zone).date()
    starts = datetime.combine(day, time(), zone).timestamp()
    ends = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
    return day.toordinal(), starts, ends
