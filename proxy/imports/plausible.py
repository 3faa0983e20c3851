"""Plausible Analytics: what "Export data" in a site's settings gives, as the zip or as the CSV files in it.

Enters: files. Leaves: counts by one dimension. The format is `lib/plausible/exports.ex` of
github.com/plausible/analytics, which writes ten tables, `imported_visitors_20260101_20260331.csv` and so on, with their
columns' names in the first line; older ones have fewer. Dates are days of the site's time zone as Plausible has it.

Its visits are sessions that end after 30 minutes, all with a visitor number of one day, as ours are: they count as
measured. `visit_duration` is the time between the first and the last event of a session, where we have engaged time.
Regions, cities, screen widths and versions are not kept of any visit, and so not read.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pipeline.event import PAGE_VIEW
from proxy.imports.cell import Came, Counts, RawCell
from proxy.imports.table import File, Line, Unreadable, lines

_NAME = re.compile(r"(imported_[a-z_]+?)(?:_\d{8}_\d{8})?\.csv")

_DIRECT = "Direct / None"


def read(files: Sequence[File]) -> Iterator[RawCell]:
    """Every count of the tables that are known.

    Raises:
        Unreadable: no such table is there, or one of them is broken.
    """
    known = [(file, found[1]) for file in files if (found := _NAME.fullmatch(file.name)) and found[1] in _TABLES]
    if not any(table == "imported_visitors" for _, table in known):
        raise Unreadable("this is no export of Plausible: it has no imported_visitors_….csv")
    for file, table in known:
        # one export is one telling, whose tables go together; two of them may not tell the same day
        origin = f"{file.origin.removesuffix(file.name)}{file.name.removeprefix(table)}"
        for line in lines(file):
            yield from (cell._replace(origin=origin) for cell in _TABLES[table](line))


def _visits(line: Line) -> dict[str, float]:
    """What all tables of sessions tell."""
    visits = line.count("visits")
    return {
        "visitors": line.count("visitors"),
        "visits": visits,
        "measured_visits": visits,
        "bounces": line.count("bounces"),
        "engaged_seconds": line.count("visit_duration"),
        **_views(line),
    }


def _views(line: Line) -> dict[str, float]:
    views = line.count("pageviews")
    return {"views": views, "measured_views": views, "events": views}


def _cell(line: Line, dim: str, value: str, counts: Counts, came: Came | None = None) -> RawCell:
    return RawCell(line.file, line.day("date"), dim, value, counts, came or Came())


def _of_day(line: Line) -> Iterator[RawCell]:
    yield _cell(line, "all", "", _visits(line))
    yield _cell(line, "event", PAGE_VIEW, _views(line) | {"visitors": line.count("visitors")})


def _of_source(line: Line) -> Iterator[RawCell]:
    name = line.text("source")
    came = Came(
        name="" if name == _DIRECT else name,
        source=line.text("utm_source"),
        medium=line.text("utm_medium"),
        campaign=line.text("utm_campaign"),
        referrer="" if line.text("referrer") == _DIRECT else line.text("referrer"),
    )
    yield _cell(line, "came", "", _visits(line), came)


def _of_page(line: Line) -> Iterator[RawCell]:
    counts = _views(line) | {
        "visitors": line.count("visitors"),
        "visits": line.count("visits"),
        "scroll": line.count("total_scroll_depth"),
        "scrolls": line.count("total_scroll_depth_visits"),
        "engaged_seconds": line.count("total_time_on_page", "time_on_page"),
    }
    yield _cell(line, "path", line.text("page"), counts)


def _of_entry(line: Line) -> Iterator[RawCell]:
    entries = line.count("entrances", "visits")
    page = line.text("entry_page")
    whole = _visits(line) | {"visits": entries, "measured_visits": entries, "entries": entries}
    yield _cell(line, "entry", page, whole)
    yield _cell(line, "path", page, {"entries": entries})


def _of_exit(line: Line) -> Iterator[RawCell]:
    exits = line.count("exits")
    page = line.text("exit_page")
    counts = _views(line) | {"visitors": line.count("visitors"), "visits": exits, "exits": exits}
    yield _cell(line, "exit", page, counts)
    yield _cell(line, "path", page, {"exits": exits})


def _of_event(line: Line) -> Iterator[RawCell]:
    counts = {"visitors": line.count("visitors"), "events": line.count("events")}
    yield _cell(line, "event", line.text("name"), counts)


def _by(dim: str, column: str) -> Callable[[Line], Iterator[RawCell]]:
    def cells(line: Line) -> Iterator[RawCell]:
        yield _cell(line, dim, line.text(column), _visits(line))

    return cells


_TABLES: Mapping[str, Callable[[Line], Iterator[RawCell]]] = MappingProxyType(
    {
        "imported_visitors": _of_day,
        "imported_sources": _of_source,
        "imported_pages": _of_page,
        "imported_entry_pages": _of_entry,
        "imported_exit_pages": _of_exit,
        "imported_custom_events": _of_event,
        "imported_locations": _by("country", "country"),
        "imported_devices": _by("device", "device"),
        "imported_browsers": _by("browser", "browser"),
        "imported_operating_systems": _by("os", "operating_system"),
    }
)
