"""The dashboard as a person sees it, in a real browser."""

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from dashboards.office import Shop
from pipeline.closing.day import close_day
from pipeline.event import Event
from pipeline.retain.retention import Limits
from pipeline.store.database import Store
from tests.dashboards.shop import TODAY, Bench, at, event, put, put_notes, put_tally

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
SITE, SITE_COUNTED = "page.shop", "counted.shop"
TAG = '<script defer src="https://stats.empty.shop/s.js" data-site="empty.shop"></script>'
PINNED = TAG.replace("s.js", "s.0a1b2c3d.js").replace(
    " data", f' integrity="sha384-{"A" * 64}" crossorigin="anonymous" data'
)
OPT_OUT = "https://stats.empty.shop/opt-out"


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    """Five shops: with a day's visits, without its tag yet, counting only, keeping rows for too long, closed."""
    return Bench(
        store,
        tmp_path,
        (
            Shop(SITE, "Europe/Oslo"),
            Shop("empty.shop", "Europe/Oslo", TAG, pinned_tag=PINNED, opt_out=OPT_OUT),
            Shop(SITE_COUNTED, "Europe/Oslo"),
            Shop("kept.shop", "Europe/Oslo", retention=Limits(quarantine_hours=72)),
            Shop("closed.shop", "Europe/Oslo"),
        ),
    )


def visits() -> list[Event]:
    """Forty visits over the day before three o'clock, some of them counted only, every eighth buying."""
    made = []
    lego = {"item_id": ("60316",), "item_name": ("Politistasjon",), "item_price": (74900,), "item_quantity": (1,)}
    for n in range(40):
        came, who = at(f"{n % 15:02}:{n:02}"), 0 if n % 5 == 0 else 1000 + n
        about = {
            "visitor": who,
            "country": ("NO", "SE", "DK")[n % 3],
            "region": ("NO-15", "SE-AB", "DK-99")[n % 3],
            "device": ("mobile", "desktop")[n % 2],
            "referrer": ("google.com", "", "tek.no")[n % 3],
            "campaign": "host" if n % 4 == 0 else "",
        }
        made.append(event(SITE, came, entry=1, path=f"/lego/et-ganske-langt-navn-paa-en-side/{n % 12}", **about))
        made.append(event(SITE, came, "view_item", currency="NOK", **lego, **about))
        if n % 8 == 1:
            made.append(event(SITE, came, "purchase", currency="NOK", value=74900, order_key=n, **lego, **about))
    return made


@pytest.fixture(scope="module")
def filled(store: Store) -> None:
    """The first shop's events."""
    put(store, visits())
    put_tally(store, [(SITE, TODAY, "page_view", "robot", 12), (SITE, TODAY, "page_view", "not_consented", 3)])


async def opened(
    browser: Browser, server: TestServer, bench: Bench, path: str, **options: object
) -> tuple[Page, list[str]]:
    """A logged-in page, and what its console complains about."""
    page = await (await browser.new_context(**options)).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    ours = (str(server.make_url("/")), "data:")
    page.on("request", lambda sent: None if sent.url.startswith(ours) else complaints.append(sent.url))
    await page.goto(str(server.make_url(f"/login?once={bench.accounts.new_login_link_secret()}")))
    await page.goto(str(server.make_url(path)))
    return page, complaints


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "locale"), [(390, "nb-NO"), (1280, "en-GB")])
async def test_dashboard_is_whole_on_phone_and_desktop_in_light_and_dark(
    browser: Browser, server: TestServer, bench: Bench, scheme: str, width: int, locale: str
) -> None:
    """Tiles, chart and tables are there; nothing in the console, from another host, cut off or scrolling sideways."""
    page, complaints = await opened(
        browser,
        server,
        bench,
        f"/?site={SITE}",
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
        locale=locale,
    )
    await expect(page.locator('.tile[data-measure="visitors"]')).to_have_attribute("data-value", "32")
    await expect(page.locator('.tile[data-measure="orders"]')).to_have_attribute("data-value", "5")
    await expect(page.locator('.tile[data-measure="revenue"]')).to_have_attribute("data-value", "374500")
    bought = page.locator('tr[data-panel="products"][data-key="Politistasjon"]')
    await expect(bought.locator("[data-item_views]")).to_have_attribute("data-item_views", "40")
    await expect(bought.locator("[data-units]")).to_have_attribute("data-units", "5")
    norway = {"nb-NO": "Norge", "en-GB": "Norway"}[locale]
    await expect(page.locator('tr[data-panel="countries"][data-key="NO"] th')).to_have_text(norway)
    county = page.locator('tr[data-panel="regions"][data-key="NO-15"] th')
    await expect(county).to_have_text("Møre og Romsdal")
    await expect(county).to_have_attribute("title", f"Møre og Romsdal, {norway}")
    await expect(page.locator('tr[data-panel="regions"][data-key="DK-99"] th')).to_have_text("DK-99")
    await expect(page.locator("#share")).to_contain_text("80")
    await expect(page.locator("#chart")).to_have_attribute("data-drawn", scheme)
    await expect(page.locator("#chart canvas")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert await cut_off(page) == []
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"dashboard-{width}-{scheme}.png", full_page=True)
    assert complaints == []
    await page.context.close()


