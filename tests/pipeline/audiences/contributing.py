"""Days whose visitor-days add to a release, and the sums that are there of them."""

from datetime import date
from typing import Any

from pipeline.audiences.contribute import contribute
from pipeline.audiences.shop import Advertiser, Product
from pipeline.store.database import Store
from tests.pipeline.audiences.reference import Cell
from tests.pipeline.closing.shops import OSLO, SUMMER, row, starts_ms

CATALOGUE = (
    Product("a", product_type="Leker > Lego > City"),
    Product("x01", product_type="Leker"),
    Product("60316", product_type=""),
    Product("a", product_type="Bøker"),
    Product("never-seen", product_type="Spill > Brett"),
)


def written(store: Store, shop: Advertiser, day: date, slices: int, run: int) -> dict[Cell, int]:
    """The sums that a run has written."""
    contribute(store, shop, OSLO, day, run, slices)
    return sums_in(store, shop.site, day, run)


def sums_in(store: Store, site: str, day: date, run: int) -> dict[Cell, int]:
    """What is there of a run."""
    found = store.query(
        "SELECT release_table, key, sum(amount) FROM contributions WHERE site = {site:String} AND day = {day:Date}"
        " AND run = {run:UInt64} AND NOT startsWith(release_table, '(') GROUP BY ALL",
        {"site": site, "day": day.isoformat(), "run": run},
    )
    return {(table, tuple(key)): amount for table, key, amount in found.rows}


def busy_day(visitors: int, products: int = 30) -> list[dict[str, Any]]:
    """Visitors who look at so many products a visit, put them into the cart and buy them, from several campaigns."""
    rows = []
    for visitor in range(1, visitors + 1):
        for visit in range(3):
            who = {"visitor": visitor, "source": f"s{visit}", "channel": ("search", "email", "social")[visit]}
            ts = starts_ms(SUMMER) + visit * 5 * 3600_000 + visitor
            goods = {"item_id": tuple(f"p{visit}{n}" for n in range(products)), "item_category": ("A / B",) * products}
            rows.append(row(SUMMER, ts, "page_view", entry=1, **who))
            rows += [row(SUMMER, ts + 1, name, **goods, **who) for name in ("view_item", "add_to_cart")]
            paid = {"value": 10_000_00, "currency": "NOK", "order_key": visitor * 10 + visit}
            rows.append(row(SUMMER, ts + 2, "purchase", **paid, **{**goods, "item_id": goods["item_id"][:9]}, **who))
    return rows
