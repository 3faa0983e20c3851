"""An imported day is kept as one of ours is: by the same rules, once, whole, and so that it can be taken out again."""

from contextlib import suppress
from dataclasses import replace as changed
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from dashboards.office import Shop
from dashboards.panels import ask
from dashboards.period import Window
from pipeline.closing.day import close_day
from pipeline.closing.due import close_due
from pipeline.closing.span import close_week
from pipeline.imports.cells import KINDS, ImportedCell, ImportedDay, faults
from pipeline.imports.keep import keep_day, remove
from pipeline.imports.standing import Import, Rules, standing
from pipeline.retain.retention import Limits
from pipeline.status import read_accounts
from pipeline.store.database import Store, StoreError
from pipeline.upkeep import Upkeep
from tests.dashboards.shop import TODAY, at, event, put, put_tally
from tests.pipeline.apart import database_apart
from tests.pipeline.closing.mortal import Killed, Mortal

ZONE = "Europe/Oslo"
NOW = datetime.now(UTC).timestamp()
DAY = TODAY - timedelta(days=30)
_SEEN = """
    SELECT dim, value, label, visitors, visits, views, events, item_views, carts, checkouts, orders, units, revenue
    FROM daily
    WHERE site = {site:String} AND day = {day:Date} AND (grain, day, run) IN
        (SELECT grain, day, max(run) FROM closings WHERE site = {site:String} GROUP BY grain, day)
    ORDER BY dim, value
"""


def told(site: str, *cells: ImportedCell, day: date = DAY, source: str = "plausible", views: int = 9) -> ImportedDay:
    """A day with these cells beside its total."""
    return ImportedDay(site, day, source, (ImportedCell("all", "", views=views), *cells), "NOK")


def seen(store: Store, site: str, day: date = DAY) -> list[tuple[Any, ...]]:
    """What anybody may see of a day."""
    return [tuple(row) for row in store.query(_SEEN, {"site": site, "day": day.isoformat()}).rows]


def seen_of(store: Store, site: str, dim: str) -> dict[str, dict[str, Any]]:
    """What of it is not nothing, by value."""
    columns = "label visitors visits views events item_views carts checkouts orders units revenue".split()
    rows = [row for row in seen(store, site) if row[0] == dim]
    return {row[1]: {k: v for k, v in zip(columns, row[2:], strict=True) if v} for row in rows}


def verdict(store: Store, imported: ImportedDay, now: float = NOW, limits: Limits | None = None) -> Import:
    """What importing it would be."""
    return standing(store, imported, Rules({imported.site: ZONE}, limits or Limits(), now))


_KINDS = """
    SELECT DISTINCT pair, kind FROM counts(
        site = {site:String}, `from` = {day:Date}, `to` = {day:Date}, until = '2148-01-01 00:00:00',
        time_zone = {zone:String}, only = [], slices = 1, slice = 0)
"""


def test_every_dimension_has_the_rule_that_closing_has_for_it(store: Store) -> None:
    """As a purchase and a search of ours are counted; visits' steps, regions and widths are imported of nobody."""
    site, goods = (
        "imported-kinds.shop",
        {"item_id": ("1",), "item_brand": ("b",), "item_category": ("c",), "item_price": (1,)},
    )
    bought = event(site, at("12:00"), "purchase", visitor=4, item_quantity=(1,), **goods)
    put(store, [bought, event(site, at("12:01"), "search", visitor=4, search_term="x")])
    names = {"site": site, "day": TODAY.isoformat(), "zone": ZONE}
    ours = {(pair, kind) for pair, kind in store.query(_KINDS, names).rows if kind != "pair"}
    assert set(KINDS.items()) == {one for one in ours if one[0] not in ("funnel", "region", "viewport")}


def test_a_days_counts_are_what_was_told(store: Store) -> None:
    """Each measure, as the panels read it, with the money of the whole day and of products."""
    total = ImportedCell(
        "all", "", visitors=40, visits=50, measured_visits=50, views=120, measured_views=120, bounces=20,
        engaged_seconds=500, orders=2, revenue=19900,
    )  # fmt: skip
    cells = (
        total,
        ImportedCell("path", "/lego", views=30, visitors=20, entries=7),
        ImportedCell("product", "60316", label="Politistasjon", item_views=3, units=1, revenue=9900),
    )
    site = "imported-told.shop"
    keep_day(store, ImportedDay(site, DAY, "ga4", cells, "NOK"), NOW)
    window = Window(Shop(site, ZONE), DAY, DAY, datetime.now(UTC))
    assert ask(store, "overview", window, NOW).rows == [(40, 50, 120, 0.4, 10.0, 2, 19900, "NOK", 1.0)]
    assert ask(store, "pages", window, NOW).rows == [("/lego", 30, 20, 7)]
    assert ask(store, "products", window, NOW).rows == [("Politistasjon", 3, 0, 0, 1, 9900, "NOK")]
    assert ask(store, "notes", window, NOW).rows == [("imported", "Google Analytics", 1)]


