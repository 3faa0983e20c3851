"""Closing in SQL and closing in Python come to the same, on days that were made to tell them apart."""

import itertools
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.closing.day import Closed, close_day, commit
from pipeline.closing.span import close_month, close_week
from pipeline.store.database import Store
from tests.pipeline.closing import visible
from tests.pipeline.closing.reference import BY, Key, Measures, cells_of_day
from tests.pipeline.closing.reference_kept import OTHER, Pair, daily_of, orders_of_span, waiting_of, weekly_of
from tests.pipeline.closing.reference_kept import Waiting as Left
from tests.pipeline.closing.shops import AUTUMN, OSLO, SUMMER, days, put, starts_ms
from tests.pipeline.closing.simulated import shop_of

LONG = 20 if os.environ.get("SPORLOS_LONG") else 1
MONDAY = SUMMER - timedelta(days=SUMMER.weekday())
FORTNIGHT = [AUTUMN + timedelta(days=after) for after in range(-7, 7)]
"""In the middle the clocks go back."""
_sites = itertools.count()

many = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=(
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ),  # a closing takes a second: to shrink an example takes an hour
)


def new_site() -> str:
    """A site of the example's own: the store is shared, and nothing is deleted from it."""
    return f"reference-{next(_sites)}.no"


def now_after(day: date) -> float:
    """Five hours after the day."""
    return starts_ms(day) / 1000 + 29 * 3600


def what_is_defined(cells: Mapping[Key, Measures]) -> dict[Key, Measures]:
    """Without what nobody is told of a funnel's step or a pair."""
    defined: dict[Key, Measures] = {}
    for key, cell in cells.items():
        if key[0] == "funnel":
            defined[key] = Measures(visitors=cell.visitors, visits=cell.visits, measured_visits=cell.measured_visits)
        elif key[0] == "pair":
            plain = {"label": "", "measured_visits": 0, "measured_views": 0, "events": 0, "bounces": 0, "entries": 0}
            plain |= {"exits": 0, "engaged": 0, "scroll": 0, "scrolls": 0, "checkouts": 0, "units": 0, "revenue": {}}
            defined[key] = replace(cell, **plain)  # type: ignore[arg-type]  # columns of several types
        else:
            defined[key] = cell
    return defined


def differences(there: Mapping[Any, Any], here: Mapping[Any, Any]) -> dict[Any, Any]:
    """Key → what the SQL says, what the reference says: where they differ; of a cell the measures that do."""
    unequal = {key: (there.get(key), here.get(key)) for key in {*there, *here} if there.get(key) != here.get(key)}
    return {
        key: {
            name: (getattr(one, name), getattr(other, name)) for name in one.__slots__ if is_unequal(one, other, name)
        }
        if one is not None and other is not None and hasattr(one, "__slots__")
        else (one, other)
        for key, (one, other) in unequal.items()
    }


def is_unequal(one: object, other: object, name: str) -> bool:
    """Whether two cells differ in a measure."""
    return bool(getattr(one, name) != getattr(other, name))


@settings(many, max_examples=6 * LONG)
@given(st.tuples(*(days(day) for day in FORTNIGHT)), st.sampled_from((1, 3)))
def test_cells_are_counted_alike(store: Store, fortnight: tuple[list[dict[str, Any]], ...], slices: int) -> None:
    """Every measure of every dimension and pair, in one go and in three slices added up."""
    site = new_site()
    put(store, site, [row for rows in fortnight for row in rows])
    there = visible.counted(store, site, FORTNIGHT[0], FORTNIGHT[-1], slices)
    assert sorted(there) == FORTNIGHT
    for day, rows in zip(FORTNIGHT, fortnight, strict=True):
        assert not differences(what_is_defined(there[day]), what_is_defined(cells_of_day(rows, OSLO)))


@settings(many, max_examples=10 * LONG)
@given(days(visitors=7), st.sampled_from((1, 1, 2)))
def test_of_a_day_the_same_is_kept(store: Store, rows: list[dict[str, Any]], slices: int) -> None:
    """Rare searches, hidden buyers, the smallest shown cell that hides them, and what waits for the week."""
    site, day = new_site(), date.fromisoformat(rows[0]["day"])
    put(store, site, rows)
    closed = close_day(store, site, OSLO, day, now_after(day), slices)
    cells = cells_of_day(rows, OSLO)
    assert closed.rests_on == len(rows)
    assert not differences(visible.daily(store, site, "day", day), daily_of(cells))
    left, waits = visible.waiting(store, site, "day", day), waiting_of(cells)
    assert not differences(left.pairs, waits.pairs)
    assert not differences(left.hidden, waits.hidden)


