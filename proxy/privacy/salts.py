"""The salts: what makes a visitor number possible for one day, and impossible afterwards.

Enters: the time, and the time zones whose midnights count. Leaves: a view of 32 bytes to hash with, never a copy.

All workers and their parent map the same memory. Whoever first notices that a day has ended renews the salt under a
lock; the parent looks every second, so that it happens at night too. Overwriting in place wipes it for every process at
once: a child forked or started earlier has no copy. A salt is never an immutable object, because such an object is
still in memory after it is deleted and collected.
"""

import fcntl
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from hashlib import blake2b
from mmap import MADV_DONTDUMP, mmap
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from proxy.privacy.overlap import TABLE_BYTES, OpenVisits

SALT_BYTES = 32
OVERLAP_SECONDS = 30 * 60
"""How long yesterday's salt may still continue a visit that is open, and no visit is open longer without an event."""

_HEAD = struct.Struct("<QQQddd")
_SLOT_BYTES = 128
_CURRENT, _PREVIOUS = _HEAD.size, _HEAD.size + SALT_BYTES
_GENERATION = struct.Struct("<Q")
_GENERATION_AT = 8

T = TypeVar("T")


class _Head(NamedTuple):
    """What stands before the two salts of a time zone."""

    name: int
    """The zone's name, hashed: memory kept from other settings is recognised."""
    generation: int
    """Odd while the salts are being changed."""
    epoch: int
    starts: float
    ends: float
    previous_ends: float
    """When yesterday's salt is wiped; 0: it is."""


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
        self._fd = memory
        self.zones = tuple(zones)
        self._slots = {zone: index * _SLOT_BYTES for index, zone in enumerate(zones)}
        self._zones = {zone: ZoneInfo(zone) for zone in zones}
        size = len(zones) * _SLOT_BYTES + TABLE_BYTES
        if os.fstat(memory).st_size < size:
            os.ftruncate(memory, size)
        self._page = mmap(memory, size)
        self._page.madvise(MADV_DONTDUMP)  # a crash must not write salts into a core file
        self._view = memoryview(self._page)
        self.locked = _lock_in_memory(self._page)
        """False: the page may be swapped out, because the limit of locked memory is too low."""
        self.visits = OpenVisits(self._view[len(zones) * _SLOT_BYTES :])
        self._lent: dict[str, _Lent] = {}

    def under(self, zone: str, now: float, compute: Callable[[DaySalt], T]) -> T:
        """What `compute` makes of the salt that is valid now; called again if the salt was renewed meanwhile."""
        while True:
            generation, day_salt = self._read(zone, now)
            result = compute(day_salt)
            if self._generation(zone) == generation:
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
        return self._head(zone).epoch

    def starts(self, zone: str) -> float:
        """When the salt's day began, seconds since 1970."""
        return self._head(zone).starts

    def wipe(self) -> None:
        """Zeroes over everything."""
        self._view[:] = bytes(len(self._view))
        self._lent.clear()

    def _read(self, zone: str, now: float) -> tuple[int, DaySalt]:
        lent = self._lent.get(zone)
        if lent is not None and lent.generation == self._generation(zone) and lent.since <= now < lent.until:
            return lent.generation, lent.day_salt
        head = self._head(zone)
        # kept memory may hold another zone's day in this place
        while head.generation % 2 or head.name != _name(zone) or not head.epoch or now >= head.ends:
            self._renew(zone, now)
            head = self._head(zone)
        if now < head.starts:
            epoch, starts, _ = _day_of(now, self._zones[zone])
            return head.generation, DaySalt(_iso(epoch), starts, None, None, None)
        at = self._slots[zone]
        overlaps = now < head.previous_ends
        evening = head.ends - OVERLAP_SECONDS
        day_salt = DaySalt(
            day=_iso(head.epoch),
            starts=head.starts,
            salt=self._view[at + _CURRENT : at + _CURRENT + SALT_BYTES],
            previous=self._view[at + _PREVIOUS : at + _PREVIOUS + SALT_BYTES] if overlaps else None,
            visits=self.visits if overlaps or now >= evening else None,
        )
        until = min(moment for moment in (head.previous_ends, evening, head.ends) if now < moment)
        self._lent[zone] = _Lent(head.generation, now, until, day_salt)
        return head.generation, day_salt

    def _head(self, zone: str) -> _Head:
        return _Head._make(_HEAD.unpack_from(self._page, self._slots[zone]))

    def _write(self, zone: str, head: _Head) -> None:
        _HEAD.pack_into(self._page, self._slots[zone], *head)

    def _generation(self, zone: str) -> int:
        return int(_GENERATION.unpack_from(self._page, self._slots[zone] + _GENERATION_AT)[0])

    def _renew(self, zone: str, now: float) -> None:
        with self._alone():
            head = self._head(zone)
            if head.name != _name(zone):  # new memory, or kept memory of other settings
                head = _Head(_name(zone), head.generation, 0, 0.0, 0.0, 0.0)
            begins_day = not head.epoch or now >= head.ends
            overlap_over = bool(head.previous_ends) and now >= head.previous_ends
            if not begins_day and not overlap_over and not head.generation % 2:
                return
            # odd while the page changes: whoever hashed with a half-written salt hashes again
            odd = head.generation | 1
            self._write(zone, head._replace(generation=odd))
            after = self._begin_day(zone, now, head) if begins_day else head
            if overlap_over and not begins_day:
                self._wipe_previous(zone)
                after = head._replace(previous_ends=0.0)
            if not after.previous_ends:
                self.visits.wipe()
            self._write(zone, after._replace(generation=odd))
            # even only when all the rest is in place: who reads between two fields must not believe half of them
            _GENERATION.pack_into(self._page, self._slots[zone] + _GENERATION_AT, odd + 1)

    def _begin_day(self, zone: str, now: float, head: _Head) -> _Head:
        continues = bool(head.epoch) and now < head.ends + OVERLAP_SECONDS
        self._replace_salt(zone, keep_previous=continues)
        epoch, starts, ends = _day_of(now, self._zones[zone])
        return head._replace(
            epoch=epoch,
            starts=starts,
            ends=ends,
            previous_ends=head.ends + OVERLAP_SECONDS if continues else 0.0,
        )

    def _replace_salt(self, zone: str, *, keep_previous: bool) -> None:
        at = self._slots[zone]
        current = self._view[at + _CURRENT : at + _CURRENT + SALT_BYTES]
        if keep_previous:
            # memory to memory: the salt is in no object of the interpreter on its way
            self._view[at + _PREVIOUS : at + _PREVIOUS + SALT_BYTES] = current
        else:
            self._wipe_previous(zone)
        # read into the page itself: os.urandom would leave it in a bytes object
        with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - Path.open can't be unbuffered and typed
            if source.readinto(current) != SALT_BYTES:
                raise OSError("the kernel gave too few random bytes")

    def _wipe_previous(self, zone: str) -> None:
        at = self._slots[zone] + _PREVIOUS
        self._view[at : at + SALT_BYTES] = bytes(SALT_BYTES)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.lockf(self._fd, fcntl.LOCK_EX)  # freed by the kernel if the holder dies
        try:
            yield
        finally:
            fcntl.lockf(self._fd, fcntl.LOCK_UN)


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


def _lock_in_memory(page: mmap) -> bool:
    import ctypes  # noqa: PLC0415 - only the processes that hold salts pay for it

    libc = ctypes.CDLL(None, use_errno=True)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return bool(libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(len(page))) == 0)
