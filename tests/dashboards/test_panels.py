"""Each panel's question, asked of a small shop whose answers can be counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboards.office import Shop
from dashboards.panels import PANELS, ask
from dashboards.period import Window
from pipeline.store.database import Store
from tests.dashboards.shop import NOW, TODAY, at, event, put, put_notes, put_tally

SITE = "panels.shop"
KARI, OLA, LIV = 101, 102, 103
YESTERDAY = TODAY - timedelta(days=1)
LEGO = {"item_id": ("60316",), "item_price": (74900,), "item_quantity": (2,), "currency": "NOK"}


@pytest.fixture(scope="module")
def shop(store: Store) -> Window:
    """Today: Kari buys by two reports, Ola bounces, Liv comes twice, two counted page views; yesterday: Kari once."""
    kari = {"visitor": KARI, "source": "facebook", "campaign": "host", "referrer": "facebook.com", "region": "NO-03"}
    ola = {
        "visitor": OLA,
        "referrer": "google.com",
        "country": "SE",
        "region": "SE-AB",
        "device": "desktop",
        "browser": "Edge",
        "os": "Windows",
    }
    bought = {**LEGO, "item_name": ("Politistasjon",), "value": 149800, "order_key": 7}
    put(
        store,
        [
            event(SITE, at("09:00"), entry=1, path="/lego/60316", **kari),
            event(SITE, at("09:00"), "view_item", **LEGO, item_name=("Politi",), **kari),
            event(SITE, at("09:10"), "engagement", engaged_ms=40_000, **kari),
            event(SITE, at("09:12"), "add_to_cart", **LEGO, item_name=("Politistasjon",), **kari),
            event(SITE, at("09:20"), path="/kasse", **kari),
            event(SITE, at("09:21"), "purchase", **bought, **kari),
            event(SITE, at("09:22"), "purchase", **bought, visitor=KARI),
            event(SITE, at("10:00"), entry=1, **ola),
            event(SITE, at("10:00"), "view_item", item_id=("99",), **ola),
            event(SITE, at("11:00"), entry=1, visitor=LIV),
            event(SITE, at("11:29"), path="/tilbud", visitor=LIV),
            event(SITE, at("12:05"), entry=1, path="/tilbud", visitor=LIV, referrer="bing.com"),
            event(SITE, at("12:10"), "engagement", visitor=LIV, engaged_ms=20_000),
            event(SITE, at("13:00"), entry=1, referrer="google.com", channel="referral", campaign="host"),
            event(SITE, at("13:01"), path="/tilbud", country=""),
            event(SITE, at("13:05"), "purchase", currency="EUR", value=5000, item_id=("99",), item_price=(5000,)),
            event(SITE, at("13:05"), "purchase", currency="NOK", value=100, item_id=("99",), item_price=(100,)),
            event(SITE, at("14:00", YESTERDAY), entry=1, visitor=KARI + 100),
            event("other.shop", at("09:00"), entry=1, visitor=KARI),
        ],
    )
    put_tally(
        store,
        [
            (SITE, TODAY, "page_view", "stored", 9),
            (SITE, TODAY, "page_view", "robot", 3),
            (SITE, TODAY, "view_item", "robot", 1),
            (SITE, YESTERDAY, "page_view", "not_consented", 2),
            ("", TODAY, "", "malformed", 5),
            ("other.shop", TODAY, "page_view", "robot", 100),
        ],
    )
    return Window(Shop(SITE, "Europe/Oslo"), TODAY, TODAY, NOW + timedelta(days=1))


def names(store: Store, panel: str, window: Window) -> list[str]:
    """The columns' names."""
    return [name for name, _ in ask(store, panel, window, NOW.timestamp()).columns]


def rows(store: Store, panel: str, window: Window) -> list[tuple[object, ...]]:
    """The panel's rows."""
    return [tuple(row) for row in ask(store, panel, window, NOW.timestamp()).rows]


