"""What the store refuses stops nothing: it is split off and set aside once, whatever is killed in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from structlog.testing import capture_logs

from pipeline.ship import deliver
from pipeline.ship import shipper as ship
from pipeline.ship.deliver import deliver as deliver_one
from pipeline.ship.shipper import Shipper
from pipeline.spool.keeping import kept_at
from pipeline.spool.spool import Spool
from pipeline.status import read_accounts
from pipeline.store.database import Store, StoreError
from tests.pipeline.test_settle import outcomes
from tests.pipeline.test_ship import DAYS, NOW, row, settled, shipper, stored, taken, tally_of


def poison(site: str, number: int) -> bytes:
    """A row that only the store can see to be wrong: no id is negative."""
    return row(site, number).replace(b'"page_view",%d,' % number, b'"page_view",-%d,' % number)


def aside(store: Store, site: str) -> list[str]:
    """The rows in quarantine."""
    asked = "SELECT quarantine.row FROM quarantine WHERE site = {site:String} ORDER BY quarantine.row"
    return [text for (text,) in store.query(asked, {"site": site}).rows]


def test_poison_goes_aside_as_it_is_and_the_rest_is_stored(store: Store, tmp_path: Path) -> None:
    """Two among nine, of two days: each is kept whole, with its columns and the reason, and it is said aloud."""
    site, spool = "poison.no", Spool(tmp_path / "worker-0.sqlite")
    rows = [row(site, number, DAYS[number % 2]) for number in range(1, 10)]
    rows[2], rows[7] = poison(site, 3), poison(site, 8)
    spool.append(rows[:4], tally_of(site, 4))
    spool.append(rows[4:], tally_of(site, 5))
    with capture_logs() as logs:
        working = shipper(store, tmp_path)
        working.round()
    assert stored(store, site) == [1, 2, 4, 5, 6, 7, 9]
    assert [text.encode().rpartition(b",")[0] for text in aside(store, site)] == [rows[2], rows[7]]
    asked = "SELECT reason, columns, day = today() FROM quarantine WHERE site = {site:String} LIMIT 1"
    reason, columns, _ = store.query(asked, {"site": site}).rows[0]
    assert "CANNOT_PARSE_NUMBER" in reason
    assert dict(zip(columns.split(","), msgspec.json.decode(aside(store, site)[0]), strict=True))["site"] == site
    assert working.done.quarantined == 2
    assert [line["rows"] for line in logs if line["log_level"] == "error"] == [2]
    assert "page_view" not in str(logs)
    assert spool.take() is None
    spool.close()


@pytest.mark.parametrize(
    "broken",
    [b'["not","a","row"', b"\xff\xfe\r garbage", b'["broken.no","2026-99-99",1', b"{}"],
    ids=["short", "binary", "no day", "no list"],
)
def test_what_is_no_row_at_all_goes_aside_too(
    store: Store, tmp_path: Path, request: pytest.FixtureRequest, broken: bytes
) -> None:
    """Whatever lies there, as one of the site that the rows beside it are of; they are stored, and the tally, too."""
    site, spool = request.node.name, Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, 1), broken, row(site, 2)], tally_of(site, 3))
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 2]
    assert len(aside(store, site)) == 1
    assert outcomes(store, site) == {"stored": 2, "quarantined": 1}
    assert spool.take() is None
    spool.close()


def test_a_row_that_is_nobodys_stops_nothing(tmp_path: Path) -> None:
    """Where its batch is of several sites, it can't be told whose it was: it is kept, and counted with no site."""
    spool = Spool(tmp_path / "worker-0.sqlite")
    spool.append([row("this.no", 1), b"garbage", row("that.no", 2)], tally_of("this.no", 3))
    shipment = settled(spool, taken(spool))
    spool.set_aside(shipment, shipment.whole, 1, "it is garbage", NOW)
    spool.acknowledge(shipment)
    spool.append([row("this.no", 3)], tally_of("this.no", 1))
    shipment = taken(spool)
    assert shipment.table == "quarantine"  # before other rows, so that it never holds those of many shipments
    site, day, _, reason, _, text, _ = msgspec.json.decode(shipment.body)
    assert (site, day, reason) == ("", DAYS[0], "it is garbage")
    assert text.startswith("garbage,")
    spool.close()


def test_a_line_that_rots_in_the_spool_is_counted_where_its_batch_says(store: Store, tmp_path: Path) -> None:
    """A batch of one site and day knows whose it was, though nobody can read it any more: the account adds up."""
    site, spool = "rots.no", Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, 1), row(site, 2)], tally_of(site, 2))
    spool._db.execute("UPDATE batches SET body = CAST(replace(CAST(body AS TEXT), ?, 'xx') AS BLOB)", ('["rots.no"',))
    spool._db.execute("UPDATE batches SET body = CAST('xx' || substr(CAST(body AS TEXT), 3) AS BLOB)")
    shipper(store, tmp_path).round()
    accounts = read_accounts(store, [spool.waiting()], date.fromisoformat(DAYS[1]))
    account = next(account for account in accounts if account.site == site)
    assert (account.received, account.stored, account.quarantined, account.missing) == (2, 0, 2, 0)
    spool.close()


