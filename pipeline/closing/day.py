"""A day's rows become counts. Enters: a site's day that is over. Leaves: cells in `daily`, and what waits for its week.

Safe to kill at every statement and to run again: what is written counts for nothing until the last insert names the
run.
"""

from dataclasses import dataclass
from datetime import date
from importlib import resources

import msgspec

from pipeline.audiences.contribute import contribute
from pipeline.audiences.shop import Advertiser
from pipeline.store.database import Store, StoreError

K_ORDERS = 5
"""Orders that a cell of behaviour has at least, for what was bought in it to be shown (P4)."""
K_PAIRS = 10
"""Visitors that a cell of two dimensions has at least (P4)."""
K_SEARCHES = 10
"""Visitors who looked for a term at least, for it to be shown (P3)."""
_ROWS = "SELECT count() FROM events WHERE site = {site:String} AND day = {day:Date}"
_DROP_DRAFTS = "ALTER TABLE drafts DROP PARTITION {day:Date}"
_ROWS_A_MEBIBYTE = 150
"""Of a day's events in a slice, by what the store may take: a row takes up to 2 KB, and a query half of it all."""


@dataclass(frozen=True, slots=True)
class Closed:
    """One closing."""

    site: str
    grain: str
    """`day`, `week` or `month`; or `imported`, a day that another tool counted (`../imports/`)."""
    first: date
    run: int
    rests_on: int
    """Rows of a day; of a week or month a hash of the runs under it; of an imported day one of its counts."""


def close_day(
    store: Store,
    site: str,
    time_zone: str,
    day: date,
    now: float,
    slices: int | None = None,
    advertiser: Advertiser | None = None,
) -> Closed:
    """Count a day of a site; if it has been counted before, the new numbers take the place of the old.

    Args:
        store: with all rows of the day.
        site: the shop's id.
        time_zone: IANA name, for the hours.
        day: the site's calendar day.
        now: seconds since 1970; numbers the run.
        slices: in how many parts to count, None: by the number of rows.
        advertiser: the shop, if it has exports: then the day is counted for their week's release, too.

    Raises:
        StoreError: not closed; what was written of it is not seen by anyone.
    """
    # counted first: what comes while we count makes the numbers differ, and the day is closed again
    rows = _one(store, _ROWS, site, day)
    run = next_run(store, now)
    names = {"site": site, "day": day.isoformat(), "run": run, "k": K_ORDERS}
    slices = slices or 1 + rows // (_ROWS_A_MEBIBYTE * store.memory_mebibytes)
    store.command(_DROP_DRAFTS, names)  # an attempt a minute that fails, each with a draft, would fill the disk
    for number in range(slices):
        sliced = {"slices": slices, "slice": number, "time_zone": time_zone}
        store.command(statement("draft"), names | sliced)
    if advertiser is not None:
        contribute(store, advertiser, time_zone, day, run, slices)
    drafted = "SELECT count() FROM drafts WHERE site = {site:String} AND day = {day:Date} AND run = {run:UInt64}"
    if rows and not store.query(drafted, names).rows[0][0]:
        raise StoreError(f"{site}: nothing came of counting {rows} rows of {day}; they are not closed")
    if _one(store, _ROWS, site, day) < rows:
        raise StoreError(f"{site}: rows of {day} left while they were counted; what was counted before stands")
    store.command(statement("daily"), names | {"k_search": K_SEARCHES, "grain": "day"})
    store.command(statement("waiting"), names)
    closed = Closed(site, "day", day, run, rows)
    commit(store, closed, now)
    store.command(_DROP_DRAFTS, names)
    sweep(store, closed)
    return closed


def statement(name: str) -> str:
    """One of the SQL files beside this one."""
    return resources.files("pipeline.closing").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def next_run(store: Store, now: float) -> int:
    """A number higher than that of every run before, whatever the clock says."""
    highest = int(store.query(statement("highest")).rows[0][0])
    return max(int(now * 1e6), highest + 1)


def commit(store: Store, closed: Closed, now: float) -> None:
    """From here on it counts."""
    row = (closed.site, closed.grain, closed.first.isoformat(), closed.run, closed.rests_on, f"{now:.3f}")
    columns = ("site", "grain", "day", "run", "rests_on", "at")
    store.insert("closings", columns, msgspec.json.encode(row) + b"\n", f"closing-{closed.run}")


_WRITTEN_BY = {
    "day": (("daily", "grain = 'day' AND day"), ("waiting", "grain = 'week' AND day"), ("contributions", "day")),
    "week": (("daily", "grain = 'week' AND day"), ("waiting", "grain = 'month' AND day"), ("weekly", "week")),
    "month": (("daily", "grain = 'month' AND day"),),
    "imported": (("daily", "grain = 'imported' AND day"),),
}


def sweep(store: Store, closed: Closed) -> None:
    """Take away what other runs for the same span have left: replaced ones, and those that were killed."""
    names = {"site": closed.site, "first": closed.first.isoformat(), "run": closed.run}
    for table, span in _WRITTEN_BY[closed.grain]:
        others = f"site = {{site:String}} AND {span} = {{first:Date}} AND run != {{run:UInt64}}"
        if store.query(f"SELECT count() FROM {table} WHERE {others}", names).rows[0][0]:  # noqa: S608 - our own names
            store.command(f"ALTER TABLE {table} DELETE WHERE {others} SETTINGS mutations_sync = 1", names)


def _one(store: Store, sql: str, site: str, day: date) -> int:
    return int(store.query(sql, {"site": site, "day": day.isoformat()}).rows[0][0])
