"""Promise 4: rows about single visits are gone within 48 hours, of the disk too, and a receipt says so."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.event import COLUMNS
from pipeline.retain.receipts import RECEIPTS
from pipeline.retain.retention import Limits, Retention, day_leaves_at, fit_tables
from pipeline.store.database import Store
from proxy.settings import Settings
from tests.pipeline.apart import database_apart
from tests.pipeline.test_ship import DAYS, NOW, row

TODAY, YESTERDAY = DAYS
LEAVES = datetime.fromisoformat(f"{YESTERDAY}T00:00Z").timestamp() + 2870 * 60
ZONES = """Europe/Oslo Asia/Tokyo America/New_York Australia/Lord_Howe America/Santiago America/Havana Africa/Cairo
    Pacific/Kiritimati Pacific/Pago_Pago""".split()
"""With clocks that change at midnight, by half an hour, or never, and the first and the last to have a day."""


@pytest.fixture(scope="module")
def apart(store: Store) -> Iterator[Store]:
    """A store that may be emptied."""
    with database_apart(store, "promise_apart") as opened:
        fit_tables(opened, Limits())
        yield opened


def put(store: Store, day: str, token: str, ts: float = NOW) -> None:
    """Three page views in a part of their own."""
    lines = b"\n".join(row("shop.no", number, day, ts) + b",1]" for number in range(3))
    store.insert("events", [*COLUMNS, "batch"], lines, token)


def days_of(store: Store) -> list[tuple[str, int]]:
    """Days with their rows."""
    return [
        tuple(row) for row in store.query("SELECT toString(day), count() FROM events GROUP BY day ORDER BY day").rows
    ]


def folders_of(store: Store, day: str) -> list[Path]:
    """What lies on the disk of a day's rows, in use, merged away or set aside."""
    asked = "SELECT arrayJoin(data_paths) FROM system.tables WHERE database = currentDatabase() AND name = 'events'"
    table = Path(store.query(asked).rows[0][0])
    return [path for path in table.rglob("*") if day.replace("-", "") in path.name]


@given(
    st.sampled_from(ZONES),
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.integers(0, 25 * 3600),
    st.sampled_from([30, 48]),
)
def test_no_row_outlives_its_48_hours_and_every_day_can_be_closed(
    zone: str, day: date, second: int, hours: int
) -> None:
    """Of whatever second, in whatever zone; nor leaves it before two hours after the day's end."""
    place, tomorrow = ZoneInfo(zone), day + timedelta(days=1)
    began, ends = (datetime(on.year, on.month, on.day, tzinfo=place).timestamp() for on in (day, tomorrow))
    at = min(began + second, ends - 1)
    assert datetime.fromtimestamp(at, place).date() == day
    leaves = day_leaves_at(day, [zone], hours)
    assert leaves <= at + hours * 3600 - 600
    assert leaves >= ends + 2 * 3600


def test_rows_of_a_day_are_gone_from_the_disk_with_a_receipt(apart: Store) -> None:
    """Not a second too early, and with them the parts that merging left; the other day stays as it is."""
    for token in ("a", "b"):
        put(apart, YESTERDAY, token)
    put(apart, TODAY, "c")
    apart.command("OPTIMIZE TABLE events FINAL")
    retention = Retention(apart, ["UTC"], Limits())
    assert retention.round(LEAVES - 1) == []
    assert days_of(apart) == [(YESTERDAY, 6), (TODAY, 3)]
    assert folders_of(apart, YESTERDAY) != []
    assert [(receipt.span, receipt.rows) for receipt in retention.round(LEAVES)] == [(YESTERDAY, 6)]
    assert days_of(apart) == [(TODAY, 3)]
    assert folders_of(apart, YESTERDAY) == []
    assert folders_of(apart, TODAY) != []
    assert RECEIPTS.verify(apart).broken == 0


def test_rows_that_the_engine_has_set_aside_are_gone_too(apart: Store) -> None:
    """Parts that it finds broken at a start lie in a folder which no query and no time to live looks into."""
    put(apart, YESTERDAY, "d")
    apart.command(f"ALTER TABLE events DETACH PARTITION '{YESTERDAY}'")
    retention = Retention(apart, ["UTC"], Limits())
    assert retention.round(LEAVES - 1) == []
    assert folders_of(apart, YESTERDAY) != []
    (receipt,) = retention.round(LEAVES)
    assert (receipt.span, receipt.rows, receipt.bytes > 0) == (f"{YESTERDAY} set aside", 0, True)
    assert folders_of(apart, YESTERDAY) == []


def test_without_a_pass_the_engine_removes_rows_by_itself(apart: Store) -> None:
    """At its next merge, ten minutes before their 48 hours: of other zones' days, and where no job runs."""
    apart.command("TRUNCATE TABLE events")
    put(apart, YESTERDAY, "e", NOW - 47 * 3600)
    put(apart, YESTERDAY, "f", NOW - 2871 * 60)
    apart.command("OPTIMIZE TABLE events FINAL")
    assert days_of(apart) == [(YESTERDAY, 3)]


def test_longer_than_48_hours_is_not_what_was_promised() -> None:
    """The operator may, and the promise turns red; the default keeps it."""
    assert Limits(**Settings().retention.model_dump()).promise_kept
    assert Limits(events_hours=30).promise_kept
    assert not Limits(events_hours=49).promise_kept
    assert not Limits(quarantine_hours=49).promise_kept
