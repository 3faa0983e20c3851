"""A week is released once, whole, or refused with one word of a closed list."""

import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pipeline.audiences import ledger
from pipeline.audiences import release as module
from pipeline.audiences.noise import scale, threshold
from pipeline.audiences.public import CHANNELS, public_keys
from pipeline.audiences.release import Refused, Why, refusal, release, release_due
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import DELTA, TABLES
from pipeline.closing.day import close_day
from pipeline.closing.span import close_week
from pipeline.retain import receipts
from pipeline.retain.retention import Limits, Retention
from pipeline.store.database import Store, StoreError
from pipeline.upkeep import Upkeep
from proxy.privacy import source as sources
from tests.pipeline.apart import Mortal, database_apart
from tests.pipeline.audiences.counted import CATALOGUE, MONDAY, NOW, Sums, a_shop, count, counted_week, lines_of
from tests.pipeline.closing.shops import OSLO, put, row, starts_ms

SUMS: Sums = {
    ("interest", ("a", "mobile")): 5000,
    ("interest", ("c", "mobile")): 5000,
    ("interest", ("seldom", "mobile")): 1,
    ("conversion", ("a", "order")): 4000,
    ("campaigns", ("google", "cpc", "jul", "visit")): 6000,
    ("revenue", ("paid_search",)): 9_000_000,
    ("places", ("NO", "16-20", "mobile", "visit")): 7000,
    ("affinity", ("Lego / City", "area", "NO")): 8000,
}
DECLARED = {"catalogue": CATALOGUE, "campaigns": (("google", "cpc", "jul"),), "areas": ("NO",)}


def released(store: Store, shop: Advertiser, monday: date = MONDAY, now: float = NOW) -> Week:
    """The week, which must have been released."""
    week = release(store, shop, monday, now)
    assert isinstance(week, Week), week
    return week


def near(table: Released, number: int | None, expected: int) -> bool:
    """Whether a number is what it should be, but for its noise: 40 scales are one in 10^17."""
    return number is not None and abs(number - expected) < 40 * table.scale


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


def test_where_nothing_is_declared_a_threshold_keeps_out_what_one_visitor_had(store: Store) -> None:
    """The channels are public in any case."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    tables = released(store, shop).tables
    assert ("seldom", "mobile") not in tables["interest"].cells
    for name, table in tables.items():
        assert table.threshold == (0 if name == "revenue" else threshold(TABLES[name], 1))
        assert (table.delta == 0) == (name == "revenue")
        assert table.delta <= DELTA
        assert all(number >= table.threshold for number in table.cells.values()) or name == "revenue"
    assert set(tables["revenue"].cells) == {(channel,) for channel in CHANNELS}


def test_what_is_declared_is_there_and_nothing_else(store: Store) -> None:
    """Every key that the shop has named, though nobody had it; none of what it hasn't: pure ε."""
    shop = a_shop(**DECLARED)
    counted_week(store, shop, SUMS)
    tables = released(store, shop).tables
    assert {name: frozenset(table.cells) for name, table in tables.items()} == public_keys(shop)
    assert ("b", "desktop") in tables["interest"].cells
    assert ("c", "mobile") not in tables["interest"].cells
    assert all((table.delta, table.threshold) == (0, 0) for table in tables.values())
    assert len(tables["affinity"].cells) == 2 * (2 + 2 + 3)


def test_public_keys_need_all_that_a_table_speaks_of() -> None:
    """Where an area or a campaign was said by a visitor alone, its table has a threshold."""
    assert public_keys(a_shop(catalogue=CATALOGUE))["affinity"] is None
    assert public_keys(a_shop(**{**DECLARED, "areas": ()}))["affinity"] is None
    assert public_keys(a_shop(**{**DECLARED, "campaigns": ()}))["campaigns"] is None
    known = public_keys(a_shop(**DECLARED))
    assert known["campaigns"] is not None
    assert ("(other)", "(other)", "(other)", "visit") in known["campaigns"]
    assert {name: len(keys or ()) for name, keys in known.items()} == {
        "interest": 4,
        "conversion": 4,
        "campaigns": 8,
        "revenue": 10,
        "places": 2 * 6 * 2 * 2,
        "affinity": 14,
    }