@pytest.mark.parametrize(("locale", "said"), [("en-GB", "taken out"), ("nb-NO", "tatt ut")])
async def test_what_came_in_and_should_not_have_is_told_at_the_head(
    browser: Browser, server: TestServer, bench: Bench, store: Store, locale: str, said: str
) -> None:
    """A line a note, in the reader's language, with its place and number; where there is nothing to tell, none."""
    if locale == "en-GB":
        put_notes(store, [(SITE_COUNTED, TODAY, "content", "redacted", 3)])
    page, complaints = await opened(browser, server, bench, f"/?site={SITE_COUNTED}", locale=locale)
    note = page.locator('#notes li[data-key="redacted"]')
    await expect(note).to_contain_text("content")
    await expect(note).to_have_attribute("data-times", "3")
    await expect(note).to_contain_text(said)
    await expect(note).to_be_visible()
    await page.goto(str(server.make_url("/?site=empty.shop")))
    await expect(page.locator("#empty")).to_be_visible()
    await expect(page.locator("#notes")).to_be_hidden()
    await expect(page.locator('section:has(table[data-panel="marked"])')).to_be_hidden()
    assert complaints == []
    await page.context.close()


async def cut_off(page: Page) -> list[str]:
    """Numbers that don't fit into their place."""
    script = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
    found: list[str] = await page.eval_on_selector_all(".tile dd, tbody td, thead th", script)
    return found


@pytest.mark.usefixtures("filled")
async def test_new_event_shows_up_by_itself_and_keeps_the_chart_one(
    browser: Browser, server: TestServer, bench: Bench
) -> None:
    """Within two seconds of being stored, without a reload."""
    page, complaints = await opened(browser, server, bench, f"/?site={SITE}")
    tile = page.locator('.tile[data-measure="page_views"]')
    await expect(tile).not_to_have_attribute("data-value", "")
    await expect(page.locator("#chart")).to_have_attribute("data-drawn", "light")
    before = int(await tile.get_attribute("data-value") or 0)
    put(bench.store, [event(SITE, at("14:30"), path="/ny-side")])
    await expect(tile).to_have_attribute("data-value", str(before + 1), timeout=20_000)
    await expect(page.locator('tr[data-panel="pages"][data-key="/ny-side"]')).to_have_count(1)
    await expect(page.locator("#chart canvas")).to_have_count(1)
    assert complaints == []
    await page.context.close()


async def test_shop_without_events_is_told_what_to_paste(browser: Browser, server: TestServer, bench: Bench) -> None:
    """The tag stands there as text, and goes away with the first event."""
    page, complaints = await opened(browser, server, bench, "/?site=empty.shop")
    await expect(page.locator("#empty pre")).to_have_text(TAG)
    await expect(page.locator('.tile[data-measure="visitors"]')).to_have_attribute("data-value", "0")
    put(bench.store, [event("empty.shop", at("14:30"), entry=1)])
    await expect(page.locator("#empty")).to_be_hidden()
    assert complaints == []
    await page.context.close()


async def test_names_from_outside_are_text_and_never_markup(browser: Browser, server: TestServer, bench: Bench) -> None:
    """A campaign or product called `<img …>` is shown as that."""
    evil = "<img src=x onerror=alert(1)>"
    put(
        bench.store,
        [event("empty.shop", at("14:00"), entry=1, source=evil, channel="campaign", campaign=evil, path=evil)],
    )
    page, complaints = await opened(browser, server, bench, "/?site=empty.shop")
    for panel in ("sources", "campaigns", "pages"):
        await expect(page.locator(f'table[data-panel="{panel}"] th', has_text=evil)).to_have_count(1)
    assert await page.locator("main img").count() == 0
    assert complaints == []
    await page.context.close()


