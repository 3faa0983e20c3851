"""What a page pushes to `dataLayer` for others, as GA4's and Tag Manager's documentation has it."""

import json
from typing import Any

import pytest
from playwright.async_api import Page

from tests.beacon.stage import Stage

GTAG = "<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }"
SNIPPET = """window.dataLayer = window.dataLayer || []; dataLayer.push({'gtm.start': 1, event: 'gtm.js'});
    const push = dataLayer.push; dataLayer.push = function () { return push.apply(dataLayer, arguments) }"""
"""What Tag Manager does: it begins the list, and puts a `push` of its own in the place of the one that it finds."""

# https://developers.google.com/analytics/devguides/collection/ga4/ecommerce, the documented examples
ITEM = {
    "item_id": "SKU_12345",
    "item_name": "Stan and Friends Tee",
    "affiliation": "Google Merchandise Store",
    "coupon": "SUMMER_FUN",
    "discount": 2.22,
    "index": 0,
    "item_brand": "Google",
    "item_category": "Apparel",
    "item_category2": "Adult",
    "item_category3": "Shirts",
    "item_category4": "Crew",
    "item_category5": "Short sleeve",
    "item_list_id": "related_products",
    "item_list_name": "Related Products",
    "item_variant": "green",
    "location_id": "ChIJIQBpAG2ahYAR_6128GcTUEo",
    "price": 10.01,
    "google_business_vertical": "retail",
    "quantity": 3,
}
LISTED = {"item_list_id": "related_products", "item_list_name": "Related products", "items": [ITEM]}
PAID = {"currency": "USD", "value": 30.03, "coupon": "SUMMER_FUN", "items": [ITEM]}
BOUGHT = PAID | {"transaction_id": "T_12345", "tax": 3.6, "shipping": 5.99, "customer_type": "new"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "view_item_list": LISTED,
    "select_item": LISTED,
    "view_item": {"currency": "USD", "value": 30.03, "items": [ITEM]},
    "add_to_wishlist": {"currency": "USD", "value": 30.03, "items": [ITEM]},
    "add_to_cart": {"currency": "USD", "value": 30.03, "items": [ITEM]},
    "remove_from_cart": {"currency": "USD", "value": 30.03, "items": [ITEM]},
    "view_cart": {"currency": "USD", "value": 30.03, "items": [ITEM]},
    "begin_checkout": PAID,
    "add_shipping_info": PAID | {"shipping_tier": "Ground"},
    "add_payment_info": PAID | {"payment_type": "Credit Card"},
    "purchase": BOUGHT,
    "refund": BOUGHT,
}
WITHOUT_ITEMS: dict[str, dict[str, Any]] = {
    "search": {"search_term": "Clothing"},
    "sign_up": {"method": "Google"},
    "login": {"method": "Google"},
    "generate_lead": {"currency": "USD", "value": 30.03, "lead_source": "Trade show"},
}
OTHERS = """ad_impression campaign_details close_convert_lead disqualify_lead earn_virtual_currency exception join_group
    level_end level_start level_up page_view post_score qualify_lead screen_view scroll select_content
    select_promotion share spend_virtual_currency tutorial_begin unlock_achievement user_engagement video_start
    view_promotion view_search_results working_lead gtm.js gtm.dom gtm.load gtm.click click form_submit
    file_download""".split()
"""Google's other names, and Tag Manager's."""


def pushed(names: dict[str, dict[str, Any]]) -> str:
    """As a page tells Tag Manager, each after the clearing that the documentation asks for."""
    pushes = (
        f"dataLayer.push({{ecommerce: null}}, {json.dumps({'event': n, 'ecommerce': e})});" for n, e in names.items()
    )
    return "".join(pushes)


def tagged(names: dict[str, dict[str, Any]]) -> str:
    """As a page tells gtag."""
    return "".join(f"gtag('event', '{name}', {json.dumps(parameters)});" for name, parameters in names.items())


def complete(stage: Stage, name: str) -> None:
    """One event of that name has come, with all that the example says and a row may hold."""
    [event] = stage.read(name)
    said = EXAMPLES[name]
    [item] = event.items
    assert (event.currency, event.value) == (said.get("currency", ""), said.get("value", 0))
    assert event.order == said.get("transaction_id", "")
    assert (item.id, item.name, item.brand, item.variant) == ("SKU_12345", "Stan and Friends Tee", "Google", "green")
    assert item.categories == ("Apparel", "Adult", "Shirts", "Crew", "Short sleeve")
    assert (item.list, item.price, item.quantity) == ("Related Products", 10.01, 3)


