"""The memory that holds the salts: its layout, its lock, its wiping.

Enters: heads and moments. Leaves: views, no copies.

A slot a time zone: a head, today's salt, yesterday's. Behind the slots a table for `overlap.py`. All processes of a
collector map the same memory, so overwriting it once wipes it for all of them.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from mmap import MADV_DONTDUMP, mmap
from typing import NamedTuple

SALT_BYTES = 32

_HEAD = struct.Struct("<QQQdddd")
_SLOT_BYTES = 128
_CURRENT, _PREVIOUS = _HEAD.size, _HEAD.size + SALT_BYTES
_GENERATION = struct.Struct("<Q")
_GENERATION_AT = 8


class Head(NamedTuple):
    """What stands before the two salts of a time zone."""

    name: int
    """The zone's name, hashed: memory kept from other settings is recognised."""
    generation: int
    """Odd while the salts are being changed."""
    epoch: int
    """The day that today's salt is for, as a proleptic Gregorian ordinal."""
    starts: float
    ends: float
    previous_ends: float
    """When yesterday's salt is wiped; 0: it is."""
    drawn: float
    """When today's salt was; 0: it is not yet, and nobody may be lent it."""


class Page:
    """Shared memory with `slots` slots and a table of `table_bytes`, which begins as zeroes.

    Args:
        memory: a file descriptor, the same memory in every process.
        slots: how many time zones there are.
        table_bytes: the size of what stands behind the slots.
    """

    def __init__(self, memory: int, slots: int, table_bytes: int) -> None:
        size = slots * _SLOT_BYTES + table_bytes
        if os.fstat(memory).st_size < size:
            os.ftruncate(memory, size)
        self.descriptor = memory
        self.memory = mmap(memory, size)
        self.memory.madvise(MADV_DONTDUMP)  # a crash must not write salts into a core file
        self.view = memoryview(self.memory)
        self.table = self.view[slots * _SLOT_BYTES :]
        self.locked = _lock_in_memory(self.memory)
        """False: the page may be swapped out, because the limit of locked memory is too low."""

    def head(self, slot: int) -> Head:
        """What stands before the salts."""
        return Head._make(_HEAD.unpack_from(self.memory, slot * _SLOT_BYTES))

    def write(self, slot: int, head: Head) -> None:
        """Replace what stands before the salts."""
        _HEAD.pack_into(self.memory, slot * _SLOT_BYTES, *head)

    def begin_change(self, slot: int, head: Head) -> None:
        """Make the generation odd: whoever hashed with a half-written salt hashes again."""
        self.write(slot, head._replace(generation=head.generation | 1))

    def end_change(self, slot: int, head: Head) -> None:
        """Replace what stands before the salts, and give the next even generation."""
        odd = head.generation | 1
        self.write(slot, head._replace(generation=odd))
        # even only when all the rest is in place: who reads between two fields must not believe half of them
        _GENERATION.pack_into(self.memory, slot * _SLOT_BYTES + _GENERATION_AT, odd + 1)

    def generation(self, slot: int) -> int:
        """How often the slot has been changed, twice over; odd while it is being."""
        return int(_GENERATION.unpack_from(self.memory, slot * _SLOT_BYTES + _GENERATION_AT)[0])

    def current(self, slot: int) -> memoryview:
        """Today's salt, in place."""
        at = slot * _SLOT_BYTES + _CURRENT
        return self.view[at : at + SALT_BYTES]

    def previous(self, slot: int) -> memoryview:
        """Yesterday's salt, in place."""
        at = slot * _SLOT_BYTES + _PREVIOUS
        return self.view[at : at + SALT_BYTES]

    def wipe(self) -> None:
        """Zeroes over everything."""
        erase(self.view)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process is in here meanwhile; the kernel frees the lock if its holder dies."""
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN)


def name_of(zone: str) -> int:
    """A time zone's name as a head holds it."""
    return int.from_bytes(blake2b(zone.encode(), digest_size=8).digest(), "little")


def draw(place: memoryview) -> None:
    """Fill it with the kernel's random bytes, read into the page itself: os.urandom would leave them in an object."""
    with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - Path.open can't be unbuffered and typed
        if source.readinto(place) != len(place):
            raise OSError("the kernel gave too few random bytes")


def erase(place: memoryview) -> None:
    """Zeroes over it."""
    place[:] = bytes(len(place))


def _lock_in_memory(page: mmap) -> bool:
    import ctypes  # noqa: PLC0415 - only the processes that hold salts pay for it

    libc = ctypes.CDLL(None, use_errno=True)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return bool(libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(len(page))) == 0)
