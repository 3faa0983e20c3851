"""From the spool into the store once, by the real engine, whatever the shipper was doing when it was killed."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from pipeline.event import COLUMNS, Event, encode
from pipeline.outcome import Counted, Outcome, Tally
from pipeline.ship.deliver import deliver
from pipeline.ship.shipper import Shipper
from pipeline.spool.keeping import kept_at
from pipeline.spool.shipment import Shipment
from pipeline.spool.spool import Spool
from pipeline.store.database import Answer, Store, StoreError, StoreRefused

NOW = time.time()
"""The real one: the engine drops rows of 48 hours ago by its own clock."""
DAYS = tuple((datetime.fromtimestamp(NOW, UTC) - timedelta(days=ago)).date().isoformat() for ago in (0, 1))


@pytest.fixture
def site(request: pytest.FixtureRequest) -> str:
    """A site of the test's own: the store is shared."""
    return str(request.node.name)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """The writing end of the one spool of a folder."""
    opened = Spool(tmp_path / "worker-0.sqlite")
    yield opened
    opened.close()


def row(site: str, number: int, day: str = DAYS[0], ts: float = NOW) -> bytes:
    """A page view that can be told from others by its event number."""
    words = dict.fromkeys(
        """network country region device browser os language channel source medium campaign content term referrer
        paid_by marked""".split(),
        "",
    )
    event = Event(
        site=site, day=day, ts=f"{ts:.3f}", name="page_view", event_id=number, visitor=0, entry=0, path="/", viewport=0,
        continued=0, **words,
    )  # fmt: skip
    return encode(event)


def tally_of(site: str, events: int) -> Tally:
    """So many stored."""
    return Tally({Counted(site, DAYS[0], "page_view", Outcome.STORED): events})


def stored(store: Store, site: str) -> list[int]:
    """The numbers of the rows that are in the store, each as often as it is there."""
    asked = "SELECT event_id FROM events WHERE site = {site:String} ORDER BY event_id"
    return [number for (number,) in store.query(asked, {"site": site}).rows]


def counted(store: Store, site: str) -> int:
    """Events in the store's tally."""
    return int(store.query("SELECT sum(events) FROM tally WHERE site = {site:String}", {"site": site}).rows[0][0])


def taken(spool: Spool) -> Shipment:
    """The shipment that is next."""
    shipment = spool.take()
    assert shipment is not None
    return shipment


def settled(spool: Spool, shipment: Shipment) -> Shipment:
    """As the shipper has it before it sends."""
    return shipment if shipment.unsettled is None else spool.settle(shipment, {}, NOW)


def sent(store: Store, spool: Spool, shipment: Shipment) -> Shipment:
    """It is in the store, and the spool hasn't been told: a kill came in between."""
    shipment = settled(spool, shipment)
    store.insert(shipment.table, shipment.columns, shipment.body, f"{shipment.token}-0")
    return shipment


def shipper(store: Store, folder: Path) -> Shipper:
    """At the tests' own time."""
    return Shipper(store, folder, lambda: NOW)


def test_what_waits_is_shipped_with_its_tally(store: Store, spool: Spool, tmp_path: Path, site: str) -> None:
    """Rows and numbers arrive, and the spool is empty."""
    for number in (1, 2, 3):
        spool.append([row(site, number)], tally_of(site, 1))
    assert shipper(store, tmp_path).round() > 0
    assert stored(store, site) == [1, 2, 3]
    assert counted(store, site) == 3
    assert spool.take() is None


def test_a_shipper_killed_before_the_insert_loses_nothing(
    store: Store, spool: Spool, tmp_path: Path, site: str
) -> None:
    """The shipment was written down, so the next one sends it."""
    spool.append([row(site, 1)], tally_of(site, 1))
    taken(spool)
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1]


def test_a_shipper_killed_after_the_insert_stores_nothing_twice(
    store: Store, spool: Spool, tmp_path: Path, site: str
) -> None:
    """Events and tally alike, and rows that came meanwhile go with the next shipment."""
    spool.append([row(site, 1)], tally_of(site, 1))
    sent(store, spool, taken(spool))
    spool.append([row(site, 2)], tally_of(site, 1))
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 2]
    assert counted(store, site) == 2


def test_rows_that_the_log_of_inserts_claims_but_that_are_gone_are_sent_again(
    store: Store, spool: Spool, tmp_path: Path, site: str
) -> None:
    """A kill within an insert leaves a token without its rows: the token alone would lose them."""
    spool.append([row(site, 1), row(site, 2)], tally_of(site, 2))
    shipment = settled(spool, taken(spool))
    elsewhere = shipment.body.replace(f'"{site}"'.encode(), b'"elsewhere"').replace(
        b",%d]" % shipment.first_batch, b",1]"
    )
    store.insert(shipment.table, shipment.columns, elsewhere, f"{shipment.token}-0")
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 2]


def test_of_a_shipment_that_arrived_in_part_the_rest_is_sent(
    store: Store, spool: Spool, tmp_path: Path, site: str
) -> None:
    """An insert makes a part a day, and a kill may come between them."""
    spool.append([row(site, 1, DAYS[0]), row(site, 2, DAYS[1])], tally_of(site, 2))
    shipment = settled(spool, taken(spool))
    first_day = shipment.body.splitlines(keepends=True)[0]
    store.insert(shipment.table, shipment.columns, first_day, f"{shipment.token}-0")
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 2]


