"""Does it add up, also while something is on its way?"""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.ship import Shipper, deliver
from pipeline.spool import Spool, SpoolError
from pipeline.status import DayAccount, all_kept_since, read_accounts
from pipeline.store import Store
from tests.pipeline.test_ship import DAYS, NOW, row, tally_of


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
        deliver(store, shipment, now=NOW, doubtful=False)
        found.append(account_of(store, spool, site))
        spool.acknowledge(shipment)
        found.append(account_of(store, spool, site))
    assert [account.missing for account in found] == [0] * 7
    assert [(account.stored, account.waiting) for account in found] == [(0, 2)] * 3 + [(2, 0)] * 4
    spool.close()


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
