"""Google Analytics 4: CSV files of explorations ("Free form") and of reports, in English.

Enters: files. Leaves: counts by one dimension. There is no published description of the files; this follows what
explorations and reports give, as readers of them in public repositories have it:

    # ----------------------------------------            Free form: remarks, a table with the column Date,
    # Free form-Free form 1                               a line of grand totals without a date and with
    # 20260101-20260331                                   one cell too many
    # ----------------------------------------

    Date,Page path and screen class,Views,Active users
    ,,309558,211078,Grand total
    20260101,/,68392,44963

    # Start date: 20260101                                Reports: several tables, each after an empty line;
    # End date: 20260331                                  those by day count the days from the start

    Nth day,Active users
    0000,44963

A file tells Date and one dimension (of where visits came from: several). Tables without days are left aside. Users are
counted by a cookie over days and devices, and by the day as here; sessions count as visits, and of those it is known
whether they bounced only where `Engaged sessions` stands beside them. Country names differ by language: `Country ID`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from proxy.imports.cell import Came, RawCell
from proxy.imports.names import said
from proxy.imports.table import MOST_LINES, TOO_MUCH, YEARS, File, Line, Unreadable, numbered

_DATE, _NTH_DAY = "Date", "Nth day"
_START = re.compile(r"#\s*Start date:\s*(\d{4})(\d\d)(\d\d)\s*")
_LONGEST_DAYS = 4000

_DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "Page path": "path", "Page path and screen class": "path", "Page path + query string": "path",
        "Page location": "path", "Landing page": "entry", "Landing page + query string": "entry",
        "Country ID": "country", "Device category": "device", "Browser": "browser", "Operating system": "os",
        "Language code": "language", "Event name": "event", "Search term": "search",
        "Session default channel group": "channel", "Session primary channel group": "channel",
        "Session primary channel group (Default Channel Group)": "channel",
        "Item ID": "product", "Item name": "product", "Item brand": "brand", "Item category": "category",
        "Session source / medium": "came", "Session source": "came", "Session medium": "came",
        "Session campaign": "came", "Session manual source": "came", "Session manual medium": "came",
        "Session manual campaign name": "came",
    }
)  # fmt: skip
_OF_GOODS = frozenset({"product", "brand", "category"})
_SECONDS = "Average engagement time per session"
_AUTOMATIC = frozenset({"(direct)", "(organic)", "(referral)", "(cross-network)"})
_MEASURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "views": ("Views",),
        "visitors": ("Active users", "Total users"),
        "visits": ("Sessions",),
        "events": ("Event count",),
        "orders": ("Ecommerce purchases", "Transactions"),
        "revenue": ("Purchase revenue",),
        "carts": ("Add to carts", "Items added to cart"),
        "checkouts": ("Checkouts", "Items checked out"),
        "item_views": ("Items viewed",),
    }
)
_METRICS = frozenset({column for columns in _MEASURES.values() for column in columns})


def read(files: Sequence[File]) -> Iterator[RawCell]:
    """Every count by day.

    Raises:
        Unreadable: a file has no table with days, or one with two dimensions, or a line is broken.
    """
    for file in files:
        found = False
        for lines in _tables(file):
            found = True
            dim, columns = _dimension(lines[0])
            origin = f"{file.origin}: line {lines[0].number}"  # a file may have two tables that tell the same
            told: set[tuple[str, ...]] = set()
            lines.reverse()
            while lines:  # a line is let go of once it is counted: a table of them fills memory, as its counts do
                line = lines.pop()
                key = (line.text(_DATE), *(line.text(column) for column in columns))
                if key in told:  # by the hour, say, or by a number of ours that looks like a metric
                    raise line.fault("a dimension is not known here: the same stands twice but for it")
                told.add(key)
                yield from (cell._replace(origin=origin) for cell in _cells(line, dim, columns))
        if not found:
            raise Unreadable(f"{file.name}: no table in it tells days: export one with the dimension {_DATE!r}")


def _tables(file: File) -> Iterator[list[Line]]:
    """The tables that tell days, each with its days under `Date`."""
    head: list[str] = []
    lines: list[Line] = []
    start: date | None = None
    with file.text() as text:
        for number, cells in numbered(file.name, text, blank=True):
            if not any(cells) or cells[0].startswith("#"):
                if lines:
                    yield lines
                head, lines = [], []
                if found := _START.fullmatch(cells[0] if cells else ""):
                    start = _start(file.name, number, found)
            elif not head:
                head = [cell.strip() for cell in cells]
            elif {_DATE, _NTH_DAY} & set(head) and (line := _line(file.name, number, head, cells, start)):
                lines.append(line)
                if len(lines) > MOST_LINES:
                    raise Unreadable(TOO_MUCH)
    if lines:
        yield lines


def _start(name: str, number: int, found: re.Match[str]) -> date:
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise Unreadable(f"{name}: line {number}: the report's start date is none") from None


def _line(name: str, number: int, head: list[str], cells: list[str], start: date | None) -> Line | None:
    """One line with its date; None: totals."""
    line = Line(name, number, dict(zip(head, cells, strict=False)))
    if _DATE in head and (not line.text(_DATE) or len(cells) == len(head) + 1):
        return None
    if len(cells) != len(head):
        raise line.fault(f"expected {len(head)} cells, found {len(cells)}")
    if _DATE in head:
        return line
    nth = line.count(_NTH_DAY)
    if start is None or nth > _LONGEST_DAYS or start.year > YEARS[1]:
        raise line.fault("the report's start date is missing above, or this is no day of it")
    return replace(line, cells={**line.cells, _DATE: (start + timedelta(days=nth)).isoformat()})


def _dimension(first: Line) -> tuple[str, list[str]]:
    """What a table tells beside its days, and the columns that it stands in."""
    columns = [column for column in first.cells if column in _DIMENSIONS]
    dims = {_DIMENSIONS[column] for column in columns}
    others = [column for column in first.cells if column not in _DIMENSIONS and column not in (_DATE, _NTH_DAY)]
    if len(dims) > 1:
        raise first.fault(f"expected one dimension besides {_DATE!r}, found {len(columns)}: export one file for each")
    if not _METRICS & set(others):
        raise first.fault("no column is known: name and metrics must be in English, as of Google Analytics")
    # what is no number is a dimension that we don't know, and its lines would be taken for days' totals
    for column in set(others) - _METRICS:
        if not _is_metric(first.text(column)):
            raise first.fault("a dimension is not known here: see the list in the documentation")
    return dims.pop() if dims else "all", columns


def _is_metric(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d.,]*(?:E[+-]?\d+)?%?", text))


def _cells(line: Line, dim: str, columns: list[str]) -> Iterator[RawCell]:
    day = line.day(_DATE)
    counts = _counts(line, dim)
    if dim == "came":
        yield RawCell(line.file, day, dim, "", counts, _came(line))
    elif dim == "product":
        value = said(line.text("Item ID", "Item name"))
        if value:
            yield RawCell(line.file, day, dim, value, counts, label=said(line.text("Item name")))
    elif dim in _OF_GOODS or dim == "search":
        value = said(line.text(*columns))
        if value:
            yield RawCell(line.file, day, dim, value, counts)
    else:
        yield RawCell(line.file, day, dim, line.text(*columns) if columns else "", counts)
        if dim == "entry":
            yield RawCell(line.file, day, "path", line.text(*columns), {"entries": line.count("Sessions")})


def _counts(line: Line, dim: str) -> dict[str, float]:
    told: dict[str, float] = {}
    for measure, columns in _MEASURES.items():
        if any(column in line.cells for column in columns):
            told[measure] = line.money(*columns) if measure == "revenue" else line.amount(*columns)
    if "views" in told:
        told["measured_views"] = told["views"]
    if dim in _OF_GOODS:
        told["revenue"] = line.money("Item revenue")
        told["units"] = line.amount("Items purchased")
    sessions, engaged = told.get("visits", 0), line.amount("Engaged sessions")
    if "Engaged sessions" in line.cells and "Sessions" in line.cells:
        told |= {"measured_visits": sessions, "bounces": max(0, sessions - engaged)}
        if _SECONDS in line.cells:
            told["engaged_seconds"] = line.amount(_SECONDS) * sessions
    if dim == "entry":
        told["entries"] = sessions
    return {measure: number for measure, number in told.items() if measure != "revenue" or number}


def _came(line: Line) -> Came:
    """Source and medium of a session; Google's own words for a medium are none of a link."""
    both = line.text("Session source / medium").partition(" / ")
    source = said(both[0] or line.text("Session source", "Session manual source"))
    medium = said(both[2] or line.text("Session medium", "Session manual medium"))
    campaign = said(line.text("Session campaign", "Session manual campaign name"))
    has_source = any("source" in column for column in line.cells)
    has_medium = any("medium" in column for column in line.cells)
    has_campaign = any("campaign" in column for column in line.cells)
    tells = (
        *(("source",) if has_source else ()),
        *(("medium",) if has_medium else ()),
        *(("channel",) if has_source and has_medium else ()),
        *(("campaign",) if has_campaign else ()),
    )
    if medium == "referral":
        return Came(referrer=source, tells=tells)
    if medium == "organic":
        return Came(name=source, tells=tells)
    return Came(source=source, medium=medium, campaign="" if campaign in _AUTOMATIC else campaign, tells=tells)
