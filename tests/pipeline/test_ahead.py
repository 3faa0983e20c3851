"""What is looked at while another shipment is on its way: nothing comes twice for it, and nothing hangs on it."""

import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import cast

import pytest

from pipeline.ship.ahead import Lookout, Seen
from pipeline.ship.shipper import Shipper
from pipeline.spool import reading
from pipeline.spool.spool import Spool
from pipeline.store.database import Store, StoreError
from tests.pipeline.test_quarantine import Killed, Reaper, Watched, watched_by
from tests.pipeline.test_settle import outcomes
from tests.pipeline.test_ship import NOW, row, shipper, stored, taken, tally_of


@pytest.fixture(autouse=True)
def small_shipments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two events are as many as go together."""
    monkeypatch.setattr(reading, "SHIPMENT_EVENTS", 2)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """The writing end of the one spool of a folder."""
    opened = Spool(tmp_path / "worker-0.sqlite")
    yield opened
    opened.close()


def put(spool: Spool, site: str, ids: Collection[int]) -> None:
    """An event a commit."""
    for number in ids:
        spool.append([row(site, number)], tally_of(site, 1))


def looked(monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """What is seen by every lookout from now on."""
    seen: list[Seen] = []
    look = Lookout._look

    def watched(self: Lookout, *arguments: object) -> Seen:
        seen.append(cast("Callable[..., Seen]", look)(self, *arguments))
        return seen[-1]

    monkeypatch.setattr(Lookout, "_look", watched)
    return seen


def test_what_comes_next_is_seen_while_the_one_before_is_sent(
    store: Store, spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is sent here before the one behind it has been read and the store asked."""
    put(spool, "ahead.no", range(1, 7))
    seen, insert, asked = looked(monkeypatch), store.insert, threading.Event()
    query = store.query

    def tell(*arguments: object) -> object:
        answer = cast("Callable[..., object]", query)(*arguments)
        if threading.current_thread() is not threading.main_thread():
            asked.set()
        return answer

    def insert_once_asked(table: str, columns: tuple[str, ...], body: bytes, token: str) -> None:
        if table == "events" and b",6," not in body:
            assert asked.wait(30)
            asked.clear()
        insert(table, columns, body, token)

    monkeypatch.setattr(store, "query", tell)
    monkeypatch.setattr(store, "insert", insert_once_asked)
    shipper(store, tmp_path).round()
    assert [None if one.shipment is None else one.shipment.whole.end for one in seen] == [2, 2]
    assert stored(store, "ahead.no") == [1, 2, 3, 4, 5, 6]


def test_what_was_seen_is_what_is_taken(spool: Spool) -> None:
    """To the byte; and something else than what follows is not taken for it."""
    put(spool, "peek.no", range(1, 7))
    first = taken(spool)
    second = spool.peek(first)
    assert second is not None
    third = spool.peek(second)
    spool.acknowledge(first)
    taken_second = spool.take(read=third)
    assert taken_second is not None
    assert (taken_second.body, taken_second.unsettled) == (second.body, second.unsettled)
    assert (taken_second.first_batch, taken_second.last_batch) == (second.first_batch, second.last_batch)
    spool.acknowledge(taken_second)
    assert third is not None
    last = spool.take(read=third)
    assert last is not None
    assert last.body is third.body
    assert spool.peek(last) is None


@pytest.mark.parametrize("there", [(), (3, 6)], ids=["nothing", "some"])
def test_a_retry_of_what_is_on_its_way_is_found_behind_it(
    store: Store, spool: Spool, tmp_path: Path, there: Collection[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store didn't know it yet when it was looked for; what it had known before is found as well."""
    site = f"behind{len(there)}.no"
    put(spool, site, there)
    shipper(store, tmp_path).round()
    seen = looked(monkeypatch)
    put(spool, site, (1, 2, 2, 3, 4, 5, 6, 4))
    shipper(store, tmp_path).round()
    assert len(seen) == 3
    assert stored(store, site) == [1, 2, 3, 4, 5, 6]
    assert outcomes(store, site) == {"stored": 6, "duplicate": 2 + len(there)}


def test_where_looking_fails_it_goes_on_as_if_nobody_had_looked(
    store: Store, spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store gives no answer to it, and gives one when it counts."""
    site, query, failures = "blind.no", store.query, []

    def query_of_one_thread(*arguments: object) -> object:
        if threading.current_thread() is not threading.main_thread():
            failures.append(1)
            raise StoreError("away")
        return cast("Callable[..., object]", query)(*arguments)

    put(spool, site, (1, 2, 3, 2, 4, 1))
    monkeypatch.setattr(store, "query", query_of_one_thread)
    shipper(store, tmp_path).round()
    assert failures
    assert stored(store, site) == [1, 2, 3, 4]


def test_what_was_seen_behind_a_shipment_that_did_not_arrive_is_forgotten(
    store: Store, spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next attempt begins anew: by then another spool may have brought what was not there."""
    site, working = "anew.no", shipper(store, tmp_path)
    put(spool, site, (1, 2, 3, 4))

    def insert(*_: object) -> None:
        raise StoreError("away")

    with monkeypatch.context() as patch:
        patch.setattr(store, "insert", insert)
        with pytest.raises(StoreError):
            working.round()
    other = Spool(tmp_path / "worker-00.sqlite")
    put(other, site, (3,))
    other.close()
    working.round()
    assert stored(store, site) == [1, 2, 3, 4]
    assert outcomes(store, site) == {"stored": 4, "duplicate": 1}


def test_killed_at_any_call_of_several_shipments_each_event_is_stored_once(store: Store, tmp_path: Path) -> None:
    """Before and after each call to the store and the spool, as many as a first run has seen."""

    def run(name: str, reaper: Reaper) -> None:
        folder, site = tmp_path / name, f"several-{name}.no"
        folder.mkdir()
        spool = Spool(folder / "worker-0.sqlite")
        put(spool, site, (1, 2, 2, 3, 4, 1))
        with watched_by(reaper):
            try:
                Shipper(cast("Store", Watched(store, reaper)), folder, lambda: NOW).round()
            except Killed:
                shipper(store, folder).round()
        assert stored(store, site) == [1, 2, 3, 4]
        assert outcomes(store, site) == {"stored": 4, "duplicate": 2}
        spool.close()

    nobody = Reaper()
    run("whole", nobody)
    assert len(nobody.seen) > 20
    for at in range(len(nobody.seen)):
        for after in (False, True):
            run(f"{at}-{after}", Reaper(at, after=after))
