"""The demo shop's pages, asked for as a browser would."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from defusedxml.ElementTree import fromstring
from playwright.async_api import Browser

from demo.catalogue import CATEGORIES, PRODUCTS
from demo.shop import Stats, make_shop

TAG = '<script defer src="http://127.0.0.1:1/s.js" data-site="demo.shop"></script>'
STATS = Stats(TAG, "http://127.0.0.1:1", "demo.shop")


class _Page(HTMLParser):
    """Where a page's links lead, what it loads, and which ids it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort an element's addresses."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.add(values["href"])
        elif tag == "link" or (tag in ("script", "img") and "src" in values):
            self.loads.add(values.get("href") or values["src"])


def read(html: str) -> _Page:
    """Parse a page."""
    page = _Page()
    page.feed(html)
    return page


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[TestClient]:
    """A client of the listening shop."""
    async with TestClient(TestServer(make_shop(STATS))) as client:
        yield client


async def test_every_page_that_a_link_leads_to_is_there(shop: TestClient) -> None:
    """From the front page every link can be followed, and together they lead to every product and category."""
    seen, ahead = set(), {"/", "/sok?q=lego", "/handlekurv?kurv=60316x1", "/kasse?kurv=60316x1"}
    while ahead:
        path = ahead.pop()
        seen.add(path)
        answer = await shop.get(path)
        assert answer.status == 200, path
        page = read(await answer.text())
        ahead |= {link for link in page.links | page.loads if link.startswith("/")} - seen
    assert {product.path for product in PRODUCTS} <= seen
    assert {f"/{category.slug}" for category in CATEGORIES} <= seen


async def test_nothing_is_loaded_from_another_host_but_the_script(shop: TestClient) -> None:
    """The only address with a host in it is the tag's."""
    for path in ("/", PRODUCTS[0].path, "/om-oss", "/sok?q=lego"):
        html = await (await shop.get(path)).text()
        assert {each for each in read(html).loads if not each.startswith("/")} == {"http://127.0.0.1:1/s.js"}
        assert TAG in html
        assert re.findall(r"url\((?!#)", await (await shop.get("/fil/stil.css")).text()) == []


async def test_each_product_has_a_picture(shop: TestClient) -> None:
    """A drawing of its own, as the product file links it; of what isn't sold there is none."""
    drawings = set()
    for product in PRODUCTS:
        answer = await shop.get(f"/bilde/{product.id}.svg")
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        drawings.add(fromstring(await answer.read()).get("aria-label"))
    assert drawings == {product.name for product in PRODUCTS}
    assert (await shop.get("/bilde/99999.svg")).status == 404


async def test_no_page_sets_a_cookie(shop: TestClient) -> None:
    """The whole way to a receipt works without one."""
    added = await shop.get("/handlekurv", params={"kurv": "22085x1", "legg": "60316"})
    assert added.url.query["kurv"] == "22085x1,60316x1"
    paid = await shop.post("/kasse", params={"kurv": "22085x1,60316x1"})
    assert paid.url.path.startswith("/kvittering/")
    html = await paid.text()
    assert '"transaction_id": "' + paid.url.name in html
    assert '"value": 1048' in html
    assert list(shop.session.cookie_jar) == []


async def test_things_can_be_put_back(shop: TestClient) -> None:
    """What is removed from the cart is gone, and the rest stays."""
    answer = await shop.get("/handlekurv", params={"kurv": "22085x1,60316x2", "fjern": "22085"})
    assert answer.url.query["kurv"] == "60316x2"


@pytest.mark.parametrize(
    "kurv", ["", "60316x0", "99999x1", "60316", "<script>", "60316x1" * 300, "6031\N{FULLWIDTH DIGIT SIX}x1"]
)
async def test_a_cart_that_anyone_typed_breaks_nothing(shop: TestClient, kurv: str) -> None:
    """Nonsense in the address is an empty cart, or as much of one as it names."""
    answer = await shop.get("/handlekurv", params={"kurv": kurv})
    assert answer.status == 200
    assert "<script>" not in await answer.text()


@pytest.mark.parametrize("path", ["/kvittering/1234567", "/finnes-ikke", "/bygg/finnes-ikke", "/fil/../shop.py"])
async def test_what_is_not_there_is_said_so(shop: TestClient, path: str) -> None:
    """An unknown address answers 404."""
    assert (await shop.get(path)).status == 404


async def test_two_orders_have_two_numbers(shop: TestClient) -> None:
    """No number comes again for the next order."""
    paid = [await shop.post("/kasse", params={"kurv": "22085x1"}) for _ in range(5)]
    assert len({answer.url.name for answer in paid}) == 5


async def test_the_hooks_for_a_browser_are_on_their_pages(shop: TestClient) -> None:
    """`add`, `checkout` and `pay` stand once on the product, the cart and the checkout page."""
    wanted = {
        PRODUCTS[0].path: "add",
        "/handlekurv?kurv=60316x1": "checkout",
        "/kasse?kurv=60316x1": "pay",
    }
    for path, hook in wanted.items():
        assert read(await (await shop.get(path)).text()).ids.count(hook) == 1


async def test_it_fits_a_phone(shop: TestClient, browser: Browser) -> None:
    """On 390 pixels no page scrolls sideways."""
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    for path in ("/", PRODUCTS[0].path, "/handlekurv?kurv=60316x1,51004x2", "/kasse?kurv=60316x1,51004x2", "/om-oss"):
        await page.goto(str(shop.make_url("/")) + path.lstrip("/"))
        assert await page.evaluate("document.documentElement.scrollWidth") == 390, path
