"""What the contract says of a field is what its dialect does: at a limit it is taken, beyond it is refused."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from pipeline.outcome import Outcome
from proxy.contract import shapes
from proxy.contract.doors import doors
from proxy.decode import ga4, limits, native, pixel, plausible, server
from proxy.site import Site
from tests.proxy.contract.boundaries import Case, cases, place

NOON = 1_778_580_000.0
PAGE = "https://shop.no/lego"
SECRET = "k3j9"
ITEM = {
    "item_id": "60316", "item_name": "Politistasjon", "item_brand": "Lego", "item_variant": "rød",
    "item_category": "Leker", "item_category2": "Lego", "item_category3": "City", "item_category4": "Politi",
    "item_category5": "Stasjon", "item_list_name": "Nytt", "index": 3, "price": 749.5, "quantity": 2,
}  # fmt: skip
PRODUCT = ITEM | {"sporlosProduct": "60316", "sku": "60316", "name": "Politistasjon", "brand": {"name": "Lego"}}
EVENT = {
    "n": "purchase", "i": "k3j9", "t": -1200, "currency": "NOK", "v": 1499.0, "ms": 3000, "sd": 80, "o": "A-1",
    "q": "lego", "props": {"paper": "red"}, "items": [ITEM],
}  # fmt: skip
FOUND = {
    "n": "purchase", "i": 0.123, "currency": "NOK", "value": 1499.0, "transaction_id": "A-1", "search_term": "lego",
    "props": ["paper,red"], "items": [PRODUCT], "item_list_name": "Nytt", "p": "x",
}  # fmt: skip
NATIVE = {
    "s": "shop.no", "u": PAGE, "r": "https://www.google.com/", "q": "", "w": 1536, "m": "measure", "a": False,
    "e": [EVENT, {"n": "page_view"}],
}  # fmt: skip
AS_FOUND = NATIVE | {"e": [FOUND, {"n": "page_view"}]}
PLAUSIBLE = {
    "n": "Purchase", "u": PAGE, "d": "shop.no", "r": "https://t.co/", "m": {"paper": "red"}, "$": {"amount": 5}, "w": 9,
}  # fmt: skip
PARAMS = {
    "page_location": PAGE, "page_referrer": "", "items": [ITEM], "value": 1499, "currency": "NOK", "search_term": "",
    "transaction_id": "A-1", "engagement_time_msec": 5, "timestamp_micros": NOON * 1e6,
}  # fmt: skip
GOOGLE = {
    "events": [{"name": "purchase", "params": PARAMS}, {"name": "login"}],
    "consent": {"analytics_storage": "GRANTED"},
    "timestamp_micros": NOON * 1e6,
}
SERVER = [
    {
        "name": "purchase", "id": "1", "at": NOON, "url": PAGE, "referrer": "", "consent": "measure", "items": [ITEM],
        "visitor": {"address": "203.0.113.7", "user_agent": "Firefox", "language": "nb", "objects": True},
        "currency": "NOK", "value": 1499.0, "transaction_id": "A-1", "search_term": "lego", "props": {"paper": "red"},
        "engaged_ms": 5, "scroll": 80,
    },
    {"name": "login"},
]  # fmt: skip


class Ended(NamedTuple):
    """How the events of a body ended."""

    taken: int
    refused: tuple[Outcome, ...]


def by_native(body: bytes) -> Ended:
    """Of the script's dialect."""
    pages, refused = native.decode(body)
    return Ended(sum(len(page.events) for page in pages), refused)


def by_plausible(body: bytes) -> Ended:
    """Of Plausible's."""
    pages, refused = plausible.decode(body)
    return Ended(sum(len(page.events) for page in pages), refused)


SITES = (
    Site(id="shop.no", origins=(PAGE.removesuffix("/lego"),), ga4={"G-SHOP1": sha256(SECRET.encode()).hexdigest()}),
)
STREAMS = ga4.streams_of(SITES)


def by_google(body: bytes) -> Ended:
    """Of Google's."""
    pages, refused = ga4.decode(body, {"measurement_id": "G-SHOP1", "api_secret": SECRET}, STREAMS, NOON)
    return Ended(sum(len(page.events) for page in pages), refused)


def by_server(body: bytes) -> Ended:
    """Of the shop's own server."""
    read = server.decode(body, "shop.no", NOON, names_visitors=True)
    if isinstance(read, server.Fault):
        return Ended(0, (read.outcome,))
    pages = list(read)
    faults = tuple(one.outcome for one in pages if isinstance(one, server.Fault))
    return Ended(len(pages) - len(faults), faults)


class Dialect(NamedTuple):
    """A schema, what is right by it, and the code."""

    schema: dict[str, Any]
    sample: Any
    decode: Callable[[bytes], Ended]