def test_by_behaviour_no_money_is_kept_and_no_buyers_below_five(store: Store) -> None:
    """Orders as a number, carts and checkouts only with five of them; what is hidden is `(other)`."""
    site = "imported-behaviour.shop"
    cells = (
        ImportedCell("source", "google", visits=90, events=120, carts=9, checkouts=8, orders=6, units=7, revenue=99),
        ImportedCell("source", "bing", visits=90, views=80, events=100, carts=9, orders=8, revenue=99),
        ImportedCell("source", "kvasir", visits=5, views=6, events=9, carts=3, checkouts=2, orders=4, revenue=99),
        ImportedCell("source", "qwant", visits=5, views=6, events=9, orders=3, revenue=99),
    )
    keep_day(store, told(site, *cells), NOW)
    assert seen_of(store, site, "source") == {
        "google": {"visits": 90, "events": 120, "carts": 9, "checkouts": 8, "orders": {"": 6}},
        "bing": {"visits": 90, "views": 80, "events": 100, "carts": 9, "orders": {"": 8}},
        "kvasir": {"visits": 5, "views": 6, "events": 6},
        "qwant": {"visits": 5, "views": 6, "events": 6},
        "(other)": {"carts": 3, "checkouts": 2, "orders": {"": 7}},
    }


def test_searches_are_kept_from_ten_visitors(store: Store) -> None:
    """The others together, with events and views alone."""
    site = "imported-searches.shop"
    cells = (
        ImportedCell("search", "lego", visitors=10, events=12),
        ImportedCell("search", "kari nordmann", visitors=9, events=9, views=9),
    )
    keep_day(store, told(site, *cells), NOW)
    assert seen_of(store, site, "search") == {
        "lego": {"visitors": 10, "events": 12},
        "(other)": {"views": 9, "events": 9},
    }


def test_hours_tell_visits_and_views_alone(store: Store) -> None:
    """An hour of one visitor would else join to him what he bought."""
    site = "imported-hours.shop"
    hour = f"{DAY}T14:00:00+01:00"
    keep_day(store, told(site, ImportedCell("hour", hour, visitors=1, visits=1, views=3, orders=1, revenue=5)), NOW)
    assert seen_of(store, site, "hour") == {hour: {"visitors": 1, "visits": 1, "views": 3, "events": 3}}


def test_the_same_again_is_nothing_to_do_and_a_newer_export_replaces(store: Store) -> None:
    """Once the same, then other counts: what stands is the latter alone, in the tables too."""
    site = "imported-again.shop"
    first, newer = told(site, ImportedCell("path", "/old", views=3)), told(site, ImportedCell("path", "/new", views=4))
    assert verdict(store, first) is Import.IMPORTED
    keep_day(store, first, NOW)
    assert verdict(store, first) is Import.UNCHANGED
    assert verdict(store, msgspec.structs.replace(first, cells=first.cells[::-1])) is Import.UNCHANGED
    assert verdict(store, newer) is Import.REPLACED
    keep_day(store, newer, NOW)
    assert set(seen_of(store, site, "path")) == {"/new"}
    assert store.query("SELECT uniqExact(run) FROM daily WHERE site = {site:String}", {"site": site}).rows == [(1,)]


