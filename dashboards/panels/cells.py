"""The cells of a window, fetched once for all panels of a page.

Enters: a window, dimensions and measures. Leaves: the cells of each, and the relation that stands for them in a panel's
SQL.

Why not the view `margins` in each panel: the engine takes longer to understand its open half than to answer it, a dozen
times a page; and to open the table for each panel takes longer than to read the few cells that most of them are about.
So the open half is asked once, the closed days of short dimensions are added up once, and the lines of both go into the
panels' small queries. Long dimensions stay where they are: as text they would take longer than to be read.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from dashboards.period import Window
from pipeline.schema import reading
from pipeline.store.database import Store

_COLUMNS = {
    "day": "Date",
    "value": "String",
    "label": "String",
    **dict.fromkeys(
        """visitors visits measured_visits views measured_views events bounces entries exits engaged_seconds scroll
        scrolls item_views carts checkouts""".split(),
        "UInt64",
    ),
    "orders": "Map(String, UInt64)",
    "units": "UInt64",
    "revenue": "Map(String, Int64)",
}
MEASURES = tuple(name for name in _COLUMNS if name not in ("day", "value"))
"""What can be asked about a cell."""

LONG = frozenset({"path", "product"})
"""Dimensions with thousands of values, of which one panel each asks."""
_BY_DAY = "('all', 'hour')"
"""Dimensions whose cells keep their days; of the others only the sum over closed days is asked."""

QUICK = "SETTINGS compile_expressions = 0, compile_aggregate_expressions = 0, compile_sort_description = 0"
"""To compile a page's questions takes a quarter of a second, at the fourth time they are asked, and saves nothing."""
QUICK_OF_COUNTS = f"{QUICK}, optimize_move_to_prewhere = 0"
"""Of `daily`, whose key has found the cells: to filter in two steps takes longer than to read what is left out."""

_ADDED_UP = {
    "label": "argMaxIf(closed.label, closed.day, closed.label != '')",
    "orders": "sumMap(closed.orders)",
    # in 128 bits and held within 64: a sum too large for its column would come out negative
    "revenue": """mapApply((paid_in, total) -> (paid_in, toInt64(greatest(-9223372036854775807,
        least(9223372036854775807, total)))),
        sumMap(mapApply((paid_in, total) -> (paid_in, toInt128(total)), closed.revenue)))""",
}
_LINES = "SELECT dim, arrayStringConcat(groupArray(formatRow('JSONCompactEachRow', %s))) FROM (%s) GROUP BY dim"
_OPEN = reading("""
    SELECT dim, day, value, <measures>
    FROM open(
        site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
        time_zone = {time_zone:String}, open = {open:Date}, only = {only:Array(String)})
""")
_CLOSED = reading(
    "FROM closed(site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, open = {open:Date}) AS closed"
)
_SUMMED = f"""
    SELECT dim, max(closed.day) AS day, value, <measures>
    {_CLOSED}
    WHERE dim IN {{only:Array(String)}}
    GROUP BY dim, value, if(dim IN {_BY_DAY}, closed.day, toDate(0))
"""


@dataclass(frozen=True, slots=True)
class Lines:
    """Cells as text."""

    measures: tuple[str, ...]
    of: Mapping[str, str]
    """Dimension → its cells as lines of JSONCompactEachRow: day, value, measures."""

    def relation(self, dimension: str) -> str:
        """A table of them, in SQL."""
        types = ", ".join(f"{name} {_COLUMNS[name]}" for name in ("day", "value", *self.measures))
        return f"format(JSONCompactEachRow, {_quoted(types)}, {_quoted(self.of.get(dimension, ''))})"


@dataclass(frozen=True, slots=True)
class Cells:
    """What was fetched; of each half what is asked of it, since every column more takes the engine its time."""

    closed: Lines
    """Without long dimensions."""
    opened: Lines

    def most_used_currency(self) -> str:
        """The one that most orders were paid in, of two the first by name; empty: there are no orders."""
        orders: Counter[str] = Counter()
        for half in (self.closed, self.opened):
            for line in half.of.get("all", "").splitlines():
                orders.update(msgspec.json.decode(line)[2 + half.measures.index("orders")])
        return min(orders, key=lambda paid_in: (not paid_in, -orders[paid_in], paid_in), default="")


def count(store: Store, window: Window, now: float, wanted: Mapping[str, Collection[str]]) -> Cells:
    """The cells of the window, but for closed days of long dimensions.

    Args:
        store: has them.
        window: site and days.
        now: seconds since 1970.
        wanted: dimension → measures. What nobody asks for, the engine needn't find out: visits are dear.

    Raises:
        StoreError: the store could not answer.
    """
    opened = window.open(now)
    short = {name: asked for name, asked in wanted.items() if name not in LONG}
    return Cells(
        _fetch(store, window, now, _SUMMED, short if window.first < opened else {}),
        _fetch(store, window, now, _OPEN, wanted if window.last >= opened else {}),
    )


def _fetch(store: Store, window: Window, now: float, sql: str, wanted: Mapping[str, Collection[str]]) -> Lines:
    measures = tuple(name for name in MEASURES if any(name in asked for asked in wanted.values()))
    if not wanted:
        return Lines(measures, {})
    of_counts = sql is _SUMMED
    named = (_sum(name) if of_counts else name for name in measures)
    names = ", ".join(("day", "value", *measures))
    sql = f"{_LINES % (names, sql.replace('<measures>', ', '.join(named)))} {QUICK_OF_COUNTS if of_counts else QUICK}"
    parameters = {name: text for name, text in window.parameters(now).items() if f"{{{name}:" in sql}
    found = store.query(sql, {**parameters, "only": sorted(wanted)}).rows
    return Lines(measures, {str(dimension): str(text) for dimension, text in found})


def _sum(name: str) -> str:
    return f"{_ADDED_UP.get(name, f'sum(closed.{name})')} AS {name}"


def relation(window: Window, now: float, cells: Cells, dimension: str, measures: Collection[str]) -> str:
    """What `margins('…')` stands for; its parameters are the panel's and `open`."""
    asked = tuple(name for name in MEASURES if name in measures)
    halves = [half.relation(dimension) for half in (cells.closed, cells.opened) if half.of.get(dimension)]
    reads_table = dimension in LONG and window.first < window.open(now)
    if not reads_table and len(halves) <= 1:
        return halves[0] if halves else Lines(asked, {}).relation(dimension)
    names = ", ".join(("day", "value", *asked))
    parts = [f"SELECT {names} FROM {half}" for half in halves]  # noqa: S608 - quoted
    if reads_table:
        parts.insert(0, f"SELECT {names} {_CLOSED} WHERE dim = '{dimension}'")
    return f"({' UNION ALL '.join(parts)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
