"""A week as the ledger has it: the only thing that an export is made of.

Enters: ledger rows. Leaves: numbers that may be said. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.audiences.tables import K_RELEASE, Key


@dataclass(frozen=True, slots=True)
class Released:
    """One table of one week: visitor-days (of `revenue` whole units of the shop's currency), noise and all."""

    table: str
    cells: Mapping[Key, int]
    """Also those below 50, below 0 even: they may be added up, and not be said."""
    epsilon: float
    delta: float
    """0: the keys were public."""
    scale: float
    threshold: int
    """What a cell had to reach to be here at all; 0: the keys were public."""

    def said(self, key: Key) -> int | None:
        """The number of a cell, if it may be published."""
        number = self.cells.get(key)
        return number if number is not None and number >= K_RELEASE else None


@dataclass(frozen=True, slots=True)
class Week:
    """All tables of a shop's week that were released, by name."""

    site: str
    monday: date
    tables: Mapping[str, Released]

    @property
    def name(self) -> str:
        """As ISO 8601 writes it: `2026-W48`."""
        return week_name(self.monday)


def week_name(monday: date) -> str:
    """As ISO 8601 writes its week: `2026-W48`."""
    return f"{monday:%G-W%V}"


def publishable(number: int) -> int | None:
    """A sum of cells, if it may be published."""
    return number if number >= K_RELEASE else None