def test_what_was_counted_here_or_told_by_another_is_not_overwritten(store: Store) -> None:
    """A closed day stays ours; an imported one stays the first tool's until that is taken out."""
    ours, theirs = "imported-ours.shop", "imported-theirs.shop"
    day = TODAY - timedelta(days=3)
    store.insert(
        "closings", ("site", "grain", "day", "run", "rests_on", "at"),
        msgspec.json.encode((ours, "day", day.isoformat(), 7, 1, f"{NOW:.3f}")), "ours-closed",
    )  # fmt: skip
    assert verdict(store, told(ours, day=day)) is Import.COUNTED_HERE
    keep_day(store, told(theirs, source="umami"), NOW)
    assert verdict(store, told(theirs)) is Import.FROM_ANOTHER
    assert remove(store, theirs, "umami") == 1
    assert verdict(store, told(theirs)) is Import.IMPORTED


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-05-31", Import.TOO_RECENT),
        ("2026-05-12", Import.TOO_RECENT),
        ("2026-05-10", Import.TOO_RECENT),
        ("2026-05-09", Import.IMPORTED),
        ("2024-04-01", Import.IMPORTED),
        ("2024-03-31", Import.TOO_OLD),
    ],
)
def test_a_day_is_imported_once_nothing_of_it_can_come_and_while_counts_are_kept(
    store: Store, day: str, expected: Import
) -> None:
    """From the first day that is answered from counts, back to the first month that is not about to be dropped."""
    now = datetime(2026, 5, 12, 12, tzinfo=UTC).timestamp()
    assert verdict(store, told("imported-dates.shop", day=date.fromisoformat(day)), now) is expected


def test_what_is_handed_in_is_looked_at() -> None:
    """A tool and dimensions that are known, each value once, and the day's total; no value is quoted."""
    good = told("imported-faults.shop", ImportedCell("path", "/kari@example.com"))
    assert faults(good) == []
    twice = msgspec.structs.replace(good, cells=good.cells + good.cells[1:], source="excel")
    assert len(faults(twice)) == 2
    other = msgspec.structs.replace(good, cells=(ImportedCell("shoe size", "45"),))
    assert faults(other) == ["1 dimensions are not known here", "the day's total is missing"]
    assert "kari" not in "".join(faults(twice))


def test_killed_at_every_statement_all_of_a_day_is_seen_or_nothing(store: Store) -> None:
    """And run again it ends as if it had not been killed; nothing is left of the killed run, nor any draft."""
    cells = (ImportedCell("path", "/a", views=3), ImportedCell("source", "google", visits=3, orders=6))
    keep_day(store, told("imported-sound.shop", *cells), NOW)
    whole = seen(store, "imported-sound.shop")
    counting = Mortal(store, 0)
    keep_day(counting, told("imported-counted.shop", *cells), NOW)
    assert counting.changes >= 5
    for number in range(1, counting.changes + 1):
        site = f"imported-killed{number}.shop"
        keep_day(store, told(site, ImportedCell("path", "/old", views=1)), NOW)
        old = seen(store, site)
        with pytest.raises(Killed):
            keep_day(Mortal(store, number), told(site, *cells), NOW)
        assert seen(store, site) in (old, whole), number
        # the minute after: upkeep takes away what no closing names
        list(close_due(store, {site: ZONE}, NOW, frozenset))
        assert seen(store, site) in (old, whole), number
        keep_day(store, told(site, *cells), NOW)
        assert seen(store, site) == whole, number
        left = "SELECT count() FROM drafts WHERE site = {site:String}"
        assert store.query(left, {"site": site}).rows == [(0,)], number
        runs = "SELECT uniqExact(run) FROM daily WHERE site = {site:String}"
        assert store.query(runs, {"site": site}).rows == [(1,)], number


def test_taking_out_leaves_nothing_of_it_and_all_that_is_ours(store: Store) -> None:
    """Killed between its statements it can be run again; another tool's days, and our own, stay."""
    site = "imported-undo.shop"
    mine = TODAY - timedelta(days=1)
    put(store, [event(site, at("12:00", mine), visitor=4, path="/mine")])
    close_day(store, site, ZONE, mine, NOW)
    for number in (1, 2, 3):
        keep_day(store, told(site, ImportedCell("path", "/theirs", views=1)), NOW)
        keep_day(store, told(site, day=DAY - timedelta(days=1), source="umami"), NOW)
        with suppress(Killed):  # the third time there is no third statement
            remove(Mortal(store, number), site, "plausible")
        remove(store, site, "plausible")
        assert seen(store, site) == [], number
        assert seen(store, site, DAY - timedelta(days=1)) != []
        assert seen(store, site, mine) != []
        days = "SELECT toString(day) FROM daily WHERE site = {site:String} GROUP BY day ORDER BY day"
        assert [row[0] for row in store.query(days, {"site": site}).rows] == [
            str(DAY - timedelta(days=1)), str(mine),
        ]  # fmt: skip


