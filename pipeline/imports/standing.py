"""May this day be imported? Enters: a day as another tool counted it. Leaves: what is to be done, or why nothing is.

A day is imported only when the time of all its rows is over, so that nothing of it can come, nor be counted here, any
more. What we counted ourselves is never overwritten, nor what another tool did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from pipeline.closing.due import ends
from pipeline.imports.cells import ImportedDay
from pipeline.retain.partitions import Partition
from pipeline.retain.retention import Limits, due
from pipeline.store.database import Store

_STANDING = resources.files("pipeline.imports").joinpath("standing.sql").read_text(encoding="utf-8")


class Import(StrEnum):
    """How the import of one day ends."""

    IMPORTED = "imported"
    REPLACED = "replaced"
    """The same tool had told other counts of it before."""
    UNCHANGED = "unchanged"
    """The same counts are there."""
    COUNTED_HERE = "counted_here"
    """We closed the day ourselves."""
    FROM_ANOTHER = "from_another"
    """Another tool's counts of it are there."""
    TOO_RECENT = "too_recent"
    """It is not over, or its rows may still be here."""
    TOO_OLD = "too_old"
    """Counts are not kept that long: it would be dropped at once."""


WRITES = frozenset({Import.IMPORTED, Import.REPLACED})


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides, beside what the store holds."""

    zones: Mapping[str, str]
    """Site → the name of its time zone."""
    limits: Limits
    now: float
    """Seconds since 1970."""


def standing(store: Store, imported: ImportedDay, rules: Rules) -> Import:
    """What importing the day would be.

    Raises:
        StoreError: the store can't be asked.
    """
    if rules.now < ends("day", imported.day, rules.zones[imported.site]) + rules.limits.longest_hours * 3600.0:
        return Import.TOO_RECENT
    month = Partition("daily", "", f"{imported.day:%Y%m}", aside=False, rows=0, bytes=0)
    if due([month], list(rules.zones.values()), rules.limits, rules.now):
        return Import.TOO_OLD
    names = {"site": imported.site, "day": imported.day.isoformat()}
    ((closed_here, source, fingerprint),) = store.query(_STANDING, names).rows
    if closed_here:
        return Import.COUNTED_HERE
    if source and source != imported.source:
        return Import.FROM_ANOTHER
    if not source:
        return Import.IMPORTED
    return Import.UNCHANGED if int(fingerprint) == imported.fingerprint else Import.REPLACED
