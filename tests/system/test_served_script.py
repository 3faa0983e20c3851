"""The served script against the running collector: all that it can say is taken, so that the two can't drift apart."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from playwright.async_api import Browser, Page

from tests.system.pages import Pages, serving
from tests.system.product import ROOT, Product, ask, until
from tests.system.relay import Relay, relaying

CONTRACT = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
SITE = "shop.test"
ALL = 'data-mode="measure" data-also="click download form 404 vitals" data-search="q"'
SHORT = {
    "-click": "click",
    "-download": "file_download",
    "-form": "form_submit",
    "-404": "page_not_found",
    "-vitals": "web_vitals",
}
LIST = """<h1>Leker</h1>
    <article data-sporlos-product="60316" data-sporlos-name="Politistasjon"><p id="one">749,-</p></article>
    <article data-sporlos-product="11030" data-sporlos-name="Byggeplate"><p>74,50</p></article>
    <a id="out" href="https://annen.no/kari">Ut</a> <a id="file" href="/hjelp.pdf">Les</a>
    <form onsubmit="event.preventDefault()"><button id="send">Send</button></form><p style="height: 5000px"></p>
    <script>addEventListener('click', event => event.target.id == 'send' || event.preventDefault())</script>"""
PRODUCT = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "Product",
    "sku": 60316, "name": "Politistasjon", "brand": {"@type": "Brand", "name": "Lego"}, "category": "Leker > Lego",
    "offers": {"@type": "AggregateOffer", "lowPrice": "1 299,00", "priceCurrency": "NOK"}}]}</script>
    <h1>Politistasjon</h1><button data-sporlos-cart="60316" data-sporlos-price="1 299,-">Kjøp</button>"""
ORDER = """<h1>Takk</h1><script>(window.dataLayer = window.dataLayer || []).push({event: 'purchase', ecommerce: {
    transaction_id: 'A-1001', value: '1 299,00', currency: 'NOK', items: [{item_id: 60316, item_name: 'Politistasjon',
    price: '1299.00', quantity: '1', item_category: 'Leker', customer: 'Kari'}]}})</script>"""
CALLS = """<h1>Takk</h1><script>
    sporlos('consent', 'measure');
    sporlos('gift_wrapped', {props: {paper: 'red, or so', ribbon: true}});
    sporlos('add_to_wishlist', {currency: 'NOK', item_list_name: 'Nytt', items: [{item_id: '60316', price: 749}]});
    sporlos('login')</script>"""
STUB = (
    "<script>window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments) }</script>"
)
EXPECTED = Counter(
    page_view=6, select_item=1, click=1, file_download=1, form_submit=1, view_item=1, add_to_cart=1, purchase=1,
    search=1, page_not_found=1, gift_wrapped=1, add_to_wishlist=1, login=1,
)  # fmt: skip
BY_THE_BROWSERS_WHIM = {"engagement", "web_vitals"}
"""At least one of each; how many depends on what it had to draw."""


def lay_out(pages: Pages, relay: Relay) -> None:
    """The shop."""

    def tag(more: str) -> str:
        return f'<script defer src="http://127.0.0.1:{relay.port}/s.js" data-site="{SITE}" {more}></script>'

    pages.put("/", LIST, tag(ALL))
    pages.put("/lego/60316", PRODUCT, tag(ALL))
    pages.put("/kvittering", ORDER, tag(ALL))
    pages.put("/sok", "<h1>Treff</h1>", tag(ALL))
    pages.put("/borte", "<h1>Borte</h1>", tag(ALL), status=404)
    pages.put("/konto", STUB + CALLS, tag(""))
    pages.put("/slutt", "<h1>Slutt</h1>")


async def shop_around(page: Page, shop: str) -> None:
    """Each thing that the script knows, once."""
    await page.goto(f"{shop}/?utm_source=nyhetsbrev")
    for name in ("#one", "#out", "#file", "#send"):
        await page.click(name)
    await page.mouse.wheel(0, 3000)
    await page.wait_for_function("scrollY > 1000")
    async with page.expect_response(lambda answer: b"view_item" in (answer.request.post_data_buffer or b"")):
        await page.goto(f"{shop}/lego/60316")
    await page.click("[data-sporlos-cart]")
    for path in ("/kvittering", "/sok?q=lego+by", "/borte", "/konto"):
        async with page.expect_response("**/e"):
            await page.goto(shop + path)
    await page.goto(f"{shop}/slutt")


def events_of(relay: Relay) -> list[dict[str, Any]]:
    """All that was reported."""
    return [event for body in relay.bodies for event in json.loads(body)["e"]]


def reported(relay: Relay) -> Counter[str]:
    """The same by GA4's names; a view of a page of results is a search, too."""
    names = Counter(SHORT.get(event["n"], event["n"]) for event in events_of(relay))
    return names + Counter(search=sum(b"/sok?q=" in body and b'"page_view"' in body for body in relay.bodies))


def outcomes(product: Product) -> Counter[str]:
    """How all events so far have ended."""
    return +Counter(ask(product.admin, "GET", "/status").json()["outcomes"])


def native_validator() -> Draft202012Validator:
    """Of the body that the contract says `POST /e` takes."""
    content = CONTRACT["paths"]["/e"]["post"]["requestBody"]["content"]
    return Draft202012Validator(content["text/plain"]["schema"] | {"components": CONTRACT["components"]})


@pytest.mark.timeout(120)
async def test_all_that_the_script_says_is_stored(make: Callable[..., Product], browser: Browser) -> None:
    """Each kind of event, from a real browser to a row; every body that left is right by the published schema."""
    with serving() as pages:
        settings = f'[[sites]]\nid = "{SITE}"\norigins = ["http://127.0.0.1:{pages.port}"]\nprofile = "FR"\n'
        product = make(settings=settings + 'events = { gift_wrapped = ["paper", "ribbon"] }\n')
        product.start()
        product.wait_ready()
        with relaying(product.collector) as relay:
            lay_out(pages, relay)
            page = await browser.new_page(viewport={"width": 1300, "height": 800})
            await shop_around(page, f"http://127.0.0.1:{pages.port}")
            until(lambda: reported(relay).keys() >= EXPECTED.keys() | BY_THE_BROWSERS_WHIM, "all is reported")
            await page.close()
            until(lambda: sum(outcomes(product).values()) == reported(relay).total(), "all is counted", product.died)
            faults = [
                error.message for body in relay.bodies for error in native_validator().iter_errors(json.loads(body))
            ]
        found, ended = reported(relay), outcomes(product)
        assert product.stop() == 0
    assert faults == []
    assert set(relay.statuses) == {202}
    assert {name: count for name, count in found.items() if name not in BY_THE_BROWSERS_WHIM} == EXPECTED
    assert ended == {"stored": found.total()}
    assert Counter(product.stored("name")) == found
    [order] = [row for row in product.stored("concat(name, ' ', value, ' ', currency)") if row.startswith("purchase")]
    assert order == "purchase 129900 NOK"
