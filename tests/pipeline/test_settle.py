"""Which events don't go into the store: those that are there already, and those whose time is over."""

from array import array
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from pipeline.outcome import Counted, Outcome, Tally
from pipeline.ship.settle import settle, settle_again
from pipeline.ship.shipper import Shipper
from pipeline.spool.contents import Head
from pipeline.spool.keeping import KEEP_SECONDS, Kept, kept_at
from pipeline.spool.spool import Spool
from pipeline.status import read_accounts
from pipeline.store import listed
from pipeline.store.database import Store, StoreError
from tests.pipeline.test_ship import DAYS, NOW, Away, row, settled, shipper, stored, taken, tally_of

HOUR = 3600.0


@pytest.fixture(params=["whole", "in text"])
def listed_as(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the embedded engine is told of ids, and as a server is, which knows three bytes of each."""
    if request.param == "in text":
        monkeypatch.setattr(listed, "in_a_file", lambda column, ids: nullcontext(listed.in_text(column, ids)))


def outcomes(store: Store, site: str) -> dict[str, int]:
    """What the store's tally says of a site."""
    asked = "SELECT outcome, sum(events) FROM tally WHERE site = {site:String} GROUP BY outcome HAVING sum(events) != 0"
    return {str(outcome): int(events) for outcome, events in store.query(asked, {"site": site}).rows}


def ship(store: Store, folder: Path, site: str, *batches: Sequence[int], worker: int = 0) -> Shipper:
    """Batches of events with these ids come in and are shipped."""
    spool = Spool(folder / f"worker-{worker}.sqlite")
    for ids in batches:
        spool.append([row(site, number) for number in ids], tally_of(site, len(ids)))
    spool.close()
    working = shipper(store, folder)
    working.round()
    return working


def test_a_retry_within_a_shipment_is_one_event(store: Store, tmp_path: Path) -> None:
    """The first of them is kept, and the others are counted for what they are."""
    working = ship(store, tmp_path, "within.no", [5, 6, 5], [7, 5])
    assert stored(store, "within.no") == [5, 6, 7]
    assert outcomes(store, "within.no") == {"stored": 3, "duplicate": 2}
    assert (working.done.duplicates, working.done.rows) == (2, 3 + 2)


def test_a_retry_is_one_event_from_worker_to_worker_and_after_a_restart(store: Store, tmp_path: Path) -> None:
    """It is the store that knows what it has, not the memory of whoever ships."""
    ship(store, tmp_path, "across.no", [1, 2], worker=0)
    ship(store, tmp_path, "across.no", [2, 3], worker=1)
    ship(store, tmp_path, "across.no", [3, 1, 4], worker=0)
    assert stored(store, "across.no") == [1, 2, 3, 4]
    assert outcomes(store, "across.no") == {"stored": 4, "duplicate": 3}


def test_a_retry_that_went_by_while_its_spool_was_broken_is_one_event(store: Store, tmp_path: Path) -> None:
    """Settled and not delivered is no promise that nobody else brings the same: whoever is late leaves it out."""
    site = "overtaken.no"
    spool = Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, number) for number in (1, 2, 0)], tally_of(site, 3))
    with pytest.raises(StoreError):
        shipper(cast("Store", Away(StoreError("connection refused"))), tmp_path).round()
    assert spool.is_under_way()
    other = Spool(tmp_path / "worker-1.sqlite")
    other.append([row(site, number) for number in (2, 3, 0)], tally_of(site, 3))
    working = shipper(store, tmp_path)
    working.round({tmp_path / "worker-0.sqlite": "broken"})
    assert stored(store, site) == [0, 2, 3]
    working.round()
    assert stored(store, site) == [0, 0, 1, 2, 3]
    assert outcomes(store, site) == {"stored": 5, "duplicate": 1}
    assert (working.done.duplicates, working.done.rows) == (1, 5 + 3)
    for each in (spool, other):
        each.close()


def test_what_has_arrived_itself_is_not_taken_for_another(store: Store, tmp_path: Path) -> None:
    """Sent again after its answer was lost, a shipment finds its own rows, also those that others have brought too."""
    site = "own.no"
    spool = Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, number) for number in (1, 2)], tally_of(site, 2))
    shipment = settled(spool, taken(spool))
    store.insert(shipment.table, shipment.columns, shipment.body, f"{shipment.token}-0")
    store.insert(shipment.table, shipment.columns, row(site, 2) + b",1]\n", "another-0")
    assert settle_again(store, shipment) == {}
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 2, 2]
    assert outcomes(store, site) == {"stored": 2}
    spool.close()


def test_events_without_an_id_are_never_duplicates(store: Store, tmp_path: Path) -> None:
    """They are told apart by nothing, so none of them can be a retry."""
    ship(store, tmp_path, "none.no", [0, 0])
    ship(store, tmp_path, "none.no", [0])
    assert stored(store, "none.no") == [0, 0, 0]


