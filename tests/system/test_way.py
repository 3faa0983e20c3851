"""The whole way, as a shop owner would try it: a visitor buys in one window, the dashboard shows it in another."""

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, Page

from tests.system.product import ROOT, Product, until

ARTEFACTS = ROOT / "artefacts"
SITE = "demo.shop"

Make = Callable[..., Product]


def demo(make: Make, visitors_a_day: int) -> Product:
    """The demo, once it says that it is ready."""
    product = make()
    text = product.config.read_text().replace("[demo]\n", f"[demo]\nvisitors_a_day = {visitors_a_day}\n")
    product.config.write_text(text)
    product.start("serve", "--demo")
    until(lambda: "ready." in product.out.read_text(), "the demo is ready", product.died, seconds=120)
    return product


async def log_in(browser: Browser, product: Product, **window: object) -> Page:
    """The dashboard of the demo's shop, by the one-time login that `serve` printed."""
    once = re.search(r"http\S+/login\?once=\S+", product.out.read_text())
    assert once is not None
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "nb-NO", **window})
    page = await context.new_page()
    await page.goto(once[0])
    await page.goto(f"http://127.0.0.1:{product.office}/?site={SITE}")
    await shown(page, "[data-panel=overview][data-measure=visitors][data-value]")
    return page


async def shown(page: Page, selector: str) -> None:
    """Wait until the page has such an element, whether or not it is scrolled into view."""
    await page.wait_for_selector(selector, state="attached", timeout=60_000)


async def tile(page: Page, measure: str) -> int:
    """The plain number of a tile."""
    value = await page.get_attribute(f"[data-panel=overview][data-measure={measure}]", "data-value")
    return int(value or 0)


def tile_is(measure: str, value: int) -> str:
    """The tile, once it shows this number."""
    return f'[data-panel=overview][data-measure={measure}][data-value="{value}"]'


def some(product: str, measure: str) -> str:
    """A product's cell in the products' table, once it isn't zero."""
    return f'tr[data-panel=products][data-key="{product}"] [data-{measure}]:not([data-{measure}="0"])'


@pytest.mark.timeout(240)
async def test_a_purchase_is_on_the_dashboard_by_itself(make: Make, browser: Browser) -> None:
    """Open a product's page, click, buy: one more visitor, the product seen, one more order, in the open window."""
    product = demo(make, visitors_a_day=1)
    dashboard = await log_in(browser, product)
    visitors, orders = await tile(dashboard, "visitors"), await tile(dashboard, "orders")

    shop = await (await browser.new_context()).new_page()
    messages: list[str] = []
    # what others looked at is not there before a day is closed, which a browser notes by itself
    shop.on("console", lambda message: messages.append(message.text) if "/r" not in message.location["url"] else None)
    async with shop.expect_request(lambda request: request.url.endswith("/e")):
        await shop.goto(f"http://127.0.0.1:{product.shop}/bygg/politistasjon?utm_source=nyhetsbrev&fbclid=secret123")
    await shown(dashboard, tile_is("visitors", visitors + 1))
    await shown(dashboard, some("Politistasjon", "item_views"))

    await shop.click("#add")
    await shop.wait_for_selector("#checkout")
    await shown(dashboard, some("Politistasjon", "carts"))
    await shop.click("#checkout")
    await shop.click("#pay")
    await shop.wait_for_url(re.compile("/kvittering/"))
    await shown(dashboard, tile_is("orders", orders + 1))
    await shown(dashboard, some("Politistasjon", "revenue"))
    assert await tile(dashboard, "visitors") == visitors + 1
    assert messages == []
    assert await shop.context.cookies() == []

    ARTEFACTS.mkdir(exist_ok=True)
    await dashboard.screenshot(path=ARTEFACTS / "purchase.png", full_page=True)


@pytest.mark.timeout(240)
async def test_the_demo_fills_a_dashboard(make: Make, browser: Browser) -> None:
    """A newcomer sees numbers on every panel, and nothing in the console; kept as the picture of the README."""
    product = demo(make, visitors_a_day=12_000)
    messages: list[str] = []
    dashboard = await log_in(browser, product)
    dashboard.on("console", lambda message: messages.append(message.text))
    await dashboard.goto(f"http://127.0.0.1:{product.office}/?site={SITE}&period=yesterday&lang=en")
    for panel in ("sources", "pages", "products", "countries", "devices", "campaigns", "refused"):
        await shown(dashboard, f"tr[data-panel={panel}]")
    await shown(dashboard, "#chart svg, #chart canvas")
    ARTEFACTS.mkdir(exist_ok=True)
    await dashboard.screenshot(path=ARTEFACTS / "dashboard.png")
    assert await tile(dashboard, "visitors") > 1000
    assert messages == []
