"""Files for advertisers, without a page: when they are made, and why they aren't."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest

from dashboards.advertisers import Advertisers
from dashboards.outgoing import File, NoFile, NotOut, Outgoing, Wait
from pipeline.audiences import ledger
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.release import Why
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES
from pipeline.store.database import Store
from tests.dashboards.advertising import MONDAY, declared, product_file, release, week_of

WEEK, BEFORE = week_of(MONDAY), week_of(MONDAY - timedelta(weeks=1))


def test_every_export_of_an_ordinary_shop_leaves(tmp_path: Path, store: Store) -> None:
    """None is held back for looking like a person where it holds none."""
    site = "ordinary.shop"
    for ago in (2, 1, 0):
        release(store, site, MONDAY - timedelta(weeks=ago), 900 + 50 * ago)
    shops = Advertisers([declared(tmp_path, site, EXPORTS, spend=True)])
    found = Outgoing(store, shops).files(site, EXPORTS)
    assert [file.line for file in found.values() if isinstance(file, NoFile)] == []
    assert all(isinstance(file, File) and file.week == WEEK for file in found.values())


def test_product_file_is_read_anew_when_it_has_settled(tmp_path: Path) -> None:
    """A change holds after a minute; one that can't be read leaves what was there before, and is told."""
    now = [2e9]
    said = declared(tmp_path, "files.shop")
    shops = Advertisers([said], lambda: now[0])
    assert said.catalogue is not None
    first = shops["files.shop"]
    assert (len(first.catalogue), shops["files.shop"] is first) == (12, True)
    said.catalogue.write_text(product_file(5), encoding="utf-8")
    now[0] = said.catalogue.stat().st_mtime + 59
    assert shops["files.shop"] is first
    now[0] += 2
    assert len(shops["files.shop"].catalogue) == 5
    said.catalogue.write_text("no\tproducts\n", encoding="utf-8")
    now[0] = said.catalogue.stat().st_mtime + 61
    assert len(shops["files.shop"].catalogue) == 5
    assert str(said.catalogue) in shops.troubles("files.shop")[0]
    said.catalogue.unlink()
    assert len(shops["files.shop"].catalogue) == 5
    assert "No such file" in shops.troubles("files.shop")[0]
    said.catalogue.write_text(product_file(7), encoding="utf-8")
    now[0] = said.catalogue.stat().st_mtime + 61
    assert (len(shops["files.shop"].catalogue), shops.troubles("files.shop")) == (7, ())


def test_shop_whose_product_file_was_never_readable_is_not_counted(tmp_path: Path, store: Store) -> None:
    """Its keys aren't known, so nothing of it may be counted as if they were; no file leaves, and why is said."""
    said = declared(tmp_path, "unread.shop")
    assert said.catalogue is not None
    said.catalogue.unlink()
    shops = Advertisers([said])
    assert ("unread.shop" in shops, list(shops), shops.sites) == (False, [], ("unread.shop",))
    found = Outgoing(store, shops).file("unread.shop", "google_labels")
    assert isinstance(found, NoFile)
    assert (found.why, "No such file" in found.line) == (NotOut.UNREADABLE, True)


def test_shop_whose_spending_has_faults_makes_no_file_that_tells_of_it(tmp_path: Path, store: Store) -> None:
    """A week that is missing would be one without spending; what visitors do is counted, and leaves, all the same."""
    said = declared(tmp_path, "spent.shop", EXPORTS, spend=True)
    release(store, "spent.shop")
    assert said.spend is not None
    said.spend.write_text("week,channel,amount\n2026-W48,google,much\n", encoding="utf-8")
    shops = Advertisers([said])
    assert "spent.shop" in shops
    found = Outgoing(store, shops).files("spent.shop", EXPORTS)
    refused = {name: file.line for name, file in found.items() if isinstance(file, NoFile)}
    assert set(refused) == {"meridian", "robyn"}
    assert all("line 2: expected an amount" in line for line in refused.values())


@pytest.mark.parametrize("name", EXPORTS)
def test_export_that_tells_of_spending_says_so(tmp_path: Path, store: Store, name: str) -> None:
    """Only what is marked changes with what was spent."""
    site = f"spends-{name.replace('_', '-')}.shop"
    release(store, site)
    shop, weeks = Advertisers([declared(tmp_path, site, EXPORTS, spend=True)])[site], ledger.weeks(store, site)
    assert (EXPORTS[name].make(weeks, shop) != EXPORTS[name].make(weeks, replace(shop, spend=()))) == EXPORTS[
        name
    ].spends


