"""Page views, as a real browser reports them."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from proxy.decode import native
from tests.beacon.stage import Stage
from tests.beacon.tabs import chromium

PRERENDER = """<script type="speculationrules">
    {"prerender": [{"source": "list", "urls": ["%s"], "eagerness": "immediate"}]}</script>"""
HIDDEN = """<script>onload = () => { sporlos('login');
    setTimeout(() => fetch(`/later-${document.visibilityState}`), 600) }</script>"""


async def test_a_page_view_is_sent_on_load(stage: Stage, page: Page) -> None:
    """One request as text/plain with site, address, referrer and a width in steps of 128, and one page view in it."""
    address = stage.put("/lego?utm_source=x")
    stage.pages["/lego"] = stage.pages.pop("/lego?utm_source=x")
    await page.goto(address, referer=stage.shop + "/before")
    event = await stage.wait("page_view")
    await stage.leave(page)
    assert stage.bodies[0] | {"e": 0} == {
        "s": "shop.no",
        "u": address,
        "r": stage.shop + "/before",
        "w": 1280,
        "a": False,
        "e": 0,
    }
    assert event.keys() == {"n", "i"}
    assert 0 < event["i"] < 1
    assert stage.content_types[0].startswith("text/plain")
    assert stage.names() == ["page_view", "marker"]


async def test_each_event_has_a_number_of_its_own(stage: Stage, page: Page) -> None:
    """Two loads of one page have two random numbers, so that only a retry looks like a retry."""
    address = stage.put("/")
    await page.goto(address)
    await stage.wait("page_view")
    await page.goto(address)
    await stage.wait("page_view", 2)
    first, second = stage.events("page_view")
    assert first["i"] != second["i"]


async def test_a_tag_without_a_site_means_the_pages_own_host(stage: Stage, page: Page) -> None:
    """What the tag leaves out is not sent, and the collector finds it in the page's address."""
    address = stage.put("/")
    stage.pages["/"] = stage.pages["/"].replace(' data-site="shop.no"', "")
    await page.goto(address)
    await stage.wait("page_view")
    [[read], _] = native.decode(stage.texts[0].encode())
    assert ("s" in stage.bodies[0], read.site) == (False, "127.0.0.1")


async def test_a_title_is_never_read(stage: Stage, page: Page) -> None:
    """A shop's titles name customers and orders; the script does not ask for them."""
    await page.add_init_script("""window.read = 0; Object.defineProperty(Document.prototype, 'title',
        {get() { read++; return 'Ordre 10042' }})""")
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    assert await page.evaluate("read") == 0
    assert "10042" not in stage.texts[0]


async def test_in_page_navigation_is_a_view_that_came_from_the_page_before(stage: Stage, page: Page) -> None:
    """A pushed path and a step back are views with the previous address as referrer."""
    address = stage.put("/")
    await page.goto(address)
    await stage.wait("page_view")
    await page.evaluate("history.pushState(null, '', '/lego')")
    await stage.wait("page_view", 2)
    await page.evaluate("history.back()")
    await stage.wait("page_view", 3)
    views = [(body["u"], body["r"]) for body in stage.bodies]
    assert views == [(address, ""), (address + "lego", address), (address, address + "lego")]


async def test_what_is_no_new_page_is_no_view(stage: Stage, page: Page) -> None:
    """A replaced query, a hash and the same path again are not page views."""
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    await page.evaluate("history.replaceState(null, '', '/?sort=price')")
    await page.evaluate("history.pushState(null, '', '#top')")
    await page.evaluate("location.hash = 'end'")
    await stage.leave(page)
    assert stage.names() == ["page_view", "marker"]