def test_the_channels_are_the_collectors() -> None:
    """All words that it has for how a visit came."""
    told = [sources._channel(name, medium, _page(query, paid)) for name, medium, query, paid in _ARRIVALS]
    assert set(told) == set(CHANNELS)


_ARRIVALS = [
    (source, medium, query, paid)
    for source in ("", "google", "facebook", "chatgpt", "blog.no")
    for medium in ("", "cpc", "email")
    for query in ({}, {"utm_campaign": "jul"})
    for paid in ("", "google", "meta")
]


def _page(query: dict[str, str], paid_by: str) -> Any:  # noqa: ANN401 - two of a location's fields
    return type("Page", (), {"query": query, "paid_by": paid_by})()


def test_revenue_has_the_noise_of_the_highest_cap_that_it_was_counted_with(store: Store) -> None:
    """A cap that was lowered in mid-week must not lower the noise of what came before; another currency is left out."""
    shop = a_shop(revenue_cap=2000)
    count(store, shop, MONDAY, {("revenue", ("email",)): 50_000_000})
    count(store, replace(shop, revenue_cap=100), MONDAY + timedelta(days=1), {("revenue", ("email",)): 50_000_000})
    foreign = replace(shop, revenue_cap=90_000, currency="SEK")
    count(store, foreign, MONDAY + timedelta(days=2), {("revenue", ("email",)): 900_000_000})
    close_week(store, shop.site, MONDAY, NOW)
    revenue = released(store, replace(shop, revenue_cap=100)).tables["revenue"]
    assert revenue.scale == scale(TABLES["revenue"], 2000)
    assert near(revenue, revenue.cells["email",], 100_000_000)


def test_the_noise_is_drawn_once(store: Store) -> None:
    """Asked again it is refused, with the same bytes in the ledger; two weeks of the same sums differ."""
    shop = a_shop(**DECLARED)
    counted_week(store, shop, SUMS)
    counted_week(store, shop, SUMS, MONDAY + timedelta(days=7))
    week = released(store, shop)
    before = lines_of(store, shop)
    for _ in range(3):
        assert release(store, shop, MONDAY, NOW + 60) == Refused(shop.site, MONDAY, Why.ALREADY)
    assert lines_of(store, shop) == before
    assert list(release_due(store, {}, NOW)) == []
    [other] = release_due(store, {shop.site: shop}, NOW)
    assert isinstance(other, Week)
    assert other.monday == MONDAY + timedelta(days=7)
    assert all(other.tables[name].cells != table.cells for name, table in week.tables.items())
    assert [one.name for one in ledger.weeks(store, shop.site)] == ["2090-W24", "2090-W25"]


def test_what_is_not_there_yet_is_refused(store: Store) -> None:
    """A week of which nothing was counted, or that is not closed, or was closed before one of its days was again."""
    shop = a_shop()
    assert refusal(store, shop, MONDAY) is Why.OPEN
    count(store, shop, MONDAY, SUMS)
    assert refusal(store, shop, MONDAY) is Why.OPEN
    close_week(store, shop.site, MONDAY, NOW)
    assert refusal(store, shop, MONDAY) is None
    count(store, shop, MONDAY, SUMS)
    assert refusal(store, shop, MONDAY) is Why.OPEN
    assert lines_of(store, shop) == []


