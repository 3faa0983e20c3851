"""The open days of a window, counted once for all panels of a page.

Enters: a window and dimensions. Leaves: the cells of each, and the relation that stands for them in a panel's SQL.

Why not the view `margins` in each panel: its query takes the engine longer to understand (a third of a second) than to
answer, a dozen times a page. So its open half is asked once, and its rows go into the panels' small queries.
"""

from collections.abc import Container, Iterable, Mapping

import msgspec

from dashboards.period import Window
from pipeline.schema import reading
from pipeline.store.database import Store

Cells = Mapping[str, bytes]
"""Dimension → its cells as lines of JSONCompactEachRow, without the dimension's name."""

_COLUMNS = {
    "day": "Date",
    "grain": "String",
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
MEASURES = tuple(name for name in _COLUMNS if name not in ("day", "grain", "value"))
"""What can be asked about a cell."""
_NAMES = ", ".join(_COLUMNS)
_OPEN = reading("""
    SELECT dim, <asked>
    FROM open(
        site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
        time_zone = {time_zone:String}, open = {open:Date}, only = {only:Array(String)})
""")
_TYPES = tuple(_COLUMNS.items())
_NOTHING = {"UInt64": "0", "String": "''"} | {
    kind: f"CAST(map(), '{kind}')" for kind in _COLUMNS.values() if "Map" in kind
}
_CLOSED = reading(f"""
    SELECT {_NAMES}
    FROM closed(site = {{site:String}}, `from` = {{from:Date}}, `to` = {{to:Date}}, open = {{open:Date}})
    WHERE dim = '%s'
""")  # noqa: S608 - as above


def count(
    store: Store, window: Window, now: float, dimensions: Iterable[str], measures: Container[str] = MEASURES
) -> Cells:
    """The cells of the window's open days; nothing is asked of the store where it has none.

    Args:
        store: has the rows.
        window: site and days.
        now: seconds since 1970.
        dimensions: which.
        measures: which; the others are 0. What nobody asks for, the engine needn't find out: visits are dear.

    Raises:
        StoreError: the store could not answer.
    """
    names = list(dimensions)
    if not names or window.last < window.open(now):
        return {}
    parameters = window.parameters(now)
    parameters = {name: parameters[name] for name in ("site", "from", "to", "until", "time_zone", "open")}
    lines: dict[str, list[bytes]] = {name: [] for name in names}
    asked = (
        name if name not in MEASURES or name in measures else f"{_NOTHING[kind]} AS {name}" for name, kind in _TYPES
    )
    sql = _OPEN.replace("<asked>", ", ".join(asked))
    for dimension, *cell in store.query(sql, parameters | {"only": names}).rows:
        lines[dimension].append(msgspec.json.encode(cell))
    return {name: b"\n".join(rows) for name, rows in lines.items()}


def relation(window: Window, now: float, cells: Cells, dimension: str) -> str:
    """What `margins('…')` stands for, in parentheses; its parameters are the panel's and `open`."""
    opened = window.open(now)
    parts = [_CLOSED % dimension] if window.first < opened else []
    if window.last >= opened or not parts:
        rows = _quoted(cells.get(dimension, b"").decode())
        types = _quoted(", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items()))
        parts.append(f"SELECT {_NAMES} FROM format(JSONCompactEachRow, {types}, {rows})")  # noqa: S608 - quoted
    return f"({' UNION ALL '.join(parts)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
