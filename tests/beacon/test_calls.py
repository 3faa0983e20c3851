"""The page's own calls, and the markup that makes them."""

from playwright.async_api import Page

from tests.beacon.stage import Stage

STUB = "<script>window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments) }"


async def test_a_purchase_is_reported_with_its_order(stage: Stage, page: Page) -> None:
    """GA4's parameters leave as they are; a parameter nobody declared stays on the page."""
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
        "transaction_id": 10042,
        "value": 1498,
        "currency": "NOK",
        "items": [{"item_id": "60316", "price": 749, "quantity": 2}],
        "props": ["gift,true"],
    }
    [read] = stage.read("purchase")
    assert (read.order, read.value, read.props) == ("10042", 1498.0, {"gift": "true"})


async def test_items_are_put_right_as_data_layers_have_them(stage: Stage, page: Page) -> None:
    """Nulls are dropped, texts are texts, and pieces and places are whole numbers, once the collector has read them."""
    await page.goto(stage.put("/kvittering"))
    await page.evaluate(
        """sporlos('purchase', {value: '1 299,50', props: {gift: null, size: 42}, items: [null,
        {item_id: 60316, item_name: 'x'.repeat(300), item_brand: null, item_category: '', item_variant: 5,
         index: '2.4', price: null, quantity: 1.6},
        {item_id: 'a', index: 0, price: 19.9, quantity: -3},
        {item_id: 'b', index: 'first', price: '1 299,50', quantity: null}]})"""
    )
    await stage.wait("purchase")
    [event] = stage.read("purchase")
    read = [(item.id, item.name, item.variant, item.index, item.price, item.quantity) for item in event.items]
    assert read == [("60316", "x" * 300, "5", 2, 0, 2), ("a", "", "", 0, 19.9, 0), ("b", "", "", 0, 1299.5, 1)]
    assert (event.value, event.props) == (1299.5, {"size": "42"})


async def test_a_search_carries_its_term(stage: Stage, page: Page) -> None:
    """As GA4 calls it."""
    await page.goto(stage.put("/sok"))
    await page.evaluate("sporlos('search', {search_term: 'lego'})")
    await stage.wait("search")
    assert stage.read("search")[0].search_term == "lego"


async def test_calls_before_the_script_has_loaded_are_kept(stage: Stage, page: Page) -> None:
    """What the stub has queued leaves in the same request as the page view, after it."""
    early = f"{STUB}; sporlos('add_to_cart', {{items: [{{item_id: '1'}}]}}); sporlos('purchase', {{value: 5}})</script>"
    await page.goto(stage.put("/", head=early))
    await stage.wait("purchase")
    assert [event["n"] for event in stage.bodies[0]["e"]] == ["page_view", "add_to_cart", "purchase"]


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
    assert [event["value"] for event in stage.events("add_to_cart")] == list(range(120))


async def test_a_long_list_takes_no_view_with_it(stage: Stage, page: Page) -> None:
    """A category's page with 300 products says as much as the collector reads of a list, and is itself counted."""
    await page.goto(stage.put("/", head=f"{STUB}</script>"))
    await page.evaluate(
        """sporlos('view_item_list', {item_list_name: 'Alt', items: [...Array(300).keys()].map(n => ({item_id: `${n}`,
        item_name: 'Politistasjon med helikopter, '.repeat(6), item_brand: 'Lego', price: 749, index: n}))})"""
    )
    await stage.wait("page_view")
    await stage.wait("view_item_list")
    [read] = stage.read("view_item_list")
    assert [item.id for item in read.items] == [f"{n}" for n in range(30)]


async def test_what_is_said_within_a_moment_leaves_in_one_request(stage: Stage, page: Page) -> None:
    """View, product and what the page says a little later; the end of the visit makes the second request."""
    product = '<i data-sporlos-product="7"></i>'
    late = "<script>onload = () => setTimeout(() => sporlos('login'), 50)</script>"
    await page.goto(stage.put("/", product + late, head=f"{STUB}</script>"))
    await stage.wait("login")
    await page.evaluate("sporlos('sign_up')")
    await stage.leave(page)
    sent = [[event["n"] for event in body["e"]] for body in stage.bodies]
    assert sent == [["page_view", "login", "view_item"], ["sign_up"], ["marker"]]


async def test_a_tag_pasted_twice_counts_once(stage: Stage, page: Page) -> None:
    """The second copy of the script on a page does nothing."""
    stage.put("/")
    stage.pages["/"] += f'<script defer src="{stage.collector}/s.js" data-site="shop.no"></script>'
    await page.goto(stage.shop + "/")
    await stage.wait("page_view")
    await stage.leave(page)
    assert stage.names() == ["page_view", "marker"]