def test_more_poison_than_an_accident_explains_waits_for_the_operator(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole day must not go aside because a table is wrong: it stops, says so, and goes on when that is mended."""
    monkeypatch.setattr(deliver, "_MOST_REFUSED", 2)
    site, spool = "much.no", Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, 1), *(poison(site, number) for number in range(2, 6)), row(site, 6)], tally_of(site, 6))
    for _ in range(2):  # the second time, too: what is written down is how many there have been
        with pytest.raises(StoreError, match="over 2 rows"):
            shipper(store, tmp_path).round()
    assert spool.waiting().quarantined.total() == 2
    monkeypatch.setattr(deliver, "_MOST_REFUSED", 10)
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 6]
    assert len(aside(store, site)) == 4
    assert outcomes(store, site) == {"stored": 2, "quarantined": 4}
    spool.close()


def test_a_piece_that_arrived_before_a_kill_is_told_from_its_neighbours(store: Store, tmp_path: Path) -> None:
    """They are of one batch and day, so only the number of rows tells which of them is there."""
    site, spool = "pieces.no", Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, number) for number in (1, 2, 3, 4)], tally_of(site, 4))
    spool.split(shipment := settled(spool, taken(spool)), shipment.whole)
    first, second = taken(spool).pieces
    store.insert("events", shipment.columns, shipment.body_of(first), f"{shipment.token_of(first)}-0")
    # of the second only the log of inserts has heard
    store.insert("events", shipment.columns, row("elsewhere", 1) + b",1]\n", f"{shipment.token_of(second)}-0")
    deliver_one(store, spool, taken(spool), kept_at(NOW, ()), NOW, doubtful=True)
    assert stored(store, site) == [1, 2, 3, 4]
    spool.close()


class Killed(BaseException):
    """The process is gone."""


class Reaper:
    """Kills at one of the calls that pass by, before or after it is carried out."""

    def __init__(self, at: int = -1, *, after: bool = False) -> None:
        self._at, self._after = at, after
        self.seen: list[str] = []

    def watch(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, watched."""

        def watched(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
            self.seen.append(name)
            dies = len(self.seen) - 1 == self._at
            if dies and not self._after:
                raise Killed
            answer = call(*arguments, **named)
            if dies:
                raise Killed
            return answer

        return watched


class Watched:
    """A store or a spool, each of whose methods is watched."""

    def __init__(self, watched: Store | Spool, reaper: Reaper) -> None:
        self._watched, self._reaper = watched, reaper

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as of what is watched
        value = getattr(self._watched, name)
        return self._reaper.watch(f"{type(self._watched).__name__}.{name}", value) if callable(value) else value


@contextmanager
def watched_by(reaper: Reaper) -> Iterator[None]:
    """Every spool that a shipper opens is watched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ship, "Spool", lambda path: Watched(Spool(path), reaper))
        yield


def run_until_killed(store: Store, folder: Path, site: str, reaper: Reaper) -> None:
    """A duplicate and a poison row among four, shipped by a shipper that is killed, and then by one that isn't."""
    folder.mkdir()
    spool = Spool(folder / "worker-0.sqlite")
    spool.append([row(site, 1), row(site, 2), poison(site, 3), row(site, 2), row(site, 4)], tally_of(site, 5))
    with watched_by(reaper):
        try:
            Shipper(cast("Store", Watched(store, reaper)), folder, lambda: NOW).round()
        except Killed:
            shipper(store, folder).round()
    assert stored(store, site) == [1, 2, 4]
    assert len(aside(store, site)) == 1
    assert outcomes(store, site) == {"stored": 3, "duplicate": 1, "quarantined": 1}
    assert spool.waiting().sealed == ()
    accounts = read_accounts(store, [spool.waiting()], date.fromisoformat(DAYS[1]))
    assert [account.missing for account in accounts if account.site == site] == [0]
    spool.close()


def test_killed_at_any_call_each_good_row_is_stored_once_and_the_poison_is_set_aside_once(
    store: Store, tmp_path: Path
) -> None:
    """Before and after each call to the store and the spool, as many as a first run has seen."""
    nobody = Reaper()
    run_until_killed(store, tmp_path / "whole", "whole.no", nobody)
    assert {"Spool.split", "Spool.set_aside", "Spool.delivered", "Spool.settle", "Store.query"} <= set(nobody.seen)
    assert len(nobody.seen) > 20
    for at in range(len(nobody.seen)):
        for after in (False, True):
            name = f"killed-{at}-{'after' if after else 'before'}"
            run_until_killed(store, tmp_path / name, f"{name}.no", Reaper(at, after=after))
