"""What is closed when: days that are over, again if something came late, weeks and months after them."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from pipeline.closing import day, due
from pipeline.closing.day import Closed, close_day, next_run
from pipeline.closing.due import close_due, ends, midnight
from pipeline.retain.retention import PROMISED
from pipeline.store.database import Store, StoreError
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


def visitors(store: Store, site: str, day: date) -> Any:  # noqa: ANN401 - the one number, in rows
    """Those of a closed day, as everybody sees them."""
    visible = """SELECT visitors FROM closed(
        site = {site:String}, `from` = {day:Date}, `to` = {day:Date}, open = {open:Date}) WHERE dim = 'all'"""
    asked = {"site": site, "day": day.isoformat(), "open": (day + timedelta(days=1)).isoformat()}
    return store.query(visible, asked).rows


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
    assert visitors(store, site, YESTERDAY) == [(2,)]


def test_a_day_whose_rows_have_begun_to_leave_is_not_counted(store: Store, site: str) -> None:
    """The tally knows how many there were: to count what is left would be a lie. Before, none can have left."""
    put_tally(store, [(site, YESTERDAY, "page_view", "stored", 3)])
    leaving = midnight(YESTERDAY, OSLO) + PROMISED.keep_seconds
    assert ("day", YESTERDAY) not in closed(store, site, leaving)
    assert closed(store, site, OVER) == [("day", YESTERDAY)]  # a row was lost: better all the others than none
    put(store, [event(site, at("23:59", YESTERDAY))])
    assert ("day", YESTERDAY) not in closed(store, site, leaving)


def test_what_can_not_be_closed_does_not_stop_other_shops(
    store: Store, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Theirs are closed in the same pass; it ends with the reason of the one that was not."""
    other = f"{site}.other"
    put(store, [event(other, at("12:00", YESTERDAY), entry=1, visitor=7)])

    def fails_for_one(store: Store, name: str, *rest: Any) -> Closed:  # noqa: ANN401 - passed on
        if name == site:
            raise StoreError("it is too large")
        return close_day(store, name, *rest)

    monkeypatch.setattr(due, "close_day", fails_for_one)
    closing = close_due(store, {site: OSLO, other: OSLO}, OVER, lambda: NOTHING)
    assert next(closing).site == other
    with pytest.raises(StoreError, match="too large"):
        list(closing)


def test_what_a_kill_before_the_sweep_left_goes_with_the_next_pass(
    store: Store, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two runs for a day one is left."""
    closed(store, site, OVER)
    put(store, [event(site, at("23:59", YESTERDAY), entry=1, visitor=8)])
    with monkeypatch.context() as patch:
        patch.setattr(day, "sweep", lambda *_: None)
        patch.setattr(due, "sweep", lambda *_: None)
        closed(store, site, OVER + 60)
    runs = "SELECT uniqExact(run) FROM daily WHERE site = {site:String}"
    assert store.query(runs, {"site": site}).rows == [(2,)]
    closed(store, site, OVER + 120)
    assert store.query(runs, {"site": site}).rows == [(1,)]


def test_a_run_is_never_given_twice(store: Store, site: str) -> None:
    """Not even with the clock set back, after one that was killed before it was named."""
    store.command(
        "INSERT INTO daily (site, grain, day, run) SELECT {site:String}, 'day', toDate('2026-01-01'), {run:UInt64}",
        {"site": site, "run": 2**62},
    )
    assert next_run(store, OVER) == 2**62 + 1
    store.command("ALTER TABLE daily DELETE WHERE run = {run:UInt64} SETTINGS mutations_sync = 1", {"run": 2**62})


def test_the_last_days_of_a_shop_that_is_no_longer_in_the_settings_are_counted(store: Store, site: str) -> None:
    """By the zone that holds for shops without one of their own; said once a day, not once a minute."""

    def done(now: float, time_zone: str = OSLO) -> list[tuple[str, date]]:
        closing = close_due(store, {"another.shop": OSLO}, now, lambda: NOTHING, time_zone=time_zone)
        return [(one.grain, one.first) for one in closing if one.site == site]

    assert done(OVER, time_zone="") == []
    with capture_logs() as logs:
        assert done(OVER - 1) == []
        assert done(OVER) == [("day", YESTERDAY)]
        assert done(OVER + 60) == []
    told = [
        (line["log_level"], line["day"]) for line in logs if line.get("site") == site and "settings" in line["event"]
    ]
    assert told == [("warning", YESTERDAY.isoformat())]
    assert visitors(store, site, YESTERDAY) == [(1,)]
    monday = YESTERDAY - timedelta(days=YESTERDAY.weekday())
    assert ("week", monday) in done(ends("week", monday, OSLO) + 7200)


def test_a_day_that_a_clock_ahead_has_closed_is_closed_again(store: Store, site: str) -> None:
    """Though its rows are fewer than were counted then: what was counted before it was over is taken back."""
    put(store, [event(site, at("13:00", TODAY), entry=1, visitor=number) for number in (8, 9)])
    ahead = ends("day", TODAY, OSLO)
    assert ("day", TODAY) in closed(store, site, ahead)
    assert visitors(store, site, TODAY) == [(3,)]
    store.command("ALTER TABLE events DELETE WHERE site = {site:String} SETTINGS mutations_sync = 1", {"site": site})
    put(store, [event(site, at("14:00", TODAY), entry=1, visitor=10)])
    with capture_logs() as logs:
        assert closed(store, site, OVER) == [("day", TODAY)]
        assert closed(store, site, OVER + 60) == []
    assert [line["log_level"] for line in logs if "before it was over" in line["event"]] == ["error"]
    assert visitors(store, site, TODAY) == []
    assert ("day", TODAY) in closed(store, site, ahead + 60)
    assert visitors(store, site, TODAY) == [(1,)]
    assert ("day", TODAY) not in closed(store, site, ahead + 120)


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
