"""Products that a page shows: what leaves the browser, and what the collector makes of it."""

import json

import pytest
from playwright.async_api import Page

from proxy.arrival import RawEvent
from tests.beacon.stage import Stage

PRODUCT = {
    "@context": "https://schema.org",
    "@type": "Product",
    "sku": "60316",
    "name": "Politistasjon",
    "description": "Ring 99 99 99 99",
    "brand": {"@type": "Brand", "name": "Lego"},
    "category": "Lego",
    "offers": {"@type": "Offer", "price": "749.00", "priceCurrency": "NOK", "seller": {"name": "Kari Nordmann"}},
    "review": {"author": {"name": "Ola Nordmann"}},
}
WOO = PRODUCT | {
    "sku": 60316,
    "offers": [{"priceSpecification": [{"price": "749.00", "priceCurrency": "NOK", "valueAddedTaxIncluded": True}]}],
}
SHOPIFY = {
    "@type": "ProductGroup",
    "productGroupID": "60316",
    "name": "Politistasjon",
    "brand": {"name": "Lego"},
    "category": "Lego",
    "offers": {"@type": "AggregateOffer", "lowPrice": 749, "priceCurrency": "NOK"},
    "hasVariant": [{"@type": "Product", "sku": "60316-1"}],
}
MARKED = (
    '<div data-sporlos-product="60316" data-sporlos-name="Politistasjon" data-sporlos-brand="Lego" '
    'data-sporlos-category="Lego" data-sporlos-price="749,00" data-sporlos-currency="NOK">{}</div>'
)
MICRODATA = """<div itemscope itemtype="https://schema.org/Product"><meta itemprop="sku" content="60316">
    <div itemprop="brand" itemscope itemtype="https://schema.org/Brand"><meta itemprop="name" content="Lego"></div>
    <h1 itemprop="name">
      Politistasjon </h1><meta itemprop="category" content="Lego">
    <div itemprop="review" itemscope itemtype="https://schema.org/Review"><b itemprop="name">Bra!</b></div>
    <div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="NOK">
    <span itemprop="price" content="749.00">749,-</span></div></div>"""


def json_ld(value: object) -> str:
    """Structured data as a page carries it."""
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def told(event: RawEvent) -> tuple[object, ...]:
    """What is said of the first product of an event."""
    item = event.items[0]
    return item.id, item.name, item.brand, item.categories[0], item.price, event.currency


SEEN = ("60316", "Politistasjon", "Lego", "Lego", 749.0, "NOK")