def test_overview_counts_measured_and_counted_visits_and_one_order_reported_twice_once(
    store: Store, shop: Window
) -> None:
    """Three visitors in four measured visits, and one counted visit; three orders, revenue in kroner only."""
    assert names(store, "overview", shop) == [
        *("visitors", "visits", "page_views", "bounce_rate", "engaged_seconds", "orders", "revenue"),
        *("currency", "measured_share"),
    ]
    assert rows(store, "overview", shop) == [(3, 5, 8, 0.25, 15.0, 3, 149900, "NOK", 0.75)]


def test_overview_of_several_days_adds_their_visitors_up(store: Store, shop: Window) -> None:
    """A number lives for one day, so a visitor of two days is two."""
    assert rows(store, "overview", replace(shop, first=YESTERDAY))[0][:3] == (4, 6, 9)


def test_overview_until_an_instant_ignores_what_came_later(store: Store, shop: Window) -> None:
    """`until` cuts rows, so that yesterday until the same time can be asked for."""
    assert rows(store, "overview", replace(shop, until=at("10:30").astimezone(UTC)))[0][:3] == (2, 2, 3)


def test_leaving_a_page_begins_no_visit(store: Store, shop: Window) -> None:
    """Forty minutes on one page are one visit; time spent without a page view is none."""
    site = "long.shop"
    put(
        store,
        [
            event(site, at("09:00"), entry=1, visitor=KARI, referrer="google.com"),
            event(site, at("09:40"), "engagement", visitor=KARI, engaged_ms=2_400_000),
            event(site, at("09:40"), "web_vitals", visitor=KARI),
            event(site, at("09:41"), path="/kasse", visitor=KARI),
            event(site, at("10:30"), "engagement", visitor=OLA, engaged_ms=5_000),
            event(site, at("11:30"), entry=1, visitor=OLA, referrer="bing.com"),
        ],
    )
    long = replace(shop, shop=Shop(site, "Europe/Oslo"))
    assert rows(store, "overview", long)[0][:5] == (2, 2, 3, 0.5, 1200.0)
    assert rows(store, "sources", long) == [("bing.com", 1, 1), ("google.com", 1, 1)]


def test_notes_tell_the_gravest_first_and_only_the_salts_that_are_too_many(store: Store, shop: Window) -> None:
    """Sums by note and place; one salt a day is right, three are two too many; not those of other days and sites."""
    site = "notes.shop"
    put_notes(
        store,
        [
            (site, TODAY, "campaign", "over_cap", 9),
            (site, TODAY, "search_term", "redacted", 1),
            (site, TODAY, "content", "redacted", 2),
            (site, TODAY, "content", "redacted", 3),
            (site, TODAY, "page_view", "undeclared", 4),
            (site, TODAY, "religion", "looks_sensitive", 1),
            *((site, TODAY, drawn, "salt", 1) for drawn in ("00:00:00", "12:00:00", "12:30:00", "12:30:00")),
            (site, YESTERDAY, "00:00:00", "salt", 2),
            (site, YESTERDAY, "content", "redacted", 100),
            ("other.shop", TODAY, "content", "redacted", 100),
        ],
    )
    assert rows(store, "notes", replace(shop, shop=Shop(site, "Europe/Oslo"))) == [
        ("redacted", "content", 5),
        ("redacted", "search_term", 1),
        ("looks_sensitive", "religion", 1),
        ("salt", TODAY.isoformat(), 2),
        ("undeclared", "page_view", 4),
        ("over_cap", "campaign", 9),
    ]


def test_marked_rows_are_told_by_their_layer(store: Store, shop: Window) -> None:
    """And counted like all others."""
    site = "marked.shop"
    layers = ["rate_anomaly", "missing_headers", "rate_anomaly", ""]
    put(store, [event(site, at("09:00"), visitor=KARI + n, marked=layer) for n, layer in enumerate(layers)])
    marked = replace(shop, shop=Shop(site, "Europe/Oslo"))
    assert rows(store, "marked", marked) == [("rate_anomaly", 2), ("missing_headers", 1)]
    assert rows(store, "overview", marked)[0][2] == 4


