"""What a day adds to its week's release: in SQL and in slow Python the same, and bounded whatever a visitor does."""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.audiences.tables import TABLES
from pipeline.store.database import Store
from tests.pipeline.audiences.contributing import CATALOGUE, busy_day, written
from tests.pipeline.audiences.counted import a_shop
from tests.pipeline.audiences.reference import contributions_of, siphash
from tests.pipeline.closing.shops import OSLO, SUMMER, days, put, row, starts_ms

LONG = 10 if os.environ.get("SPORLOS_LONG") else 1


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
    shop, day = a_shop(**said), date.fromisoformat(rows[0]["day"])
    strange = odd(rows, renamed, path)
    half = strange[: len(strange) // 2]
    put(store, shop.site, half)
    assert written(store, shop, day, slices, 1) == contributions_of(half, shop, OSLO)
    put(store, shop.site, strange[len(half) :])
    assert written(store, shop, day, slices, 2) == contributions_of(strange, shop, OSLO)


def test_whatever_a_visitor_does_he_counts_in_few_cells(store: Store) -> None:
    """Sums of a day of one visitor who does everything are no more than the table says."""
    shop = a_shop(revenue_cap=700)
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
    one, more = a_shop(), a_shop()
    rows = busy_day(20)
    put(store, more.site, rows)
    put(store, one.site, [each for each in rows if each["visitor"] != 7])
    without, with_him = Counter(written(store, one, SUMMER, 2, 1)), Counter(written(store, more, SUMMER, 1, 1))
    assert without - with_him == Counter()
    his: Counter[str] = Counter()
    for (table, _), amount in (with_him - without).items():
        his[table] += amount
    assert his == {name: table.cells * (more.revenue_cap if name == "revenue" else 1) for name, table in TABLES.items()}


def test_the_die_is_a_fair_one(store: Store) -> None:
    """Of 30 products that 600 visitors looked at, each is drawn for about four of thirty: no product is preferred."""
    shop = a_shop()
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


AREAS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "none declared": ((), {"NO", "SE", "(unknown)"}),
    "a country": (("NO",), {"NO", "(other)"}),
    "a region and its country": (("NO-03", "NO"), {"NO-03", "NO", "(other)"}),
    "regions": (("NO-03", "SE-AB"), {"NO-03", "(other)"}),
}


@pytest.mark.parametrize(("areas", "counted"), AREAS.values(), ids=AREAS.keys())
def test_a_visit_counts_for_its_region_where_that_is_declared(
    store: Store, areas: tuple[str, ...], counted: set[str]
) -> None:
    """Else for its country: a shop that declares nothing is not cut up by regions."""
    shop = a_shop(areas=areas)
    places = (("NO", "NO-03"), ("NO", "NO-46"), ("NO", ""), ("SE", "SE-O"), ("", ""))
    said = [
        row(SUMMER, starts_ms(SUMMER) + 9 * 3600_000, "page_view", visitor=nth, country=country, region=region)
        for nth, (country, region) in enumerate(places, 1)
    ]
    put(store, shop.site, said)
    sums = written(store, shop, SUMMER, 1, 1)
    assert {key[0] for table, key in sums if table == "places"} == counted
    assert sums == contributions_of(said, shop, OSLO)


def test_a_plain_day_cell_by_cell(store: Store) -> None:
    """One who only looks and puts into the cart, one who comes back in the evening from elsewhere and orders."""
    shop = a_shop(areas=("NO",))
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
