"""P4: whoever has the shop's order list learns nothing of a buyer from the counts that are published."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from pipeline.closing.day import close_day
from pipeline.closing.span import close_month, close_week
from pipeline.store.database import Store
from tests.pipeline.closing import visible
from tests.pipeline.closing.reference import Measures, cells_of_day
from tests.pipeline.closing.shops import OSLO, SUMMER, put, starts_ms
from tests.pipeline.closing.simulated import shop_of
from tests.promises.attacker import (
    DIMENSIONS,
    Order,
    Published,
    certain,
    chance,
    guess,
    order_list,
    value_of,
)

MONDAY = SUMMER - timedelta(days=SUMMER.weekday())
LONG = bool(os.environ.get("SPORLOS_LONG"))
DAYS = [MONDAY + timedelta(days=after) for after in range(21 if LONG else 6)]
SHOPS = ((100, 3), (300, 12), *(((250, 8), (500, 17)) if LONG else ()))
"""Visitors and orders a day."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One small shop: what is published of it, its order list, and what nobody may learn from the two."""

    name: str
    published: Published
    unprotected: Published
    orders: Sequence[Order]
    truth: Mapping[tuple[Order, str], str]


@pytest.fixture(scope="module", params=SHOPS, ids=[f"{orders} orders a day" for _, orders in SHOPS])
def shop(store: Store, request: pytest.FixtureRequest) -> Shop:
    """A shop whose days, weeks and month are closed."""
    visitors, orders_a_day = request.param
    site = f"attacked-{orders_a_day}.no"
    plain: dict[date, dict[tuple[str, str], Measures]] = {}
    orders: list[Order] = []
    truth: dict[tuple[Order, str], str] = {}
    for nth, day in enumerate(DAYS):
        rows = shop_of(visitors, seed=1000 * orders_a_day + nth, day=day, orders=orders_a_day, products=150)
        put(store, site, rows)
        close_day(store, site, OSLO, day, _after(day))
        plain[day] = {(dim, a): cell for (_, dim, a, b), cell in cells_of_day(rows, OSLO).items() if not b}
        listed, facts = order_list(rows)
        orders += listed
        truth |= {(order, dim): value_of(facts[order], dim) for order in listed for dim in DIMENSIONS}
    mondays = DAYS[::7]
    for monday in mondays:
        close_week(store, site, monday, _after(monday + timedelta(days=6)))
    first = MONDAY.replace(day=1)
    close_month(store, site, first, _after(first + timedelta(days=40)))
    published = Published(
        {day: visible.daily(store, site, "day", day) for day in DAYS},
        {monday: visible.orders(store, site, "week", monday) for monday in mondays},
        visible.orders(store, site, "month", first),
        {monday: visible.weekly(store, site, monday) for monday in mondays},
    )
    return Shop(site, published, Published(plain), orders, truth)


def _after(day: date) -> float:
    return starts_ms(day) / 1000 + 29 * 3600


def without_what_was_bought(published: Published) -> Published:
    """How visits are spread: who came, what they looked at, who left at once."""
    return Published(
        {
            day: {
                key: replace(cell, events=0, carts=0, checkouts=0, orders={}, units=0, revenue={})
                for key, cell in cells.items()
            }
            for day, cells in published.daily.items()
        }
    )


def is_everybodys(shop: Shop, order: Order, dimension: str) -> bool:
    """Whether five orders or more have it, and no other of the day, the week, or the week with a product lacks it."""
    monday = order.day - timedelta(days=order.day.weekday())
    week = [other for other in shop.orders if 0 <= (other.day - monday).days < 7]
    alike = ([o for o in week if word in o.products | o.categories] for word in order.products | order.categories)
    groups = (week, [other for other in week if other.day == order.day], *alike)
    return any(len(group) >= 5 and len({shop.truth[o, dimension] for o in group}) == 1 for group in groups)


def found_out(shop: Shop, published: Published) -> list[str]:
    """Orders of which something is certain that isn't so of everybody's, nor clear from visits."""
    found = []
    for dimension in DIMENSIONS:
        visited = certain(without_what_was_bought(published), shop.orders, dimension)
        for order, values in certain(published, shop.orders, dimension).items():
            true = shop.truth[order, dimension]
            assert true in values, f"the attacker is wrong about {dimension} of {order}"
            if len(values) == 1 and len(visited[order]) > 1 and not is_everybodys(shop, order, dimension):
                found.append(f"{order.day} {order.value} {dimension} = {true}")
    return found


def gain(shop: Shop, published: Published) -> float:
    """How much better the attacker guesses than chance does, in standard errors of the days' differences."""
    by_day = []
    for day in DAYS:
        orders = [order for order in shop.orders if order.day == day]
        more = 0
        for dimension in DIMENSIONS:
            plain = chance(shop.published.daily[day], dimension)
            for order, guessed in guess(published.daily[day], orders, dimension).items():
                true = shop.truth[order, dimension]
                more += (guessed == true) - (plain == true)
        by_day.append(more)
    return sum(by_day) / math.sqrt(sum(more * more for more in by_day)) if any(by_day) else 0.0


def test_nothing_is_certain_of_any_order(shop: Shop) -> None:
    """Not by subtracting, by sums of money, by what a week adds, nor by what a product's cells say."""
    assert not found_out(shop, shop.published)


def test_no_order_is_guessed_better_than_by_chance(shop: Shop) -> None:
    """Its amount, and what visitors of a source did, make no guess better than how visits and orders are spread."""
    assert gain(shop, shop.published) <= 2.0


def test_the_same_attacker_finds_buyers_in_counts_that_hide_nothing(shop: Shop) -> None:
    """So that it isn't for want of trying."""
    assert len(found_out(shop, shop.unprotected)) > len(shop.orders)
    assert gain(shop, shop.unprotected) > 2.0