def test_a_week_of_ours_is_not_closed_anew_for_a_day_that_is_imported_into_it(store: Store) -> None:
    """What its days left for it is gone by then, and closed without that it would lose its pairs."""
    site = "imported-week.shop"
    monday = TODAY - timedelta(days=TODAY.weekday() + 14)
    closing = ("site", "grain", "day", "run", "rests_on", "at")
    line = msgspec.json.encode((site, "day", (monday + timedelta(days=3)).isoformat(), 5, 1, f"{NOW:.3f}"))
    store.insert("closings", closing, line, "week-day")
    close_week(store, site, monday, NOW)
    keep_day(store, told(site, day=monday), NOW)
    done = [one.grain for one in close_due(store, {site: ZONE}, NOW, frozenset)]
    assert "week" not in done


def test_upkeep_imports_what_may_be_and_says_what_may_not(store: Store) -> None:
    """Asked only to say, it writes nothing; the rest as of the parts."""
    site = "imported-upkeep.shop"
    upkeep = Upkeep(store, {site: ZONE}, Limits(), lambda: NOW)
    day = told(site, ImportedCell("path", "/a", views=1))
    assert upkeep.import_day(day, only_say=True) is Import.IMPORTED
    assert seen(store, site) == []
    assert upkeep.import_day(day) is Import.IMPORTED
    assert upkeep.import_day(day) is Import.UNCHANGED
    assert upkeep.import_day(msgspec.structs.replace(day, day=TODAY)) is Import.TOO_RECENT
    assert upkeep.remove_import(site, "plausible") == 1
    assert not upkeep.knows("imported-another.shop")


def test_notes_tell_what_was_imported_within_the_period_only(store: Store) -> None:
    """A line a tool, with its days."""
    site = "imported-noted.shop"
    for ago, source in ((0, "umami"), (1, "umami"), (2, "matomo")):
        keep_day(store, told(site, day=DAY - timedelta(days=ago), source=source), NOW)
    window = Window(Shop(site, ZONE), DAY - timedelta(days=2), DAY, datetime.now(UTC))
    assert ask(store, "notes", window, NOW).rows == [("imported", "Umami", 2), ("imported", "Matomo", 1)]
    assert ask(store, "notes", changed(window, first=DAY), NOW).rows == [("imported", "Umami", 1)]


def test_what_is_not_accounted_for_does_not_begin_with_an_imported_day(store: Store) -> None:
    """Days from before the first closing of ours are not said to be missing, however far back another tool counts."""
    site, day = "imported-account.shop", TODAY - timedelta(days=4)
    with database_apart(store, "of_imports") as apart:
        put_tally(apart, [(site, day, "page_view", "stored", 5)])
        keep_day(apart, told(site), NOW)
        assert read_accounts(apart, [], TODAY - timedelta(days=2)) == []


class Dropping(Mortal):
    """A store of which another host drops the drafts just before the n-th statement that changes something."""

    def fate(self) -> None:
        """One more."""
        self.changes += 1
        if self.changes == self._dies_at:
            self._mortal.command("ALTER TABLE drafts DROP PARTITION {day:Date}", {"day": DAY.isoformat()})


@pytest.mark.parametrize("number", [3, 4])
def test_a_day_whose_drafts_another_host_drops_is_not_imported_empty(store: Store, number: int) -> None:
    """Before they are kept: what was imported earlier stands. After that nothing is lost."""
    site = f"imported-dropped{number}.shop"
    keep_day(store, told(site, ImportedCell("path", "/old", views=1)), NOW)
    newer = told(site, ImportedCell("path", "/new", views=1))
    if number == 3:
        with pytest.raises(StoreError, match="not all counts of"):
            keep_day(Dropping(store, number), newer, NOW)
        assert set(seen_of(store, site, "path")) == {"/old"}
    else:
        keep_day(Dropping(store, number), newer, NOW)
        assert set(seen_of(store, site, "path")) == {"/new"}


def test_money_that_was_paid_back_is_kept(store: Store) -> None:
    """A day's revenue below nothing."""
    site = "imported-returns.shop"
    total = ImportedCell("all", "", views=9, revenue=-19950)
    keep_day(store, ImportedDay(site, DAY, "ga4", (total,), "NOK"), NOW)
    assert seen_of(store, site, "all")[""]["revenue"] == {"NOK": -19950}
