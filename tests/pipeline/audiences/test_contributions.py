"""What a day leaves for its week's release holds nobody: what is not in it, how it lies there, and for how long."""

import pytest

from pipeline.audiences import contribute as module
from pipeline.audiences.contribute import category_of, contribute
from pipeline.audiences.shop import Advertiser
from pipeline.closing.day import close_day
from pipeline.store.database import Store
from proxy.privacy import coarse
from tests.pipeline.audiences.contributing import CATALOGUE, busy_day, sums_in, written
from tests.pipeline.audiences.counted import a_shop
from tests.pipeline.audiences.reference import cells_of_visitors, contributions_of
from tests.pipeline.closing.shops import OSLO, SUMMER, put, starts_ms


def test_who_has_no_number_is_in_nothing(store: Store) -> None:
    """Whoever is only counted, and what goes on after midnight under yesterday's number, adds nothing."""
    shop = a_shop()
    counted = [{**one, "visitor": 0} for one in busy_day(2)]
    put(store, shop.site, counted + [{**one, "continued": 1} for one in busy_day(2)])
    assert written(store, shop, SUMMER, 1, 1) == {}


def test_a_sensitive_product_is_in_nothing(store: Store) -> None:
    """Nor is the order that it was part of, nor a visit that was of nothing else."""
    shop = a_shop()
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
    shop, now = a_shop(catalogue=CATALOGUE), starts_ms(SUMMER) / 1000
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
    shop = a_shop()
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
