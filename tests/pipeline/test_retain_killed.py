"""A pass that is killed at each of its statements in turn: each row that was dropped stands in one receipt."""

from collections import Counter
from collections.abc import Iterator

import pytest

from pipeline.retain.receipts import page, verify
from pipeline.retain.retention import Limits, Retention
from pipeline.store.database import Store
from tests.pipeline.apart import Killed, Mortal
from tests.pipeline.leaving import (
    LATER,
    YESTERDAY,
    ZONE,
    emptied,
    fill,
    leaving_store,
    left,
    put,
    put_events,
    rows_in,
)


@pytest.fixture(scope="module")
def opened(store: Store) -> Iterator[Store]:
    """A store that may be emptied."""
    with leaving_store(store) as made:
        yield made


@pytest.fixture
def apart(opened: Store) -> Store:
    """The same, empty."""
    return emptied(opened)


def deaths(store: Store) -> Iterator[Mortal]:
    """A process that dies at each call of a pass in turn, before and after it was carried out."""
    fill(store, 200)
    counting = Mortal(store)
    Retention(counting, ZONE, Limits()).round(LATER)  # type: ignore[arg-type]
    assert len(counting.calls) >= 15
    for at in range(len(counting.calls)):
        for carried_out in (False, True):
            yield Mortal(store, at, carried_out=carried_out)


def pass_is_killed(mortal: Mortal) -> None:
    """One pass that doesn't end."""
    with pytest.raises(Killed):
        Retention(mortal, ZONE, Limits()).round(LATER)  # type: ignore[arg-type]


def test_killed_at_any_statement_each_row_is_in_one_receipt(apart: Store) -> None:
    """After the next pass all is gone, once, and the chain holds."""
    for number, mortal in enumerate(deaths(apart)):
        before = len(page(apart, 0))
        filled = fill(apart, number)
        pass_is_killed(mortal)
        Retention(apart, ZONE, Limits()).round(LATER)
        assert rows_in(page(apart, 0)[before:]) == filled, mortal.calls[-1]
        assert left(apart) == 0
    assert verify(apart).broken == 0


def test_killed_twice_with_rows_that_came_late_each_row_is_in_one_receipt(apart: Store) -> None:
    """Further rows of the same day between two kills are in a further receipt, once."""
    for number, mortal in enumerate(deaths(apart)):
        before = len(page(apart, 0))
        filled = fill(apart, number)
        pass_is_killed(mortal)
        there = apart.query(f"SELECT count() FROM events WHERE day = '{YESTERDAY}'").rows[0][0]  # noqa: S608 - ours
        # what comes after a drop that nobody has seen, with nothing dropped since, is told of nowhere: see `retain.py`
        late = 2 if there or page(apart, before + 1)[-1].span != YESTERDAY else 0
        if late:
            put_events(apart, YESTERDAY, late, f"later {number}", batch=2)
        again = Mortal(apart, mortal._at, carried_out=mortal._carried_out)
        try:
            Retention(again, ZONE, Limits()).round(LATER)  # type: ignore[arg-type]
        except Killed:
            Retention(apart, ZONE, Limits()).round(LATER)
        assert rows_in(page(apart, before + 1)) == filled + Counter({("events", YESTERDAY): late}), mortal.calls[-1]
        assert left(apart) == 0
        # the late rows may have left last: as in `fill`
        put(
            apart,
            "daily",
            f"{number} last",
            site="shop.no",
            grain="day",
            day=f"{1980 + number // 12}-{number % 12 + 1:02}-01",
        )
        Retention(apart, ZONE, Limits()).round(LATER)
    assert verify(apart).broken == 0
