"""Closed days become a week, closed weeks a month. Enters: what waits for them. Leaves: cells that are large enough.

Like a day, safe to kill at every statement and to run again.
"""

from datetime import date

from pipeline.closing.day import K_ORDERS, K_PAIRS, Closed, commit, next_run, statement, sweep
from pipeline.store.database import Store

BELOW = {"week": "day", "month": "week"}

_RESTS_ON = """
    SELECT if(count() = 0, 0, sipHash64(arraySort(groupArray((day, run)))))
    FROM
    (
        SELECT day, max(run) AS run FROM closings
        WHERE site = {site:String} AND grain = {below:String}
            AND if({grain:String} = 'week', toMonday(day), toStartOfMonth(day)) = {first:Date}
        GROUP BY day
    )
"""


def close_week(store: Store, site: str, first: date, now: float) -> Closed:
    """Write the pairs of an ISO week, and orders that were too few by the day. `first`: its Monday.

    Raises:
        StoreError: not closed; what was written of it is not seen by anyone.
    """
    closed = Closed(site, "week", first, next_run(store, now), rests_on(store, site, "week", first))
    names = {"site": site, "first": first.isoformat(), "run": closed.run, "k": K_ORDERS}
    store.command(statement("weekly"), names | {"k_pairs": K_PAIRS})
    store.command(statement("orders"), names | {"grain": "week", "below": "day"})
    store.command(statement("rest"), names)
    commit(store, closed, now)
    sweep(store, closed)
    return closed


def close_month(store: Store, site: str, first: date, now: float) -> Closed:
    """Write the orders that were too few by the week, of the weeks whose Monday lies in the month.

    Raises:
        StoreError: not closed; what was written of it is not seen by anyone.
    """
    closed = Closed(site, "month", first, next_run(store, now), rests_on(store, site, "month", first))
    names = {"site": site, "first": first.isoformat(), "run": closed.run, "k": K_ORDERS}
    store.command(statement("orders"), names | {"grain": "month", "below": "week"})
    commit(store, closed, now)
    sweep(store, closed)
    return closed


def rests_on(store: Store, site: str, grain: str, first: date) -> int:
    """Changes when a day (or week) below is closed, or closed again; 0: none is."""
    names = {"site": site, "grain": grain, "below": BELOW[grain], "first": first.isoformat()}
    return int(store.query(_RESTS_ON, names).rows[0][0])