@pytest.mark.usefixtures("filled")
async def test_keyboard_reaches_every_control_with_a_visible_focus(
    browser: Browser, server: TestServer, bench: Bench
) -> None:
    """From the skip link to logging out, each with an outline."""
    page, _ = await opened(browser, server, bench, f"/?site={SITE}")
    reached = []
    for _ in range(12):
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate(
                "document.activeElement.className || document.activeElement.id || document.activeElement.textContent"
            )
        )
        assert await page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    assert reached[:2] == ["skip", "site"]
    assert reached[-1] == "plain"
    await page.context.close()


async def test_unknown_visitors_are_no_zeroes(browser: Browser, server: TestServer, bench: Bench) -> None:
    """Where every page view was only counted, nobody knows how many visitors there were, on the page as a whole."""
    put(bench.store, [event(SITE_COUNTED, at("14:00"), entry=1, path="/lego", country="NO")])
    page, complaints = await opened(browser, server, bench, f"/?site={SITE_COUNTED}")
    await expect(page.locator('tr[data-panel="pages"][data-key="/lego"] [data-page_views]')).to_have_text("1")
    for shown in (
        '.tile[data-measure="visitors"] .value',
        'tr[data-panel="pages"][data-key="/lego"] [data-visitors]',
        'tr[data-panel="countries"] [data-visitors]',
        '[data-panel="live"][data-measure="visitors"]',
    ):
        await expect(page.locator(shown).first).to_have_text("\N{EN DASH}")
    await expect(page.locator('table[data-panel="regions"]')).to_be_hidden()
    assert complaints == []
    await page.context.close()


@pytest.mark.parametrize(("locale", "said"), [("en-GB", "72 hours"), ("nb-NO", "72 timer")])
async def test_rows_that_are_kept_for_too_long_are_told_in_red(
    browser: Browser, server: TestServer, bench: Bench, locale: str, said: str
) -> None:
    """At the head of the page of a shop whose rows outlive the promise, and nowhere else."""
    page, complaints = await opened(browser, server, bench, "/?site=kept.shop", locale=locale)
    await expect(page.get_by_role("alert")).to_contain_text(said)
    await expect(page.locator("footer")).to_contain_text(said)
    await page.goto(str(server.make_url(f"/?site={SITE}")))
    await expect(page.get_by_role("alert")).to_have_count(0)
    assert complaints == []
    await page.context.close()


async def test_closed_days_are_on_the_page(browser: Browser, server: TestServer, bench: Bench, store: Store) -> None:
    """Seven days up to yesterday, from counts alone: tiles, a bar a day, tables."""
    site, now = "closed.shop", bench.now
    days = [TODAY - timedelta(days=ago) for ago in (3, 5)]
    store.command("SYSTEM STOP TTL MERGES events")  # as these rows are older than any would be
    for day in days:
        put(store, [event(site, at(f"{n:02}:00", day), entry=1, visitor=n, path="/lego") for n in range(1, 13)])
        close_day(store, site, "Europe/Oslo", day, now)
        store.command(
            "ALTER TABLE events DELETE WHERE site = {site:String} SETTINGS mutations_sync = 1", {"site": site}
        )
    page, complaints = await opened(browser, server, bench, f"/?site={site}&period=week", locale="en-GB")
    await expect(page.locator('.tile[data-measure="visitors"]')).to_have_attribute("data-value", "24")
    await expect(page.locator('tr[data-panel="pages"][data-key="/lego"] [data-page_views]')).to_have_attribute(
        "data-page_views", "24"
    )
    rows = page.locator('table[data-panel="timeline"] tbody tr')
    await expect(rows).to_have_count(7)
    await expect(page.locator(f'tr[data-panel="timeline"][data-key="{days[0]}"] [data-visitors]')).to_have_attribute(
        "data-visitors", "12"
    )
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / "dashboard-week.png", full_page=True)
    assert complaints == []
    await page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_settings_page_shows_what_a_shop_pastes(
    browser: Browser, server: TestServer, bench: Bench, width: int
) -> None:
    """The line, the one with the script's hash, the page of opting out, and how long what is kept, of each shop."""
    page, complaints = await opened(browser, server, bench, f"/?site={SITE}", locale="en-GB")
    await page.set_viewport_size({"width": width, "height": 800})
    await page.get_by_role("link", name="Set-up").click()
    empty = page.locator("section", has_text="empty.shop")
    assert await empty.locator("code").all_inner_texts() == [TAG, PINNED, OPT_OUT]
    await expect(page.locator("section", has_text="kept.shop")).to_contain_text("72 hours")
    await expect(page.locator("section", has_text="counted.shop").locator("code")).to_have_count(0)
    assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    ARTEFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"settings-{width}.png", full_page=True)
    assert complaints == []
    await page.context.close()