async def test_gtags_pushes_before_the_script_are_heard(stage: Stage, page: Page) -> None:
    """Every documented example, with the page view, in one request; coupons and what else is nobody's business stay."""
    head = f"{GTAG}; gtag('js', new Date()); gtag('config', 'G-ABC123', {{user_id: 'kari'}});"
    await page.goto(stage.put("/", head=f"{head} {tagged(EXAMPLES | WITHOUT_ITEMS)}</script>"))
    await stage.wait("generate_lead")
    for name in EXAMPLES:
        complete(stage, name)
    assert [event["n"] for event in stage.bodies[0]["e"]] == ["page_view", *EXAMPLES, *WITHOUT_ITEMS]
    assert stage.read("search")[0].search_term == "Clothing"
    sent = "".join(stage.texts)
    secrets = ("SUMMER_FUN", "kari", "ChIJ", "Credit Card", "Trade show", "retail", "tax", 'related_products"')
    assert [secret for secret in secrets[:-1] if secret in sent] == []


@pytest.mark.parametrize("late", [False, True], ids=["manager_first", "script_first"])
async def test_tag_managers_pushes_are_heard(stage: Stage, page: Page, late: bool) -> None:  # noqa: FBT001 - a parameter
    """Whoever wraps `push` first, before and after the script has loaded."""
    await page.goto(stage.put("/", head="" if late else f"<script>{SNIPPET}</script>"))
    await stage.wait("page_view")
    if late:
        await page.evaluate(f"(() => {{ {SNIPPET} }})()")
    lengths = await page.evaluate(
        f"(() => {{ const before = dataLayer.length; {pushed(EXAMPLES)} return dataLayer.length - before }})()"
    )
    await stage.wait("refund")
    for name in EXAMPLES:
        complete(stage, name)
    assert lengths == 2 * len(EXAMPLES)


async def test_only_the_trade_is_taken(stage: Stage, page: Page) -> None:
    """Google's other events and Tag Manager's own leave nothing, however they are pushed."""
    await page.goto(stage.put("/", head=f"{GTAG}</script>"))
    await stage.wait("page_view")
    others: dict[str, dict[str, Any]] = {name: {"items": [ITEM]} for name in OTHERS}
    await page.evaluate(f"(() => {{ {tagged(others)} {pushed(others)} }})()")
    await page.evaluate(
        "dataLayer.push({event: 'purchase'}, null, undefined, 5, 'x', () => {}, [], {ecommerce: {items: []}})"
    )
    await stage.leave(page)
    assert stage.names() == ["page_view", "marker"]


SECRETS = {
    "email": "kari@example.no",
    "user_data": {"sha256_email_address": "hash-of-kari", "address": {"first_name": "Kari"}},
    "user_id": "kari-4711",
    "client_id": "555.666",
    "name": "Kari Nordmann",
    "phone": "99 99 99 99",
    "coupon": "KARI10",
    "method": "vipps-kari",
    "customer": {"name": "Kari Nordmann", "id": "kari-4711"},
}


async def test_a_customer_stays_on_the_page(stage: Stage, page: Page) -> None:
    """Beside the order and within its items: a key that isn't the trade's does not leave, at any depth."""
    item = {"item_id": "7", "price": 5, **{key: value for key, value in SECRETS.items() if key != "name"}}
    order = {"transaction_id": "A-1", "value": 5, "items": [item], **SECRETS}
    await page.goto(stage.put("/", head=f"{GTAG}</script>"))
    await page.evaluate(f"(() => {{ {tagged({'purchase': order})} {pushed({'refund': order})} }})()")
    await page.evaluate(f"sporlos('login', {json.dumps(SECRETS)})")
    await page.evaluate(f"sporlos('sign_up', {{props: {{plan: 'a', nested: {json.dumps(SECRETS)}}}}})")
    await stage.wait("sign_up")
    await stage.leave(page)
    assert [event["n"] for body in stage.bodies for event in body["e"]][1:5] == [
        "purchase",
        "refund",
        "login",
        "sign_up",
    ]
    assert "ari" not in "".join(stage.texts)
    assert stage.read("purchase")[0].items[0].id == "7"


async def test_one_view_told_twice_is_one(stage: Stage, page: Page) -> None:
    """A page that tells gtag and Tag Manager, and has markup as well, has shown its product once."""
    view = {"view_item": EXAMPLES["view_item"]}
    product = '{"@type": "Product", "sku": "other", "name": "Stan and Friends Tee"}'
    markup = f'<script type="application/ld+json">{product}</script>'
    await page.goto(stage.put("/", markup, head=f"{GTAG}; {tagged(view)} {pushed(view)}</script>"))
    await stage.wait("view_item")
    await page.evaluate(f"(() => {{ {pushed(view)} }})()")
    await stage.leave(page)
    complete(stage, "view_item")
