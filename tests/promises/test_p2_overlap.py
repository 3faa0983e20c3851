"""Over midnight: an open visit goes on under its number, everybody else gets a new one, and nobody goes back."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.privacy.salts import OVERLAP_SECONDS, Salts
from tests.proxy.visit import arrive, at, forgotten, make_salts, number_of

MIDNIGHT = at("2026-05-13T00:00")


def minutes(after: float) -> float:
    """Seconds since 1970, so many minutes after midnight."""
    return MIDNIGHT + after * 60


def test_an_open_visit_keeps_its_number_for_half_an_hour() -> None:
    """With its last event at ten to twelve, it goes on at ten past and at 29, and is a new visitor at half past."""
    salts = make_salts()
    old = number_of(salts, minutes(-10))
    assert [number_of(salts, minutes(m)) for m in (0, 10, 29.9)] == [old] * 3
    new = number_of(salts, minutes(30))
    assert new not in (0, old)
    assert number_of(salts, minutes(600)) == new


def test_a_visit_that_was_not_open_at_midnight_has_the_new_number() -> None:
    """Half an hour without an event ends a visit."""
    salts = make_salts()
    old = number_of(salts, minutes(-40))
    new = number_of(salts, minutes(1))
    assert new not in (0, old)
    assert number_of(salts, minutes(45)) == new


def test_who_comes_first_after_midnight_has_the_new_number() -> None:
    """And keeps it when the half hour is over."""
    salts = make_salts()
    number_of(salts, minutes(-60), peer="198.51.100.1")
    first = number_of(salts, minutes(5))
    assert first == number_of(salts, minutes(20)) == number_of(salts, minutes(40))


def test_the_other_worker_knows_which_visits_are_open() -> None:
    """They are in the shared page, not in one process."""
    salts = make_salts()
    other = Salts(salts._page.descriptor, salts.zones)
    assert number_of(salts, minutes(-10)) == number_of(other, minutes(10))


_night = make_salts()
sightings = st.lists(st.tuples(st.integers(1, 3), st.integers(-60 * 60, 90 * 60)), max_size=40)


@settings(max_examples=60)
@given(sightings)
def test_nobody_goes_back_to_an_old_number(seen: list[tuple[int, int]]) -> None:
    """Per visitor: first yesterday's number, then today's, never both in a row of the table, never back."""
    _night.wipe()
    number_of(_night, minutes(-61), peer="198.51.100.200")  # the evening has begun
    before: dict[int, int] = defaultdict(int)
    last: dict[int, float] = {}
    numbers: dict[int, list[int]] = defaultdict(list)
    for who, second in sorted(seen, key=lambda sighting: sighting[1]):
        now = MIDNIGHT + second
        [event] = forgotten(_night, arrive(now, peer=f"198.51.100.{who}"))
        if second < 0:
            before[who] = event.visitor
        elif event.visitor == before[who]:
            assert second < OVERLAP_SECONDS
            assert now - last[who] < 1860  # the table counts in minutes
        last[who] = now
        if numbers[who][-1:] != [event.visitor]:
            numbers[who].append(event.visitor)
    for who, had in numbers.items():
        assert 0 not in had
        assert len(had) == len(set(had)) <= 2, who


def test_only_rows_of_a_visit_that_was_open_at_midnight_say_so() -> None:
    """So the day's count can leave them out of its visits without the rows of the day before."""
    salts = make_salts()
    [before] = forgotten(salts, arrive(minutes(-10), peer="198.51.100.1"))
    [after] = forgotten(salts, arrive(minutes(10), peer="198.51.100.1"))
    [other] = forgotten(salts, arrive(minutes(11), peer="198.51.100.2"))
    assert (before.continued, after.continued, other.continued) == (0, 1, 0)
