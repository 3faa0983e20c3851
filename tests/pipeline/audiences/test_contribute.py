"""What a day adds to its week's release: in SQL and in slow Python the same, and bounded whatever a visitor does."""

import itertools
import os
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.audiences import contribute as module
from pipeline.audiences.contribute import category_of, contribute
from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import TABLES
from pipeline.closing.day import close_day
from pipeline.store.database import Store
from proxy.privacy import coarse
from tests.pipeline.audiences.reference import Cell, cells_of_visitors, contributions_of, siphash
from tests.pipeline.closing.shops import OSLO, SUMMER, days, put, row, starts_ms

LONG = 10 if os.environ.get("SPORLOS_LONG") else 1
CATALOGUE = (
    Product("a", product_type="Leker > Lego > City"),
    Product("x01", product_type="Leker"),
    Product("60316", product_type=""),
    Product("a", product_type="Bøker"),
    Product("never-seen", product_type="Spill > Brett"),
)
_numbers = itertools.count(1)


def new_site() -> str:
    """A site of the example's own."""
    return f"contributes-{next(_numbers)}.no"


def a_shop(site: str = "", **said: Any) -> Advertiser:  # noqa: ANN401 - fields of every type
    """With an export switched on."""
    return Advertiser(**{"site": site, "exports": frozenset({"google_labels"}), **said})


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


def odd(rows: Sequence[dict[str, Any]], renamed: dict[str, str], path: str) -> list[dict[str, Any]]:
    """The rows with some products called otherwise, and one path, and tablets for want of a word."""
    return [
        {
            **one,
            "item_id": tuple(renamed.get(x, x) for x in one["item_id"]),
            "path": path if one["path"] == "/kasse" else one["path"],
            "device": "tablet" if one["device"] == "(other)" else one["device"],
        }
        for one in rows
    ]


declared = st.fixed_dictionaries(
    {},
    optional={
        "catalogue": st.just(CATALOGUE),
        "campaigns": st.just((("google", "cpc", "jul"), ("(direct)", "", ""), ("facebook", "", ""))),
        "areas": st.sampled_from((("NO",), ("Oslo", "SE"))),
        "currency": st.sampled_from(("NOK", "SEK", "JPY")),
        "revenue_cap": st.sampled_from((1, 500)),
    },
)
renamings = st.dictionaries(st.sampled_from(("b", "æ", "x03")), st.sampled_from(("(sensitive)", "(other)")), max_size=2)