@pytest.mark.usefixtures("listed_as")
def test_the_same_id_at_another_site_or_of_which_only_a_part_is_the_same_is_another_event(
    store: Store, tmp_path: Path
) -> None:
    """A server is asked with three bytes of each id; the whole one and the site decide."""
    own = tmp_path.name  # the store is shared
    alike, unlike, *both = (f"{word}.{own}" for word in ("alike", "unlike", "one", "two"))
    ship(store, tmp_path, alike, [9, 1 << 24 | 9])
    ship(store, tmp_path, alike, [1 << 63 | 9])
    ship(store, tmp_path, unlike, [9])
    spool = Spool(tmp_path / "worker-0.sqlite")
    for _ in range(2):  # in one shipment, and with what is there already
        spool.append([row(site, 9) for site in both], Counter({**tally_of(both[0], 1), **tally_of(both[1], 1)}))
        shipper(store, tmp_path).round()
    assert [outcomes(store, site) for site in both] == [{"stored": 1, "duplicate": 1}] * 2
    spool.close()
    assert stored(store, alike) == [9, 1 << 24 | 9, 1 << 63 | 9]
    assert stored(store, unlike) == [9]


@pytest.mark.usefixtures("listed_as")
def test_among_fifty_thousand_the_few_that_are_there_are_found(store: Store, tmp_path: Path) -> None:
    """The largest shipment that there is can be asked about."""
    site = "many.no"
    ship(store, tmp_path, site, [1 << 40, 3 << 40])
    spool = Spool(tmp_path / "worker-0.sqlite")
    lines = [row(site, number << 40) for number in range(1, 50_001)]
    for at in range(0, 50_000, 1000):
        spool.append(lines[at : at + 1000], Counter())
    shipment = taken(spool)
    assert shipment.whole.end == 50_000
    assert settle(store, shipment, kept_at(NOW, ())) == {0: Outcome.DUPLICATE, 2: Outcome.DUPLICATE}
    spool.close()


def test_what_came_before_its_ids_were_written_apart_is_recognised_too(store: Store, tmp_path: Path) -> None:
    """A worker of the version before knows nothing of them; they are read from its rows."""
    ship(store, tmp_path, "older.no", [1])
    spool = Spool(tmp_path / "worker-0.sqlite")
    spool.append([row("older.no", 1), row("older.no", 2)], tally_of("older.no", 2))
    spool._db.execute("DELETE FROM contents")
    assert spool.waiting().events == Counter({("older.no", DAYS[0]): 2})
    contents = taken(spool).unsettled
    assert contents is not None
    assert array("Q", contents.ids).tolist() == [1, 2]
    shipper(store, tmp_path).round()
    assert stored(store, "older.no") == [1, 2]
    spool.close()


def test_a_row_whose_time_is_over_does_not_enter_the_store(store: Store, tmp_path: Path) -> None:
    """It is counted as expired, loudly, and those that came with it are stored."""
    site, spool = "late.no", Spool(tmp_path / "worker-0.sqlite")
    spool.append(
        [row(site, 1, ts=NOW - KEEP_SECONDS - 1), row(site, 2, ts=NOW - KEEP_SECONDS + 3600)], tally_of(site, 2)
    )
    with capture_logs() as logs:
        working = shipper(store, tmp_path)
        working.round()
    assert stored(store, site) == [2]
    assert outcomes(store, site) == {"stored": 1, "expired": 1}
    assert working.done.expired == 1
    assert [line["rows"] for line in logs if line["log_level"] == "error"] == [1]
    spool.close()


def test_a_row_whose_time_is_over_when_its_shipment_is_settled_is_left_out(store: Store, tmp_path: Path) -> None:
    """By its own age, or because its day has been dropped; that it is sent twice as well makes no difference."""
    spool = Spool(tmp_path / "worker-0.sqlite")
    rows = [row("over.no", 1), row("over.no", 2, DAYS[1]), row("over.no", 1, ts=NOW - 10), row("over.no", 3)]
    spool.append(rows, tally_of("over.no", 4))
    left_out = settle(store, taken(spool), Kept(since=NOW - 5, first_day=DAYS[0]))
    assert left_out == {1: Outcome.EXPIRED, 2: Outcome.EXPIRED}
    spool.close()


