"""What panels say of closed days, alone and on a page, is what the view `margins` has of them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from dashboards.office import Shop
from dashboards.panels import DIMENSIONS, PANELS, ask, gather
from dashboards.period import Window
from pipeline.closing.day import Closed, close_day, commit
from pipeline.store.database import Store
from tests.pipeline.closing.shops import OSLO, SUMMER, put, starts_ms
from tests.pipeline.closing.simulated import shop_of

DAYS = [SUMMER + timedelta(days=after) for after in range(4)]
"""Of the fourth evening two are closed, two are open."""
NOW = starts_ms(DAYS[-1]) / 1000 + 20 * 3600
LATER = NOW + 7 * 86400
OF_CELLS = sorted(name for name, dimensions in DIMENSIONS.items() if dimensions)
MARGINS = """margins(site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},
    time_zone = {time_zone:String}, open = {open:Date}, dim = '%s')"""
MOST_USED = """
    SELECT arraySort(c -> (c = '', -toInt64(sums[c]), c), mapKeys(sumMap(orders) AS sums))[1]
    FROM margins('all')
"""


@pytest.fixture(scope="module")
def shop(store: Store) -> Window:
    """Four days of a shop, whose products get a new name on the second; the first two are closed."""
    site = "closed-panels.shop"
    for nth, day in enumerate(DAYS):
        rows = shop_of(150, seed=nth, day=day, orders=12, products=30)
        for row in rows if nth else ():
            row["item_name"] = tuple(f"{name} ny" for name in row["item_name"])
        put(store, site, rows)
    for day in DAYS[:2]:
        close_day(store, site, OSLO, day, NOW)
    window = Window(Shop(site, OSLO), DAYS[0], DAYS[-1], datetime.fromtimestamp(NOW, UTC) + timedelta(days=1))
    assert window.open(NOW) == DAYS[2]
    return window


def by_the_view(store: Store, panel: str, window: Window, now: float) -> list[tuple[object, ...]]:
    """The panel's question, asked of the view itself."""

    def asked(sql: str, more: Mapping[str, str]) -> list[tuple[object, ...]]:
        sql = re.sub(r"margins\('(\w+)'\)", lambda found: MARGINS % found[1], sql)
        names = {name: said for name, said in {**window.parameters(now), **more}.items() if f"{{{name}:" in sql}
        return [tuple(row) for row in store.query(sql, names).rows]

    return asked(PANELS[panel], {"currency": str(asked(MOST_USED, {})[0][0])})


@pytest.mark.parametrize("panel", OF_CELLS)
@pytest.mark.parametrize(("first", "last", "now"), [(0, 3, NOW), (0, 1, NOW), (1, 1, NOW), (2, 3, NOW), (3, 3, NOW)])
def test_a_panel_says_alone_and_on_a_page_what_the_view_does(
    store: Store, shop: Window, panel: str, first: int, last: int, now: float
) -> None:
    """Of closed days, of open ones, of both; of several days and of one."""
    window = replace(shop, first=DAYS[first], last=DAYS[last])
    expected = by_the_view(store, panel, window, now)
    alone = ask(store, panel, window, now)
    assert expected
    assert [tuple(row) for row in alone.rows] == expected
    assert ask(store, panel, window, now, gather(store, PANELS, window, now)) == alone


def test_a_page_of_closed_days_asks_the_long_dimensions_alone_for_their_cells(store: Store, shop: Window) -> None:
    """The others come added up, a line a value: a month of a shop's campaigns must not go into a query's text."""
    cells = gather(store, PANELS, replace(shop, last=DAYS[1]), NOW)
    lines = {dimension: len(text.splitlines()) for dimension, text in cells.closed.of.items()}
    assert ("path" in lines, "product" in lines, lines["all"]) == (False, False, 2)
    values = [msgspec.json.decode(line)[1] for line in cells.closed.of["source"].splitlines()]
    assert len(values) == len(set(values)) > 3


def test_a_page_fetches_of_each_half_what_its_panels_ask_about_there(store: Store, shop: Window) -> None:
    """A column more costs the engine time in each of a dozen questions; the comments above a question ask nothing."""
    cells = gather(store, PANELS, shop, NOW)
    of_products = {"label", "item_views", "carts", "units", "entries"}
    assert of_products.isdisjoint(cells.closed.measures)
    assert {*cells.closed.measures, *of_products} == {*cells.opened.measures}
    assert {*gather(store, ["sources"], shop, NOW).closed.measures} == {"visitors", "visits"}
    assert gather(store, ["pages", "pulse"], shop, NOW).closed.of == {}
    assert not [name for name, sql in PANELS.items() if "--" in sql]


def test_the_columns_of_a_panel_without_rows_are_asked_for_once(
    store: Store, shop: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are the ones that it has with rows, and to ask for them takes as long as the panel itself."""
    monkeypatch.setattr("dashboards.panels._HEADS", {})
    nobody = replace(shop, shop=Shop("nobody.shop", OSLO))
    empty = [panel for panel in PANELS if not ask(store, panel, nobody, NOW).rows]
    assert {"account", "devices", "pages", "products"} <= set(empty)
    asked: list[str] = []
    query = store.query
    monkeypatch.setattr(store, "query", lambda sql, *more: asked.append(sql) or query(sql, *more))
    for panel in empty:
        assert ask(store, panel, nobody, NOW).columns == ask(store, panel, shop, NOW).columns
    assert not [sql for sql in asked if sql.startswith("DESCRIBE")]


@pytest.mark.parametrize(
    ("first", "last", "opened", "seen"),
    [
        (5, 11, 40, {"day", "week"}),
        (5, 10, 40, {"day"}),
        (5, 11, 11, {"day"}),
        (6, 11, 40, set()),
        (1, 37, 40, {"day", "week", "month"}),
        (1, 36, 40, {"day", "week"}),
        (1, 37, 37, {"day", "week"}),
    ],
)
def test_orders_of_a_week_or_month_are_told_if_all_of_it_is_asked_about(
    store: Store, first: int, last: int, opened: int, seen: set[str]
) -> None:
    """A month waits for the last of its weeks: it is told with the days that these reach into."""
    site, begins = f"spans-{first}-{last}-{opened}.shop", date(2093, 1, 1)
    assert begins.weekday() == 3  # the 5th is a Monday
    spans = {"day": date(2093, 1, 5), "week": date(2093, 1, 5), "month": begins}
    for run, (grain, day) in enumerate(spans.items(), 1):
        row = (site, grain, day.isoformat(), "source", "a", {"": 7}, run)
        columns = ("site", "grain", "day", "dim", "value", "orders", "run")
        store.insert("daily", columns, msgspec.json.encode(row) + b"\n", f"{site} {grain}")
        commit(store, Closed(site, grain, day, run, 1), LATER)
    names = {"site": site, "from": begins + timedelta(days=first - 1), "to": begins + timedelta(days=last - 1)}
    asked = """SELECT DISTINCT grain FROM closed(
        site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, open = {open:Date})"""
    answer = store.query(asked, {**names, "open": begins + timedelta(days=opened - 1)})
    assert {grain for (grain,) in answer.rows} == seen
