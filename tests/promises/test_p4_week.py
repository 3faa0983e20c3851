"""P4: what is published of two dimensions describes ten visitors at least, and what was bought five orders at least."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

import pytest

from pipeline.closing.day import close_day
from pipeline.closing.span import close_week
from pipeline.store.database import Store
from tests.pipeline.closing import visible
from tests.pipeline.closing.reference import cells_of_day, visitors_of_day
from tests.pipeline.closing.reference_kept import OTHER
from tests.pipeline.closing.shops import OSLO, SUMMER, put, starts_ms
from tests.pipeline.closing.simulated import Said, shop_of

MONDAY = SUMMER - timedelta(days=SUMMER.weekday())
Cell = tuple[str, str, str]
VisitorDay = tuple[int, int]
"""Day of the week, visitor number."""


def behind(week: Mapping[int, Iterable[Said]]) -> dict[Cell, set[VisitorDay]]:
    """Who is in each cell, from the rows themselves."""
    who: dict[Cell, set[VisitorDay]] = defaultdict(set)
    for day, rows in week.items():
        for (kind, pair, a, b), visitors in visitors_of_day(rows, OSLO).items():
            if kind == "pair":
                who[pair, a, b] |= {(day, visitor) for visitor in visitors}
    return who


def described(cell: Cell, who: Mapping[Cell, set[VisitorDay]], published: Iterable[Cell]) -> set[VisitorDay]:
    """The visitor-days that a published cell describes; `(other)` those of all cells that aren't published by name."""
    pair, a, b = cell
    if b != OTHER:
        return who[cell]
    by_name = {one for one in published if one[2] != OTHER}
    gathered_by_one = {one[1] for one in published if one[0] == pair and one[2] == OTHER and one[1] != OTHER}
    members = [
        one
        for one in who
        if one[0] == pair and one not in by_name and (one[1] == a if a != OTHER else one[1] not in gathered_by_one)
    ]
    return set().union(*(who[one] for one in members))


@pytest.mark.parametrize("seed", range(20 if os.environ.get("SPORLOS_LONG") else 2))
def test_no_cell_of_a_week_describes_fewer_than_ten_visitor_days(store: Store, seed: int) -> None:
    """Neither one with a name, nor what small ones are put together in."""
    site = f"week-{seed}.no"
    days = {
        after: shop_of(
            40 + 60 * seed, 77 * seed + after, MONDAY + timedelta(days=after), orders=2 + 4 * seed, products=20
        )
        for after in ((0, 2, 5) if seed % 2 else (1, 3))
    }
    bought: dict[Cell, int] = defaultdict(int)
    for after, rows in days.items():
        day = MONDAY + timedelta(days=after)
        put(store, site, rows)
        close_day(store, site, OSLO, day, starts_ms(day) / 1000 + 29 * 3600)
        for (_, pair, a, b), measures in cells_of_day(rows, OSLO).items():
            bought[pair, a, b] += sum(measures.orders.values())
    close_week(store, site, MONDAY, starts_ms(MONDAY) / 1000 + 8 * 24 * 3600)
    published = visible.weekly(store, site, MONDAY)
    who = behind(days)
    assert any(b == OTHER for _, _, b in published)
    assert len(published) < len(who)
    for cell, counts in published.items():
        visitor_days = len(described(cell, who, published))
        assert visitor_days >= 10, cell
        assert counts.visitors <= visitor_days, f"{cell} promises more visitors than it has"
        if cell[2] != OTHER:
            assert counts.visitors == visitor_days, cell
            assert counts.orders in {0, bought[cell]}, cell
        assert counts.orders == 0 or counts.orders >= 5, cell
