"""How long what failed is left alone: longer each time, and never quite as long as the time before.

Enters: what failed, why, and the hour. Leaves: seconds, and what is to be left alone still. Pure but for its dice, that
keep several shippers from knocking together.
"""

import random
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Who = TypeVar("Who", bound=Hashable)

_FIRST_SECONDS, _LONGEST_SECONDS = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class _Rest:
    began: float
    seconds: float
    nominal: float
    reason: str


class Rests(Generic[Who]):
    """Of several that fail independently of each other."""

    def __init__(self) -> None:
        self._rests: dict[Who, _Rest] = {}

    def begin(self, who: Who, now: float, reason: str = "") -> float:
        """It failed, once more or for the first time; for how many seconds it rests."""
        before = self._rests.get(who)
        nominal = min(before.nominal * 2, _LONGEST_SECONDS) if before else _FIRST_SECONDS
        seconds = nominal * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
        self._rests[who] = _Rest(now, seconds, nominal, reason)
        return seconds

    def end(self, who: Who) -> None:
        """It went well."""
        self._rests.pop(who, None)

    def resting(self, now: float) -> dict[Who, str]:
        """Those to be left alone, and why. A clock that was set back ends a rest."""
        return {who: rest.reason for who, rest in self._rests.items() if 0 <= now - rest.began < rest.seconds}