def test_visit_over_midnight_belongs_to_the_day_it_began_on(store: Store, shop: Window) -> None:
    """The next day has its page views, no second visit; a visit that began on that day stays there."""
    site = "night.shop"
    kari = {"visitor": KARI, "campaign": "host"}
    put(
        store,
        [
            event(site, at("23:50", YESTERDAY), entry=1, **kari, source="facebook"),
            event(site, at("00:05"), visitor=KARI, continued=1),
            event(site, at("00:20"), "engagement", visitor=KARI, continued=1, engaged_ms=15_000),
            event(site, at("02:00"), entry=1, **kari, source="bing"),
        ],
    )
    today = replace(shop, shop=Shop(site, "Europe/Oslo"))
    yesterday, both = replace(today, first=YESTERDAY, last=YESTERDAY), replace(today, first=YESTERDAY)
    asked = {"today": today, "yesterday": yesterday, "both": both}
    visits = {name: rows(store, "overview", window)[0][1:4] for name, window in asked.items()}
    assert visits == {"today": (1, 2, 1.0), "yesterday": (1, 1, 1.0), "both": (2, 3, 1.0)}
    assert rows(store, "sources", today) == [("bing", 1, 1)]
    assert rows(store, "sources", yesterday) == [("facebook", 1, 1)]
    assert rows(store, "sources", both) == [("bing", 1, 1), ("facebook", 1, 1)]
    assert [rows(store, "campaigns", window) for window in asked.values()] == [
        [("host", 1, 1)],
        [("host", 1, 1)],
        [("host", 2, 2)],
    ]


@pytest.mark.parametrize("sign", [1, -1])
def test_revenue_keeps_its_sign_however_large(store: Store, shop: Window, sign: int) -> None:
    """A sum beyond 64 bits is the largest number there is, not one of the other sign."""
    site, most = f"rich{sign}.shop", 2**63 - 1
    order = {"item_id": ("1", "2"), "item_price": (sign * 10**12,) * 2, "item_quantity": (2**31,) * 2}
    put(store, [event(site, at("09:00"), "purchase", **order, value=sign * most, currency="NOK") for _ in range(3)])
    rich = replace(shop, shop=Shop(site, "Europe/Oslo"))
    assert [row[5] for row in rows(store, "products", rich)] == [sign * most] * 2
    assert rows(store, "overview", rich)[0][6] == sign * most
    types = {name: kind for panel in ("products", "overview") for name, kind in ask(store, panel, rich, 0).columns}
    assert types["revenue"] == "Int64"


def test_overview_of_an_empty_day_is_one_row_without_invented_rates(store: Store, shop: Window) -> None:
    """No visits: counts are 0, and rates are unknown rather than 0."""
    empty = replace(shop, shop=Shop("nobody.shop", "Europe/Oslo"))
    assert rows(store, "overview", empty) == [(0, 0, 0, None, None, 0, 0, "", None)]


def test_timeline_of_one_day_has_every_hour_of_the_shops_clock(store: Store, shop: Window) -> None:
    """Hours without visits are there with zeros."""
    answer = {str(row[0])[11:13]: row[1:] for row in rows(store, "timeline", shop)}
    assert sorted(answer) == [f"{hour:02}" for hour in range(24)]
    seen = {hour: measures for hour, measures in answer.items() if measures != (0, 0)}
    assert seen == {"09": (1, 2), "10": (1, 1), "11": (1, 2), "12": (1, 1), "13": (0, 2)}


def test_timeline_of_several_days_has_every_day(store: Store, shop: Window) -> None:
    """Days without visits are there with zeros."""
    before = YESTERDAY - timedelta(days=1)
    answer = rows(store, "timeline", replace(shop, first=before))
    assert answer == [(str(before), 0, 0), (str(YESTERDAY), 1, 1), (str(TODAY), 3, 8)]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_timeline_follows_summer_time(store: Store, shop: Window, day: date, hours: int) -> None:
    """The night when the clock changes has 23 or 25 different hours."""
    answer = rows(store, "timeline", replace(shop, first=day, last=day))
    assert len({row[0] for row in answer}) == len(answer) == hours
    assert {datetime.fromisoformat(str(row[0])).utcoffset() for row in answer} == {
        timedelta(hours=1),
        timedelta(hours=2),
    }


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2149, 6, 6), date(2149, 6, 6)), (date(2149, 6, 5), date(2149, 6, 6)), (TODAY, YESTERDAY)],
)
def test_timeline_of_impossible_days_is_short(store: Store, shop: Window, first: date, last: date) -> None:
    """The last day a date can hold, and a period that ends before it begins, make no endless list."""
    assert len(rows(store, "timeline", replace(shop, first=first, last=last))) <= 25


