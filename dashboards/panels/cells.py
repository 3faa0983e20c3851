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

_LONG = frozenset({"path", "product"})
"""Dimensions with thousands of values, of which one panel each asks."""
_BY_DAY = "('all', 'hour')"
"""Dimensions whose cells keep their days; of the others only the sum over closed days is asked."""

QUICK = "SETTINGS compile_expressions = 0, compile_aggregate_expressions = 0, compile_sort_description = 0"
"""To compile a page's questions takes a quarter of a second, at the fourth time they are asked, and saves nothing."""

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
class Cells:
    """What was fetched."""

    measures: tuple[str, ...]
    lines: Mapping[str, str]
    """Dimension → its cells as lines of JSONCompactEachRow: day, value, measures."""

    def most_used_currency(self) -> str:
        """The one that most orders were paid in, of two the first by name; empty: there are no orders."""
        orders: Counter[str] = Counter()
        place = 2 + self.measures.index("orders")
        for line in self.lines["all"].splitlines():
            orders.update(msgspec.json.decode(line)[place])
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
    short = {name for name in wanted if name not in _LONG}
    measures = tuple(name for name in MEASURES if any(name in of_one for of_one in wanted.values()))
    lines = dict.fromkeys(wanted, "")
    opened = window.open(now)
    if window.first < opened and short:
        of_short = {name for dimension in short for name in wanted[dimension]}
        sums = ", ".join(_sum(name, of_short) for name in measures)
        _fetch(store, window, now, _SUMMED.replace("<measures>", sums), measures, short, lines)
    if window.last >= opened and wanted:
        _fetch(store, window, now, _OPEN.replace("<measures>", ", ".join(measures)), measures, set(wanted), lines)
    return Cells(measures, lines)


def _sum(name: str, asked: Collection[str]) -> str:
    nothing = f"defaultValueOfTypeName('{_COLUMNS[name]}')"
    return f"{_ADDED_UP.get(name, f'sum(closed.{name})') if name in asked else nothing} AS {name}"


def _fetch(
    store: Store,
    window: Window,
    now: float,
    sql: str,
    measures: tuple[str, ...],
    only: set[str],
    lines: dict[str, str],
) -> None:
    sql = f"{_LINES % (', '.join(('day', 'value', *measures)), sql)} {QUICK}"
    parameters = {name: text for name, text in window.parameters(now).items() if f"{{{name}:" in sql}
    for dimension, found in store.query(sql, {**parameters, "only": sorted(only)}).rows:
        lines[dimension] += found


def relation(window: Window, now: float, cells: Cells, dimension: str, measures: Collection[str]) -> str:
    """What `margins('…')` stands for, in parentheses; its parameters are the panel's and `open`."""
    names = ", ".join(("day", "value", *(name for name in MEASURES if name in measures)))
    parts = []
    if dimension in _LONG and window.first < window.open(now):
        parts.append(f"SELECT {names} {_CLOSED} WHERE dim = '{dimension}'")
    if window.last >= window.open(now) or not parts:
        types = ", ".join(f"{name} {_COLUMNS[name]}" for name in ("day", "value", *cells.measures))
        rows = _quoted(cells.lines.get(dimension, ""))
        parts.append(f"SELECT {names} FROM format(JSONCompactEachRow, {_quoted(types)}, {rows})")  # noqa: S608 - quoted
    return f"({' UNION ALL '.join(parts)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