def test_week_that_is_over_is_told_of_only_where_there_was_something(tmp_path: Path, store: Store) -> None:
    """A shop that begins has nothing to wait for; of one that goes on, a week that nobody counted is told as that."""
    site, noon = "waits.shop", datetime.combine(MONDAY + timedelta(days=7), time(12), UTC).timestamp()
    outgoing = Outgoing(store, Advertisers([declared(tmp_path, site)]), lambda: noon)
    assert outgoing.waits(site) == ()
    release(store, site, MONDAY - timedelta(weeks=1))
    assert outgoing.waits(site) == (Wait(WEEK, Why.NOTHING),)
    row = msgspec.json.encode((site, "day", MONDAY.isoformat(), 7, 100, "2026-11-24 00:10:00.000"))
    store.insert("closings", ("site", "grain", "day", "run", "rests_on", "at"), row + b"\n", f"closed-{site}")
    assert outgoing.waits(site) == (Wait(WEEK, Why.OPEN),)
    release(store, site)
    assert outgoing.waits(site) == ()


@pytest.mark.parametrize(
    ("zone", "minutes", "is_over"),
    [
        ("Europe/Oslo", -50, True),
        ("Europe/Oslo", -130, False),
        ("America/Los_Angeles", 410, False),
        ("America/Los_Angeles", 490, True),
        ("Pacific/Auckland", -650, True),
        ("", -5, False),
        ("", 5, True),
    ],
)
def test_a_week_is_over_by_the_shops_own_clock(
    tmp_path: Path,
    store: Store,
    zone: str,
    minutes: int,
    is_over: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    """So many minutes after UTC's midnight; summer or winter makes no difference to these."""
    site = f"zone{minutes:+}{zone.replace('/', '-')}.shop"
    release(store, site, MONDAY - timedelta(weeks=2))
    now = datetime.combine(MONDAY + timedelta(days=7), time(), UTC) + timedelta(minutes=minutes)
    zones = {site: zone} if zone else {}
    outgoing = Outgoing(store, Advertisers([declared(tmp_path, site)]), now.timestamp, zones=zones)
    assert outgoing.waits(site) == (Wait(WEEK if is_over else BEFORE, Why.NOTHING),)


def test_look_at_an_older_week_does_not_cost_the_newest(tmp_path: Path, store: Store) -> None:
    """A platform that fetches meanwhile gets what was made, without waiting for the ledger to be read again."""
    site, calls = "older.shop", []
    listed = EXPORTS["google_labels"]

    def make(weeks: Sequence[Week], shop: Advertiser) -> bytes:
        calls.append(weeks[-1].name)
        return listed.make(weeks, shop)

    outgoing = Outgoing(
        store, Advertisers([declared(tmp_path, site)]), listed={"google_labels": replace(listed, make=make)}
    )
    for ago in (1, 0):
        release(store, site, MONDAY - timedelta(weeks=ago))
    for week in ("", BEFORE, "", WEEK, BEFORE):
        found = outgoing.file(site, "google_labels", week)
        assert isinstance(found, File)
        assert found.week == (week or WEEK)
    assert calls == [WEEK, BEFORE]


def test_file_is_made_again_only_if_something_of_it_has_changed(tmp_path: Path, store: Store) -> None:
    """The shop's files, or a week that is released later and lies before it."""
    site = "made.shop"
    said = declared(tmp_path, site)
    calls: list[int] = []
    listed = EXPORTS["google_labels"]

    def make(weeks: tuple[object, ...], shop: Advertiser) -> bytes:
        calls.append(len(weeks))
        return listed.make(weeks, shop)  # type: ignore[arg-type]

    outgoing = Outgoing(store, Advertisers([said]), listed={"google_labels": replace(listed, make=make)})
    release(store, site, MONDAY)
    for _ in range(3):
        assert isinstance(outgoing.file(site, "google_labels", WEEK), File)
    assert calls == [1]
    release(store, site, MONDAY - timedelta(weeks=1))
    assert isinstance(outgoing.file(site, "google_labels", WEEK), File)
    assert calls == [1, 2]


@pytest.mark.parametrize("name", EXPORTS)
def test_export_is_made_of_the_tables_that_it_names(store: Store, tmp_path: Path, name: str) -> None:
    """What is told of a file holds: without all other tables its bytes are the same, and each of its own matters."""
    export, site = EXPORTS[name], f"tables-{name.replace('_', '-')}.shop"
    for ago in (2, 1, 0):
        release(store, site, MONDAY - timedelta(weeks=ago), 900 + 50 * ago)
    weeks = ledger.weeks(store, site)
    shop = Advertisers([declared(tmp_path, site, EXPORTS, spend=True)])[site]

    def made_of(tables: Iterable[str]) -> bytes:
        some = [replace(week, tables={table: week.tables[table] for table in tables}) for week in weeks]
        return export.make(some, shop)

    assert made_of(export.tables) == made_of(TABLES)
    for table in export.tables:
        without = made_of(set(export.tables) - {table}) != made_of(TABLES)
        assert without or made_of({table}) != made_of(()), table
