"""Passes on the real engine: what is due is dropped with a receipt, whatever the store answers."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.retain.receipts import RECEIPTS, write
from pipeline.retain.retention import Limits, Retention, fit_tables
from pipeline.store.database import Store, StoreError
from tests.pipeline.mortal import Killed, Mortal
from tests.pipeline.retain.leaving import (
    LATER,
    TODAY,
    YESTERDAY,
    ZONE,
    fill,
    leaves,
    left,
    put,
    put_events,
    rows_in,
)
from tests.pipeline.test_ship import NOW


def test_what_is_due_is_dropped_with_a_receipt_each(apart: Store) -> None:
    """Rows, bytes and hour are those of the partition; what isn't due stays, and a second pass does nothing."""
    put_events(apart, YESTERDAY, 3, "a")
    put_events(apart, YESTERDAY, 4, "b", batch=2)
    put_events(apart, TODAY, 5, "c")
    held = apart.query(
        "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase() AND table = 'events'"
        " AND active AND partition = {day:String}", {"day": YESTERDAY},
    ).rows[0][0]  # fmt: skip
    retention = Retention(apart, ZONE, Limits())
    at = leaves(YESTERDAY)
    assert retention.round(at - 1) == []
    assert left(apart) == 12
    (receipt,) = retention.round(at)
    assert (receipt.number, receipt.what, receipt.span, receipt.rows, receipt.bytes) == (
        1,
        "events",
        YESTERDAY,
        7,
        held,
    )
    assert datetime.fromisoformat(receipt.at).timestamp() == at
    assert (left(apart), retention.round(at + 60), RECEIPTS.page(apart, 0)) == (5, [], [receipt])


def test_everything_has_its_receipt(apart: Store) -> None:
    """All tables in one pass, and the chain holds."""
    filled = fill(apart, 0)
    quarantined = {"site": "shop.no", "ts": f"{NOW:.3f}", "reason": "why", "columns": "", "row": "[]", "batch": 1}
    put(apart, "quarantine", "quarantine", day=YESTERDAY, **quarantined)
    put(apart, "waiting", "waiting", site="shop.no", grain="week", until="2020-01-06", day="2020-01-07")
    put(apart, "closings", "closings", site="shop.no", grain="day", day="2020-01-07", run=1)
    put(apart, "drafts", "drafts", site="shop.no", day=YESTERDAY, pair="path", run=1)
    filled |= Counter(
        {
            ("quarantine", YESTERDAY): 1,
            ("drafts", YESTERDAY): 1,
            ("waiting", "week 2020-01-06"): 1,
            ("closings", "2020"): 1,
        }
    )
    receipts = Retention(apart, ZONE, Limits()).round(LATER)
    assert rows_in(receipts) == filled
    assert (left(apart), RECEIPTS.verify(apart).lines, RECEIPTS.verify(apart).broken) == (0, len(filled), 0)


def test_where_no_site_is_left_rows_leave_all_the_same(apart: Store) -> None:
    """When their day is old enough everywhere on earth."""
    put_events(apart, YESTERDAY, 3, "a")
    retention = Retention(apart, [], Limits())
    assert retention.round(leaves(YESTERDAY) + 12 * 3600 - 1) == []
    assert [receipt.rows for receipt in retention.round(leaves(YESTERDAY) + 12 * 3600)] == [3]


