"""Does it add up, also while something is on its way?"""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from dashboards.office import Shop
from dashboards.premises import Premises, read_status
from pipeline.ship.shipper import Shipped, Shipper
from pipeline.spool.spool import Spool, SpoolError
from pipeline.status import DayAccount, all_kept_since, read_accounts
from pipeline.store.database import Store
from pipeline.upkeep import Kept
from tests.pipeline.apart import database_apart
from tests.pipeline.test_ship import DAYS, NOW, row, sent, tally_of


def account_of(store: Store, spool: Spool, site: str) -> DayAccount:
    """Today's account of a site."""
    accounts = read_accounts(store, [spool.waiting()], date.fromisoformat(DAYS[1]))
    return next(account for account in accounts if (account.site, account.day) == (site, DAYS[0]))


def test_an_event_is_counted_once_at_each_step_of_its_way(store: Store, tmp_path: Path) -> None:
    """In the spool, sealed, stored but not acknowledged, acknowledged: never missing, never twice."""
    site, spool = "steps.no", Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, 1), row(site, 2)], tally_of(site, 2))
    found = [account_of(store, spool, site)]
    for _table in ("events", "tally"):
        shipment = spool.take()
        assert shipment is not None
        found.append(account_of(store, spool, site))
        sent(store, spool, shipment)
        found.append(account_of(store, spool, site))
        spool.acknowledge(shipment)
        found.append(account_of(store, spool, site))
    assert [account.missing for account in found] == [0] * 7
    assert [(account.stored, account.waiting) for account in found] == [(0, 2)] * 3 + [(2, 0)] * 4
    spool.close()


def test_an_event_on_its_way_to_the_quarantine_is_counted_once_at_each_step(store: Store, tmp_path: Path) -> None:
    """Set aside in the spool, sealed, in the table but not acknowledged, acknowledged."""
    site, spool = "aside.no", Spool(tmp_path / "worker-0.sqlite")
    spool.append([row(site, 1), row(site, 2)], tally_of(site, 2))
    shipment = spool.take()
    assert shipment is not None
    shipment = spool.settle(shipment, {}, NOW)
    spool.set_aside(shipment, shipment.whole, 1, "for no reason", NOW)
    found = [account_of(store, spool, site)]
    store.insert(shipment.table, shipment.columns, shipment.lines()[0] + b"\n", f"{shipment.token}-0")
    spool.acknowledge(shipment)
    found.append(account_of(store, spool, site))
    for table in ("quarantine", "tally"):
        shipment = spool.take()
        assert shipment is not None
        assert shipment.table == table
        found.append(account_of(store, spool, site))
        sent(store, spool, shipment)
        found.append(account_of(store, spool, site))
        spool.acknowledge(shipment)
        found.append(account_of(store, spool, site))
    assert [account.missing for account in found] == [0] * 8
    assert [(account.stored, account.quarantined, account.waiting) for account in found] == [(0, 1, 1)] + [
        (1, 1, 0)
    ] * 7
    spool.close()


def test_of_a_closed_day_what_was_counted_stands_for_its_rows(store: Store) -> None:
    """The newest closing's number; rows that were set aside are gone, too: the tally tells. Other days say nothing."""
    site, day = "closed.no", "2026-03-02"
    with database_apart(store, "of_status") as apart:  # since when days are closed is asked of all shops
        for run, rests_on in ((1, 5), (2, 7)):
            line = msgspec.json.encode([site, "day", day, run, rests_on, 1772600000])
            apart.insert("closings", ("site", "grain", "day", "run", "rests_on", "at"), line, f"closed-{run}")
        counted = {"stored": 8, "duplicate": 2, "quarantined": 1, "robot": 4}
        lines = [
            msgspec.json.encode([site, on, "page_view", word, events, 1])
            for on in (day, "2026-03-01")
            for word, events in counted.items()
        ]
        apart.insert("tally", ("site", "day", "name", "outcome", "events", "batch"), b"\n".join(lines), "closed-tally")
        accounts = read_accounts(apart, [], date(2026, 3, 4))
        (account,) = (account for account in accounts if account.site == site)
        assert (account.day, account.closed, account.received, account.missing) == (day, True, 15, 1)
        assert (account.stored, account.duplicate, account.quarantined, account.refused) == (7, 2, 1, {"robot": 4})


@pytest.mark.parametrize(
    ("now", "since"),
    [("2026-05-13T23:30", "2026-05-12"), ("2026-05-13T23:45", "2026-05-13"), ("2026-10-25T23:00", "2026-10-25")],
)
def test_only_days_of_which_every_row_is_kept_are_counted_on(now: str, since: str) -> None:
    """Rows leave ten minutes before their 48 hours, and a day may have 25 of them."""
    zone = ZoneInfo("Europe/Oslo")
    moment = datetime.fromisoformat(now).replace(tzinfo=zone).timestamp()
    assert all_kept_since(moment, ["Europe/Oslo"]) == date.fromisoformat(since)


def test_the_zone_that_is_furthest_ahead_decides() -> None:
    """Its day began first, so its rows leave first."""
    moment = datetime(2026, 5, 13, 20, tzinfo=ZoneInfo("UTC")).timestamp()
    assert all_kept_since(moment, ["UTC"]) < all_kept_since(moment, ["UTC", "Pacific/Auckland"])


def test_a_broken_spool_does_not_hold_up_the_others(store: Store, tmp_path: Path) -> None:
    """The healthy one is shipped, and the broken one is named."""
    (tmp_path / "worker-00.sqlite").write_bytes(b"no database" * 100)
    spool = Spool(tmp_path / "worker-1.sqlite")
    spool.append([row("healthy.no", 1)], tally_of("healthy.no", 1))
    with pytest.raises(SpoolError, match=r"worker-00\.sqlite"):
        Shipper(store, tmp_path, lambda: NOW).round()
    assert account_of(store, spool, "healthy.no").stored == 1
    spool.close()


def test_a_spool_that_can_not_be_read_is_named_and_the_others_are_told_of(store: Store, tmp_path: Path) -> None:
    """`sporlos status` says what is wrong; it doesn't fail for it."""
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "worker-0.sqlite").write_bytes(b"no database" * 100)
    spool = Spool(tmp_path / "spool" / "worker-1.sqlite")
    spool.append([row("told.no", 1)], tally_of("told.no", 1))
    shop = Shop("told.no", "UTC")
    premises = Premises(
        tmp_path, tmp_path / "spool", "UTC", "127.0.0.1", 0, "chdb", 256, secure_cookie=False, shops=(shop,)
    )
    status = read_status(premises, store, Shipped(trouble="the store is away"), Kept())
    assert status.trouble.startswith("the store is away; worker-0.sqlite: ")
    assert [account.waiting for account in status.accounts if account.site == "told.no"] == [1]
    assert status.waiting_bytes > 0
    assert status.oldest_waiting == pytest.approx(NOW, abs=0.01)
    spool.close()
