"""The doors of shops' own servers, and where in what they send a canary may stand, as in `canary_fields.py`.

Enters: a canary as it is written. Leaves: bodies for `/v1/events` and for Google's Measurement Protocol, many events
in each, since one that can't be read takes no other with it.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from tests.promises.canaries import AGENT, IPV4, IPV6
from tests.promises.canary_fields import closed_urls, open_urls
from tests.system.product import BROWSER, PAGE, SITE, Product

EVENTS, GOOGLES, DEBUG = "/v1/events", "/mp/collect", "/debug/mp/collect"
WITH_TOKEN = {"Authorization": "Bearer a-servers-own-token"}
QUERY = "?measurement_id=G-KANARI&api_secret=a-secret-of-googles"

_HIDDEN = """name id at consent transaction_id currency value visitor items props engaged_ms scroll unheard_of email
    user_id customer ip""".split()
_ITEM = """item_id item_name item_brand item_variant item_category item_category2 item_category3 item_category4
    item_category5 item_list_name""".split()
_ITEM_HIDDEN = "price quantity index coupon affiliation item_list_id unheard_of".split()
_VISITORS = "address user_agent language objects email".split()
_GOOGLES_HIDDEN = """client_id user_id user_data user_properties ip_override user_location device timestamp_micros
    consent validation_behavior unheard_of""".split()
_PARAMS_HIDDEN = """session_id page_title transaction_id coupon value currency engagement_time_msec email items user_id
    timestamp_micros language unheard_of""".split()
_GOOGLES_MOST = 25


def let_in(product: Product) -> None:
    """Say in the settings that these servers may report."""
    token, secret = (sha256(word.encode()).hexdigest() for word in ("a-servers-own-token", "a-secret-of-googles"))
    lines = f'[sites.ga4]\n"G-KANARI" = "{secret}"\n[[sites.senders]]\nname = "server"\n'
    with product.config.open("a", encoding="utf-8") as file:
        file.write(f'\n{lines}token_sha256 = "{token}"\nnames_visitors = true\n')


def visitor(address: str = IPV4[0], **said: object) -> dict[str, object]:
    """Somebody whom a server names, by his address and agent, which are canaries."""
    return {"address": address, "user_agent": f"{BROWSER} {AGENT}", **said}


def open_events(secret: str) -> list[dict[str, Any]]:
    """Where something is kept, once it is cleaned."""
    view = {"name": "page_view", "url": PAGE, "consent": "measure"}
    return [
        *(view | {"url": url, "visitor": visitor(IPV6[0])} for url in open_urls(secret)),
        *(view | {"referrer": f"https://{host}/"} for host in (secret, f"{secret}.no")),
        *({"name": "view_item", "items": [{"item_id": "1", name: secret}]} for name in _ITEM),
        {"name": "gift_wrapped", "props": {"paper": secret, "ribbon": secret}},
        {"name": "search", "search_term": secret},
    ]


def closed_events(secret: str | int) -> list[dict[str, Any]]:
    """Where nothing is."""
    order = {
        "name": "purchase",
        "currency": "NOK",
        "value": 1,
        "transaction_id": secret,
    }  # without an id, which would make retries of all
    return [
        *(order | {"url": url, "referrer": url.replace(SITE, "google.com")} for url in closed_urls(str(secret))),
        order | {"name": "refund", "id": secret},
        *(order | {name: secret} for name in _HIDDEN),
        *(order | {name: {"name": secret, str(secret): [secret]}} for name in _HIDDEN),
        *(order | {"visitor": visitor() | {name: secret}} for name in _VISITORS),
        *(order | {"items": [{"item_id": "1", name: secret}]} for name in _ITEM_HIDDEN),
        order | {"props": {str(secret): "x", "name": secret}},
        order | {str(secret): secret},
    ]


def open_google(secret: str) -> Iterator[dict[str, Any]]:
    """The same in Google's protocol."""
    views = [{"name": "page_view", "params": {"page_location": url}} for url in open_urls(secret)]
    seen = [{"name": "view_item", "params": {"items": [{"item_id": "1", name: secret}]}} for name in _ITEM]
    search = {"name": "search", "params": {"page_location": PAGE, "search_term": secret}}
    for events in _bodies_of([*views, *seen, search]):
        yield {"client_id": f"{AGENT}.1", "user_id": IPV4[0], "events": events}


def closed_google(secret: str | int) -> Iterator[dict[str, Any]]:
    """And where nothing is kept."""
    purchase = {"name": "purchase", "params": {"transaction_id": secret, "value": 1, "currency": "NOK"}}
    events = [
        *(purchase | {"params": {"page_location": url, "transaction_id": secret}} for url in closed_urls(str(secret))),
        *(purchase | {"params": {name: secret}} for name in _PARAMS_HIDDEN),
        *(purchase | {name: secret} for name in ("name", "params", "timestamp_micros", "unheard_of")),
        purchase | {"params": {str(secret): secret}},
    ]
    yield from ({"client_id": secret, "user_id": secret, "events": some} for some in _bodies_of(events))
    yield from ({"events": [purchase], name: secret} for name in _GOOGLES_HIDDEN)
    yield from ({"events": [purchase], name: {"value": secret, str(secret): secret}} for name in _GOOGLES_HIDDEN)
    yield {"events": secret, str(secret): secret}


def queries(secret: str | int) -> Iterator[str]:
    """Of Google's protocol, with a canary for a name or a secret."""
    word = quote(str(secret), safe="")
    yield f"{QUERY}&{word}={word}&uid={word}"
    yield f"?measurement_id={word}&api_secret={word}"
    yield f"?measurement_id=G-KANARI&api_secret={word}"


def lines(events: list[dict[str, Any]]) -> bytes:
    """One event a line."""
    return "\n".join(json.dumps(event, ensure_ascii=False) for event in events).encode()


def _bodies_of(events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    yield from (events[first : first + _GOOGLES_MOST] for first in range(0, len(events), _GOOGLES_MOST))