@pytest.mark.timeout(300 * LONG)
@given(days(), declared, renamings, st.sampled_from(("/kasse", "/p/(sensitive)")), st.sampled_from((1, 1, 3)))
@settings(
    max_examples=15 * LONG,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_the_sql_counts_what_the_text_says(
    store: Store,
    rows: list[dict[str, Any]],
    said: dict[str, Any],
    renamed: dict[str, str],
    path: str,
    slices: int,
) -> None:
    """On nasty days, of shops that declare much or nothing, in one slice or several, a second time after more came."""
    shop, day = a_shop(new_site(), **said), date.fromisoformat(rows[0]["day"])
    strange = odd(rows, renamed, path)
    half = strange[: len(strange) // 2]
    put(store, shop.site, half)
    assert written(store, shop, day, slices, 1) == contributions_of(half, shop, OSLO)
    put(store, shop.site, strange[len(half) :])
    assert written(store, shop, day, slices, 2) == contributions_of(strange, shop, OSLO)


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


def test_whatever_a_visitor_does_he_counts_in_few_cells(store: Store) -> None:
    """Sums of a day of one visitor who does everything are no more than the table says."""
    shop = a_shop(new_site(), revenue_cap=700)
    put(store, shop.site, busy_day(1))
    of_table: Counter[str] = Counter()
    cells: Counter[str] = Counter()
    for (table, _), amount in written(store, shop, SUMMER, 1, 1).items():
        of_table[table] += amount
        cells[table] += 1
    assert of_table == {name: table.cells * (700 if name == "revenue" else 1) for name, table in TABLES.items()}
    assert cells == {name: table.cells for name, table in TABLES.items()}


def test_one_visitor_more_changes_his_own_cells_and_no_others(store: Store) -> None:
    """What is drawn of the others is the same: at most his cells' worth is between the two days' sums."""
    one, more = a_shop(new_site()), a_shop(new_site())
    rows = busy_day(20)
    put(store, more.site, rows)
    put(store, one.site, [each for each in rows if each["visitor"] != 7])
    without, with_him = Counter(written(store, one, SUMMER, 2, 1)), Counter(written(store, more, SUMMER, 1, 1))
    assert without - with_him == Counter()
    his: Counter[str] = Counter()
    for (table, _), amount in (with_him - without).items():
        his[table] += amount
    assert his == {name: table.cells * (2000 if name == "revenue" else 1) for name, table in TABLES.items()}


def test_the_die_is_a_fair_one(store: Store) -> None:
    """Of 30 products that 600 visitors looked at, each is drawn for about four of thirty: no product is preferred."""
    shop = a_shop(new_site())
    rows = [
        row(
            SUMMER,
            starts_ms(SUMMER) + n,
            "view_item",
            visitor=siphash(b"%d" % n, 1, 2),
            item_id=tuple(map(str, range(30))),
        )
        for n in range(600)
    ]
    put(store, shop.site, rows)
    drawn = [n for (table, _), n in written(store, shop, SUMMER, 1, 1).items() if table == "interest"]
    assert sum(drawn) == 2400
    expected = 80
    chi_squared = sum((n - expected) ** 2 / expected for n in drawn) + (30 - len(drawn)) * expected
    assert chi_squared < 66  # 29 degrees of freedom: one die in 10,000, and the day is always the same


def test_a_plain_day_cell_by_cell(store: Store) -> None:
    """One who only looks and puts into the cart, one who comes back in the evening from elsewhere and orders."""
    shop = a_shop(new_site(), areas=("NO",))
    morning, evening = starts_ms(SUMMER) + 9 * 3600_000, starts_ms(SUMMER) + 20 * 3600_000 - 1
    goods = {"item_id": ("a",), "item_category": ("Lego / City / Politi",)}
    mail = {"source": "klaviyo", "medium": "email", "campaign": "jul", "channel": "email"}
    looks = {"visitor": 1, "country": "SE", "device": "desktop"}
    buys = {"visitor": 2, "country": "NO", "device": "tablet"}
    said = [
        row(SUMMER, morning, "page_view", **looks),
        row(SUMMER, morning + 1, "view_item", **looks, **goods),
        row(SUMMER, morning + 2, "add_to_cart", **looks, **goods),
        row(SUMMER, morning, "page_view", **buys),
        row(SUMMER, morning + 2, "add_to_cart", **buys, **goods),
        row(SUMMER, evening, "page_view", **buys, **mail),
        row(SUMMER, evening + 1, "purchase", **buys, **goods, value=74_950, currency="NOK", order_key=9),
        row(SUMMER, evening + 2, "refund", **buys, value=74_950, currency="NOK"),
    ]
    put(store, shop.site, said)
    sums = written(store, shop, SUMMER, 1, 1)
    assert sums == contributions_of(said, shop, OSLO)
    assert sums == {
        ("interest", ("a", "desktop")): 1,
        ("conversion", ("a", "cart")): 1,
        ("conversion", ("a", "order")): 1,
        ("campaigns", ("(direct)", "", "", "visit")): 2,
        ("campaigns", ("(direct)", "", "", "view_item")): 1,
        ("campaigns", ("(direct)", "", "", "add_to_cart")): 2,
        ("campaigns", ("klaviyo", "email", "jul", "visit")): 1,
        ("campaigns", ("klaviyo", "email", "jul", "purchase")): 1,
        ("revenue", ("email",)): 750,
        ("places", ("(other)", "08-12", "desktop", "visit")): 1,
        ("places", ("NO", "08-12", "mobile", "visit")): 1,
        ("places", ("NO", "16-20", "mobile", "visit")): 1,
        ("places", ("NO", "16-20", "mobile", "purchase")): 1,
        ("affinity", ("Lego / City", "area", "(other)")): 1,
        ("affinity", ("Lego / City", "device", "desktop")): 1,
        ("affinity", ("Lego / City", "source", "(direct)")): 1,
    }


def test_who_has_no_number_is_in_nothing(store: Store) -> None:
    """Whoever is only counted, and what goes on after midnight under yesterday's number, adds nothing."""
    shop = a_shop(new_site())
    counted = [{**one, "visitor": 0} for one in busy_day(2)]
    put(store, shop.site, counted + [{**one, "continued": 1} for one in busy_day(2)])
    assert written(store, shop, SUMMER, 1, 1) == {}


def test_a_sensitive_product_is_in_nothing(store: Store) -> None:
    """Nor is the order that it was part of, nor a visit that was of nothing else."""
    shop = a_shop(new_site())
    rows = busy_day(3)
    for one in rows:
        one["item_id"] = ("(sensitive)", *one["item_id"]) if one["name"] != "page_view" else ()
        one["path"] = "/(sensitive)"
    put(store, shop.site, rows)
    assert written(store, shop, SUMMER, 1, 1) == {}


def test_a_shop_without_exports_leaves_nothing_behind(store: Store) -> None:
    """Not a line: neither one that isn't there nor one that has switched them off."""
    for shop in (None, Advertiser("contributes-off.no", frozenset())):
        site = "contributes-off.no"
        put(store, site, busy_day(1, 2))
        close_day(store, site, OSLO, SUMMER, starts_ms(SUMMER) / 1000, advertiser=shop)
        found = store.query("SELECT count() FROM contributions WHERE site = {site:String}", {"site": site})
        assert found.rows == [(0,)]


def test_a_closing_writes_them_and_the_next_one_takes_their_place(store: Store) -> None:
    """Under its own run; of the one before nothing is left."""
    shop, now = a_shop(new_site(), catalogue=CATALOGUE), starts_ms(SUMMER) / 1000
    rows = busy_day(2, 5)
    put(store, shop.site, rows[:12])
    first = close_day(store, shop.site, OSLO, SUMMER, now, advertiser=shop)
    assert sums_in(store, shop.site, SUMMER, first.run) == contributions_of(rows[:12], shop, OSLO)
    put(store, shop.site, rows[12:])
    second = close_day(store, shop.site, OSLO, SUMMER, now, advertiser=shop)
    assert sums_in(store, shop.site, SUMMER, second.run) == contributions_of(rows, shop, OSLO)
    runs = store.query("SELECT DISTINCT run FROM contributions WHERE site = {site:String}", {"site": shop.site}).rows
    assert runs == [(second.run,)]


def test_no_column_can_hold_a_visitor_number(store: Store) -> None:
    """Words and sums alone; the only whole numbers of 64 bits are a sum and the closing's."""
    columns = store.query(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'contributions'"
    ).rows
    assert dict(map(tuple, columns)) == {
        "site": "LowCardinality(String)",
        "day": "Date",
        "release_table": "LowCardinality(String)",
        "key": "Array(String)",
        "amount": "Int64",
        "run": "UInt64",
    }


def test_no_number_is_in_what_is_written(store: Store) -> None:
    """Searched for in every column, as decimals and in base 16."""
    shop = a_shop(new_site())
    visitor = 0xFEED_FACE_CAFE_BEEF
    rows = [{**one, "visitor": visitor} for one in busy_day(1)]
    assert max(map(len, cells_of_visitors(rows, shop, OSLO).values())) > 100
    put(store, shop.site, rows)
    contribute(store, shop, OSLO, SUMMER, 1, 1)
    text = repr(store.query("SELECT * FROM contributions WHERE site = {site:String}", {"site": shop.site}).rows)
    assert "s0" in text
    assert str(visitor) not in text
    assert f"{visitor:x}" not in text.lower()


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("Leker > Lego > City", "Leker / Lego"),
        ("Leker", "Leker"),
        (" Leker >Lego", "Leker / Lego"),
        ("Leker > ", "Leker"),
        ("", ""),
        (" > ", ""),
    ],
)
def test_a_category_is_its_two_widest_levels(said: str, category: str) -> None:
    """Written as events have them."""
    assert category_of(said) == category


def test_units_of_money_are_the_collectors() -> None:
    """Which of a currency's digits are behind the point both sides know alike."""
    assert dict(module._MINOR_DIGITS) == dict(coarse._MINOR_DIGITS)
