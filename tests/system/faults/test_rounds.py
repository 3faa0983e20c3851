"""What chance found between two spools, each without chance: an order of steps in which an event was stored twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.spool.keeping import KEEP_SECONDS
from pipeline.spool.spool import Spool
from pipeline.store.database import Store, StoreError
from tests.pipeline.test_ship import DAYS, NOW, row, shipper, stored, tally_of


@contextmanager
def takes_nothing(store: Store) -> Iterator[None]:
    """The store can be asked, and takes no rows."""

    def insert(*_: object) -> None:
        raise StoreError("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "insert", insert)
        yield


def put(folder: Path, worker: int, site: str, day: str = DAYS[0], ts: float = NOW) -> None:
    """The event 5 comes in there."""
    spool = Spool(folder / f"worker-{worker}.sqlite")
    spool.append([row(site, 5, day, ts)], tally_of(site, 1))
    spool.close()


def waiting(folder: Path, worker: int) -> int:
    """Events in that spool."""
    spool = Spool(folder / f"worker-{worker}.sqlite")
    try:
        return spool.waiting().events.total()
    finally:
        spool.close()


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_retry_in_an_earlier_spool_does_not_overtake_what_is_settled(
    store: Store, tmp_path: Path, *, restart: bool
) -> None:
    """The store fails after the first was settled; its retry comes to a spool that is shipped before: one is stored."""
    site, working = f"overtaken{restart}.no", shipper(store, tmp_path)
    put(tmp_path, 1, site)
    with takes_nothing(store), pytest.raises(StoreError):
        working.round()
    put(tmp_path, 0, site)
    (shipper(store, tmp_path) if restart else working).round()
    assert stored(store, site) == [5]


@pytest.mark.parametrize("shift", [1, -1], ids=["after", "before"])
def test_a_retry_over_midnight_is_one_event(store: Store, tmp_path: Path, shift: int) -> None:
    """A visit that goes on keeps its salt, so the id is the same on both days, whichever of them is shipped first."""
    site, other = f"midnight{shift}.no", (date.fromisoformat(DAYS[0]) + timedelta(days=shift)).isoformat()
    for day in (DAYS[0], other):
        put(tmp_path, 0, site, day)
        shipper(store, tmp_path).round()
    assert stored(store, site) == [5]


def test_rows_whose_time_is_over_leave_every_spool_while_the_store_is_away(store: Store, tmp_path: Path) -> None:
    """The first spool's shipment fails for days; the others' rows must not stay for that."""
    site = "forgotten.no"
    for worker in (0, 1):
        put(tmp_path, worker, site, ts=NOW - KEEP_SECONDS - 60)
        put(tmp_path, worker, site)
    with takes_nothing(store), pytest.raises(StoreError):
        shipper(store, tmp_path).round()
    assert [waiting(tmp_path, worker) for worker in (0, 1)] == [1, 1]
