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


def buyer(visitor: int, after_ms: int, order_key: int = 99) -> list[dict[str, Any]]:
    """Somebody who comes by a campaign of his own and reports an order, which others may have reported as well."""
    ts = starts_ms(SUMMER) + 8 * 3_600_000 + after_ms
    came = {"channel": "email", "source": f"s{visitor}", "campaign": f"c{visitor}"}
    paid = {"item_id": ("p1",), "currency": "NOK", "value": 40_000, "order_key": order_key}
    return [
        row(SUMMER, ts, "page_view", visitor=visitor, entry=1, **came),
        row(SUMMER, ts + 1000, "purchase", visitor=visitor, **paid),
    ]


def test_an_order_that_two_numbers_report_binds_nobody(store: Store) -> None:
    """Nor does one who makes up that he has ordered what a hundred others have: each is counted by his own report."""
    everyone = [buyer(visitor, visitor * 1000, 1000 + visitor) for visitor in range(1, 101)]
    liar = [one for order in range(1, 101) for one in buyer(500, order, 1000 + order)]
    rows = [one for own in everyone for one in own] + liar + buyer(501, 1_000_000) + buyer(502, 2_000_000)
    with_all = sums(store, NOTHING_DECLARED, SUMMER, rows)
    for visitor in (500, 501, 502):
        without = sums(store, NOTHING_DECLARED, SUMMER, [one for one in rows if one["visitor"] != visitor])
        alone = sums(store, NOTHING_DECLARED, SUMMER, [one for one in rows if one["visitor"] == visitor])
        moved = {cell: with_all.get(cell, 0) - without.get(cell, 0) for cell in with_all.keys() | without.keys()}
        assert {cell: amount for cell, amount in moved.items() if amount} == alone, visitor
    assert with_all["conversion", ("p1", "order")] == 103


def test_a_robot_that_is_counted_adds_nothing(store: Store) -> None:
    """What the operator has marked instead of refused: none of that number's day, before it was found out, either."""
    rows = keen(SUMMER)
    assert sums(store, NOTHING_DECLARED, SUMMER, rows) != {}
    for found_out in (0, len(rows) // 2, len(rows) - 1):
        marked = [{**one, "marked": "rate_anomaly"} if nth == found_out else one for nth, one in enumerate(rows)]
        assert sums(store, NOTHING_DECLARED, SUMMER, [*marked, *buyer(8, 0)]) == sums(
            store, NOTHING_DECLARED, SUMMER, buyer(8, 0)
        )


def test_who_has_no_number_and_what_is_sensitive_adds_nothing(store: Store) -> None:
    """Whoever is counted without a number, and events with a sensitive product among their lines or of such a page.

    A visit that began on such a page or came by a campaign for one adds nothing at all.
    """
    marks: tuple[dict[str, Any], ...] = (
        {"visitor": 0},
        {"item_id": ("p1", "(sensitive)")},
        {"path": "/helse/(sensitive)"},
        {"campaign": "(sensitive)"},
        {"source": "(sensitive)"},
    )
    rows = [
        {**one, "visitor": KEEN + nth, "order_key": one["order_key"] and one["order_key"] + 100 * nth, **mark}
        for nth, mark in enumerate(marks)
        for one in keen(SUMMER)
    ]
    assert sums(store, NOTHING_DECLARED, SUMMER, rows) == {}
    began = [{**one, "path": "/(sensitive)"} if one["name"] == "page_view" else one for one in keen(SUMMER)]
    assert sums(store, NOTHING_DECLARED, SUMMER, began) == {}
