"""An imported day into the store, by the rules of closing; or out of it again.

Enters: a day's cells. Leaves: rows of `daily` and a row of `closings` that names their run, both of the grain
`imported`. It goes the way of a day that we close: the cells are a draft, the same statement keeps of them what may be
kept, and nothing counts until the last insert. So it can be killed anywhere and done again. What is hidden waits for no
week: the other tool's days have no pairs, and a week of ours that is closed must not be closed anew without its rows.
"""

from collections.abc import Mapping

import msgspec

from pipeline.closing.day import K_ORDERS, K_SEARCHES, Closed, next_run, statement, sweep
from pipeline.imports.cells import DRAFT_COLUMNS, ImportedDay, draft_lines
from pipeline.store.database import Store, StoreError

GRAIN = "imported"

_DROP_DRAFTS = "ALTER TABLE drafts DROP PARTITION {day:Date}"
_DRAFTED = "SELECT count() FROM drafts WHERE site = {site:String} AND day = {day:Date} AND run = {run:UInt64}"
_TOTALLED = """
    SELECT count() FROM daily
    WHERE site = {site:String} AND grain = 'imported' AND day = {day:Date} AND run = {run:UInt64} AND dim = 'all'
"""
_CLOSING = ("site", "grain", "day", "run", "rests_on", "at", "imported_from")
_RUNS = """
    SELECT run, imported_from = {source:String}, day FROM closings WHERE site = {site:String} AND grain = 'imported'
"""
_FORGET_CLOSINGS = """
    ALTER TABLE closings DELETE WHERE site = {site:String} AND grain = 'imported' AND imported_from = {source:String}
    SETTINGS mutations_sync = 1
"""
_FORGET_CELLS = """
    ALTER TABLE daily DELETE WHERE site = {site:String} AND grain = 'imported' AND NOT has({others:Array(UInt64)}, run)
    SETTINGS mutations_sync = 1
"""


def keep_day(store: Store, imported: ImportedDay, now: float) -> Closed:
    """Write the day; what the same tool told of it before is replaced. Nothing may be closed or dropped meanwhile.

    Args:
        store: where to.
        imported: a day that `standing` lets in.
        now: seconds since 1970; numbers the run.

    Raises:
        StoreError: not imported; what was written of it is not seen by anyone.
    """
    closed = Closed(imported.site, GRAIN, imported.day, next_run(store, now), imported.fingerprint)
    names = {"site": imported.site, "day": imported.day.isoformat(), "run": closed.run, "k": K_ORDERS}
    store.command(_DROP_DRAFTS, names)
    store.insert("drafts", DRAFT_COLUMNS, draft_lines(imported, closed.run), f"import-{closed.run}")
    _expect(store, imported, _DRAFTED, names, len(imported.cells))
    store.command(statement("daily"), names | {"k_search": K_SEARCHES, "grain": GRAIN})
    # another host that closes the same day of another shop drops all drafts of it: then nothing came of ours
    _expect(store, imported, _TOTALLED, names, 1)
    _expect(store, imported, _DRAFTED, names, len(imported.cells))
    row = (imported.site, GRAIN, names["day"], closed.run, closed.rests_on, f"{now:.3f}", imported.source)
    store.insert("closings", _CLOSING, msgspec.json.encode(row) + b"\n", f"closing-{closed.run}")
    store.command(_DROP_DRAFTS, names)
    sweep(store, closed)
    return closed


def _expect(store: Store, imported: ImportedDay, count: str, names: Mapping[str, object], number: int) -> None:
    if int(store.query(count, names).rows[0][0]) != number:
        raise StoreError(f"{imported.site}: not all counts of {imported.day} arrived; they are not imported")


def remove(store: Store, site: str, source: str) -> int:
    """Take out everything that was imported from one tool; how many days those were.

    The closings go first, and with them nothing of it is seen any more. Killed before the counts are gone, too, it can
    be run again: what no closing names is taken away, whichever tool it was from.

    Raises:
        StoreError: not all of it is gone.
    """
    names = {"site": site, "source": source}
    runs = store.query(_RUNS, names).rows
    store.command(_FORGET_CLOSINGS, names)
    store.command(_FORGET_CELLS, {"site": site, "others": [run for run, ours, _ in runs if not ours]})
    return len({day for _, ours, day in runs if ours})
