"""Rows that a clock which was ahead has dated: they leave an hour after it was set, and nothing else does with them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from pipeline.retain.partitions import Partition
from pipeline.retain.receipts import RECEIPTS
from pipeline.retain.retention import Limits, Retention
from pipeline.retain.untimely import to_come
from pipeline.status import read_accounts
from pipeline.store.database import Store
from tests.pipeline.mortal import Killed, Mortal
from tests.pipeline.retain.leaving import TODAY, ZONE, emptied, leaves, put, put_events, rows_in
from tests.pipeline.test_ship import NOW

HOUR = 3600.0
FAR = (date.fromisoformat(TODAY) + timedelta(days=40)).isoformat()
TOMORROW = (date.fromisoformat(TODAY) + timedelta(days=1)).isoformat()
MIDNIGHT = datetime.fromisoformat(TOMORROW).replace(tzinfo=UTC).timestamp()
"""When tomorrow begins."""
NOON = MIDNIGHT - 12 * 3600


class Machine:
    """One whose clock can be set, and whose passes come when a test says."""

    def __init__(self, store: Store, now: float) -> None:
        self.now = now
        self._passed = 0.0
        self._retention = Retention(store, ZONE, Limits(), lambda: self._passed)

    def after(self, seconds: float, clock: float | None = None) -> Counter[tuple[str, str]]:
        """What a pass drops so much later; `clock`: what the clock says by then, if it was set."""
        self._passed += seconds
        self.now = self.now + seconds if clock is None else clock
        return rows_in(self._retention.round(self.now))


def fill_far(store: Store, number: int = 0) -> None:
    """What a collector sent while its clock was ahead: four events of which one is in quarantine, and a draft."""
    put_events(store, FAR, 3, f"far {number}")
    quarantined = {"site": "shop.no", "ts": f"{NOW:.3f}", "reason": "why", "columns": "", "row": "[]", "batch": 1}
    put(store, "quarantine", f"far {number}", day=FAR, **quarantined)
    put(store, "drafts", f"far {number}", site="shop.no", day=FAR, pair="path", run=1)
    told = {"site": "shop.no", "day": FAR, "name": "page_view", "batch": 1}
    put(store, "tally", f"far {number} stored", **told, outcome="stored", events=3)
    put(store, "tally", f"far {number} aside", **told, outcome="quarantined", events=1)


FAR_AWAY = Counter(
    {(table, f"{FAR} not begun"): rows for table, rows in (("events", 3), ("quarantine", 1), ("drafts", 1))}
)


@pytest.mark.parametrize(
    ("zones", "day", "moment"),
    [
        (["UTC"], "2026-05-12", "2026-05-12T00:00Z"),
        (["Europe/Oslo"], "2026-05-12", "2026-05-11T22:00Z"),
        (["Europe/Oslo"], "2026-10-26", "2026-10-25T23:00Z"),
        (["Asia/Tokyo", "Europe/Oslo", "America/New_York"], "2026-05-12", "2026-05-11T15:00Z"),
    ],
)
def test_a_day_is_to_come_until_it_has_begun_somewhere(zones: list[str], day: str, moment: str) -> None:
    """The first of the sites' zones counts; what is counted by the month is never to come."""
    at = datetime.fromisoformat(moment).timestamp()
    parts = [
        Partition(table, name, name, aside=False, rows=1, bytes=1)
        for table, name in (("events", day), ("daily", "209901"))
    ]
    assert to_come(parts, zones, at - 1) == parts[:1]
    assert to_come(parts, zones, at) == []


def test_rows_of_a_day_far_ahead_leave_an_hour_after_they_were_seen(apart: Store) -> None:
    """Each table's with a receipt that says why, loudly; today's stay until their own time."""
    put_events(apart, TODAY, 2, "today")
    fill_far(apart)
    machine = Machine(apart, NOON)
    with capture_logs() as logs:
        assert machine.after(0) == Counter()
        assert machine.after(HOUR - 1) == Counter()
        assert machine.after(1) == FAR_AWAY
        assert machine.after(60) == Counter()
    loud = [(line["what"], line["day"]) for line in logs if line["log_level"] == "error"]
    assert sorted(loud) == [("drafts", FAR), ("events", FAR), ("quarantine", FAR)]
    assert apart.query("SELECT DISTINCT toString(day) FROM events").rows == [(TODAY,)]
    assert machine.after(0, leaves(TODAY)) == Counter({("events", TODAY): 2})
    assert RECEIPTS.verify(apart).broken == 0


def test_a_clock_that_is_a_little_ahead_loses_nothing(apart: Store) -> None:
    """Tomorrow's rows came nearly an hour early; when it begins they are of today."""
    put_events(apart, TOMORROW, 2, "early")
    machine = Machine(apart, MIDNIGHT - HOUR + 1)
    assert [machine.after(60 * bool(number)) for number in range(120)] == [Counter()] * 120
    assert machine.after(0, leaves(TOMORROW)) == Counter({("events", TOMORROW): 2})


def test_a_machine_that_starts_with_its_clock_behind_loses_nothing(apart: Store) -> None:
    """It has an hour until the clock is set, however far that jumps; what was once seen too early is forgotten."""
    put_events(apart, TODAY, 2, "today")
    machine = Machine(apart, 0.0)
    assert machine.after(0) == machine.after(HOUR - 1) == Counter()
    assert machine.after(1, clock=NOON) == Counter()
    assert machine.after(3600, clock=NOON - 86400) == Counter()
    assert machine.after(HOUR - 1) == Counter()


def test_the_day_adds_up_when_it_comes(apart: Store) -> None:
    """What was dropped is told as expired, once, wherever a pass is killed; what then comes is stored as ever."""
    fill_far(apart)
    counting = Mortal(apart)
    hour = iter((0.0, HOUR)).__next__
    retention = Retention(counting, ZONE, Limits(), hour)
    _two_passes(retention)
    for at in range(len(counting.calls)):
        for carried_out in (False, True):
            emptied(apart)
            fill_far(apart, 1 + 2 * at + carried_out)
            _killed_at(apart, at, carried_out=carried_out)
            machine = Machine(apart, NOON)
            machine.after(0)
            machine.after(HOUR)
            assert rows_in(RECEIPTS.page(apart, 0)) == FAR_AWAY, counting.calls[at]
            put_events(apart, FAR, 2, "its own")
            told = {"site": "shop.no", "day": FAR, "name": "page_view", "batch": 2}
            put(apart, "tally", "its own", **told, outcome="stored", events=2)
            (account,) = read_accounts(apart, [], date.fromisoformat(FAR))
            assert (account.received, account.stored, account.refused) == (6, 2, {"expired": 4}), counting.calls[at]
            assert account.missing == 0
    assert machine.after(0, leaves(FAR)) == Counter({("events", FAR): 2})


def _killed_at(store: Store, at: int, *, carried_out: bool) -> None:
    dying = Mortal(store, at, carried_out=carried_out)
    retention = Retention(dying, ZONE, Limits(), iter((0.0, HOUR)).__next__)
    with pytest.raises(Killed):
        _two_passes(retention)


def _two_passes(retention: Retention) -> None:
    for _ in range(2):
        retention.round(NOON)
