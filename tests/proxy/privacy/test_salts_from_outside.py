"""A page whose salts come from outside: a day begins without one, and nobody gets a number until it is there."""

import pytest

from proxy.arrival import RawEvent
from proxy.privacy.memory import new_memory
from proxy.privacy.page import SALT_BYTES
from proxy.privacy.salts import OVERLAP_SECONDS, Salts
from tests.proxy.visit import NOON, OSLO, at, forgotten, number_of, page_of

NEXT_NOON = NOON + 86_400.0


@pytest.fixture
def salts() -> Salts:
    """One zone, whose day has begun without a salt."""
    made = Salts(new_memory(), [OSLO], draws=False)
    made.renew(NOON)
    return made


def give(salts: Salts, now: float, byte: int) -> None:
    """Put a salt there for the day that waits for one."""
    (day,) = salts.undrawn(now)
    day.salt[:] = bytes([byte]) * SALT_BYTES
    salts.take(day, now)


def test_a_day_that_waits_for_its_salt_gives_nobody_a_number(salts: Salts) -> None:
    """No visitor number, no event id, no order key can be made; the moment it has one, every process makes them."""
    purchase = page_of(RawEvent(name="purchase", id="sent-id", order="A-1"))
    (event,) = forgotten(salts, page=purchase)
    assert (event.visitor, event.event_id, event.order_key, event.day) == (0, 0, 0, "2026-05-12")
    assert salts.drawn(OSLO) == 0
    give(Salts(salts._page.descriptor, [OSLO], draws=False), NOON, 7)
    (event,) = forgotten(salts, page=purchase)
    assert 0 not in (event.visitor, event.event_id, event.order_key)
    assert salts.undrawn(NOON) == []
    assert salts.drawn(OSLO) == NOON


def test_a_day_that_waits_for_its_salt_has_moved_yesterdays(salts: Salts) -> None:
    """At midnight today's place is empty; yesterday's salt continues open visits once there is a new one."""
    give(salts, NOON, 1)
    visitor = number_of(salts, at("2026-05-12T23:50"))
    midnight = at("2026-05-13T00:00")
    assert number_of(salts, midnight) == 0
    assert not any(salts._page.current(0))
    assert bytes(salts._page.previous(0)) == b"\1" * SALT_BYTES
    give(salts, midnight + 1, 2)
    assert number_of(salts, midnight + 2) == visitor
    assert number_of(salts, midnight + 2, peer="203.0.113.99") not in (0, visitor)
    salts.renew(midnight + OVERLAP_SECONDS)
    assert b"\1" * SALT_BYTES not in bytes(salts._page.view)


def test_a_day_that_never_had_a_salt_leaves_none_for_the_next(salts: Salts) -> None:
    """Thirty minutes after it, too, nothing is continued under a salt of zeroes."""
    midnight = at("2026-05-13T00:00")
    salts.renew(midnight)
    give(salts, midnight + 1, 3)
    assert salts.under(OSLO, midnight + 2, lambda lent: lent.previous) is None


@pytest.mark.parametrize("begun", [True, False], ids=["the new day has begun", "nobody has noticed yet"])
def test_a_salt_that_comes_after_its_midnight_is_wiped(salts: Salts, *, begun: bool) -> None:
    """It was asked for before midnight and is nobody's any more."""
    (day,) = salts.undrawn(NOON)
    midnight = at("2026-05-13T00:00")
    if begun:
        salts.renew(midnight)
    day.salt[:] = b"late" * 8
    salts.take(day, midnight)
    assert b"late" not in bytes(salts._page.view)
    assert number_of(salts, midnight) == 0


def test_a_salt_in_use_is_not_replaced(salts: Salts) -> None:
    """Who comes with another one later changes no number of the day."""
    (day,) = salts.undrawn(NOON)
    give(salts, NOON, 1)
    generation = salts._page.generation(0)
    salts.take(day, NOON + 1)
    assert (salts._page.generation(0), salts.drawn(OSLO)) == (generation, NOON)
    assert any(salts._page.current(0))


def test_while_the_clock_is_back_no_salt_is_asked_for(salts: Salts) -> None:
    """The key of a day that is over, or of one that is to come, is not the one that is wanted."""
    salts.renew(NEXT_NOON)
    assert [day.day for day in salts.undrawn(NEXT_NOON)] == ["2026-05-13"]
    assert salts.undrawn(NOON) == []
