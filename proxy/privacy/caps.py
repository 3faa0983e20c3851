"""How many different values a column may have on one day: past its cap a value becomes `(other)`.

Enters: a shop, its day, a column and a value. Leaves: the value, or `(other)`. Shared by all workers of a collector.

A column in which anybody may write what he likes can carry a person, or a mark that somebody is followed by, however
well it is cleaned. With a cap it holds what many say, and what a single request makes up drowns. Which values are known
is kept as hashes under a key that is drawn with the day: the table is of no use to whoever reads it, and a new day
begins with an empty one.
"""

import fcntl
import os
import struct
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from mmap import MADV_DONTDUMP, mmap
from types import MappingProxyType

OTHER = "(other)"

CAPS: Mapping[str, int] = MappingProxyType(
    {
        "network": 65_536,
        "path": 2000,
        "referrer": 200,
        "source": 200,
        "medium": 50,
        "campaign": 500,
        "content": 500,
        "term": 500,
        "item_id": 20_000,
        "item_name": 20_000,
        "item_variant": 5000,
        "item_brand": 2000,
        "item_category": 500,
        "item_list": 200,
        "search_term": 5000,
        "props": 1000,
    }
)
"""Column → different values a day and shop. The other text columns hold members of closed lists."""

CLOSED = frozenset("site name country region device browser os language channel paid_by marked currency".split())
"""Text columns that need no cap."""

_KEY_BYTES = 16
_HEAD = struct.Struct(f"=Q{_KEY_BYTES}s")  # the day's ordinal, the key
_NUMBER = struct.Struct("=Q")
_COLUMNS = tuple(CAPS)
_SLOTS = tuple(2 * most for most in CAPS.values())
"""Half of them stay empty, so that a search ends after a step or two."""
_STARTS = tuple(_HEAD.size + _NUMBER.size * (len(CAPS) + sum(_SLOTS[:column])) for column in range(len(CAPS)))
_SHOP_BYTES = _HEAD.size + _NUMBER.size * (len(CAPS) + sum(_SLOTS))


class Caps:
    """The tables of all shops, in memory that the workers share; pages of it that hold nothing take nothing.

    Args:
        memory: a file descriptor of shared memory, the same in every process of a collector.
        shops: their ids, in an order that is the same in every process.
    """

    def __init__(self, memory: int, shops: Sequence[str]) -> None:
        size = max(1, len(shops)) * _SHOP_BYTES
        if os.fstat(memory).st_size < size:
            os.ftruncate(memory, size)
        self._descriptor = memory
        self._page = mmap(memory, size)
        self._page.madvise(MADV_DONTDUMP)
        self._at = {shop: number * _SHOP_BYTES for number, shop in enumerate(shops)}

    def fit(self, shop: str, day: int, column: str, value: str) -> str:
        """A value of a column on a day (its ordinal), or `(other)` if it is one too many. An empty one is none."""
        if not value:
            return value
        at = self._at[shop]
        # one process at a time; the kernel frees the lock if its holder dies
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
        try:
            return value if self._admits(at, _COLUMNS.index(column), self._key(at, day), value) else OTHER
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def _key(self, at: int, day: int) -> bytes:
        of_day, key = _HEAD.unpack_from(self._page, at)
        # a clock that was set back over midnight goes on with the table it finds; one that was far ahead begins anew
        if day <= of_day <= day + 1:
            return bytes(key)
        self._page[at : at + _SHOP_BYTES] = bytes(_SHOP_BYTES)
        key = os.urandom(_KEY_BYTES)
        _HEAD.pack_into(self._page, at, day, key)
        return key

    def _admits(self, at: int, column: int, key: bytes, value: str) -> bool:
        digest = blake2b(value.encode(errors="surrogatepass"), digest_size=8, key=key, person=b"cap").digest()
        wanted = int.from_bytes(digest, "big") or 1
        slot, first = wanted % _SLOTS[column], at + _STARTS[column]
        while found := _NUMBER.unpack_from(self._page, first + slot * _NUMBER.size)[0]:
            if found == wanted:
                return True
            slot = (slot + 1) % _SLOTS[column]
        counted = at + _HEAD.size + column * _NUMBER.size
        used = _NUMBER.unpack_from(self._page, counted)[0]
        if used >= CAPS[_COLUMNS[column]]:
            return False
        _NUMBER.pack_into(self._page, counted, used + 1)
        _NUMBER.pack_into(self._page, first + slot * _NUMBER.size, wanted)
        return True
