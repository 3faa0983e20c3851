"""What there is to drop. Enters: the store. Leaves: its partitions, and what each is of."""

import re
from dataclasses import dataclass
from datetime import date
from importlib import resources

from pipeline.store.database import Store

DATED = ("events", "quarantine", "drafts")
MONTHLY = ("daily", "weekly", "tally", "notes")
TABLES = (*DATED, "contributions", "waiting", *MONTHLY, "closings")
"""In the order of dropping: rows of visits first, and what says that counts hold after the counts."""

_NAMED = ("contributions", "waiting")
"""Partitions of these are named by a word and a day."""
_HELD = resources.files("pipeline.retain").joinpath("held.sql").read_text(encoding="utf-8")

Key = tuple[str, str, bool]
"""Table, partition, and whether it was set aside."""


@dataclass(frozen=True, slots=True)
class Partition:
    """What a table holds of a span, in the engine's words."""

    table: str
    id: str
    name: str
    aside: bool
    """Of parts that the engine has set aside; it doesn't say how many rows they have."""
    rows: int
    bytes: int

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.table, self.id, self.aside


def held_in(store: Store) -> list[Partition]:
    """All that rows are dropped from.

    Raises:
        StoreError: the store can't be asked.
    """
    answer = store.query(_HELD, {"tables": list(TABLES), "dated": list(DATED)})
    return [Partition(table, ident, name, bool(aside), *sizes) for table, ident, name, aside, *sizes in answer.rows]


def first_day(partition: Partition) -> date:
    """The day that it begins with."""
    name = partition.name
    if partition.table in DATED:
        return date.fromisoformat(name)
    if partition.table in _NAMED:
        return date.fromisoformat(words_of(name)[1])
    return date(int(name[:4]), int(name[4:] or 1), 1)


def words_of(name: str) -> tuple[str, str]:
    """Grain or site, and first day, of `('week','2026-11-23')`."""
    word, day = re.findall(r"'([^']*)'", name)
    return word, day


def span_of(partition: Partition) -> str:
    """Its day, month or year, as a receipt says it."""
    if partition.table in _NAMED:
        return " ".join(words_of(partition.name))
    if partition.table in DATED:
        return f"{first_day(partition)}{' set aside' if partition.aside else ''}"
    return "-".join(filter(None, (partition.name[:4], partition.name[4:])))
