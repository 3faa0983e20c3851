"""Matomo: reports of its HTTP API, as CSV, one file a report, named for the method that gave it.

    curl -o Actions.getPageUrls.csv 'https://matomo.shop.no/index.php?module=API&method=Actions.getPageUrls
        &idSite=1&period=day&date=2026-01-01,2026-03-31&format=CSV&flat=1&filter_limit=-1&language=en&token_auth=…'

Enters: such files. Leaves: counts by one dimension. The format is `core/DataTable/Renderer/Csv.php` of
github.com/matomo-org/matomo and its tests: column names in the first line (`translateColumnNames=0`, the default), with
`period=day` and a range of dates a first column `date`, of a row's metadata `metadata_…` columns, UTF-16 unless
`convertToUnicode=0`. A bounce is a visit of one action; `sum_visit_length` the time between the first and the last.
What was bought (`Goals.…`) is not read: its columns depend on how each shop has set it up.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from pipeline.event import PAGE_VIEW
from proxy.imports.cell import Came, RawCell
from proxy.imports.table import File, Line, Unreadable, columns_of, lines

_DIRECT = "1"
"""`referrer_type` of visits that came from nowhere."""
_OF_VISITS = frozenset({"VisitsSummary.get", "API.get"})
"""Without one of them a day would have views and no visits."""
_FORMULA = "'"
"""Before a text that a spreadsheet would take for a formula."""


def read(files: Sequence[File]) -> Iterator[RawCell]:
    """Every count of the reports that are known.

    Raises:
        Unreadable: a file is named for none of them, doesn't tell days, or is broken; or none tells visits.
    """
    for file in files:
        name = file.name.rpartition(".")[0]
        report = _REPORTS.get(name)
        if report is None:
            raise Unreadable(f"{file.name}: expected a file named for its report: {', '.join(_REPORTS)}")
        columns = columns_of(file)
        if "date" not in columns:
            raise Unreadable(f"{file.name}: no column `date`: ask for period=day and date=2026-01-01,2026-03-31")
        if not {"nb_visits", "nb_pageviews", "nb_hits"} & columns:
            raise Unreadable(f"{file.name}: no column is known: ask for format=CSV without translated column names")
        if "idsubdatatable" in columns and report is _page:
            raise Unreadable(f"{file.name}: folders instead of pages: ask for flat=1")
        for line in lines(file):
            for cell in report(line):
                # the reports of referrers have no source in common: together they tell the dimension
                yield cell._replace(origin=file.origin, part=name if cell.dim == "came" else "")
    if not _OF_VISITS & {file.name.rpartition(".")[0] for file in files}:
        raise Unreadable(f"no report tells the visits of whole days: {' or '.join(sorted(_OF_VISITS))} is needed, too")


def _visits(line: Line) -> dict[str, float]:
    told: dict[str, float] = {"visits": line.count("nb_visits")}
    if "nb_uniq_visitors" in line.cells:
        told["visitors"] = line.count("nb_uniq_visitors")
    if "bounce_count" in line.cells:
        told |= {"measured_visits": told["visits"], "bounces": line.count("bounce_count")}
        told["engaged_seconds"] = line.count("sum_visit_length")
    return told


def _label(line: Line) -> str:
    return line.text("label").removeprefix(_FORMULA)


def _summary(line: Line) -> Iterator[RawCell]:
    if "nb_visits" not in line.cells:
        raise line.fault("expected the column `nb_visits`")
    yield RawCell(line.file, line.day("date"), "all", "", _visits(line))


def _views(line: Line) -> Iterator[RawCell]:
    views = line.count("nb_pageviews")
    counts = {"views": views, "measured_views": views, "events": views}
    yield RawCell(line.file, line.day("date"), "all", "", counts)
    yield RawCell(line.file, line.day("date"), "event", PAGE_VIEW, counts)


def _page(line: Line) -> Iterator[RawCell]:
    day, page, views, entries = line.day("date"), _page_of(line), line.count("nb_hits"), line.count("entry_nb_visits")
    counts = {
        "views": views,
        "measured_views": views,
        "events": views,
        "visits": line.count("nb_visits"),
        "visitors": line.count("nb_uniq_visitors"),
        "engaged_seconds": line.count("sum_time_spent"),
        "entries": entries,
        "exits": line.count("exit_nb_visits"),
    }
    yield RawCell(line.file, day, "path", page, counts)
    if entries:
        began = {
            "visits": entries,
            "entries": entries,
            "measured_visits": entries,
            "bounces": line.count("entry_bounce_count"),
            "engaged_seconds": line.count("entry_sum_visit_length"),
            "visitors": line.count("entry_nb_uniq_visitors"),
        }
        yield RawCell(line.file, day, "entry", page, began)
    if counts["exits"]:
        yield RawCell(line.file, day, "exit", page, {"visits": counts["exits"], "exits": counts["exits"]})


def _page_of(line: Line) -> str:
    """The whole address where it stands: a label is cut into levels, and says `index` for a folder."""
    return line.text("metadata_url") or _label(line)


def _channel(line: Line) -> Iterator[RawCell]:
    kind = line.text("referrer_type", "metadata_referrer_type")
    if not kind:
        raise line.fault("expected the column `referrer_type`")
    yield RawCell(line.file, line.day("date"), "channel", kind, _visits(line))
    if kind == _DIRECT:
        yield RawCell(line.file, line.day("date"), "came", "", _visits(line), Came(tells=("source",)))


def _came(line: Line, came: Came) -> Iterator[RawCell]:
    yield RawCell(line.file, line.day("date"), "came", "", _visits(line), came)


def _by(dim: str, column: str = "") -> Callable[[Line], Iterator[RawCell]]:
    def cells(line: Line) -> Iterator[RawCell]:
        value = line.text(column) if column else _label(line)
        yield RawCell(line.file, line.day("date"), dim, value, _visits(line))

    return cells


_REPORTS: Mapping[str, Callable[[Line], Iterator[RawCell]]] = MappingProxyType(
    {
        "API.get": lambda line: chain(_summary(line), _views(line)),
        "VisitsSummary.get": _summary,
        "Actions.get": _views,
        "Actions.getPageUrls": _page,
        "Referrers.getReferrerType": _channel,
        "Referrers.getSearchEngines": lambda line: _came(line, Came(name=_label(line), tells=("source",))),
        "Referrers.getSocials": lambda line: _came(line, Came(name=_label(line), tells=("source",))),
        "Referrers.getWebsites": lambda line: _came(line, Came(referrer=_label(line), tells=("source", "referrer"))),
        "Referrers.getCampaigns": lambda line: _came(
            line, Came(name="(campaign)", campaign=_label(line), tells=("source", "campaign"))
        ),
        "UserCountry.getCountry": _by("country", "metadata_code"),
        "DevicesDetection.getType": _by("device"),
        "DevicesDetection.getBrowsers": _by("browser"),
        "DevicesDetection.getOsFamilies": _by("os"),
    }
)
