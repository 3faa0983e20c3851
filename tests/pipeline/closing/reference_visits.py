"""Orders made one, and visits, as `pipeline/closing/CLOSING.md` has them.

Enters: rows of one site's day, as dicts of the columns of `events` and `batch`, `ts` in ms since 1970. Leaves:
facts, each an event with what its visit lends it; `reference.py` counts them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, zip_longest
from typing import Any

Row = Mapping[str, Any]

LEAVINGS = frozenset({"engagement", "web_vitals"})
PASSIVE = LEAVINGS | {"page_view", "view_item", "view_item_list"}
STEPS = ("visit", "view_item", "add_to_cart", "begin_checkout", "purchase")
OF_GOODS = (*STEPS[1:], "refund")
RUN_ENDS_AFTER_MS = 30 * 60 * 1000
BOUNCE_ENGAGED_MS = 10_000
MOST_TOGETHER = 30
_GOODS = ("item_id", "item_name", "item_brand", "item_category", "item_price", "item_quantity")
_WHO = (
    "visitor", "continued", "path", "country", "region", "device", "browser", "os", "language", "viewport", "channel",
    "source", "medium", "campaign", "referrer",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """One run of a visitor's events; its page views in order."""

    visitor: int
    events: Sequence[Row]
    views: Sequence[Row]

    @property
    def bounced(self) -> bool:
        """Whether the visitor left without doing anything."""
        return (
            len(self.views) <= 1
            and all(row["name"] in PASSIVE for row in self.events)
            and sum(row["engaged_ms"] for row in self.events) < BOUNCE_ENGAGED_MS
        )

    @property
    def steps(self) -> tuple[str, ...]:
        """The funnel's steps up to the furthest that the visit has an event of."""
        return STEPS[: 1 + max((STEPS.index(row["name"]) for row in self.events if row["name"] in STEPS), default=0)]

    @property
    def viewed(self) -> list[str]:
        """The first products it looked at, by id."""
        return sorted({x for row in self.events if row["name"] == "view_item" for x in row["item_id"] if x})[
            :MOST_TOGETHER
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """How a visit came, or an event of no visit: the values that its events have in common."""

    entry: str
    exit: str
    source: str
    channel: str
    medium: str
    campaign: str
    referrer: str


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """An event with what its visit lends it."""

    row: Row
    visit: Visit | None
    origin: Origin
    bounced: bool = False
    steps: tuple[str, ...] = ()
    is_entry: bool = False
    is_exit: bool = False
    next_path: str = ""

    @property
    def is_counted_visit(self) -> bool:
        """A page view without a number that came from outside."""
        return _is_counted_visit(self.row)


def facts_of_day(rows: Iterable[Row]) -> tuple[list[Fact], list[Visit]]:
    """The day's events, orders being one, each with its visit; and the visits."""
    of_visitor: dict[int, list[Row]] = defaultdict(list)
    facts: list[Fact] = []
    visits: list[Visit] = []
    for row in _each_order_once(rows):
        if row["visitor"] and not row["continued"]:
            of_visitor[row["visitor"]].append(row)
        else:
            facts.append(Fact(row, None, _own_origin(row)))
    for visitor, own in of_visitor.items():
        for run in _runs(own):
            if all(row["name"] in LEAVINGS for row in run):
                facts += [Fact(row, None, _own_origin(row)) for row in run]
            else:
                visit = Visit(visitor, run, _views_in_order(run))
                visits.append(visit)
                facts += _facts_of_visit(visit)
    return facts, visits


def _each_order_once(rows: Iterable[Row]) -> Iterator[Row]:
    reports: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row["name"] != "purchase":
            yield row
        elif row["order_key"]:
            reports[row["order_key"]].append(row)
        else:
            yield _one_order([row])
    for of_one in reports.values():
        yield _one_order(of_one)


def _one_order(reports: Sequence[Row]) -> Row:
    who = min(reports, key=lambda row: (row["visitor"] == 0, row["ts"], row["batch"], [row[c] for c in _WHO]))
    amount = min(reports, key=lambda row: (row["value"] == 0, row["ts"], row["batch"], row["value"], row["currency"]))
    goods = min(
        reports, key=lambda row: (-len(row["item_id"]), row["ts"], row["batch"], [tuple(row[c]) for c in _GOODS])
    )
    said = {column: goods[column] for column in _GOODS}
    value = amount["value"] or sum_of_lines(goods)
    nothing = {"search_term": "", "engaged_ms": 0, "scroll": 0}
    return {**who, **nothing, "value": value, "currency": amount["currency"], **said}


def sum_of_lines(row: Row) -> int:
    """Price times quantity, at least 1, of each line that has a product's id, even an empty one."""
    priced = zip_longest(row["item_price"][: len(row["item_id"])], row["item_quantity"][: len(row["item_id"])])
    return sum((price or 0) * max(quantity or 0, 1) for price, quantity in priced)


def _runs(rows: Iterable[Row]) -> list[list[Row]]:
    """Events of one millisecond have no order among them that could be relied on: they stay together."""
    runs: list[list[Row]] = [[]]
    before: int | None = None
    for ts, together in groupby(sorted(rows, key=lambda row: row["ts"]), key=lambda row: row["ts"]):
        at_once = list(together)
        gap = 0 if before is None else ts - before
        if gap >= RUN_ENDS_AFTER_MS and any(row["name"] not in LEAVINGS for row in at_once):
            runs.append([])
        runs[-1] += at_once
        before = ts
    return runs


def _views_in_order(run: Iterable[Row]) -> list[Row]:
    by = ("ts", "batch", "path", "channel", "source", "medium", "campaign", "referrer")
    return sorted((row for row in run if row["name"] == "page_view"), key=lambda row: [row[column] for column in by])


def _facts_of_visit(visit: Visit) -> Iterator[Fact]:
    views, bounced, steps = visit.views, visit.bounced, visit.steps
    if views:
        first = views[0]
        origin = Origin(
            first["path"], views[-1]["path"], _came_from(first), first["channel"] or "direct",
            first["medium"], first["campaign"], first["referrer"],
        )  # fmt: skip
    else:
        origin = Origin("", "", "(direct)", "direct", "", "", "")
    then = {id(view): after["path"] for view, after in pairwise(views)}
    for row in visit.events:
        is_first, is_last = bool(views) and row is views[0], bool(views) and row is views[-1]
        yield Fact(row, visit, origin, bounced, steps, is_first, is_last, then.get(id(row), ""))


def _is_counted_visit(row: Row) -> bool:
    return bool(row["name"] == "page_view" and not row["visitor"] and row["entry"])


def _came_from(row: Row) -> str:
    return row["source"] or row["referrer"] or "(direct)"


def _own_origin(row: Row) -> Origin:
    entry = row["path"] if _is_counted_visit(row) else "(unknown)"
    source, channel = (_came_from(row), row["channel"]) if row["channel"] else ("(unknown)", "(unknown)")
    return Origin(entry, "(unknown)", source, channel, row["medium"], row["campaign"], row["referrer"])
