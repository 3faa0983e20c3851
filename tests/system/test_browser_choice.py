"""What a visitor chooses in a real browser, and what a browser that is driven by a program tells of itself."""

from collections.abc import Callable

import pytest
from playwright.async_api import Browser, BrowserContext

from tests.system.product import Product, ask, until
from tests.system.test_way import demo

Make = Callable[..., Product]
DRIVEN = "Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => true})"


def refused(product: Product, word: str) -> int:
    """Events that ended so, since the collector started."""
    outcomes: dict[str, int] = ask(product.admin, "GET", "/status").json()["outcomes"]
    return outcomes.get(word, 0)


async def look(context: BrowserContext, product: Product) -> None:
    """Open a product's page until its report has left."""
    page = await context.new_page()
    async with page.expect_response(lambda answer: answer.url.endswith("/e")):
        await page.goto(f"http://127.0.0.1:{product.shop}/bygg/politistasjon")
    await page.close()


@pytest.mark.timeout(240)
async def test_who_opts_out_on_the_page_is_not_counted_until_he_opts_in(make: Make, browser: Browser) -> None:
    """By a link and a button; the script's reports bring the choice along, and the other button takes it back."""
    product = demo(make, visitors_a_day=1)
    context = await browser.new_context()
    await look(context, product)
    assert refused(product, "opted_out") == 0
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{product.collector}/opt-out")
    await page.click("text=Ikke tell meg")
    await page.wait_for_selector("#done:visible")
    [cookie] = await context.cookies()
    assert (cookie["name"], cookie["value"], cookie["httpOnly"]) == ("sporlos_opt_out", "1", True)
    await look(context, product)
    until(lambda: refused(product, "opted_out") > 0, "the report is refused", product.died)
    once = refused(product, "opted_out")
    await page.click("text=Count me again")
    await page.wait_for_selector("#done:visible")
    assert await context.cookies() == []
    await look(context, product)
    assert refused(product, "opted_out") == once
    await context.close()


@pytest.mark.timeout(240)
async def test_a_driven_browser_says_so_where_it_may_be_read(make: Make, browser: Browser) -> None:
    """The demo measures, so the page reads it; the report is refused, and answered as any other."""
    product = demo(make, visitors_a_day=1)
    context = await browser.new_context()
    await context.add_init_script(DRIVEN)
    await look(context, product)
    until(lambda: refused(product, "automation") > 0, "the report is refused", product.died)
    await context.close()