DIALECTS = {
    "native": Dialect(shapes.native_body(), NATIVE, by_native),
    "native, as found": Dialect(shapes.native_body(), AS_FOUND, by_native),
    "plausible": Dialect(shapes.ref(plausible.PlausibleEvent), PLAUSIBLE, by_plausible),
    "google": Dialect(shapes.ref(ga4.GoogleBody), GOOGLE, by_google),
    "server": Dialect(shapes.server_body(), SERVER, by_server),
}
KNOWN = shapes.schemas()
MORE_THAN_A_SHAPE = {
    "native": {"e[].v"},
    "native, as found": {"e[].value"},
    "plausible": set[str](),
    "google": set[str](),
    "server": {"[].at", "[].currency", "[].value", "[].visitor.address"},
}
"""Where not every text will do: amounts, currencies, moments, addresses. Their own tests say which do."""
TOO_LARGE = {
    ("native", "e", "maxItems"),
    ("native, as found", "e", "maxItems"),
    ("plausible", "u", "maxLength"),
    ("google", "events", "maxItems"),
    ("google", "events[].params.page_location", "maxLength"),
    ("server", "", "maxItems"),
}
"""What is refused by this word; all else is `malformed`."""
MOST = {("native", "e"): 50, ("native, as found", "e"): 50, ("google", "events"): 25}
"""Of a longer list so many are taken; a server's is refused as a whole."""


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Of a published schema."""
    return Draft202012Validator(schema | {"components": {"schemas": KNOWN}})


VALIDATORS = {name: validator(dialect.schema) for name, dialect in DIALECTS.items()}
CASES = {
    f"{name}: {case.name}": (name, case)
    for name, dialect in DIALECTS.items()
    for case in cases(dialect.schema, dialect.sample, KNOWN)
}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_full_body_is_right(name: str) -> None:
    """By the schema, and by the code: else the cases below would say nothing."""
    schema, sample, decode = DIALECTS[name]
    validator(schema).validate(sample)
    assert decode(json.dumps(sample).encode()).refused == ()


@pytest.mark.parametrize(("name", "case"), CASES.values(), ids=CASES)
def test_a_limit_is_where_the_contract_has_it(name: str, case: Case) -> None:
    """What the schema allows is taken whole; what it forbids is refused with its word, and costs no other event."""
    body = case.put_into(DIALECTS[name].sample)
    ended = DIALECTS[name].decode(json.dumps(body).encode())
    where = place(case.path)
    if VALIDATORS[name].is_valid(body):
        assert ended.refused == () or where in MORE_THAN_A_SHAPE[name]
    elif name.startswith("native") and where.startswith("e[].items[]"):
        assert ended == (2, ())  # the item is left out, and the order is kept
    else:
        expected = Outcome.TOO_LARGE if (name, where, case.word) in TOO_LARGE else Outcome.MALFORMED
        assert set(ended.refused) == {expected}
        kept = MOST.get((name, where), 0) if case.word == "maxItems" else int("[]" in where)
        assert ended.taken == kept


PINNED = {
    ("GoodPage", "e", "maxItems"): 50,
    ("GoodPage", "s", "maxLength"): 200,
    ("GoodPage", "w", "maximum"): 65_535,
    ("GoodEvent", "n", "maxLength"): 60,
    ("GoodEvent", "currency", "maxLength"): 200,
    ("GoodEvent", "v", "maximum"): 1e9,
    ("GoodEvent", "ms", "maximum"): 2**31 - 1,
    ("GoodItem", "item_name", "maxLength"): 200,
    ("GoodItem", "price", "maximum"): 1e9,
    ("GoodItem", "quantity", "maximum"): 10_000,
    ("AnyPage", "e", "maxItems"): 50,
    ("AnyEvent", "n", "maxLength"): 60,
    ("PlausibleEvent", "u", "maxLength"): 2000,
    ("PlausibleEvent", "url", "maxLength"): 2000,
    ("GoogleEvent", "name", "maxLength"): 60,
    ("ServerEvent", "name", "maxLength"): 60,
    ("ServerEvent", "url", "maxLength"): 2000,
    ("ServerEvent", "referrer", "maxLength"): 2000,
    ("ServerEvent", "search_term", "maxLength"): 200,
    ("ServerEvent", "engaged_ms", "maximum"): 2**31 - 1,
    ("ServerEvent", "scroll", "maximum"): 100,
    ("Visitor", "user_agent", "maxLength"): 1000,
}
"""What senders were told, once and for all: a change here breaks somebody."""


def test_limits_are_what_senders_were_told() -> None:
    """The published numbers, and those that are no field's."""
    assert {pin: KNOWN[pin[0]]["properties"][pin[1]][pin[2]] for pin in PINNED} == PINNED
    assert (limits.BODY_BYTES, ga4.BODY_BYTES, server.BODY_BYTES) == (65_536, 133_120, 1_048_576)
    assert (limits.URL_CHARACTERS, limits.ITEMS, limits.ITEMS_OF_A_PURCHASE) == (2000, 30, 100)
    assert (ga4.EVENTS, server.EVENTS, limits.AGE_MS) == (25, 1000, 300_000)


@pytest.mark.parametrize(("parameter", "most"), {"s": 200, "u": 2000, "r": 2000}.items())
def test_the_pixels_parameters_have_limits(parameter: str, most: int) -> None:
    """As published: an address of 2,000 characters is read, one more is refused."""
    [door] = [door for door in doors() if door.path == "/e.gif"]
    assert door.query[parameter]["maxLength"] == most
    query = {"s": "shop.no", "u": PAGE, "r": ""}
    assert pixel.decode(query | {parameter: "x" * most}, "")[1] == ()
    assert pixel.decode(query | {parameter: "x" * (most + 1)}, "")[1] == (Outcome.TOO_LARGE,)


@pytest.mark.parametrize(("name", "most"), {"view_item": 30, "purchase": 100, "refund": 100}.items())
def test_more_items_than_that_are_cut_off(name: str, most: int) -> None:
    """As the contract's lines have it, in both ways of reading."""
    for item in (ITEM, PRODUCT):
        body = NATIVE | {"e": [{"n": name, "items": [item] * (most + 1)}]}
        [page], refused = native.decode(json.dumps(body).encode())
        assert (len(page.events[0].items), refused) == (most, ())
