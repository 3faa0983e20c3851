"""What is closed when: days that are over, again if something came late, weeks and months after them."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.closing.due import close_due, ends, midnight
from pipeline.store.database import Store
from tests.dashboards.shop import TODAY, at, event, put, put_tally

YESTERDAY = TODAY - timedelta(days=1)
OSLO = "Europe/Oslo"
OVER = midnight(TODAY, OSLO)
"""When yesterday was."""
NOTHING: Container[tuple[str, str]] = frozenset()


def closed(
    store: Store, site: str, now: float, waiting: Container[tuple[str, str]] = NOTHING, zone: str = OSLO
) -> list[tuple[str, date]]:
    """Grain and first day of what one pass closes."""
    return [(one.grain, one.first) for one in close_due(store, {site: zone}, now, lambda: waiting)]


@pytest.fixture
def site(store: Store, request: pytest.FixtureRequest) -> str:
    """A shop with an event yesterday and one today."""
    name = str(request.node.name)
    put(store, [event(name, at("12:00", day), entry=1, visitor=7) for day in (YESTERDAY, TODAY)])
    return name


def test_a_day_is_closed_when_it_is_over_and_nothing_of_it_waits(store: Store, site: str) -> None:
    """Not a second before midnight; then yesterday alone, once."""
    assert closed(store, site, OVER - 1) == []
    assert closed(store, site, OVER) == [("day", YESTERDAY)]
    assert closed(store, site, OVER + 60) == []


def test_a_day_of_which_a_spool_holds_something_is_waited_for_two_hours(store: Store, site: str) -> None:
    """Then it is closed without."""
    waiting = {(site, YESTERDAY.isoformat())}
    assert closed(store, site, OVER + 7199, waiting) == []
    assert ("day", YESTERDAY) in closed(store, site, OVER + 7200, waiting)


def test_what_comes_late_is_counted_once(store: Store, site: str) -> None:
    """The day is closed again with all of its rows, and then no more."""
    closed(store, site, OVER)
    put(store, [event(site, at("23:59", YESTERDAY), entry=1, visitor=8)])
    assert closed(store, site, OVER + 60) == [("day", YESTERDAY)]
    assert closed(store, site, OVER + 120) == []
    visible = """SELECT visitors FROM closed(
        site = {site:String}, `from` = {day:Date}, `to` = {day:Date}, open = {open:Date}) WHERE dim = 'all'"""
    asked = {"site": site, "day": YESTERDAY.isoformat(), "open": TODAY.isoformat()}
    assert store.query(visible, asked).rows == [(2,)]


def test_a_day_whose_rows_have_begun_to_leave_is_not_counted_again(store: Store, site: str) -> None:
    """The tally knows how many there were: fewer would be a lie, and no count at all is none."""
    closed(store, site, OVER)
    put(store, [event(site, at("23:59", YESTERDAY))])
    put_tally(store, [(site, YESTERDAY, "page_view", "stored", 3)])
    assert closed(store, site, OVER + 60) == []
    never = f"{site}.never"
    put(store, [event(never, at("12:00", YESTERDAY))])
    put_tally(store, [(never, YESTERDAY, "page_view", "stored", 2)])
    assert closed(store, never, OVER + 60) == []


def test_a_shop_that_is_no_longer_in_the_settings_is_left_alone(store: Store, site: str) -> None:
    """Nobody knows any more when its day ends."""
    done = close_due(store, {"another.shop": OSLO}, OVER, lambda: NOTHING)
    assert [one.site for one in done if one.site == site] == []


def test_a_week_and_a_month_are_closed_after_their_last_day(store: Store, site: str) -> None:
    """Two hours after; and again if one of their days was."""
    closed(store, site, OVER)
    monday = YESTERDAY - timedelta(days=YESTERDAY.weekday())
    over = ends("week", monday, OSLO) + 7200
    assert ("week", monday) not in closed(store, site, over - 1)
    assert ("week", monday) in closed(store, site, over)
    assert ("week", monday) not in closed(store, site, over + 60)
    month = monday.replace(day=1)
    over = ends("month", month, OSLO) + 7200
    assert ("month", month) not in closed(store, site, over - 1)
    assert ("month", month) in closed(store, site, over)
    put(store, [event(site, at("23:59", YESTERDAY))])
    again = closed(store, site, over + 60)
    assert {("day", YESTERDAY), ("week", monday), ("month", month)} <= set(again)


@pytest.mark.parametrize(
    ("grain", "first", "expected"),
    [
        ("day", "2026-03-29", "2026-03-30T00:00:00+02:00"),
        ("day", "2026-10-25", "2026-10-26T00:00:00+01:00"),
        ("week", "2026-10-19", "2026-10-26T00:00:00+01:00"),
        ("month", "2026-11-01", "2026-12-07T00:00:00+01:00"),
        ("month", "2026-12-01", "2027-01-04T00:00:00+01:00"),
        ("month", "2026-02-01", "2026-03-02T00:00:00+01:00"),
    ],
)
def test_when_a_span_ends(grain: str, first: str, expected: str) -> None:
    """Days of 23 and 25 hours; a month ends with the week of its last Monday."""
    assert datetime.fromtimestamp(ends(grain, date.fromisoformat(first), OSLO), ZoneInfo(OSLO)).isoformat() == expected