def test_a_shop_of_twenty_thousand_visitors_is_counted_alike(store: Store) -> None:
    """All that is kept of a big day, in as many slices as closing itself chooses."""
    site = new_site()
    rows = shop_of(20_000, seed=1)
    put(store, site, rows)
    close_day(store, site, OSLO, SUMMER, now_after(SUMMER))
    cells = cells_of_day(rows, OSLO)
    assert not differences(visible.daily(store, site, "day", SUMMER), daily_of(cells))
    left, waits = visible.waiting(store, site, "day", SUMMER), waiting_of(cells)
    assert not differences(left.pairs, waits.pairs)
    assert not differences(left.hidden, waits.hidden)


@pytest.fixture(scope="module")
def small_shop(store: Store) -> tuple[str, dict[date, list[dict[str, Any]]]]:
    """A closed shop of two weeks of one month: its site, and its rows by day."""
    site = new_site()
    by_day = {}
    for nth, after in enumerate((0, 1, 3, 6, 7, 9)):
        day = MONDAY + timedelta(days=after)
        by_day[day] = shop_of(90, seed=nth, day=day, orders=3 + nth, products=40)
        put(store, site, by_day[day])
        close_day(store, site, OSLO, day, now_after(day))
    return site, by_day


def test_a_week_of_small_days_is_kept_alike(
    store: Store, small_shop: tuple[str, dict[date, list[dict[str, Any]]]]
) -> None:
    """Pairs, and orders that were too few by the day; what is too little even then is in the month, or nowhere."""
    site, by_day = small_shop
    rests = []
    for monday in (MONDAY, MONDAY + timedelta(days=7)):
        close_week(store, site, monday, now_after(monday + timedelta(days=6)))
        week = [waiting_of(cells_of_day(rows, OSLO)) for day, rows in by_day.items() if 0 <= (day - monday).days < 7]
        written, rest = orders_of_span(day.hidden for day in week)
        pairs = weekly_of(week)
        assert pairs
        assert written
        assert not differences(visible.weekly(store, site, monday), pairs)
        assert not differences(visible.orders(store, site, "week", monday), written)
        assert not differences(visible.waiting(store, site, "week", monday).hidden, rest)
        rests.append(rest)
    first = MONDAY.replace(day=1)
    close_month(store, site, first, now_after(first + timedelta(days=40)))
    written, _ = orders_of_span(rests)
    assert written
    assert not differences(visible.orders(store, site, "month", first), written)


# --- weeks of days that no shop would have: what waits is written as closing a day writes it ---

_values = st.sampled_from(("a", "b", "c", OTHER))
_hidden = st.dictionaries(st.tuples(st.sampled_from(("source", "device")), _values), st.integers(1, 9), max_size=6)
_counts = st.builds(
    Pair, st.sampled_from((0, 1, 2, 4, 5, 9, 10)), st.integers(0, 20), st.integers(0, 20), st.integers(0, 9),
    st.sampled_from((0, 1, 4, 5)),
)  # fmt: skip
_pairs = st.dictionaries(
    st.tuples(st.sampled_from((f"source {BY} product", "bought together")), _values, _values), _counts
)
_weeks = st.lists(st.lists(st.builds(Left, _pairs, _hidden), min_size=1, max_size=4), min_size=1, max_size=3)


def leave_waiting(store: Store, site: str, day: date, left: Left, run: int) -> None:
    """As if the day had been closed."""
    monday = day - timedelta(days=day.weekday())
    rows = [
        (site, "week", monday.isoformat(), day.isoformat(), "pair", *key, *visible.numbers(counts), run)
        for key, counts in left.pairs.items()
    ]
    rows += [
        (site, "week", monday.isoformat(), day.isoformat(), "behaviour", *key, "", 0, 0, 0, 0, orders, run)
        for key, orders in left.hidden.items()
    ]
    columns = """site grain until day kind pair a b visitors visits views item_views orders run""".split()
    if rows:
        body = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        store.insert("waiting", columns, body, f"{site} {day} {run}")
    commit(store, Closed(site, "day", day, run, 1), now_after(day))


@settings(many, max_examples=12 * LONG)
@given(_weeks)
def test_of_any_weeks_the_same_is_kept(store: Store, weeks: list[list[Left]]) -> None:
    """Of numbers just under and over what is enough, of values called `(other)`, of days that were closed twice."""
    site = new_site()
    first, rests = MONDAY.replace(day=1), []
    for nth, week in enumerate(weeks):
        monday = MONDAY + timedelta(days=7 * (nth - 1))
        for after, left in enumerate(week):
            leave_waiting(store, site, monday + timedelta(days=after), Left({}, {("source", "a"): 7}), 1)  # replaced
            leave_waiting(store, site, monday + timedelta(days=after), left, 2)
        close_week(store, site, monday, now_after(monday))
        written, rest = orders_of_span(day.hidden for day in week)
        rests.append(rest)
        assert not differences(visible.weekly(store, site, monday), weekly_of(week))
        assert not differences(visible.orders(store, site, "week", monday), written)
        assert not differences(visible.waiting(store, site, "week", monday).hidden, rest)
    close_month(store, site, first, now_after(first))
    assert not differences(visible.orders(store, site, "month", first), orders_of_span(rests)[0])
