"""One question is one `.sql` file here, its chart (if it has one) the `.vl.json` of the same name.

Enters: a panel's name and a window. Leaves: an `Answer` whose first column is the dimension's value and whose other
columns are measures. Typed parameters: `{site:String}`, `{from:Date}`, `{to:Date}`, `{until:DateTime64(3, 'UTC')}`, and
where needed `{time_zone:String}`, `{now:DateTime64(3, 'UTC')}` and `{currency:String}`, the one that most orders were
paid in.

`FROM margins('device')` stands for that dimension's cells of the window, as `cells.py` fetches them for all panels of a
page: a day, a value and measures, those of the view `margins`.
"""

import re
from collections.abc import Iterable
from importlib import resources

from dashboards.panels.cells import LONG, MEASURES, QUICK, QUICK_OF_COUNTS, Cells, count, relation
from dashboards.period import LONGEST_BY_HOUR, Window
from pipeline.store.database import Answer, Store

_MARGINS = re.compile(r"margins\('(\w+)'\)")
_CURRENCY = "{currency:"
_COMMENT = re.compile(r"^ *--.*\n", re.MULTILINE)
"""The client reads them word by word, and none of them asks for anything."""


def _questions() -> dict[str, str]:
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".sql"))
    return {file.name.removesuffix(".sql"): _COMMENT.sub("", file.read_text(encoding="utf-8")) for file in files}


PANELS = _questions()
"""Panel → its SQL."""

DIMENSIONS = {name: frozenset(_MARGINS.findall(sql)) for name, sql in PANELS.items()}
"""Panel → the dimensions that it asks about."""

ASKED = {name: frozenset(m for m in MEASURES if re.search(rf"\b{m}\b", sql)) for name, sql in PANELS.items()}
"""Panel → the measures that it asks about."""

_HEADS: dict[str, tuple[tuple[str, str], ...]] = {}
"""Panel → its columns, once they had to be asked for: they depend on its text alone, and to ask takes as long as it."""

TIMELINE_CHART = resources.files(__name__).joinpath("timeline.vl.json").read_bytes()


def gather(store: Store, panels: Iterable[str], window: Window, now: float) -> Cells:
    """Fetch what several panels ask about, once for all of them.

    Raises:
        StoreError: the store could not answer.
    """
    wanted: dict[str, frozenset[str]] = {}
    for panel in panels:
        for dimension in DIMENSIONS[panel]:
            wanted[dimension] = wanted.get(dimension, frozenset()) | ASKED[panel]
        if _CURRENCY in PANELS[panel]:
            wanted["all"] = wanted.get("all", frozenset()) | {"orders"}
    if (window.last - window.first).days >= LONGEST_BY_HOUR:
        wanted.pop("hour", None)  # nobody looks at them
    return count(store, window, now, wanted)


def ask(store: Store, panel: str, window: Window, now: float, cells: Cells | None = None) -> Answer:
    """Answer one panel's question; blocks for the query's time.

    Args:
        store: where the answer is.
        panel: one of `PANELS`.
        window: site and days.
        now: seconds since 1970.
        cells: what `gather` has of the window, for this panel among others; None: fetch it here.

    Raises:
        KeyError: there is no such panel.
        StoreError: the store could not answer.
    """
    sql, parameters = PANELS[panel], window.parameters(now)
    if cells is None:
        cells = gather(store, [panel], window, now)
    if _CURRENCY in sql:
        parameters["currency"] = cells.most_used_currency()
    given = cells  # for the next line, which is a function of its own
    sql = _MARGINS.sub(lambda found: relation(window, now, given, found[1], ASKED[panel]), sql)
    # of ours only: the text holds what visitors sent, and a path may well read `{x:y}`
    named = {name: value for name, value in parameters.items() if f"{{{name}:" in sql}
    answer = store.query(f"{sql}\n{QUICK_OF_COUNTS if DIMENSIONS[panel] & LONG else QUICK}", named)
    if answer.columns:
        return answer
    # the embedded engine answers "no rows" without naming the columns; who draws a table still wants its head
    if panel not in _HEADS:
        described = store.query(f"DESCRIBE TABLE ({sql})", named).rows
        _HEADS[panel] = tuple((str(row[0]), str(row[1])) for row in described)
    return Answer(_HEADS[panel], ())
