"""Umami: the rows of `website_event`, as Umami Cloud's export has them (a zip with `website_event.csv`).

Enters: rows of visits, each with a visitor's number that lives for a month. Leaves: counts by one dimension; of the
numbers hashes are held in memory while it is counted by them, and nothing is written. Columns as of the export:
`session_id` (the visitor), `visit_id`, `created_at` (UTC), `event_type` (1: page view, 2: event), `event_name`,
`url_path`, `referrer_domain`, `utm_…`, `browser`, `os`, `device`, `language`, `country`; a dump of one's own database
has them, too, once `session` is joined to it. What the dashboard exports (`pages.csv`, …) tells no days: it can't be
imported.

A day is the site's. A visit is Umami's, within a day: it bounced if it has one page view and no event, and its time is
that between its first and its last row.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import chain
from math import inf
from zoneinfo import ZoneInfo

from pipeline.event import PAGE_VIEW
from proxy.imports.cell import Came, RawCell
from proxy.imports.table import MOST_LINES, TOO_MUCH, YEARS, File, Line, Unreadable, columns_of, lines

_NEEDED = frozenset({"session_id", "visit_id", "created_at", "event_type", "url_path"})
_VIEW, _EVENT = "1", "2"
_OF_VISITOR = (("country", "country"), ("device", "device"), ("browser", "browser"), ("os", "os"))


class _Visit:
    """One visit on one day, until it is counted."""

    __slots__ = (
        "came",
        "entry",
        "events",
        "exit",
        "first",
        "first_view",
        "last",
        "last_view",
        "views",
        "visitor",
        "words",
    )

    def __init__(self, visitor: int, words: tuple[str, ...]) -> None:
        self.visitor, self.words = visitor, words
        self.first, self.last = inf, -inf
        self.first_view, self.last_view = inf, -inf
        self.came, self.entry, self.exit = Came(), "", ""
        self.views = self.events = 0

    def see(self, moment: float, line: Line, came: Came) -> None:
        """One more of its rows, in whatever order."""
        if line.text("event_type") == _VIEW:
            self.views += 1
            if moment < self.first_view:
                self.first_view, self.came, self.entry = moment, came, line.text("url_path")
            if moment >= self.last_view:
                self.last_view, self.exit = moment, line.text("url_path")
        else:
            self.events += 1
        self.first, self.last = min(self.first, moment), max(self.last, moment)


class _Day:
    """One day, until it is counted."""

    __slots__ = ("events", "hours", "pages", "visits")

    def __init__(self) -> None:
        self.visits: dict[int, _Visit] = {}
        self.pages: dict[str, tuple[Counter[int], set[int]]] = {}
        """Path → views by visitor, visits."""
        self.events: dict[str, Counter[int]] = defaultdict(Counter)
        self.hours: dict[str, tuple[Counter[int], set[int]]] = {}


def read(files: Sequence[File], zone: ZoneInfo) -> Iterator[RawCell]:
    """Every count of the days of a time zone.

    Raises:
        Unreadable: no rows of visits are among the files, or of several websites, too many, or they are broken.
    """
    rows = [file for file in files if columns_of(file) >= _NEEDED]
    if not rows:
        raise Unreadable(f"no table of rows is there, with the columns {', '.join(sorted(_NEEDED))} and others")
    days: dict[date, _Day] = defaultdict(_Day)
    websites: set[str] = set()
    seen = 0
    for line in chain.from_iterable(map(lines, rows)):
        if line.text("event_type") in (_VIEW, _EVENT):
            seen += 1
            if seen > MOST_LINES:
                raise Unreadable(TOO_MUCH)
            _see(days, line, zone)
            websites.add(line.text("website_id"))
    websites.discard("")
    if len(websites) > 1:
        raise Unreadable(f"rows of {len(websites)} websites: export one")
    for day in sorted(days):
        yield from _cells("website_event", day, days.pop(day))


def _see(days: dict[date, _Day], line: Line, zone: ZoneInfo) -> None:
    moment = _moment(line)
    local = moment.astimezone(zone)
    day = days[local.date()]
    # hashes of the run: what stands in the file is compared, and not kept
    visitor, visit = hash(line.text("session_id")), hash(line.text("visit_id"))
    words = (line.text("language"), *(line.text(column) for _, column in _OF_VISITOR))
    seen = day.visits.setdefault(visit, _Visit(visitor, words))
    seen.see(moment.timestamp(), line, _came(line))
    hour = local.replace(minute=0, second=0, microsecond=0).isoformat()
    if line.text("event_type") == _VIEW:
        for known, key in ((day.pages, line.text("url_path")), (day.hours, hour)):
            views, visits = known.setdefault(key, (Counter(), set()))
            views[visitor] += 1
            visits.add(visit)
    else:
        day.events[line.text("event_name")][visitor] += 1


def _moment(line: Line) -> datetime:
    with suppress(ValueError):
        moment = datetime.fromisoformat(line.text("created_at"))
        if YEARS[0] < moment.year < YEARS[1]:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise line.fault("expected a time in the column 'created_at', for example 2026-01-31 12:00:00")


def _came(line: Line) -> Came:
    return Came(
        source=line.text("utm_source"),
        medium=line.text("utm_medium"),
        campaign=line.text("utm_campaign"),
        referrer=line.text("referrer_domain"),
    )


def _cells(origin: str, day: date, seen: _Day) -> Iterator[RawCell]:
    visits = list(seen.visits.values())
    yield RawCell(origin, day, "all", "", _counts(visits))
    views = Counter[int]()
    for path, (by_visitor, of_visits) in seen.pages.items():
        views.update(by_visitor)
        yield RawCell(origin, day, "path", path, _views(by_visitor) | {"visits": len(of_visits)})
    for hour, (by_visitor, of_visits) in seen.hours.items():
        yield RawCell(origin, day, "hour", hour, _views(by_visitor) | {"visits": len(of_visits)})
    yield RawCell(origin, day, "event", PAGE_VIEW, _views(views))
    for name, times in seen.events.items():
        yield RawCell(origin, day, "event", name, {"events": times.total(), "visitors": len(times)})
    yield from _of_visits(origin, day, visits)


def _of_visits(origin: str, day: date, visits: list[_Visit]) -> Iterator[RawCell]:
    dims = ("language", *(dim for dim, _ in _OF_VISITOR))
    groups: dict[tuple[str, str, Came], list[_Visit]] = defaultdict(list)
    for visit in visits:
        for dim, word in zip(dims, visit.words, strict=True):
            groups[dim, word, Came()].append(visit)
        groups["came", "", visit.came].append(visit)
        groups["entry", visit.entry, Came()].append(visit)
        groups["exit", visit.exit, Came()].append(visit)
    for (dim, value, came), members in groups.items():
        counts = _counts(members)
        yield RawCell(origin, day, dim, value, counts, came)
        if dim in ("entry", "exit"):
            began_or_ended = {"entry": "entries", "exit": "exits"}[dim]
            yield RawCell(origin, day, "path", value, {began_or_ended: len(members)})


def _counts(visits: list[_Visit]) -> dict[str, float]:
    views = sum(visit.views for visit in visits)
    return {
        "visitors": len({visit.visitor for visit in visits}),
        "visits": len(visits),
        "measured_visits": len(visits),
        "bounces": sum(visit.views <= 1 and not visit.events for visit in visits),
        "engaged_seconds": sum(visit.last - visit.first for visit in visits),
        "views": views,
        "measured_views": views,
        "events": views + sum(visit.events for visit in visits),
    }


def _views(by_visitor: Counter[int]) -> dict[str, float]:
    views = by_visitor.total()
    return {"visitors": len(by_visitor), "views": views, "measured_views": views, "events": views}
