"""One question is one `.sql` file here, its chart (if it has one) the `.vl.json` of the same name.

Enters: a panel's name and a window. Leaves: an `Answer` whose first column is the dimension's value and whose other
columns are measures. Typed parameters: `{site:String}`, `{from:Date}`, `{to:Date}`, `{until:DateTime64(3, 'UTC')}`, and
where needed `{time_zone:String}` and `{now:DateTime64(3, 'UTC')}`.
"""

import re
from importlib import resources

from dashboards.period import Window
from pipeline.store import Answer, Store


def _questions() -> dict[str, str]:
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".sql"))
    return {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8") for file in files}


PANELS = _questions()
"""Panel → its SQL."""

TIMELINE_CHART = resources.files(__name__).joinpath("timeline.vl.json").read_bytes()

_PARAMETERS = {name: set(re.findall(r"\{(\w+):", sql)) for name, sql in PANELS.items()}


def ask(store: Store, panel: str, window: Window, now: float) -> Answer:
    """Answer one panel's question; blocks for the query's time.

    Raises:
        KeyError: there is no such panel.
        StoreError: the store could not answer.
    """
    sql, every = PANELS[panel], window.parameters(now)
    parameters = {name: every[name] for name in _PARAMETERS[panel]}
    answer = store.query(sql, parameters)
    if answer.columns:
        return answer
    # the embedded engine answers "no rows" without naming the columns; who draws a table still wants its head
    described = store.query(f"DESCRIBE TABLE ({sql})", parameters).rows
    return Answer(tuple((str(row[0]), str(row[1])) for row in described), ())