def test_counts_of_the_present_stay(apart: Store) -> None:
    """The tally, notes and counts of this month are far from 25 months."""
    day = datetime.fromtimestamp(NOW, UTC).date().isoformat()
    put(apart, "tally", "t", site="shop.no", day=day, name="page_view", outcome="stored", events=3, batch=1)
    put(apart, "notes", "n", site="shop.no", day=day, field="path", note="redacted", times=1, batch=1)
    put(apart, "weekly", "w", site="shop.no", week=day, pair="source product", a="", b="")
    retention = Retention(apart, ZONE, Limits())
    month = datetime.fromtimestamp(NOW, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (month + timedelta(days=26 * 30.5 + 20)).replace(day=1).timestamp()  # 26 months later
    assert retention.round(after - 1) == []
    assert [(receipt.what, receipt.rows) for receipt in retention.round(after)] == [
        ("weekly", 1),
        ("tally", 1),
        ("notes", 1),
    ]


def test_rows_that_come_after_a_drop_have_a_receipt_of_their_own(apart: Store) -> None:
    """Also as many as before, while the process knows that it dropped those."""
    retention = Retention(apart, ZONE, Limits())
    for token in ("a", "b"):
        put_events(apart, YESTERDAY, 3, token)
        assert [receipt.rows for receipt in retention.round(LATER)] == [3]


def test_fewer_rows_than_announced_are_dropped_without_a_further_receipt(apart: Store) -> None:
    """The time to live took the others after the receipt: all of them are in it."""
    put_events(apart, YESTERDAY, 5, "a")
    dying = Mortal(apart, _call(apart, "DROP PARTITION"))
    with pytest.raises(Killed):
        Retention(dying, ZONE, Limits()).round(LATER)
    apart.command("ALTER TABLE events DELETE WHERE event_id < 2 SETTINGS mutations_sync = 2")
    assert Retention(apart, ZONE, Limits()).round(LATER) == []
    assert ([receipt.rows for receipt in RECEIPTS.page(apart, 0)], left(apart)) == ([5], 0)


def _call(store: Store, word: str) -> int:
    """The number of the first call of a pass that says so; done on rows of their own, which are put back."""
    counting = Mortal(store)
    Retention(counting, ZONE, Limits()).round(LATER)
    store.command("TRUNCATE TABLE receipts")
    put_events(store, YESTERDAY, 5, "put back")
    return next(number for number, call in enumerate(counting.calls) if word in call)


def test_without_a_receipt_nothing_is_dropped(apart: Store) -> None:
    """An insert that fails leaves the rows, and the next pass drops them."""

    class Refusing(Mortal):
        def insert(self, *_said: object) -> None:
            raise StoreError("no space left")

    put_events(apart, YESTERDAY, 3, "a")
    with pytest.raises(StoreError, match="no space left"):
        Retention(Refusing(apart), ZONE, Limits()).round(LATER)
    assert left(apart) == 3
    assert [receipt.rows for receipt in Retention(apart, ZONE, Limits()).round(LATER)] == [3]


def test_a_drop_that_did_nothing_is_told_and_done_again(apart: Store) -> None:
    """With one receipt."""

    class Idle(Mortal):
        def command(self, *_said: object) -> None:
            """Say yes and do nothing."""

    put_events(apart, YESTERDAY, 3, "a")
    retention = Retention(Idle(apart), ZONE, Limits())
    for _ in range(2):
        with pytest.raises(StoreError, match="still there"):
            retention.round(LATER)
    assert Retention(apart, ZONE, Limits()).round(LATER) == []
    assert ([receipt.rows for receipt in RECEIPTS.page(apart, 0)], left(apart)) == ([3], 0)


def test_a_receipt_that_arrived_although_the_insert_failed_is_the_one(apart: Store) -> None:
    """The connection was cut after it was stored: the next pass finds it at the chain's end and drops on it."""

    class Cut(Mortal):
        def insert(self, *said: object) -> None:
            super().insert(*said)
            raise StoreError("the connection was cut")

    put_events(apart, YESTERDAY, 3, "a")
    retention = Retention(Cut(apart), ZONE, Limits())
    with pytest.raises(StoreError, match="cut"):
        retention.round(LATER)
    assert retention.round(LATER + 60) == []
    assert ([receipt.rows for receipt in RECEIPTS.page(apart, 0)], left(apart)) == ([3], 0)


def test_the_tables_fit_the_limits(apart: Store) -> None:
    """The engine's own time to live stands ten minutes before the limit, and two months behind the drop of counts."""

    def says(table: str) -> str:
        asked = "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}"
        return str(apart.query(asked, {"table": table}).rows[0][0])

    assert fit_tables(apart, Limits()) == []
    changed = fit_tables(apart, Limits(events_hours=30, quarantine_hours=720, counts_months=3))
    assert [line.partition(":")[0] for line in changed] == ["events", "quarantine", "tally", "notes"]
    assert "TTL toDateTime(ts) + toIntervalMinute(1790) " in says("events")
    assert "TTL toDateTime(ts) + toIntervalMinute(43190) " in says("quarantine")
    assert "TTL day + toIntervalMonth(5) " in says("tally")
    assert len(fit_tables(apart, Limits())) == 4
    assert "toIntervalMinute(2870)" in says("events")
    assert "toIntervalMonth(27)" in says("notes")
    for table in ("events", "quarantine", "drafts"):
        assert "old_parts_lifetime = 0, min_rows_to_fsync_after_merge = 1" in says(table)


def test_a_receipt_of_something_else_at_the_end_announces_nothing(apart: Store) -> None:
    """Only the last receipt may be open, since each is carried out before the next is written."""
    put_events(apart, YESTERDAY, 3, "a")
    retention = Retention(apart, ZONE, Limits())
    retention.round(LATER)
    put_events(apart, TODAY, 2, "b")
    retention.round(LATER)
    put_events(apart, YESTERDAY, 3, "c")
    assert [receipt.rows for receipt in Retention(apart, ZONE, Limits()).round(LATER)] == [3]
    assert RECEIPTS.verify(apart).lines == 3
    last = RECEIPTS.page(apart, 0)[-1]
    write(apart, last)
    assert RECEIPTS.verify(apart).lines == 3