async def test_a_replaced_path_and_a_pushed_query_are_views(stage: Stage, page: Page) -> None:
    """Where an application leads on, and where it asks for something else."""
    address = stage.put("/")
    await page.goto(address)
    await page.evaluate("history.replaceState(null, '', '/lego')")
    await page.evaluate("history.pushState(null, '', '/lego?side=2')")
    await stage.wait("page_view", 3)
    assert [body["u"] for body in stage.bodies] == [address, address + "lego", address + "lego?side=2"]


@pytest.mark.parametrize("sign", ["#", "#!"])
async def test_a_route_behind_the_hash_is_a_page(stage: Stage, page: Page, sign: str) -> None:
    """The collector reads it as a path, by a pushed state as by a link."""
    address = stage.put("/butikk")
    await page.goto(f"{address}?utm_source=x{sign}/lego")
    await stage.wait("page_view")
    await page.evaluate(f"location.hash = '{sign[1:]}/lego/60316?farge=rod'")
    await stage.wait("page_view", 2)
    await page.evaluate(f"history.pushState(null, '', '{sign}/duplo')")
    await stage.wait("page_view", 3)
    urls = [native.decode(text.encode())[0][0].url for text in stage.texts]
    assert urls == [
        f"{address}/lego?utm_source=x",
        f"{address}/lego/60316?utm_source=x&farge=rod",
        f"{address}/duplo?utm_source=x",
    ]


async def test_the_page_keeps_its_history(stage: Stage, page: Page) -> None:
    """The page's own calls of the history get what they would get without the script, errors too."""
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    assert await page.evaluate("history.pushState({a: 1}, '', '/x'), history.state.a") == 1
    caught = "(() => { try { history.pushState(null, '', 'http://[') } catch (e) { return e.name } })()"
    assert await page.evaluate(caught) == "SecurityError"


async def test_a_tab_in_the_background_counts_when_it_is_seen(stage: Stage, tmp_path: Path) -> None:
    """A page that was opened behind another is no view, and nothing it says is sent, until it comes to the front."""
    async with chromium(tmp_path) as tabs:
        await tabs.open(stage.put("/front"))
        await stage.wait("page_view")
        behind = await tabs.open(stage.put("/behind", HIDDEN), behind=True)
        await stage.asked_for("/later-hidden")
        unseen = stage.names()
        await tabs.show(behind)
        await stage.wait("login")
    assert unseen == ["page_view"]
    assert stage.names() == ["page_view", "page_view", "login"]


async def test_a_page_that_is_only_prerendered_is_no_view(stage: Stage, tmp_path: Path) -> None:
    """Chromium draws the next page ahead; it is a view once the visitor goes there."""
    next_page = stage.put("/next", "<script>document.prerendering && fetch('/prerendered')</script>")
    async with chromium(tmp_path) as tabs:
        tab = await tabs.open(stage.put("/", PRERENDER % "/next"))
        await stage.asked_for("/prerendered")
        await stage.wait("page_view")
        ahead = stage.names()
        await tabs.run(tab, "location.href = '/next'")
        await stage.wait("page_view", 2)
    assert (ahead, stage.bodies[-1]["u"]) == (["page_view"], next_page)


async def test_back_from_the_browsers_page_cache_is_a_view(stage: Stage, tmp_path: Path) -> None:
    """The page comes back as it was left: a view that came from this shop, with its product."""
    product = '<script type="application/ld+json">{"@type": "Product", "sku": "60316"}</script>'
    shown = "<script>onpageshow = event => fetch(`/shown-${event.persisted}`)</script>"
    address = stage.put("/lego", product + shown)
    async with chromium(tmp_path) as tabs:
        tab = await tabs.open(address)
        await stage.wait("view_item")
        await tabs.run(tab, f"location.href = '{stage.put('/kurv')}'")
        await stage.wait("page_view", 2)
        await tabs.run(tab, "history.back()")
        await stage.asked_for("/shown-true")
        await stage.wait("view_item", 2)
    assert "/shown-true" in stage.asked
    assert (stage.bodies[-1]["u"], stage.bodies[-1]["r"]) == (address, address)
