"""How much one address, and one visitor, may send. Enters: who, and how many events. Leaves: whether that is too much.

No address is held: what is counted by is its BLAKE2b under a random key that lives for ten minutes and is then
overwritten together with all that was counted. A visitor number says nothing by itself and is counted as it is, for ten
minutes, too. Each worker counts for itself; a crowd behind one address (a mobile network, an office) stays far below
the limit, a script that has gone wild does not.
"""

from collections import Counter
from hashlib import blake2b

from proxy.privacy.address import Address

SPAN_SECONDS = 600.0
_KEY_BYTES = 32
_SENDER_BYTES = 8
_MOST_SENDERS = 200_000
"""Past it the table begins anew: a flood of addresses must not fill the memory."""


class _Tally:
    """Events by sender, for ten minutes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._until = 0.0
        self._counted: Counter[int] = Counter()

    def is_new(self, now: float) -> bool:
        """Whether the count has begun anew with this call."""
        # a clock that was set back must not keep the count for longer
        if self._until - SPAN_SECONDS <= now < self._until and len(self._counted) < _MOST_SENDERS:
            return False
        self._counted.clear()
        self._until = now + SPAN_SECONDS
        return True

    def allows(self, sender: int, events: int) -> bool:
        """Count, and say whether the sender is still within its share."""
        self._counted[sender] += events
        return self._counted[sender] <= self._most


class RateLimit:
    """Counts events by address for one worker.

    Args:
        most: events of one address in ten minutes.
    """

    def __init__(self, most: int) -> None:
        self._tally = _Tally(most)
        self._key = bytearray(_KEY_BYTES)

    def allows(self, address: Address | None, events: int, now: float) -> bool:
        """Count, and say whether the address is still within its share."""
        if address is None:
            return True
        if self._tally.is_new(now):
            with open("/dev/urandom", "rb", buffering=0) as source:  # noqa: PTH123 - as for the salts: into place, no copy
                source.readinto(self._key)
        # of IPv6 the /64: a household's, from which one machine may send under as many addresses as it likes
        digest = blake2b(address.packed[:_SENDER_BYTES], digest_size=8, key=self._key, person=b"rate").digest()
        return self._tally.allows(int.from_bytes(digest, "big"), events)


class Pace:
    """Counts events by visitor number for one worker: nobody looks at a hundred pages a minute.

    Args:
        most: events of one visitor in ten minutes.
    """

    def __init__(self, most: int) -> None:
        self._tally = _Tally(most)

    def allows(self, visitor: int, events: int, now: float) -> bool:
        """Count, and say whether the visitor is still as fast as a person can be; 0 is nobody, and always is."""
        if not visitor:
            return True
        self._tally.is_new(now)
        return self._tally.allows(visitor, events)
