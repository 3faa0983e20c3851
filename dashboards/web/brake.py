"""Slows down whoever guesses passwords. Enters: the name of an account; leaves: seconds to wait.

No address is kept: attempts are counted by account name and altogether. The wait for everybody stays short, or a
stranger could lock the shop out; the one for a name grows to minutes, and a one-time login link always works.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_FORGET_AFTER_SECONDS = 900.0
_FREE_A_NAME, _LONGEST_A_NAME_SECONDS = 4, 300.0
_FREE_ALTOGETHER, _LONGEST_ALTOGETHER_SECONDS = 30, 8.0
_NAMES = 1000
"""Names remembered at most; past it the one whose latest failure is longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class _Attempts:
    failed: int = 0
    latest: float = float("-inf")

    def now(self, now: float) -> "_Attempts":
        return self if now - self.latest < _FORGET_AFTER_SECONDS else _Attempts()

    def wait(self, now: float, free: int, longest: float) -> float:
        if self.failed < free:
            return 0.0
        delay = min(2.0 ** min(self.failed - free, 30), longest)
        return max(0.0, self.latest + delay - now)


class Brake:
    """Counts attempts as failed until told otherwise, so that a hundred at once gain nothing."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._names: OrderedDict[str, _Attempts] = OrderedDict()
        self._altogether = _Attempts()

    def attempt(self, name: str) -> float:
        """Seconds to wait before this may be tried; 0: go ahead, and it is counted."""
        now = self._clock()
        mine = self._names.get(name, _Attempts()).now(now)
        everyones = self._altogether.now(now)
        wait = max(
            mine.wait(now, _FREE_A_NAME, _LONGEST_A_NAME_SECONDS),
            everyones.wait(now, _FREE_ALTOGETHER, _LONGEST_ALTOGETHER_SECONDS),
        )
        if wait:
            return wait  # and nothing is noted: a refused flood of made-up names must not push out a real one
        self._altogether = _Attempts(everyones.failed + 1, now)
        self._names[name] = _Attempts(mine.failed + 1, now)
        self._names.move_to_end(name)
        while len(self._names) > _NAMES:
            self._names.popitem(last=False)
        return 0.0

    def succeeded(self, name: str) -> None:
        """The attempt was the account's owner after all."""
        self._names.pop(name, None)
        self._altogether = _Attempts(max(0, self._altogether.failed - 1), self._altogether.latest)
