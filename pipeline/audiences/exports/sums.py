"""Cells of the ledger added up. Enters: weeks as the ledger has them. Leaves: sums that know their noise. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from typing import NamedTuple

from pipeline.audiences.released import Week
from pipeline.audiences.tables import K_RELEASE, Key

WEEKS = 8
"""How many are added up where one alone would be mostly noise."""
SURE = 4
"""Standard deviations of its noise that a number is at least, so that it is right within about a quarter.

50 alone is no bar to nonsense: of `campaigns`, one cell in fifty that is 10 in truth is over it by noise.
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """Some cells together, and how much of it is noise."""

    number: int = 0
    variance: float = 0.0

    @property
    def known(self) -> bool:
        """Large enough to be said, and to be believed."""
        return self.number >= K_RELEASE and self.number >= SURE * sqrt(self.variance)


NOTHING = Sum()


class Expected(NamedTuple):
    """What a sum would be if nothing were special about it."""

    number: float
    variance: float
    """Of the noise in it."""


def expected(row: Sum, column: Sum, whole: Sum) -> Expected:
    """Row x column ÷ whole, as in a table whose rows and columns have nothing to do with each other.

    All three are known, so their noise is small against them, and its shares of them add up.
    """
    number = row.number * column.number / whole.number
    return Expected(number, number**2 * sum(one.variance / one.number**2 for one in (row, column, whole)))


def recent(weeks: Sequence[Week]) -> Sequence[Week]:
    """The week asked for, which is the last, and what there is of the seven before it."""
    return [week for week in weeks if weeks[-1].monday - week.monday < timedelta(weeks=WEEKS)]


def span(weeks: Sequence[Week], to: str = "to") -> str:
    """The weeks that are added up, for whoever reads the file: `2026-W43 to 2026-W48`, of one its name alone."""
    first, last = recent(weeks)[0].name, weeks[-1].name
    return last if first == last else f"{first} {to} {last}"


def totals(weeks: Sequence[Week], table: str, by: Callable[[Key], Key]) -> Mapping[Key, Sum]:
    """The cells of a table in all these weeks, those together that are the same `by`; in the order of keys.

    The noise of a cell is Laplace's with a scale of b, so its variance is 2 b².
    """
    found: dict[Key, Sum] = {}
    for released in (week.tables[table] for week in weeks if table in week.tables):
        for key, number in released.cells.items():
            before = found.get(by(key), NOTHING)
            found[by(key)] = Sum(before.number + number, before.variance + 2 * released.scale**2)
    return dict(sorted(found.items()))


def at(*columns: int) -> Callable[[Key], Key]:
    """What stands in these columns of a key; of none, the same for all."""
    return lambda key: tuple(key[column] for column in columns)