@pytest.mark.parametrize(
    "html",
    [
        json_ld(PRODUCT),
        json_ld({"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, PRODUCT]}),
        json_ld([{"@type": "BreadcrumbList"}, PRODUCT]),
        json_ld(WOO),
        json_ld(SHOPIFY),
        json_ld(PRODUCT | {"@type": ["Product", "Vehicle"]}),
        MICRODATA,
        MARKED.format(""),
        MARKED.format("").replace("data-sporlos-product", "data-sporlos-view data-sporlos-product")
        + '<div data-sporlos-product="40112"></div>',
        json_ld(PRODUCT) + MICRODATA + MARKED.format(""),
        "<script type='application/ld+json'>{not json</script>" + json_ld(PRODUCT),
    ],
    ids="json_ld graph array woocommerce shopify types microdata marked marked_among_others all beside_broken".split(),
)
async def test_a_product_page_is_one_item_view(stage: Stage, page: Page, html: str) -> None:
    """However the product is described, it leaves once, with the page view, in one request; no review, no seller."""
    await page.goto(stage.put("/lego", html))
    await stage.wait("view_item")
    await stage.leave(page)
    assert [event["n"] for event in stage.bodies[0]["e"]] == ["page_view", "view_item"]
    assert [told(event) for event in stage.read("view_item")] == [SEEN]
    assert [secret for secret in ("Nordmann", "99 99", "Bra!") if secret in "".join(stage.texts)] == []


async def test_markup_that_comes_late_is_found(stage: Stage, page: Page) -> None:
    """An application draws its product when it has it: it is found when the page next says something, or is left."""
    await page.goto(stage.put("/lego"))
    await stage.wait("page_view")
    await page.evaluate("html => { document.body.innerHTML = html }", MICRODATA)
    await stage.leave(page)
    assert [told(event) for event in stage.read("view_item")] == [SEEN]


@pytest.mark.parametrize(
    "item",
    [{"item_id": 60316}, {"item_id": "no-60316", "item_name": "Politistasjon"}, {"item_name": "Politistasjon"}],
    ids=["same_id", "same_name", "name_only"],
)
async def test_a_call_for_the_same_product_adds_nothing(stage: Stage, page: Page, item: dict[str, object]) -> None:
    """What the markup has told before is the same by its id or by its name; another product is its own."""
    await page.goto(stage.put("/lego", json_ld(PRODUCT) + MARKED.format("")))
    await stage.wait("view_item")
    await page.evaluate("item => sporlos('view_item', {currency: 'NOK', items: [item]})", item)
    await page.evaluate("sporlos('view_item', {currency: 'NOK', items: [{item_id: '7', price: '10,50'}]})")
    await stage.wait("view_item", 2)
    await stage.leave(page)
    assert [event.items[0].id for event in stage.read("view_item")] == ["60316", "7"]
    assert stage.read("view_item")[1].items[0].price == 10.5


async def test_what_the_page_reports_itself_goes_before_its_markup(stage: Stage, page: Page) -> None:
    """Whatever its markup calls the product, the page's own word for it is the one view."""
    early = "<script>sporlos = function () { (sporlos.q = sporlos.q || []).push(arguments) };"
    call = "sporlos('view_item', {items: [{item_id: 'A-1', item_name: 'LEGO 60316'}]})</script>"
    await page.goto(stage.put("/lego", json_ld(PRODUCT), head=early + call))
    await stage.wait("view_item")
    await stage.leave(page)
    assert [event.items[0].id for event in stage.read("view_item")] == ["A-1"]


async def test_a_list_of_products_is_no_item_view(stage: Stage, page: Page) -> None:
    """Several products on a page are a list; the one that is clicked is selected."""
    link = '<a href="#x">Se</a>'
    await page.goto(stage.put("/lego", MARKED.format(link) + '<div data-sporlos-product="40112"></div>'))
    await page.click("a")
    await stage.wait("select_item")
    await stage.leave(page)
    assert [told(event) for event in stage.read("select_item")] == [SEEN]
    assert stage.events("view_item") == []


async def test_a_stale_product_is_not_seen_again(stage: Stage, page: Page) -> None:
    """After an in-page navigation the product that still stands in the document is no view of the new page."""
    await page.goto(stage.put("/lego", json_ld(PRODUCT)))
    await stage.wait("view_item")
    await page.evaluate("history.pushState(null, '', '/om-oss')")
    await stage.leave(page)
    assert stage.names() == ["page_view", "view_item", "page_view", "marker"]


async def test_a_product_that_is_drawn_before_the_address_changes_belongs_to_the_new_page(
    stage: Stage, page: Page
) -> None:
    """The page that is left takes no product along that it did not show."""
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    await page.evaluate("html => { document.body.innerHTML = html; history.pushState(null, '', '/lego') }", MICRODATA)
    await stage.wait("view_item")
    assert [body["u"].removeprefix(stage.shop) for body in stage.bodies] == ["/", "/lego"]


async def test_a_marked_button_fills_the_cart(stage: Stage, page: Page) -> None:
    """A click on a cart button is an add to cart with what its product's element says, and no selection."""
    html = (
        '<div data-sporlos-product="7" data-sporlos-name="Ball" data-sporlos-price="1 179,50" '
        'data-sporlos-currency="NOK"><button data-sporlos-cart="7">Kjøp</button></div><i data-sporlos-product="8"></i>'
    )
    await page.goto(stage.put("/", html))
    await page.click("button")
    await stage.wait("add_to_cart")
    await stage.leave(page)
    assert [told(event) for event in stage.read("add_to_cart")] == [("7", "Ball", "", "", 1179.5, "NOK")]
    assert stage.events("select_item") == []


async def test_a_cart_button_needs_no_more_than_the_number(stage: Stage, page: Page) -> None:
    """The rest is known from the markup that was seen."""
    await page.goto(stage.put("/", json_ld(PRODUCT) + '<button data-sporlos-cart="60316">Kjøp</button>'))
    await stage.wait("view_item")
    await page.click("button")
    await stage.wait("add_to_cart")
    assert [told(event) for event in stage.read("add_to_cart")] == [SEEN]
