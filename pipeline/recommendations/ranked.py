"""What counts tell of products, before it is said to anybody. Pure.

Enters: nothing. Leaves: the values that `together.py` makes and `cards.py` takes.
"""

from dataclasses import dataclass

Near = dict[str, tuple[str, ...]]
"""Product → others, the nearest first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A product that visitors had to do with."""

    product: str
    by_enough: bool
    """By ten visitor-days at least, or some more as the die fell, in one of the latest weeks, or days."""
    by_enough_lately: bool
    """The same in the last closed week, or in a day since."""
