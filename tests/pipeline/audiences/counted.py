"""Weeks that wait for their release, made without a visitor: sums as a closing leaves them, and the closings.

Leaves: days and weeks in the future, so that no time to live takes them; and the weeks that are released of them.
"""

import itertools
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from pipeline.audiences.contribute import COUNTED, rules
from pipeline.audiences.release import release
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import Key
from pipeline.closing.day import Closed, commit, next_run
from pipeline.closing.span import close_week
from pipeline.store.database import Store

MONDAY = date(2090, 6, 12)
NOW = 3_801_000_000.0
_COLUMNS = ("site", "day", "release_table", "key", "amount", "run")
_sites = itertools.count(1)

Sums = Mapping[tuple[str, Key], int]


def a_shop(**said: Any) -> Advertiser:  # noqa: ANN401 - fields of every type
    """With an export switched on, and a site of its own."""
    return Advertiser(**{"site": f"released-{next(_sites)}.no", "exports": frozenset({"google_labels"}), **said})


CATALOGUE = (Product("a", product_type="Lego > City"), Product("b", product_type="Spill"))
SUMS: Sums = {
    ("interest", ("a", "mobile")): 5000,
    ("interest", ("c", "mobile")): 5000,
    ("interest", ("seldom", "mobile")): 1,
    ("conversion", ("a", "order")): 4000,
    ("campaigns", ("google", "cpc", "jul", "visit")): 6000,
    ("revenue", ("paid_search",)): 9_000_000,
    ("places", ("NO", "16-20", "mobile", "visit")): 7000,
    ("affinity", ("Lego / City", "area", "NO")): 8000,
}
DECLARED = {"catalogue": CATALOGUE, "campaigns": (("google", "cpc", "jul"),), "areas": ("NO",)}


def count(
    store: Store, shop: Advertiser, day: date, sums: Sums, *, by: str = "", rows: int = 1, killed: bool = False
) -> int:
    """A day that was closed from `rows` rows, and counted for exports unless `by` says by no rules: its run.

    Or one whose closing was killed before its run was named.
    """
    run = next_run(store, NOW)
    marked = [(COUNTED, (shop.currency, by or rules()), shop.revenue_cap)] if by != "-" else []
    lines = [*marked, *((table, key, amount) for (table, key), amount in sums.items())]
    body = b"\n".join(msgspec.json.encode((shop.site, day.isoformat(), *line, run)) for line in lines)
    if lines:
        store.insert("contributions", _COLUMNS, body, f"counted-{run}")
    if not killed:
        commit(store, Closed(shop.site, "day", day, run, rows), NOW)
    return run


def counted_week(store: Store, shop: Advertiser, sums: Sums, monday: date = MONDAY) -> None:
    """Two days of a week with the same sums, and the week."""
    for after in (0, 3):
        count(store, shop, monday + timedelta(days=after), sums)
    close_week(store, shop.site, monday, NOW)


def lines_of(store: Store, shop: Advertiser) -> list[tuple[Any, ...]]:
    """All that the ledger says of a shop."""
    found = store.query("SELECT * FROM releases WHERE site = {site:String} ORDER BY number", {"site": shop.site})
    return [tuple(row) for row in found.rows]


def released(store: Store, shop: Advertiser, monday: date = MONDAY, now: float = NOW) -> Week:
    """The week, which must have been released."""
    week = release(store, shop, monday, now)
    assert isinstance(week, Week), week
    return week


def near(table: Released, number: int | None, expected: int) -> bool:
    """Whether a number is what it should be, but for its noise: 40 scales are one in 10^17."""
    return number is not None and abs(number - expected) < 40 * table.scale
