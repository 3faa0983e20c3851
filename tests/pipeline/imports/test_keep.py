"""An imported day is kept as one of ours is, by the same rules."""

from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta

import msgspec

from dashboards.office import Shop
from dashboards.panels import ask
from dashboards.period import Window
from pipeline.closing.due import close_due
from pipeline.closing.span import close_week
from pipeline.imports.cells import KINDS, ImportedCell, ImportedDay
from pipeline.imports.keep import keep_day
from pipeline.status import read_accounts
from pipeline.store.database import Store
from tests.dashboards.shop import TODAY, at, event, put, put_tally
from tests.pipeline.apart import database_apart
from tests.pipeline.imports.telling import DAY, NOW, ZONE, seen_of, told

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


def test_money_that_was_paid_back_is_kept(store: Store) -> None:
    """A day's revenue below nothing."""
    site = "imported-returns.shop"
    total = ImportedCell("all", "", views=9, revenue=-19950)
    keep_day(store, ImportedDay(site, DAY, "ga4", (total,), "NOK"), NOW)
    assert seen_of(store, site, "all")[""]["revenue"] == {"NOK": -19950}
