"""What a client of Google's Measurement Protocol sends, and what becomes of it."""

import json
from hashlib import sha256

from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import ga4
from proxy.site import Site

NOW = 1_778_580_000.0
SECRET = "k3j9-secret"
SITE = Site(
    id="shop.no",
    origins=("https://shop.no",),
    time_zone="Europe/Oslo",
    events={"gift_wrapped": ("paper",)},
    ga4={"G-SHOP12345": sha256(SECRET.encode()).hexdigest()},
)
KNOWN = ga4.streams_of([SITE])
QUERY = {"measurement_id": "G-SHOP12345", "api_secret": SECRET}
PURCHASE = {
    "name": "purchase",
    "params": {
        "session_id": "1717171717",
        "engagement_time_msec": "100",
        "transaction_id": "A-17",
        "value": 749.5,
        "currency": "NOK",
        "coupon": "SOMMER",
        "page_location": "https://shop.no/kasse",
        "page_referrer": "https://shop.no/handlekurv",
        "items": [
            {"item_id": 60316, "item_name": "Politistasjon", "item_brand": "Lego", "price": "749", "quantity": 1}
        ],
    },
}


def body(*events: object, **sent: object) -> bytes:
    """A body as Google's documentation has it, or with this."""
    return json.dumps({"client_id": "123456.7654321", "events": events or [PURCHASE]} | sent).encode()


def decode(sent: bytes, **query: str) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """What becomes of a body that came with the right secret, or with this query."""
    return ga4.decode(sent, QUERY | query, KNOWN, NOW)


def event_of(params: object = None, name: str = "login", **sent: object) -> RawEvent:
    """The one event that is read of one with these parameters."""
    pages, refused = decode(body({"name": name, "params": params} | sent))
    assert refused == ()
    [page] = pages
    [event] = page.events
    return event
