"""A pass that is killed at each of its statements in turn: each row that was dropped stands in one receipt."""

from collections import Counter
from collections.abc import Iterator

import pytest

from pipeline.retain.receipts import RECEIPTS
from pipeline.retain.retention import Limits, Retention
from pipeline.store.database import Store
from tests.pipeline.mortal import Killed, Mortal
from tests.pipeline.retain.leaving import (
    LATER,
    YESTERDAY,
    ZONE,
    fill,
    left,
    put,
    put_events,
    rows_in,
)


def deaths(store: Store) -> Iterator[Mortal]:
    """A process that dies at each call of a pass in turn, before and after it was carried out."""
    fill(store, 200)
    counting = Mortal(store)
    Retention(counting, ZONE, Limits()).round(LATER)
    assert len(counting.calls) >= 15
    for at in range(len(counting.calls)):
        for carried_out in (False, True):
            yield Mortal(store, at, carried_out=carried_out)


def pass_is_killed(mortal: Mortal) -> None:
    """One pass that doesn't end."""
    with pytest.raises(Killed):
        Retention(mortal, ZONE, Limits()).round(LATER)


def test_killed_at_any_statement_each_row_is_in_one_receipt(apart: Store) -> None:
    """After the next pass all is gone, once, and the chain holds."""
    for number, mortal in enumerate(deaths(apart)):
        before = len(RECEIPTS.page(apart, 0))
        filled = fill(apart, number)
        pass_is_killed(mortal)
        Retention(apart, ZONE, Limits()).round(LATER)
        assert rows_in(RECEIPTS.page(apart, 0)[before:]) == filled, mortal.calls[-1]
        assert left(apart) == 0
    assert RECEIPTS.verify(apart).broken == 0


def test_killed_twice_with_rows_that_came_late_each_row_is_in_one_receipt(apart: Store) -> None:
    """Further rows of the same day between two kills are in a further receipt, once."""
    for number, mortal in enumerate(deaths(apart)):
        before = len(RECEIPTS.page(apart, 0))
        filled = fill(apart, number)
        pass_is_killed(mortal)
        there = apart.query(f"SELECT count() FROM events WHERE day = '{YESTERDAY}'").rows[0][0]  # noqa: S608 - ours
        # what comes after a drop that nobody has seen, with nothing dropped since, is told nowhere: see `retention.py`
        late = 2 if there or RECEIPTS.page(apart, before + 1)[-1].span != YESTERDAY else 0
        if late:
            put_events(apart, YESTERDAY, late, f"later {number}", batch=2)
        again = Mortal(apart, mortal._at, carried_out=mortal._carried_out)
        try:
            Retention(again, ZONE, Limits()).round(LATER)
        except Killed:
            Retention(apart, ZONE, Limits()).round(LATER)
        told = rows_in(RECEIPTS.page(apart, before + 1))
        assert told == filled + Counter({("events", YESTERDAY): late}), mortal.calls[-1]
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
    assert RECEIPTS.verify(apart).broken == 0