def test_a_spool_that_nobody_can_ship_keeps_no_row_beyond_its_time(tmp_path: Path) -> None:
    """Also of a shipment that has been sealed and settled; the spool's files hold nothing of it, and the count does."""
    site, spool = "stuck.no", Spool(tmp_path / "worker-0.sqlite")
    marked = row(site, 1).replace(b'"/"', b'"/marker-4711"')
    for _ in range(2):
        spool.append([marked, row(site, 2, ts=NOW + 3600)], tally_of(site, 2))
        shipment = spool.take()
        if shipment is not None and shipment.unsettled is not None:
            spool.settle(shipment, {}, NOW)
    assert spool.expire(kept_at(NOW + KEEP_SECONDS - 1, ())) == 0
    assert spool.expire(kept_at(NOW + KEEP_SECONDS + 1, ())) == 2
    spool.tidy()
    assert [file.name for file in tmp_path.iterdir() if b"marker-4711" in file.read_bytes()] == []
    waiting = spool.waiting()
    assert waiting.events == Counter({(site, DAYS[0]): 2})
    by_outcome: Counter[str] = Counter()
    for counted, events in waiting.tally.items():
        by_outcome[counted.outcome] += events
    assert by_outcome == {"stored": 2, "expired": 2}
    spool.close()


def test_a_store_that_stays_away_for_two_days_keeps_no_row_in_the_spool(tmp_path: Path) -> None:
    """The shipper itself lets go of them, aloud, although it can't ship anything; the numbers wait for the store."""
    site, spool, now = "away.no", Spool(tmp_path / "worker-0.sqlite"), NOW
    spool.append([row(site, 1), row(site, 2)], tally_of(site, 2))
    working = Shipper(cast("Store", Away(StoreError("connection refused"))), tmp_path, lambda: now)
    with pytest.raises(StoreError):
        working.round()
    spool.append([row(site, 3)], tally_of(site, 1))
    now = NOW + KEEP_SECONDS + 1
    with capture_logs() as logs, pytest.raises(StoreError):
        working.round()
    assert [line["rows"] for line in logs if line["log_level"] == "error"] == [3]
    assert (+spool.waiting().events, working.done.expired) == (Counter(), 3)
    assert +spool.waiting().tally == Counter({Counted(site, DAYS[0], "page_view", Outcome.EXPIRED): 3})
    spool.close()


def test_events_are_accounted_for_whatever_became_of_them(store: Store, tmp_path: Path) -> None:
    """Stored, sent twice, refused by the store, too late, still waiting: the account adds up."""
    site, spool = "adds.no", Spool(tmp_path / "worker-0.sqlite")
    poison = row(site, 3).replace(b'"page_view",3,', b'"page_view",-3,')
    spool.append([row(site, 1), row(site, 1), poison, row(site, 4, ts=NOW - 49 * HOUR)], tally_of(site, 4))
    shipper(store, tmp_path).round()
    spool.append([row(site, 5)], tally_of(site, 1))
    accounts = read_accounts(store, [spool.waiting()], date.fromisoformat(DAYS[1]))
    account = next(account for account in accounts if account.site == site)
    assert (account.received, account.stored, account.waiting, account.missing) == (5, 1, 1, 0)
    assert (account.duplicate, account.quarantined, account.refused) == (1, 1, {"expired": 1})
    spool.close()


@pytest.mark.parametrize(
    ("now", "zones", "first_day"),
    [
        ("2026-05-13T21:49:59Z", ["Europe/Oslo"], "2026-05-12"),
        ("2026-05-13T21:50:00Z", ["Europe/Oslo"], "2026-05-13"),
        ("2026-05-13T21:50:00Z", ["Europe/Oslo", "America/New_York"], "2026-05-12"),
        ("2026-10-26T21:50:00Z", ["Europe/Oslo"], "2026-10-26"),
        ("2026-05-13T21:50:00Z", [], ""),
    ],
)
def test_a_day_is_over_when_its_first_second_is_in_every_zone(now: str, zones: list[str], first_day: str) -> None:
    """As its partition is dropped: a row of its evening, too, may not enter the store any more."""
    moment = datetime.fromisoformat(now).timestamp()
    assert kept_at(moment, zones).first_day == first_day


def test_a_row_that_tells_no_time_is_not_said_to_be_over() -> None:
    """Of it nothing is known; it will be refused by the store, and looked at."""
    kept = Kept(since=NOW, first_day=DAYS[0])
    assert not kept.is_over(Head("", "", "", None, 0))
    assert kept.is_over(Head("", DAYS[1], "", NOW + 1, 0))
    assert kept.is_over(Head("", DAYS[0], "", NOW - 1, 0))


def test_the_tally_of_a_day_that_adds_up_to_nothing_is_not_shipped(store: Store, tmp_path: Path) -> None:
    """Counted and taken back before anybody was told: there is nothing to tell."""
    spool = Spool(tmp_path / "worker-0.sqlite")
    tally: Tally = tally_of("nil.no", 1)
    spool.append([row("nil.no", 1, ts=NOW - 49 * HOUR)], tally)
    spool.expire(kept_at(NOW, ()))
    shipper(store, tmp_path).round()
    assert outcomes(store, "nil.no") == {"expired": 1}
    asked = "SELECT count() FROM tally WHERE site = 'nil.no'"
    assert store.query(asked).rows[0][0] == 1
    spool.close()
