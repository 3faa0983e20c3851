"""A week is released once, whole, and stays as it was."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pipeline.audiences import ledger
from pipeline.audiences import release as module
from pipeline.audiences.release import NotReleased, Why, release, release_due
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES
from pipeline.closing.day import close_day
from pipeline.closing.span import close_week
from pipeline.retain.receipts import RECEIPTS
from pipeline.retain.retention import Limits, Retention
from pipeline.store.database import Store, StoreError
from pipeline.upkeep import Upkeep
from tests.pipeline.apart import database_apart
from tests.pipeline.audiences.counted import (
    DECLARED,
    MONDAY,
    NOW,
    SUMS,
    a_shop,
    count,
    counted_week,
    lines_of,
    near,
    released,
)
from tests.pipeline.closing.shops import OSLO, put, row, starts_ms
from tests.pipeline.mortal import Mortal


def test_a_week_is_written_down_with_all_its_tables(store: Store) -> None:
    """Sums of its days with noise, the parameters, and what is read later is the same."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    week = released(store, shop)
    assert (week.site, week.name, set(week.tables)) == (shop.site, "2090-W24", set(TABLES))
    for (name, key), amount in SUMS.items():
        table = week.tables[name]
        assert key == ("seldom", "mobile") or near(table, table.cells.get(key), 2 * amount), name
    assert {name: table.epsilon for name, table in week.tables.items()} == {n: t.epsilon for n, t in TABLES.items()}
    assert ledger.weeks(store, shop.site) == (week,)
    assert len(lines_of(store, shop)) == len(TABLES)


def test_a_run_that_does_not_hold_is_not_in_it(store: Store) -> None:
    """Neither one that a later one has replaced, nor one whose closing was killed, wherever their sums still lie."""
    shop = a_shop()
    for _ in range(2):
        count(store, shop, MONDAY, SUMS)
    count(store, shop, MONDAY, SUMS, killed=True)
    close_week(store, shop.site, MONDAY, NOW)
    interest = released(store, shop).tables["interest"]
    assert near(interest, interest.cells["a", "mobile"], 5000)


def test_the_noise_is_drawn_once(store: Store) -> None:
    """Asked again it is refused, with the same bytes in the ledger; two weeks of the same sums differ."""
    shop = a_shop(**DECLARED)
    counted_week(store, shop, SUMS)
    counted_week(store, shop, SUMS, MONDAY + timedelta(days=7))
    week = released(store, shop)
    before = lines_of(store, shop)
    for _ in range(3):
        assert release(store, shop, MONDAY, NOW + 60) == NotReleased(shop.site, MONDAY, Why.ALREADY)
    assert lines_of(store, shop) == before
    assert list(release_due(store, {}, NOW)) == []
    [other] = release_due(store, {shop.site: shop}, NOW)
    assert isinstance(other, Week)
    assert other.monday == MONDAY + timedelta(days=7)
    assert all(other.tables[name].cells != table.cells for name, table in week.tables.items())
    assert [one.name for one in ledger.weeks(store, shop.site)] == ["2090-W24", "2090-W25"]


