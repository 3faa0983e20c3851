"""What an imported day says. Enters: counts that were cleaned before they came here. Leaves: rows of a draft, a number.

The dimensions are those of closing, each with the rule by which its cells are kept (`../schema/views/2_cells.sql`), so
that nothing is kept of another tool's counts that we would not keep of our own. `../closing/CLOSING.md` says what each
measure is; where a tool means something else by it, its reader says so.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b
from types import MappingProxyType
from typing import Annotated

import msgspec

from pipeline.closing.day import K_ORDERS, K_SEARCHES

KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("all", "event", "product", "category", "brand"), "plain"),
        **dict.fromkeys(
            """path entry exit source channel medium campaign referrer country device browser os language""".split(),
            "behaviour",
        ),
        "search": "search",
        "hour": "time",
    }
)
"""Dimension → the rule by which its cells are kept."""

MOST = 2**53
"""No count is larger, so that no sum of a day leaves its column."""
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST)]
Money = Annotated[int, msgspec.Meta(ge=-MOST, le=MOST)]


class ImportedCell(msgspec.Struct, frozen=True, omit_defaults=True):
    """The counts of one value of a dimension."""

    dim: str
    value: str
    label: str = ""
    visitors: Count = 0
    visits: Count = 0
    measured_visits: Count = 0
    """Those of which it is known whether they bounced."""
    views: Count = 0
    measured_views: Count = 0
    events: Count = 0
    bounces: Count = 0
    entries: Count = 0
    exits: Count = 0
    engaged_seconds: Count = 0
    scroll: Count = 0
    scrolls: Count = 0
    item_views: Count = 0
    carts: Count = 0
    checkouts: Count = 0
    orders: Count = 0
    units: Count = 0
    revenue: Money = 0
    """In minor units of the day's currency; negative where more was paid back."""


MEASURES = ImportedCell.__struct_fields__[3:]


class ImportedDay(msgspec.Struct, frozen=True):
    """A site's calendar day, as one tool counted it."""

    site: str
    day: date
    source: str
    """The tool: one of `SOURCES`."""
    cells: tuple[ImportedCell, ...]
    currency: str = ""

    @property
    def fingerprint(self) -> int:
        """The same for the same counts under the same rules: then there is nothing to do."""
        said = (self.source, self.currency, K_ORDERS, K_SEARCHES, sorted(map(msgspec.json.encode, self.cells)))
        return int.from_bytes(blake2b(msgspec.json.encode(said), digest_size=8, person=b"import").digest(), "big")


SOURCES = ("plausible", "ga4", "matomo", "umami")

_PLAIN = tuple(name for name in MEASURES if name not in ("orders", "revenue", "engaged_seconds"))
DRAFT_COLUMNS = ("site", "day", "kind", "pair", "a", "label", *_PLAIN, "engaged_ms", "orders", "revenue", "run")


def draft_lines(imported: ImportedDay, run: int) -> bytes:
    """The day as a draft of closing: lines of JSONCompactEachRow with the columns `DRAFT_COLUMNS`."""
    return b"\n".join(msgspec.json.encode(row) for row in _rows(imported, run))


def _rows(imported: ImportedDay, run: int) -> Iterable[tuple[object, ...]]:
    for cell in imported.cells:
        yield (
            imported.site,
            imported.day.isoformat(),
            KINDS[cell.dim],
            cell.dim,
            cell.value,
            cell.label,
            *(getattr(cell, name) for name in _PLAIN),
            cell.engaged_seconds * 1000,
            {imported.currency: cell.orders} if cell.orders else {},
            {imported.currency: cell.revenue} if cell.revenue else {},
            run,
        )


def faults(imported: ImportedDay) -> list[str]:
    """What is wrong with a day that somebody hands in; nothing of its values is quoted."""
    found = [] if imported.source in SOURCES else [f"the source is one of {', '.join(SOURCES)}"]
    keys = [(cell.dim, cell.value) for cell in imported.cells]
    if unknown := {dim for dim, _ in keys} - KINDS.keys():
        found.append(f"{len(unknown)} dimensions are not known here")
    if len(set(keys)) != len(keys):
        found.append("a value stands twice")
    if ("all", "") not in keys:
        found.append("the day's total is missing")
    return found
