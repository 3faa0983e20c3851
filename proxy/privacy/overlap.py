"""Which visits were open at midnight, so that they go on as one visit. Shared by all workers, wiped after half an hour.

Enters: visitor numbers. A table of fixed size in the salts' page: each number has one place, and a later one at the
same place takes it. A lost place costs a visit cut in two, never a wrong join.
"""

import struct

_ENTRY = struct.Struct("<QI")  # visitor number, minute it was last seen
_PLACES = 1 << 15
TABLE_BYTES = _ENTRY.size * _PLACES
_OPEN_MINUTES = 30


class OpenVisits:
    """The table over a piece of shared memory of `TABLE_BYTES`."""

    __slots__ = ("_view",)

    def __init__(self, view: memoryview) -> None:
        self._view = view

    def see(self, visitor: int, now: float) -> None:
        """This visitor's visit is open now."""
        _ENTRY.pack_into(self._view, self._place(visitor), visitor, int(now // 60))

    def is_open(self, visitor: int, now: float) -> bool:
        """Whether the visitor was seen within the last half hour."""
        number, minute = _ENTRY.unpack_from(self._view, self._place(visitor))
        return bool(number == visitor and now // 60 - minute < _OPEN_MINUTES)

    def wipe(self) -> None:
        """Zeroes over everything."""
        self._view[:] = bytes(len(self._view))

    @staticmethod
    def _place(visitor: int) -> int:
        return visitor % _PLACES * _ENTRY.size