class Racing(Mortal):
    """A store at which two meet: each goes on to write when both have looked."""

    def __init__(self, store: Store, meeting: threading.Barrier) -> None:
        super().__init__(store)
        self._meeting = meeting

    def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Wait for the other, the first time."""
        if not any(call.startswith("INSERT") for call in self.calls):
            self._meeting.wait(timeout=60)
        super().insert(table, columns, body, token)


def race(store: Store, shops: Sequence[Advertiser]) -> list[Week | NotReleased]:
    """Two releases, neither of which can know of the other."""
    meeting = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda shop: release(Racing(store, meeting), shop, MONDAY, NOW), shops))


def test_of_two_releases_of_one_week_one_is_written(store: Store) -> None:
    """The other is refused, and its noise was seen by nobody."""
    shop = a_shop(**DECLARED)
    counted_week(store, shop, SUMS)
    answers = race(store, [shop, shop])
    [week] = [one for one in answers if isinstance(one, Week)]
    assert NotReleased(shop.site, MONDAY, Why.ALREADY) in answers
    assert ledger.weeks(store, shop.site) == (week,)
    assert len(lines_of(store, shop)) == len(TABLES)


def test_of_two_releases_of_two_shops_both_are_written(store: Store) -> None:
    """One after the other: the chain has one place a line."""
    shops = [a_shop(**DECLARED), a_shop()]
    for shop in shops:
        counted_week(store, shop, SUMS)
    assert race(store, shops) == [ledger.weeks(store, shop.site)[0] for shop in shops]
    first = ledger.LEDGER.page(store, 0)[0].number
    numbers = [line[0] for shop in shops for line in lines_of(store, shop)]
    assert first <= min(numbers)
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 2 * len(TABLES)))


def test_a_ledger_whose_place_is_always_taken_is_an_error(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a loop without an end."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    monkeypatch.setattr(module.ledger, "write", lambda *_: False)
    with pytest.raises(StoreError, match="others write into the ledger"):
        release(store, shop, MONDAY, NOW)


def test_what_comes_late_for_a_released_week_leaves_in_no_export(store: Store) -> None:
    """The day is counted again for the dashboard, and not for the release, which stays as it is."""
    shop = a_shop()
    who = {"visitor": 7, "source": "google", "channel": "search"}
    put(store, shop.site, [row(MONDAY, starts_ms(MONDAY), "page_view", **who)])
    close_day(store, shop.site, OSLO, MONDAY, NOW, advertiser=shop)
    close_week(store, shop.site, MONDAY, NOW)
    week = released(store, shop)
    put(store, shop.site, [row(MONDAY, starts_ms(MONDAY) + 1, "page_view", **who)])
    again = close_day(store, shop.site, OSLO, MONDAY, NOW, advertiser=shop)
    assert again.rests_on == 2
    close_week(store, shop.site, MONDAY, NOW)
    assert release(store, shop, MONDAY, NOW) == NotReleased(shop.site, MONDAY, Why.ALREADY)
    assert ledger.weeks(store, shop.site) == (week,)
    left = store.query("SELECT count() FROM contributions WHERE site = {site:String}", {"site": shop.site}).rows
    assert left == [(0,)]


def test_upkeep_counts_releases_and_drops(store: Store) -> None:
    """From rows to the ledger without anybody's help; what was released leaves with a receipt, the rest by its age."""
    now = starts_ms(MONDAY + timedelta(days=7)) / 1000 + 3 * 3600
    with database_apart(store, "release_apart") as apart:
        shop, waits = a_shop(**DECLARED), a_shop()
        put(apart, shop.site, [row(MONDAY, starts_ms(MONDAY), "page_view", visitor=7, country="NO")])
        count(apart, waits, MONDAY, SUMS)
        zones = {shop.site: OSLO, waits.site: OSLO}
        clock = [starts_ms(MONDAY + timedelta(days=1)) / 1000 + 3600, now, now + 60]
        upkeep = Upkeep(apart, zones, Limits(events_hours=720), lambda: clock[0], advertisers={shop.site: shop})
        assert (upkeep.round().trouble, upkeep.done.released) == ("", 0)
        assert apart.query("SELECT DISTINCT site FROM contributions ORDER BY site").rows == sorted(
            [(shop.site,), (waits.site,)]
        )
        clock.pop(0)
        assert (upkeep.round().trouble, upkeep.done.released) == ("", 1)
        assert [week.name for week in ledger.weeks(apart, shop.site)] == ["2090-W24"]
        clock.pop(0)
        assert (upkeep.round().trouble, upkeep.done.released) == ("", 1)
        assert apart.query("SELECT DISTINCT site FROM contributions").rows == [(waits.site,)]
        [receipt] = RECEIPTS.page(apart, 0)
        assert (receipt.what, receipt.span) == ("contributions", f"{shop.site} 2090-06-12")
        three_weeks = starts_ms(MONDAY + timedelta(days=21)) / 1000
        retention = Retention(apart, [OSLO], Limits(events_hours=720))
        assert "contributions" not in [one.what for one in retention.round(three_weeks - 1)]
        assert "contributions" in [one.what for one in retention.round(three_weeks)]
        assert apart.query("SELECT count() FROM contributions").rows == [(0,)]
        assert RECEIPTS.verify(apart).broken == 0
        assert ledger.LEDGER.verify(apart).broken == 0
