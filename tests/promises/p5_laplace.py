"""The discrete Laplace distribution in closed form: what an attacker may reckon with who knows all but one visitor-day.

Enters: exact sums, scales. Leaves: exact probabilities of what is published, as far as 64 bits go; nothing is sampled.
Ghosh, Roughgarden, Sundararajan, "Universally Utility-maximizing Privacy Mechanisms", STOC 2009,
https://arxiv.org/abs/0811.2841: P(z) = (1 - p) / (1 + p) x p^|z| with p = exp(-1 / scale).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float64]
TAIL = 25
"""So many scales away from the sum, e^-25 of the probability is left; there the worlds' ratio changes no more."""


def pmf(scale: float, away: NDArray[np.int64]) -> Probabilities:
    """The probability that noise is exactly so much."""
    p = math.exp(-1 / scale)
    return (1 - p) / (1 + p) * np.exp(-np.abs(away) / scale)


def at_least(scale: float, z: int) -> float:
    """The probability that noise is so much or more."""
    p = math.exp(-1 / scale)
    return p**z / (1 + p) if z > 0 else 1 - p ** (1 - z) / (1 + p)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a release, as the attacker knows it before he has seen it."""

    scale: float
    without: int
    """The exact sum of everybody else; he has been told."""
    his: int
    """What the visitor-day that he looks for would add."""
    shown_from: int
    """The least that is published, noise and all."""
    public: bool
    """Whether the cell is there in any case, or only where somebody had it."""

    @property
    def loss(self) -> float:
        """The most that the number says of him: |ln| of the ratio of its probabilities with and without him."""
        return abs(self.his) / self.scale

    @property
    def reach(self) -> int:
        """Beyond this number both worlds' probabilities are next to nothing."""
        return max(self.shown_from, self.without + self.his) + math.ceil(TAIL * self.scale)

    def shown(self, *, there: bool) -> Probabilities:
        """Probabilities of the published numbers from `shown_from` to `reach`."""
        return _shown(self, there)

    def hidden(self, *, there: bool) -> float:
        """The probability that nothing is published of it."""
        return at_least(self.scale, self.without + there * self.his - self.shown_from + 1) if self.exists(there) else 1

    def exists(self, there: bool) -> bool:  # noqa: FBT001 - one of two worlds
        """Whether there is a number at all."""
        return self.public or self.without + there * self.his != 0


@lru_cache(maxsize=8192)
def _shown(cell: Cell, there: bool) -> Probabilities:  # noqa: FBT001 - one of two worlds
    numbers = np.arange(cell.shown_from, cell.reach + 1)
    return pmf(cell.scale, numbers - cell.without - there * cell.his) * cell.exists(there)


def alone(cell: Cell, *, there: bool) -> Probabilities:
    """Of each number that may be published, and at last of none."""
    return np.append(cell.shown(there=there), cell.hidden(there=there))


def of_sum(one: Cell, other: Cell, *, there: bool) -> Probabilities:
    """Of each sum of two published numbers, and at last of not both being there."""
    sums = np.convolve(one.shown(there=there), other.shown(there=there))
    return np.append(sums, _not_both(one, other, there=there))


def of_difference(one: Cell, other: Cell, *, there: bool) -> Probabilities:
    """Of each difference of two published numbers, and at last of not both being there."""
    differences = np.convolve(one.shown(there=there), other.shown(there=there)[::-1])
    return np.append(differences, _not_both(one, other, there=there))


def _not_both(one: Cell, other: Cell, *, there: bool) -> float:
    a, b = one.hidden(there=there), other.hidden(there=there)
    return a + b - a * b


def of_total(one: Cell, other: Cell, *, there: bool) -> Probabilities:
    """Of each sum of 50 or more, which is published however small its two parts are; both cells public."""
    z = np.arange(50, one.reach + other.reach + 1) - one.without - other.without - there * (one.his + other.his)
    p, q = math.exp(-1 / one.scale), math.exp(-1 / other.scale)
    of_one, of_other = np.exp(-np.abs(z) / one.scale), np.exp(-np.abs(z) / other.scale)
    # the convolution of two such distributions: both ends are geometric series, the middle is one, too
    ends = (of_one + of_other) * p * q / (1 - p * q)
    middle = (np.abs(z) + 1) * of_one if one.scale == other.scale else (p * of_one - q * of_other) / (p - q)
    return (1 - p) * (1 - q) / ((1 + p) * (1 + q)) * (ends + middle)


def worst(there: Probabilities, not_there: Probabilities) -> float:
    """The most that any outcome says: the largest |ln| of the two worlds' ratio."""
    seen = (there > 0) | (not_there > 0)
    with np.errstate(divide="ignore"):
        return float(np.max(np.abs(np.log(there[seen]) - np.log(not_there[seen])), initial=0))


def excess(there: Probabilities, not_there: Probabilities, epsilon: float) -> float:
    """The δ that is needed beside ε: what one world has of probability over e^ε times the other's, at most."""
    over = (np.maximum(one - math.exp(epsilon) * other, 0).sum() for one, other in
            ((there, not_there), (not_there, there)))  # fmt: skip
    return float(max(over))
