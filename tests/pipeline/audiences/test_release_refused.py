"""A week that is not released: refused with one word of a closed list, and nothing of it written down."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.audiences.release import NotReleased, Why, refusal, release
from pipeline.audiences.tables import TABLES
from pipeline.closing.span import close_week
from pipeline.store.database import Store
from tests.pipeline.audiences.counted import (
    MONDAY,
    NOW,
    SUMS,
    a_shop,
    count,
    counted_week,
    lines_of,
)
from tests.pipeline.closing.shops import put, row, starts_ms


def test_what_is_not_there_yet_is_refused(store: Store) -> None:
    """A week of which nothing was counted, or that is not closed, or was closed before one of its days was again."""
    shop = a_shop()
    assert refusal(store, shop, MONDAY) is Why.OPEN
    count(store, shop, MONDAY, SUMS)
    assert refusal(store, shop, MONDAY) is Why.OPEN
    close_week(store, shop.site, MONDAY, NOW)
    assert refusal(store, shop, MONDAY) is None
    count(store, shop, MONDAY, SUMS)
    assert refusal(store, shop, MONDAY) is Why.OPEN
    assert lines_of(store, shop) == []


def test_a_week_with_rows_that_nobody_has_counted_waits(store: Store) -> None:
    """Though it is closed: a day's closing may have failed, and is tried again as long as its rows are there."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    put(store, shop.site, [row(MONDAY + timedelta(days=6), starts_ms(MONDAY + timedelta(days=6)), "page_view")])
    assert release(store, shop, MONDAY, NOW) == NotReleased(shop.site, MONDAY, Why.OPEN)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (("", ""), None),
        (("-", ""), Why.PARTLY),
        (("", "-"), Why.PARTLY),
        (("-", "-"), Why.NOTHING),
        (("interest:9x1", ""), Why.PARTLY),
        (("interest:9x1", "interest:9x1"), Why.PARTLY),
    ],
)
def test_a_week_of_which_a_day_is_missing_is_refused(store: Store, days: Sequence[str], why: Why | None) -> None:
    """Exports that were switched on in mid-week, or a version that bounded otherwise: half a week looks a bad one."""
    shop = a_shop()
    for after, by in enumerate(days):
        count(store, shop, MONDAY + timedelta(days=after), SUMS if by != "-" else {}, by=by)
    count(store, shop, MONDAY + timedelta(days=5), {}, by="-", rows=0)
    close_week(store, shop.site, MONDAY, NOW)
    assert refusal(store, shop, MONDAY) is why


def test_over_budget_is_refused(store: Store) -> None:
    """A version whose tables cost more than 2.0 together releases none of them."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    dear = {**TABLES, "interest": replace(TABLES["interest"], epsilon=0.801)}
    assert release(store, shop, MONDAY, NOW, dear) == NotReleased(shop.site, MONDAY, Why.OVER_BUDGET)
    assert lines_of(store, shop) == []


def test_a_shop_that_has_switched_exports_off_releases_nothing(store: Store) -> None:
    """Even of a week that was counted when they were on."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    off = replace(shop, exports=frozenset())
    assert release(store, off, MONDAY, NOW) == NotReleased(shop.site, MONDAY, Why.SWITCHED_OFF)


def test_without_opendp_there_is_no_release(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one line says what to install; nothing is made up in its place."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    refused = release(store, shop, MONDAY, NOW)
    assert isinstance(refused, NotReleased)
    assert refused.line == (
        f"{shop.site} 2090-W24 is not released: exports need OpenDP: pip install 'sporlos[audiences]'"
    )
    assert lines_of(store, shop) == []