def test_a_shipment_whose_rows_have_expired_is_not_waited_for(
    store: Store, spool: Spool, tmp_path: Path, site: str
) -> None:
    """After 48 hours they have rightly left the store; the spool lets go of them."""
    spool.append([row(site, 1, ts=NOW - 60 * 3600)], tally_of(site, 1))
    sent(store, spool, taken(spool))
    shipper(store, tmp_path).round()
    assert spool.take() is None


def test_a_row_that_has_left_the_store_is_not_sent_again(store: Store, spool: Spool, site: str) -> None:
    """It was there, and its time came before the spool was told: to look for it in vain must not bring it back."""
    spool.append([row(site, 1, ts=NOW - 47.5 * 3600)], tally_of(site, 1))
    shipment = settled(spool, taken(spool))
    store.insert(shipment.table, shipment.columns, row("elsewhere", 1) + b",1]\n", f"{shipment.token}-0")
    deliver(store, spool, shipment, kept_at(NOW, ()), NOW, doubtful=True)
    assert stored(store, site) == []


class Away:
    """A store that is away, or that says no for another reason than a row's."""

    def __init__(self, error: StoreError) -> None:
        self._error = error

    def insert(self, *_: object) -> None:
        """It can't be."""
        raise self._error

    def query(self, *_: object) -> Answer:
        """Nothing is here."""
        return Answer((), ())


@pytest.mark.parametrize(
    "error",
    [StoreError("connection refused"), StoreRefused("no such column", 16, of_rows=False)],
    ids=["away", "unfit"],
)
def test_what_the_store_does_not_take_stays_in_the_spool(
    store: Store, spool: Spool, tmp_path: Path, site: str, error: StoreError
) -> None:
    """Also if it refuses for its table's sake, whatever the row: nothing goes aside, and all is shipped in the end."""
    spool.append([row(site, 1)], tally_of(site, 1))
    working = shipper(cast("Store", Away(error)), tmp_path)
    with pytest.raises(StoreError):
        working.round()
    assert (working.done.failures, working.done.quarantined, bool(working.done.trouble)) == (1, 0, True)
    assert taken(spool).sealed_before
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1]


def test_trouble_is_over_when_a_round_has_gone_well(store: Store, spool: Spool, tmp_path: Path, site: str) -> None:
    """Also if there was nothing to ship in it."""
    spool.append([row(site, 1)], tally_of(site, 1))
    away = Away(StoreError("connection refused"))
    working = shipper(cast("Store", away), tmp_path)
    with pytest.raises(StoreError):
        working.round()
    shipper(store, tmp_path).round()
    assert working.done.trouble == "connection refused"
    assert working.round() == 0
    assert working.done.trouble == ""


class Clock(threading.Event):
    """Lets no time pass, remembers how long it was to be, and stops after so many waits."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._waits = waits

    def wait(self, timeout: float | None = None) -> bool:
        """Not for a moment."""
        self.waited.append(timeout or 0.0)
        if len(self.waited) == self._waits:
            self.set()
        return self.is_set()


def test_it_tries_again_for_ever_at_growing_distances(spool: Spool, tmp_path: Path, site: str) -> None:
    """Up to half a minute, and never quite regularly, so that several shippers don't knock together."""
    spool.append([row(site, 1)], tally_of(site, 1))
    clock = Clock(waits=200)
    shipper(cast("Store", Away(StoreError("connection refused"))), tmp_path).run(clock)
    nominal = [min(0.5 * 2**tries, 30.0) for tries in range(200)]
    assert all(least / 2 <= waited <= least for waited, least in zip(clock.waited, nominal, strict=True))
    assert len(set(clock.waited)) > 150


def test_told_to_stop_it_ships_what_waits(store: Store, spool: Spool, tmp_path: Path, site: str) -> None:
    """What was acknowledged before the end is in the store after it."""
    stop = threading.Event()
    stop.set()
    spool.append([row(site, 1)], tally_of(site, 1))
    working = shipper(store, tmp_path)
    working.run(stop)
    assert stored(store, site) == [1]
    assert (working.done.rows, working.done.last_at, working.done.trouble) == (2, NOW, "")


def test_a_row_has_the_columns_of_the_table(store: Store) -> None:
    """By name and type; the table has one more, which the spool adds."""
    found = store.query("SELECT name, type FROM system.columns WHERE database = 'sporlos' AND table = 'events'").rows
    assert dict(found) == {**COLUMNS, "batch": "UInt64"}


def test_a_round_ends_although_visitors_go_on_coming(
    store: Store, spool: Spool, tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes meanwhile waits for the next: else other spools, the tally and the end would wait for ever."""
    coming, insert = iter(range(2, 100)), store.insert

    def insert_while_they_come(table: str, columns: tuple[str, ...], body: bytes, token: str) -> None:
        insert(table, columns, body, token)
        spool.append([row(site, next(coming))], tally_of(site, 1))

    spool.append([row(site, 1)], tally_of(site, 1))
    monkeypatch.setattr(store, "insert", insert_while_they_come)
    working = shipper(store, tmp_path)
    working.round()
    assert stored(store, site) == [1]
    assert next(coming) < 10
    working.round()
    assert stored(store, site)[:2] == [1, 2]


def test_who_empties_a_spool_has_no_limit(tmp_path: Path) -> None:
    """To set a row aside takes a page more: with the writer's limit a full spool could never be emptied again."""
    emptying = Spool(tmp_path / "worker-0.sqlite")
    pages = emptying._db.execute("PRAGMA max_page_count").fetchone()[0]
    assert pages * emptying._db.execute("PRAGMA page_size").fetchone()[0] > 1 << 40
    emptying.close()
