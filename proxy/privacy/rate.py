"""How much one address may send. Enters: an address and how many events it brings. Leaves: whether that is too much.

No address is held: what is counted by is its BLAKE2b under a random key that lives for ten minutes and is then
overwritten together with all that was counted. Each worker counts for itself; a crowd behind one address (a mobile
network, an office) stays far below the limit, a script that has gone wild does not.
"""

from collections import Counter
from hashlib import blake2b

from proxy.privacy.address import Address

KEY_SECONDS = 600.0
_KEY_BYTES = 32
_MOST_ADDRESSES = 200_000
"""Past it the table begins anew: a flood of addresses must not fill the memory."""


class RateLimit:
    """Counts events by address for one worker.

    Args:
        most: events of one address in ten minutes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._key = bytearray(_KEY_BYTES)
        self._until = 0.0
        self._counted: Counter[int] = Counter()

    def allows(self, address: Address | None, events: int, now: float) -> bool:
        """Count, and say whether the address is still within its share."""
        if address is None:
            return True
        # a clock that was set back must not keep the key for longer
        if not self._until - KEY_SECONDS <= now < self._until or len(self._counted) >= _MOST_ADDRESSES:
            self._begin_anew(now)
        digest = blake2b(address.packed, digest_size=8, key=self._key, person=b"rate").digest()
        key = int.from_bytes(digest, "big")
        self._counted[key] += events
        return self._counted[key] <= self._most

    def _begin_anew(self, now: float) -> None:
        self._counted.clear()
        with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - as for the salts: into place, no copy
            source.readinto(self._key)
        self._until = now + KEY_SECONDS
