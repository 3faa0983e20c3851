"""P5: one visitor-day more or less changes few cells of a table by little, and no others: all noise rests on that."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from pipeline.audiences.contribute import contribute
from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import TABLES, Key
from pipeline.store.database import Store
from tests.pipeline.closing.shops import OSLO, SUMMER, put, row, starts_ms
from tests.pipeline.closing.simulated import shop_of

RUN, KEEN = 1, 7
"""The number of who does everything that can be done."""
CAP = 500
NOTHING_DECLARED = Advertiser("bounded-1.no", frozenset({"campaigns"}), revenue_cap=CAP)
ALL_DECLARED = Advertiser(
    "bounded-2.no",
    frozenset({"campaigns"}),
    revenue_cap=CAP,
    catalogue=tuple(Product(f"p{n}", product_type=f"Leker > {n % 9}") for n in range(40)),
    campaigns=(("google", "cpc", "jul"), ("facebook", "cpc", "nye-lego")),
    areas=("NO", "Oslo"),
)
_numbers = iter(range(1, 1000))


def keen(day: date) -> list[dict[str, Any]]:
    """A visitor who comes eight times, by eight ways, sees forty products, and buys most of them."""
    rows = []
    for nth in range(8):
        ts = starts_ms(day) + nth * 10_000_000
        came = {
            "channel": ("search", "email", "social", "referral")[nth % 4],
            "source": f"s{nth}",
            "campaign": f"c{nth}",
        }
        who = {
            "visitor": KEEN,
            "country": "NO",
            "region": ("Oslo", "")[nth % 2],
            "device": ("mobile", "desktop")[nth % 2],
        }
        goods = {"item_id": tuple(f"p{nth * 5 + n}" for n in range(5)), "currency": "NOK"}
        goods["item_category"] = tuple(f"Leker / {nth}" for _ in goods["item_id"])
        rows.append(row(day, ts, "page_view", entry=1, **came, **who))
        rows += [row(day, ts + 1000, name, **who, **goods) for name in ("view_item", "add_to_cart")]
        paid = {"order_key": nth + 1, "value": 300_000}
        rows += [row(day, ts + 2000, "purchase", **who, **goods, **paid)] if nth < 6 else []
    return rows


def sums(store: Store, shop: Advertiser, day: date, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, Key], int]:
    """What a day of these rows adds to its week."""
    own = Advertiser(
        **{**{name: getattr(shop, name) for name in shop.__slots__}, "site": f"{next(_numbers)}.{shop.site}"}
    )
    put(store, own.site, rows)
    contribute(store, own, OSLO, day, RUN, slices=1)
    found = store.query(
        "SELECT release_table, key, sum(amount) FROM contributions"
        " WHERE site = {site:String} AND NOT startsWith(release_table, '(') GROUP BY ALL",
        {"site": own.site},
    )
    return {(table, tuple(key)): amount for table, key, amount in found.rows}


@pytest.mark.parametrize("shop", [NOTHING_DECLARED, ALL_DECLARED], ids=["nothing declared", "all declared"])
def test_one_visitor_day_changes_few_cells_by_little(store: Store, shop: Advertiser) -> None:
    """The keenest as many as there may be, and what the others add stays what it was."""
    rows = [*shop_of(40, seed=5, orders=4, products=30), *keen(SUMMER)]
    with_all = sums(store, shop, SUMMER, rows)
    for visitor in (KEEN, max(one["visitor"] for one in rows)):
        without = sums(store, shop, SUMMER, [one for one in rows if one["visitor"] != visitor])
        alone = sums(store, shop, SUMMER, [one for one in rows if one["visitor"] == visitor])
        moved = {cell: with_all.get(cell, 0) - without.get(cell, 0) for cell in with_all.keys() | without.keys()}
        assert {cell: amount for cell, amount in moved.items() if amount} == alone
        for name, table in TABLES.items():
            added = [amount for (of, _), amount in alone.items() if of == name]
            assert len(added) == table.cells if visitor == KEEN else len(added) <= table.cells, name
            assert all(0 < amount <= table.most * (CAP if name == "revenue" else 1) for amount in added), name
    assert CAP in with_all.values()


def test_who_has_no_number_and_what_is_sensitive_adds_nothing(store: Store) -> None:
    """Whoever is counted without a number, and events with a sensitive product among their lines or of such a page."""
    marks: tuple[dict[str, Any], ...] = (
        {"visitor": 0},
        {"item_id": ("p1", "(sensitive)")},
        {"path": "/helse/(sensitive)"},
    )
    rows = [
        {**one, "visitor": KEEN + nth, "order_key": one["order_key"] and one["order_key"] + 100 * nth, **mark}
        for nth, mark in enumerate(marks)
        for one in keen(SUMMER)
    ]
    assert sums(store, NOTHING_DECLARED, SUMMER, rows) == {}