def test_a_week_with_rows_that_nobody_has_counted_waits(store: Store) -> None:
    """Though it is closed: a day's closing may have failed, and is tried again as long as its rows are there."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    put(store, shop.site, [row(MONDAY + timedelta(days=6), starts_ms(MONDAY + timedelta(days=6)), "page_view")])
    assert release(store, shop, MONDAY, NOW) == Refused(shop.site, MONDAY, Why.OPEN)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (("", ""), None),
        (("-", ""), Why.PARTLY),
        (("", "-"), Why.PARTLY),
        (("-", "-"), Why.NOTHING),
        (("interest:9x1", ""), Why.PARTLY),
        (("interest:9x1", "interest:9x1"), Why.PARTLY),
    ],
)
def test_a_week_of_which_a_day_is_missing_is_refused(store: Store, days: Sequence[str], why: Why | None) -> None:
    """Exports that were switched on in mid-week, or a version that bounded otherwise: half a week looks a bad one."""
    shop = a_shop()
    for after, by in enumerate(days):
        count(store, shop, MONDAY + timedelta(days=after), SUMS if by != "-" else {}, by=by)
    count(store, shop, MONDAY + timedelta(days=5), {}, by="-", rows=0)
    close_week(store, shop.site, MONDAY, NOW)
    assert refusal(store, shop, MONDAY) is why


def test_over_budget_is_refused(store: Store) -> None:
    """A version whose tables cost more than 2.0 together releases none of them."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    dear = {**TABLES, "interest": replace(TABLES["interest"], epsilon=0.801)}
    assert release(store, shop, MONDAY, NOW, dear) == Refused(shop.site, MONDAY, Why.OVER_BUDGET)
    assert lines_of(store, shop) == []


def test_a_shop_that_has_switched_exports_off_releases_nothing(store: Store) -> None:
    """Even of a week that was counted when they were on."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    off = replace(shop, exports=frozenset())
    assert release(store, off, MONDAY, NOW) == Refused(shop.site, MONDAY, Why.SWITCHED_OFF)


def test_without_opendp_there_is_no_release(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one line says what to install; nothing is made up in its place."""
    shop = a_shop()
    counted_week(store, shop, SUMS)
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    refused = release(store, shop, MONDAY, NOW)
    assert isinstance(refused, Refused)
    assert refused.line == (
        f"{shop.site} 2090-W24 is not released: exports need OpenDP: pip install 'sporlos[audiences]'"
    )
    assert lines_of(store, shop) == []


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


def race(store: Store, shops: Sequence[Advertiser]) -> list[Week | Refused]:
    """Two releases, neither of which can know of the other."""
    meeting = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda shop: release(Racing(store, meeting), shop, MONDAY, NOW), shops))  # type: ignore[arg-type]  # it can all that is asked of it


def test_of_two_releases_of_one_week_one_is_written(store: Store) -> None:
    """The other is refused, and its noise was seen by nobody."""
    shop = a_shop(**DECLARED)
    counted_week(store, shop, SUMS)
    answers = race(store, [shop, shop])
    [week] = [one for one in answers if isinstance(one, Week)]
    assert Refused(shop.site, MONDAY, Why.ALREADY) in answers
    assert ledger.weeks(store, shop.site) == (week,)
    assert len(lines_of(store, shop)) == len(TABLES)


def test_of_two_releases_of_two_shops_both_are_written(store: Store) -> None:
    """One after the other: the chain has one place a line."""
    shops = [a_shop(**DECLARED), a_shop()]
    for shop in shops:
        counted_week(store, shop, SUMS)
    assert race(store, shops) == [ledger.weeks(store, shop.site)[0] for shop in shops]
    first = ledger.page(store, 0)[0].number
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
    assert release(store, shop, MONDAY, NOW) == Refused(shop.site, MONDAY, Why.ALREADY)
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
        [receipt] = receipts.page(apart, 0)
        assert (receipt.what, receipt.span) == ("contributions", f"{shop.site} 2090-06-12")
        three_weeks = starts_ms(MONDAY + timedelta(days=21)) / 1000
        retention = Retention(apart, [OSLO], Limits(events_hours=720))
        assert "contributions" not in [one.what for one in retention.round(three_weeks - 1)]
        assert "contributions" in [one.what for one in retention.round(three_weeks)]
        assert apart.query("SELECT count() FROM contributions").rows == [(0,)]
        assert receipts.verify(apart).broken == 0
        assert ledger.verify(apart).broken == 0
