"""Page views and product views, as a real browser reports them."""

import json

import pytest
from playwright.async_api import Page

from tests.beacon.stage import Stage

PRODUCT = {
    "@type": "Product",
    "sku": "60316",
    "name": "Politistasjon",
    "brand": {"@type": "Brand", "name": "Lego"},
    "category": "Lego",
    "offers": {"@type": "Offer", "price": "749.00", "priceCurrency": "NOK"},
}
MARKED = (
    '<div data-sporlos-product="60316" data-sporlos-name="Politistasjon" data-sporlos-brand="Lego" '
    'data-sporlos-category="Lego" data-sporlos-price="749,00" data-sporlos-currency="NOK">{}</div>'
)
ITEM = {
    "item_id": "60316",
    "item_name": "Politistasjon",
    "item_brand": "Lego",
    "item_category": "Lego",
    "price": 749,
}


def json_ld(value: object) -> str:
    """Structured data as a page carries it."""
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


async def test_a_page_view_is_sent_on_load(stage: Stage, page: Page) -> None:
    """One request as text/plain with site, address, referrer and width bucket, and one page view in it."""
    address = stage.put("/lego?utm_source=x")
    stage.pages["/lego"] = stage.pages.pop("/lego?utm_source=x")
    await page.goto(address, referer=stage.shop + "/before")
    event = await stage.wait("page_view")
    await stage.leave(page)
    body = stage.bodies[0]
    assert body | {"e": 0} == {
        "s": "shop.no",
        "u": address,
        "r": stage.shop + "/before",
        "w": 1280,
        "e": 0,
    }
    assert event.keys() == {"n", "i"}
    assert 8 <= len(event["i"]) <= 14
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


async def test_the_page_keeps_its_history(stage: Stage, page: Page) -> None:
    """The page's own calls of the history get what they would get without the script, errors too."""
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    assert await page.evaluate("history.pushState({a: 1}, '', '/x'), history.state.a") == 1
    caught = "(() => { try { history.pushState(null, '', 'http://[') } catch (e) { return e.name } })()"
    assert await page.evaluate(caught)


@pytest.mark.parametrize(
    "html",
    [
        json_ld(PRODUCT),
        json_ld({"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, PRODUCT]}),
        json_ld([{"@type": "BreadcrumbList"}, PRODUCT]),
        MARKED.format(""),
        MARKED.format("").replace("data-sporlos-product", "data-sporlos-view data-sporlos-product")
        + '<div data-sporlos-product="40112"></div>',
        json_ld(PRODUCT) + MARKED.format(""),
        "<script type='application/ld+json'>{not json</script>" + json_ld(PRODUCT),
    ],
    ids=["json_ld", "graph", "array", "marked", "marked_among_others", "both", "beside_broken_json"],
)
async def test_a_product_page_is_one_item_view(stage: Stage, page: Page, html: str) -> None:
    """However the product is described, it leaves once, with the page view, in one request."""
    await page.goto(stage.put("/lego", html))
    await stage.wait("view_item")
    await stage.leave(page)
    assert [event["n"] for event in stage.bodies[0]["e"]] == ["page_view", "view_item"]
    viewed = stage.events("view_item")
    assert len(viewed) == 1
    assert viewed[0]["items"] == [ITEM]
    assert viewed[0]["currency"] == "NOK"


async def test_a_call_for_the_same_product_adds_nothing(stage: Stage, page: Page) -> None:
    """Structured data, attributes and a call about one product are one item view; another product is its own."""
    await page.goto(stage.put("/lego", json_ld(PRODUCT) + MARKED.format("")))
    await stage.wait("view_item")
    await page.evaluate("sporlos('view_item', {currency: 'NOK', items: [{item_id: 60316}]})")
    await page.evaluate("sporlos('view_item', {currency: 'NOK', items: [{item_id: '7', price: '10,50'}]})")
    other = await stage.wait("view_item", 2)
    await stage.leave(page)
    assert other["items"] == [{"item_id": "7", "price": 10.5}]
    assert len(stage.events("view_item")) == 2


async def test_a_list_of_products_is_no_item_view(stage: Stage, page: Page) -> None:
    """Several products on a page are a list; the one that is clicked is selected."""
    link = '<a href="#x">Se</a>'
    await page.goto(stage.put("/lego", MARKED.format(link) + '<div data-sporlos-product="40112"></div>'))
    await page.click("a")
    chosen = await stage.wait("select_item")
    await stage.leave(page)
    assert chosen["items"] == [ITEM]
    assert stage.events("view_item") == []


async def test_a_stale_product_is_not_seen_again(stage: Stage, page: Page) -> None:
    """After an in-page navigation the product that still stands in the document is no view of the new page."""
    await page.goto(stage.put("/lego", json_ld(PRODUCT)))
    await stage.wait("view_item")
    await page.evaluate("history.pushState(null, '', '/om-oss')")
    await stage.leave(page)
    assert stage.names() == ["page_view", "view_item", "page_view", "marker"]
