"""Files as other tools write them, and what becomes of them. Enters: text. Leaves: cells, by dimension and value."""

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.event import EVENT_NAMES
from pipeline.imports.cells import MEASURES, ImportedCell, ImportedDay
from proxy.admit import Door, door_of
from proxy.importing import READERS
from proxy.imports.cell import RawCell
from proxy.imports.cleaning import Cleaning
from proxy.imports.days import Gathered
from proxy.imports.table import File, files
from proxy.lookups import LOOKUPS
from proxy.privacy import coarse
from proxy.privacy.caps import Caps
from proxy.privacy.memory import new_memory
from proxy.site import Site

OSLO = ZoneInfo("Europe/Oslo")
SITE = Site(
    id="shop.no",
    origins=("https://www.shop.no",),
    time_zone="Europe/Oslo",
    events={"Signup": ()},
    routes=("/klubb/:medlem",),
)
MARKED = SITE.model_copy(update={"sensitive": ("kondomer",)})
"""The same with a marked assortment."""

Cells = dict[str, dict[str, dict[str, int]]]


def door(site: Site = SITE) -> Door:
    """Of a shop, with caps of its own."""
    return door_of(site, site.time_zone, LOOKUPS, EVENT_NAMES, Caps(new_memory(), [site.id]))


def written(folder: Path, texts: Mapping[str, str]) -> list[File]:
    """Files with these texts, by name."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return files([folder / name for name in texts])


def zipped(folder: Path, texts: Mapping[str, str], name: str = "export.zip") -> list[File]:
    """The same in one zip."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member, text in texts.items():
            archive.writestr(member, text)
    return files([folder / name])


def days_of(
    tool: str, found: Sequence[File], currency: str = "", cleaning: Cleaning | None = None
) -> list[ImportedDay]:
    """What a tool's files tell, as it leaves for the store."""
    gathered = Gathered(READERS[tool](found, OSLO))

    def minor(amount: float) -> int:
        return coarse.minor_units(amount, currency)

    return list(gathered.days(SITE.id, tool, currency, minor, cleaning or Cleaning(door())))


def by_dim(day: ImportedDay) -> Cells:
    """What is not nothing of a day."""
    cells: Cells = {}
    for cell in day.cells:
        said = {name: getattr(cell, name) for name in MEASURES if getattr(cell, name)}
        cells.setdefault(cell.dim, {})[cell.value] = said
    return cells


def cells_of(tool: str, found: Sequence[File], currency: str = "") -> Cells:
    """Of files that tell one day."""
    (day,) = days_of(tool, found, currency)
    return by_dim(day)


def cleaned(dim: str, *values: str, day: date = date(2026, 5, 1), site: Site = SITE, **said: Any) -> list[ImportedCell]:  # noqa: ANN401 - fields of a cell
    """Cells of one dimension, each with one view, beside the day's total."""
    raw: Iterator[RawCell] = (RawCell("a file", day, dim, value, {"views": 1}, **said) for value in values)
    gathered = Gathered([RawCell("a file", day, "all", "", {"views": len(values)}), *raw])
    to_minor: Callable[[float], int] = round
    (made,) = gathered.days(site.id, "plausible", "", to_minor, Cleaning(door(site)))
    return [cell for cell in made.cells if cell.dim != "all"]
