"""Which cells a released table has, and how much noise, by what the shop has declared."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pipeline.audiences.noise import scale, threshold
from pipeline.audiences.public import CHANNELS, public_keys
from pipeline.audiences.tables import DELTA, TABLES
from pipeline.closing.span import close_week
from pipeline.store.database import Store
from proxy.privacy import source as sources
from tests.pipeline.audiences.counted import (
    CATALOGUE,
    DECLARED,
    MONDAY,
    NOW,
    SUMS,
    a_shop,
    count,
    counted_week,
    near,
    released,
)


def test_where_nothing_is_declared_a_threshold_keeps_out_what_one_visitor_had(store: Store) -> None:
    """The channels are public in any case."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    tables = released(store, shop).tables
    assert ("seldom", "mobile") not in tables["interest"].cells
    for name, table in tables.items():
        assert table.threshold == (0 if name == "revenue" else threshold(TABLES[name], 1))
        assert (table.delta == 0) == (name == "revenue")
        assert table.delta <= DELTA
        assert all(number >= table.threshold for number in table.cells.values()) or name == "revenue"
    assert set(tables["revenue"].cells) == {(channel,) for channel in CHANNELS}


def test_what_is_declared_is_there_and_nothing_else(store: Store) -> None:
    """Every key that the shop has named, though nobody had it; none of what it hasn't: pure ε."""
    shop = a_shop(**DECLARED)
    counted_week(store, shop, SUMS)
    tables = released(store, shop).tables
    assert {name: frozenset(table.cells) for name, table in tables.items()} == public_keys(shop)
    assert ("b", "desktop") in tables["interest"].cells
    assert ("c", "mobile") not in tables["interest"].cells
    assert all((table.delta, table.threshold) == (0, 0) for table in tables.values())
    assert len(tables["affinity"].cells) == 2 * (2 + 2 + 3)


def test_public_keys_need_all_that_a_table_speaks_of() -> None:
    """Where an area or a campaign was said by a visitor alone, its table has a threshold."""
    assert public_keys(a_shop(catalogue=CATALOGUE))["affinity"] is None
    assert public_keys(a_shop(**{**DECLARED, "areas": ()}))["affinity"] is None
    assert public_keys(a_shop(**{**DECLARED, "campaigns": ()}))["campaigns"] is None
    known = public_keys(a_shop(**DECLARED))
    assert known["campaigns"] is not None
    assert ("(other)", "(other)", "(other)", "visit") in known["campaigns"]
    assert {name: len(keys or ()) for name, keys in known.items()} == {
        "interest": 4,
        "conversion": 4,
        "campaigns": 8,
        "revenue": 10,
        "places": 2 * 6 * 2 * 2,
        "affinity": 14,
    }


def test_the_channels_are_the_collectors() -> None:
    """All words that it has for how a visit came."""
    told = [sources._channel(name, medium, _page(query, paid)) for name, medium, query, paid in _ARRIVALS]
    assert set(told) == set(CHANNELS)


_ARRIVALS = [
    (source, medium, query, paid)
    for source in ("", "google", "facebook", "chatgpt", "blog.no")
    for medium in ("", "cpc", "email")
    for query in ({}, {"utm_campaign": "jul"})
    for paid in ("", "google", "meta")
]


def _page(query: dict[str, str], paid_by: str) -> Any:  # noqa: ANN401 - two of a location's fields
    return type("Page", (), {"query": query, "paid_by": paid_by})()


def test_revenue_has_the_noise_of_the_highest_cap_that_it_was_counted_with(store: Store) -> None:
    """A cap that was lowered in mid-week must not lower the noise of what came before; another currency is left out."""
    shop = a_shop(revenue_cap=2000)
    count(store, shop, MONDAY, {("revenue", ("email",)): 50_000_000})
    count(store, replace(shop, revenue_cap=100), MONDAY + timedelta(days=1), {("revenue", ("email",)): 50_000_000})
    foreign = replace(shop, revenue_cap=90_000, currency="SEK")
    count(store, foreign, MONDAY + timedelta(days=2), {("revenue", ("email",)): 900_000_000})
    close_week(store, shop.site, MONDAY, NOW)
    revenue = released(store, replace(shop, revenue_cap=100)).tables["revenue"]
    assert revenue.scale == scale(TABLES["revenue"], 2000)
    assert near(revenue, revenue.cells["email",], 100_000_000)