GOLDEN: dict[str, tuple[list[str], list[tuple[object, ...]]]] = {
    "sources": (
        ["source", "visits", "visitors"],
        [("google.com", 2, 1), ("(direct)", 1, 1), ("bing.com", 1, 1), ("facebook", 1, 1)],
    ),
    "campaigns": (["campaign", "visits", "visitors"], [("host", 2, 1)]),
    "pages": (
        ["path", "page_views", "visitors", "entries"],
        [("/", 3, 3, 3), ("/tilbud", 3, 1, 1), ("/kasse", 1, 1, 0), ("/lego/60316", 1, 1, 1)],
    ),
    "products": (
        ["product", "item_views", "carts", "orders", "units", "revenue", "currency"],
        [("99", 1, 0, 2, 2, 100, "NOK"), ("Politistasjon", 1, 1, 1, 2, 149800, "NOK")],
    ),
    "countries": (["country", "page_views", "visitors"], [("NO", 6, 2), ("", 1, 0), ("SE", 1, 1)]),
    "regions": (["region", "page_views", "visitors"], [("", 5, 1), ("NO-03", 2, 1), ("SE-AB", 1, 1)]),
    "devices": (["device", "page_views", "visitors"], [("mobile", 7, 2), ("desktop", 1, 1)]),
    "browsers": (["browser", "page_views", "visitors"], [("Safari", 7, 2), ("Edge", 1, 1)]),
    "systems": (["os", "page_views", "visitors"], [("iOS", 7, 2), ("Windows", 1, 1)]),
    "account": (
        ["day", "received", "stored", "duplicate", "quarantined", "refused"],
        [(TODAY, 13, 9, 0, 0, 4)],
    ),
    "refused": (["reason", "events"], [("malformed", 5), ("robot", 4)]),
    "pulse": (["pulse", "events", "refused", "closed", "run"], [(SITE, 17, 9, 0, 0)]),
}


@pytest.mark.parametrize("panel", sorted(GOLDEN))
def test_panel_answers_as_counted_by_hand(store: Store, shop: Window, panel: str) -> None:
    """The whole answer of today, columns and rows."""
    columns, expected = GOLDEN[panel]
    assert names(store, panel, shop) == columns
    assert rows(store, panel, shop) == expected


def test_without_a_known_region_there_is_no_row_of_regions(store: Store, shop: Window) -> None:
    """Where no file tells them the panel is empty, and the page leaves it out; countries are known all the same."""
    site = "nowhere.shop"
    put(store, [event(site, at("09:00"), visitor=KARI), event(site, at("10:00"), visitor=OLA, country="")])
    nowhere = replace(shop, shop=Shop(site, "Europe/Oslo"))
    assert rows(store, "regions", nowhere) == []
    assert rows(store, "countries", nowhere) == [("", 1, 1), ("NO", 1, 1)]


def test_live_counts_the_last_minutes_whatever_the_period(store: Store) -> None:
    """Two rows, always, also when yesterday is asked for."""
    live = Window(Shop("live.shop", "Europe/Oslo"), YESTERDAY, YESTERDAY, NOW)
    assert rows(store, "live", live) == [("5 min", 0, 0), ("30 min", 0, 0)]
    ago = {40: KARI, 20: OLA, 4: LIV, 1: 0}
    put(store, [event("live.shop", NOW - timedelta(minutes=m), visitor=who) for m, who in ago.items()])
    assert rows(store, "live", live) == [("5 min", 1, 2), ("30 min", 2, 3)]


def test_every_panel_names_its_columns_even_without_rows(store: Store, shop: Window) -> None:
    """Whoever draws a table needs its head; the first column is the dimension, the others measures."""
    nobody = replace(shop, shop=Shop("nobody.shop", "Europe/Oslo"), first=date(2020, 1, 1), last=date(2020, 1, 1))
    for panel in PANELS:
        assert len(names(store, panel, nobody)) >= 2, panel
