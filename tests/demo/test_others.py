"""What others looked at, on the demo shop's pages: in a browser, from files as the back office publishes them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from demo.catalogue import BY_ID, PRODUCTS
from demo.shop import Stats, make_shop
from pipeline.recommendations.shelf import FRONT, file_of, publish, shelf
from proxy.recommended import Recommended
from proxy.site import Site

SITE = "demo.shop"
POLICE = BY_ID["60316"]
_HEIGHTS = "[...document.querySelectorAll('.cards, .promises, footer, .lines')].map(e => e.getBoundingClientRect().top)"
_NAMES = ".others li"


@dataclass
class Stage:
    """A shop, and a collector that hands out what is published."""

    shop: TestServer
    data: Path

    def card(self, product: str, name: str = "") -> dict[str, str]:
        """As the catalogue has it."""
        known = BY_ID[product]
        page, picture = str(self.shop.make_url(known.path)), str(self.shop.make_url(f"/bilde/{product}.svg"))
        return {"id": product, "name": name or known.name, "link": page, "image": picture}

    def publish(self, popular: list[dict[str, str]], **beside: dict[str, list[dict[str, str]]]) -> None:
        """These lists; `beside`: p and a product's id."""
        files = [(FRONT, msgspec.json.encode({"popular": popular}))]
        files += [
            (file_of(key[1:]), msgspec.json.encode({"product": key[1:], "popular": popular} | lists))
            for key, lists in beside.items()
        ]
        publish(shelf(self.data, SITE), files)

    async def open(self, browser: Browser, path: str, width: int = 1280) -> tuple[Page, list[str]]:
        """A page, once it has asked for all that it wants; and what the console said."""
        page = await browser.new_page(viewport={"width": width, "height": 1400})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto(str(self.shop.make_url(path)), wait_until="networkidle")
        return page, said


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Both, listening."""
    found: list[Recommended] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/s.js":
            return web.Response(text="", content_type="text/javascript")
        return found[0].answer(request)

    collector = TestServer(web.Application(), host="127.0.0.1")
    collector.app.router.add_route("*", "/{path:.*}", answer)  # type: ignore[arg-type]
    await collector.start_server()
    base = str(collector.make_url("/")).rstrip("/")
    stats = Stats(f'<script defer src="{base}/s.js" data-site="{SITE}"></script>', base, SITE)
    async with TestServer(make_shop(stats), host="127.0.0.1") as shop:
        site = Site(id=SITE, origins=(str(shop.make_url("/")).rstrip("/"),), recommendations=True)
        found.append(Recommended(tmp_path, [site]))
        yield Stage(shop, tmp_path)
    await collector.close()


async def names(page: Page) -> list[str]:
    """What is shown."""
    return await page.locator(_NAMES).all_inner_texts()


async def test_the_front_page_shows_what_is_popular(stage: Stage, browser: Browser) -> None:
    """Five of them, with pictures that load, and a heading that is to be seen."""
    stage.publish([stage.card(product.id) for product in PRODUCTS])
    page, said = await stage.open(browser, "/")
    assert await names(page) == [product.name for product in PRODUCTS[:5]]
    assert await page.locator(".others h2").inner_text() == "Populært nå"
    assert await page.locator(".others img").evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    assert said == []


async def test_free_places_are_filled_with_what_is_popular(stage: Stage, browser: Browser) -> None:
    """First what others saw, then what is popular; nothing twice, and not the product itself."""
    popular = [stage.card(one) for one in ("22085", "40112", "60316", "73012")]
    stage.publish(popular, p60316={"viewed_together": [stage.card("40127"), stage.card("22085")]})
    page, said = await stage.open(browser, POLICE.path)
    assert await names(page) == [BY_ID[one].name for one in ("40127", "22085", "40112", "73012")]
    assert said == []


async def test_the_cart_shows_what_was_bought_with_what_is_in_it(stage: Stage, browser: Browser) -> None:
    """Of each product in it, without what is there; a click carries the cart along. What is popular fills nothing."""
    stage.publish(
        [stage.card("51033")],
        p60316={"bought_together": [stage.card("40127"), stage.card("22085")]},
        p22085={"bought_together": [stage.card("22091"), stage.card("40127")]},
    )
    page, _ = await stage.open(browser, "/handlekurv?kurv=60316x1,22085x2")
    assert await names(page) == [BY_ID[one].name for one in ("40127", "22091")]
    await page.click(_NAMES + " a")
    assert page.url.partition("?")[0].endswith(BY_ID["40127"].path)
    assert await page.locator(".basket b").inner_text() == "3"


async def test_a_name_is_text_whatever_it_says(stage: Stage, browser: Browser) -> None:
    """Markup in a catalogue makes no element and runs nothing."""
    evil = "<img src=x onerror=\"document.title='run'\"><b>Bil</b>"
    stage.publish([stage.card("60316", evil)])
    page, _ = await stage.open(browser, "/")
    assert await names(page) == [evil]
    assert await page.locator(".others b, .others img[src=x]").count() == 0
    assert "run" not in await page.title()


@pytest.mark.parametrize("path", ["/", POLICE.path, "/handlekurv?kurv=60316x1"])
async def test_where_there_is_nothing_nothing_is_shown(stage: Stage, browser: Browser, path: str) -> None:
    """No heading without a list: nothing is published yet, or the lists are empty."""
    page, _ = await stage.open(browser, path)
    assert await page.locator(".others h2").is_hidden()
    stage.publish([], p60316={"viewed_together": [], "bought_together": []})
    page, said = await stage.open(browser, path)
    assert await page.locator(".others h2").is_hidden()
    assert (await names(page), said) == ([], [])


@pytest.mark.parametrize("width", [390, 1280])
async def test_nothing_jumps_when_it_comes(stage: Stage, browser: Browser, width: int) -> None:
    """What stands above and below is where it was before, and the page is no wider than the window."""
    for path in ("/", POLICE.path, "/handlekurv?kurv=60316x1"):
        stage.publish([], p60316={})
        page, _ = await stage.open(browser, path, width)
        before = await page.evaluate(_HEIGHTS)
        many = [stage.card(product.id) for product in PRODUCTS]
        stage.publish(many, p60316={"viewed_together": many, "bought_together": many})
        page, _ = await stage.open(browser, path, width)
        assert await page.locator(_NAMES).count() == 5
        assert await page.evaluate(_HEIGHTS) == before, path
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        bottom = await page.evaluate(
            "Math.max(...[...document.querySelectorAll('.others li')].map(e => e.getBoundingClientRect().bottom))"
            " - document.querySelector('.others').getBoundingClientRect().bottom"
        )
        assert bottom <= 0, f"{path}: the room that is kept for it is too small"
