"""The page's own calls, and the markup that makes them."""

from playwright.async_api import Page

from tests.beacon.stage import Stage

STUB = "<script>window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments) }"


async def test_a_purchase_is_reported_with_its_order(stage: Stage, page: Page) -> None:
    """GA4's parameters become the native body's keys; a parameter nobody declared stays on the page."""
    await page.goto(stage.put("/kvittering"))
    await stage.wait("page_view")
    await page.evaluate(
        """sporlos('purchase', {transaction_id: 10042, value: 1498, currency: 'NOK', coupon: 'X', email: 'a@b.no',
        items: [{item_id: '60316', price: 749, quantity: 2}], props: {gift: true}})"""
    )
    event = await stage.wait("purchase")
    event.pop("i")
    assert event == {
        "n": "purchase",
        "o": "10042",
        "v": 1498,
        "currency": "NOK",
        "items": [{"item_id": "60316", "price": 749, "quantity": 2}],
        "props": {"gift": "true"},
    }


async def test_items_are_tidied_as_data_layers_have_them(stage: Stage, page: Page) -> None:
    """Nulls are dropped, texts are texts of at most 200 characters, and pieces and places are whole numbers."""
    await page.goto(stage.put("/kvittering"))
    await page.evaluate(
        """sporlos('purchase', {props: {gift: null, size: 42}, items: [null,
        {item_id: 60316, item_name: 'x'.repeat(300), item_brand: null, item_category: '', item_variant: 5,
         index: '2.4', price: null, quantity: 1.6},
        {item_id: 'a', index: 0, price: 19.9, quantity: -3},
        {item_id: 'b', index: 'first', price: '1 299,50', quantity: null}]})"""
    )
    event = await stage.wait("purchase")
    assert event["items"] == [
        {"item_id": "60316", "item_name": "x" * 200, "item_variant": "5", "index": 2, "quantity": 2},
        {"item_id": "a", "index": 0, "price": 19.9, "quantity": 0},
        {"item_id": "b", "price": 1299.5},
    ]
    assert event["props"] == {"size": "42"}


async def test_a_search_carries_its_term(stage: Stage, page: Page) -> None:
    """`search_term` leaves as `q`."""
    await page.goto(stage.put("/sok"))
    await page.evaluate("sporlos('search', {search_term: 'lego'})")
    assert (await stage.wait("search"))["q"] == "lego"


async def test_calls_before_the_script_has_loaded_are_kept(stage: Stage, page: Page) -> None:
    """What the stub has queued leaves in the same request as the page view, after it."""
    early = f"{STUB}; sporlos('add_to_cart', {{items: [{{item_id: '1'}}]}}); sporlos('purchase', {{value: 5}})</script>"
    await page.goto(stage.put("/", head=early))
    await stage.wait("purchase")
    assert [event["n"] for event in stage.bodies[0]["e"]] == ["page_view", "add_to_cart", "purchase"]


async def test_a_marked_button_fills_the_cart(stage: Stage, page: Page) -> None:
    """A click on a cart button is an add to cart with what its product's element says, and no selection."""
    html = (
        '<div data-sporlos-product="7" data-sporlos-name="Ball" data-sporlos-price="1 179,50" '
        'data-sporlos-currency="NOK"><button data-sporlos-cart="7">Kjøp</button></div><i data-sporlos-product="8"></i>'
    )
    await page.goto(stage.put("/", html))
    await page.click("button")
    event = await stage.wait("add_to_cart")
    await stage.leave(page)
    assert event["items"] == [{"item_id": "7", "item_name": "Ball", "price": 1179.5}]
    assert event["currency"] == "NOK"
    assert stage.events("select_item") == []


async def test_what_happens_on_leaving_is_not_lost(stage: Stage, page: Page) -> None:
    """A call in the click that leaves the page arrives, with the page's own address."""
    address = stage.put("/", "<a href=\"/next\" onclick=\"sporlos('add_to_cart', {items: [{item_id: '7'}]})\">Kjøp</a>")
    stage.pages["/next"] = '<!doctype html><link rel="icon" href="data:,">'
    await page.goto(address)
    await page.click("a")
    await stage.wait("add_to_cart")
    assert next(body["u"] for body in stage.bodies if body["e"][-1]["n"] == "add_to_cart") == address


async def test_a_bad_call_does_not_reach_the_page(stage: Stage, page: Page) -> None:
    """Nonsense in a call throws nothing into the page, and takes no other call with it."""
    await page.goto(stage.put("/"))
    await page.evaluate("sporlos(); sporlos('view_item', {items: 5}); sporlos('add_to_cart', {items: [null]})")
    await page.evaluate(
        "const loop = {}; loop.loop = loop; sporlos('login'); sporlos('search', {search_term: loop, items: [loop]})"
    )
    await page.evaluate("sporlos('sign_up')")
    await stage.wait("sign_up")
    assert len(stage.events("login")) == 1


async def test_many_events_leave_in_batches(stage: Stage, page: Page) -> None:
    """No request holds more events than the collector takes."""
    await page.goto(stage.put("/"))
    await page.evaluate("for (let n = 0; n < 120; n++) sporlos('add_to_cart', {value: n})")
    await stage.wait("add_to_cart", 120)
    assert max(len(body["e"]) for body in stage.bodies) == 50
    assert [event["v"] for event in stage.events("add_to_cart")] == list(range(120))


async def test_a_tag_pasted_twice_counts_once(stage: Stage, page: Page) -> None:
    """The second copy of the script on a page does nothing."""
    stage.put("/")
    stage.pages["/"] += f'<script defer src="{stage.collector}/s.js" data-site="shop.no"></script>'
    await page.goto(stage.shop + "/")
    await stage.wait("page_view")
    await stage.leave(page)
    assert stage.names() == ["page_view", "marker"]
