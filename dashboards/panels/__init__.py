"""One question is one `.sql` file here, its chart (if it has one) the `.vl.json` of the same name.

Enters: a panel's name and a window. Leaves: an `Answer` whose first column is the dimension's value and whose other
columns are measures. Typed parameters: `{site:String}`, `{from:Date}`, `{to:Date}`, `{until:DateTime64(3, 'UTC')}`, and
where needed `{time_zone:String}` and `{now:DateTime64(3, 'UTC')}`.

`FROM margins('device')` stands for that dimension's cells of the window, with the columns of the view `margins`: of
closed days from the store, of open ones from `cells.py`, which counts them once for all panels of a page.
"""

import re
from importlib import resources

from dashboards.panels.cells import MEASURES, Cells, count, relation
from dashboards.period import Window
from pipeline.store.database import Answer, Store

_MARGINS = re.compile(r"margins\('(\w+)'\)")


def _questions() -> dict[str, str]:
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".sql"))
    return {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8") for file in files}


PANELS = _questions()
"""Panel → its SQL."""

DIMENSIONS = {name: tuple(dict.fromkeys(_MARGINS.findall(sql))) for name, sql in PANELS.items()}
"""Panel → the dimensions that it asks about."""

ASKED = {name: frozenset(m for m in MEASURES if re.search(rf"\b{m}\b", sql)) for name, sql in PANELS.items()}
"""Panel → the measures that it asks about."""

TIMELINE_CHART = resources.files(__name__).joinpath("timeline.vl.json").read_bytes()


def ask(store: Store, panel: str, window: Window, now: float, cells: Cells | None = None) -> Answer:
    """Answer one panel's question; blocks for the query's time.

    Args:
        store: where the answer is.
        panel: one of `PANELS`.
        window: site and days.
        now: seconds since 1970.
        cells: the window's open days, counted by the panel's dimensions at least; None: count them here.

    Raises:
        KeyError: there is no such panel.
        StoreError: the store could not answer.
    """
    parameters = window.parameters(now)
    if cells is None:
        cells = count(store, window, now, DIMENSIONS[panel], ASKED[panel])
    sql = _MARGINS.sub(lambda found: relation(window, now, cells, found[1]), PANELS[panel])
    # of ours only: the text holds what visitors sent, and a path may well read `{x:y}`
    named = {name: value for name, value in parameters.items() if f"{{{name}:" in sql}
    answer = store.query(sql, named)
    if answer.columns:
        return answer
    # the embedded engine answers "no rows" without naming the columns; who draws a table still wants its head
    described = store.query(f"DESCRIBE TABLE ({sql})", named).rows
    return Answer(tuple((str(row[0]), str(row[1])) for row in described), ())
