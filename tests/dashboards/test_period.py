"""The days asked about: which are refused, and which are still whole."""

from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from dashboards.office import Office, Shop
from dashboards.period import BadQuestionError, asked, before, named

OSLO = ZoneInfo("Europe/Oslo")
SCHEMA = Path(__file__).parents[2] / "pipeline/schema/0001_events.sql"


def office(now: datetime) -> Office:
    """An office of which only the shop and the clock are asked."""
    shop = Shop("a.shop", "Europe/Oslo")
    return cast("Office", SimpleNamespace(shop={"a.shop": shop}.get, sites=(shop,), clock=now.timestamp))


@pytest.mark.parametrize(
    "query",
    [
        {"from": "1970-12-31", "to": "1971-01-01"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"from": "2148-12-31", "to": "2149-01-01"},
        {"from": "9999-01-01", "to": "9999-12-31"},
        {"until": "1970-12-31T23:59:59Z"},
        {"until": "9999-12-31T23:59:59Z"},
        {"until": "2149-01-01T00:30:00+00:00"},
    ],
)
def test_years_that_the_store_can_not_count_are_refused(query: dict[str, str]) -> None:
    """Its dates end in 2149, and what lies past that fills its memory."""
    with pytest.raises(BadQuestionError, match="outside the years 1971 to 2148"):
        asked(office(datetime(2026, 7, 1, 12, tzinfo=OSLO)), {"site": "a.shop", **query})


def test_first_and_last_year_are_answered() -> None:
    """The bounds themselves are in."""
    here = office(datetime(2026, 7, 1, 12, tzinfo=OSLO))
    first = asked(here, {"site": "a.shop", "from": "1971-01-01", "to": "1971-01-02", "until": "1971-01-01T00:00:00Z"})
    last = asked(here, {"site": "a.shop", "from": "2148-12-31", "to": "2148-12-31", "until": "2148-12-31T23:59:59Z"})
    assert (first.first, last.last) == (date(1971, 1, 1), date(2148, 12, 31))


def test_yesterday_is_compared_with_only_while_all_its_rows_are_there() -> None:
    """Rows leave after 2870 minutes, ten to midnight of the next day: ten minutes before, the comparison goes."""
    assert "INTERVAL 2870 MINUTE" in SCHEMA.read_text(encoding="utf-8")
    leaves = datetime(2026, 7, 1, tzinfo=OSLO) + timedelta(minutes=2870)
    for minutes, compared in ((-11, True), (-9, False), (5, False)):
        now = leaves + timedelta(minutes=minutes)
        window = named(office(now), {"site": "a.shop", "period": "today"})
        assert (before(window, now.timestamp()) is not None) is compared, minutes


def test_a_period_that_is_over_is_compared_with_the_whole_one_before() -> None:
    """Seven days up to yesterday with the seven before, whose rows are long gone: their counts are not."""
    here = office(datetime(2026, 7, 15, 12, tzinfo=OSLO))
    week = named(here, {"site": "a.shop", "period": "week"})
    earlier = before(week, here.clock())
    assert earlier is not None
    assert (week.first, week.last) == (date(2026, 7, 8), date(2026, 7, 14))
    assert (earlier.first, earlier.last) == (date(2026, 7, 1), date(2026, 7, 7))


def test_days_are_answered_from_rows_as_long_as_all_of_them_are_there() -> None:
    """Yesterday and today; yesterday no more when its first row may be leaving."""
    opened = {}
    for clock in ("00:10", "12:00", "23:39", "23:41"):
        now = datetime.fromisoformat(f"2026-07-15T{clock}").replace(tzinfo=OSLO)
        opened[clock] = named(office(now), {"site": "a.shop"}).open(now.timestamp()).day
    assert opened == {"00:10": 14, "12:00": 14, "23:39": 14, "23:41": 15}
