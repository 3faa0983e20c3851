"""What is wrong with a request of the Measurement Protocol, in Google's words."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.decode import ga4, ga4_debug
from proxy.site import Site

NOW = 1_778_580_000.0
"""12:00 in Oslo."""
QUERY = {"measurement_id": "G-SHOP12345", "api_secret": "secret"}
CODES = frozenset(
    """VALUE_INVALID VALUE_REQUIRED NAME_INVALID NAME_RESERVED VALUE_OUT_OF_BOUNDS EXCEEDED_MAX_ENTITIES
    NAME_DUPLICATED INTERNAL_ERROR""".split()
)
"""Google's."""


def known(profile: str = "NO") -> dict[str, ga4.Stream]:
    """One site, with one event of its own."""
    site = Site(
        id="shop.no",
        origins=("https://shop.no",),
        profile=profile,
        time_zone="Europe/Oslo",
        events={"gift_wrapped": ()},
        ga4={"G-SHOP12345": sha256(b"secret").hexdigest()},
    )
    return ga4.streams_of([site])


def found(*events: object, profile: str = "NO", **sent: object) -> list[tuple[str, str]]:
    """Path and code of each message about these events."""
    sent = {"client_id": "1.2", "events": events} | sent
    messages = ga4_debug.validate(json.dumps(sent).encode(), QUERY, known(profile), NOW)
    assert all(message.keys() == {"fieldPath", "description", "validationCode"} for message in messages)
    assert {message["validationCode"] for message in messages} <= CODES
    return [(message["fieldPath"], message["validationCode"]) for message in messages]


def event(name: str = "login", **params: object) -> dict[str, object]:
    """An event with these parameters."""
    return {"name": name, "params": params}


def test_a_good_request_has_no_messages() -> None:
    """With the names of the trade and those that the site declares."""
    purchase = event("purchase", transaction_id="A-17", value=1, currency="NOK", page_location="https://shop.no/")
    assert found(purchase, event("gift_wrapped"), event(), timestamp_micros=(NOW - 43_500) * 1e6) == []  # just late


FAULTS = {
    "an unknown name": (event("lunch"), ("events", "NAME_INVALID")),
    "a name that is none": ({"name": ""}, ("events", "NAME_INVALID")),
    "a reserved name": (event("session_start"), ("events", "NAME_RESERVED")),
    "a reserved beginning": (event("_badEventName"), ("events", "NAME_RESERVED")),
    "a value in words": (event(value="much"), ("events[0].params.value", "VALUE_INVALID")),
    "a value without a currency": (event(value=1), ("events[0].params.currency", "VALUE_REQUIRED")),
    "an order without a number": (event("purchase"), ("events[0].params.transaction_id", "VALUE_REQUIRED")),
    "items in words": (event(items="x"), ("events[0].params.items", "VALUE_INVALID")),
    "too many items": (event(items=[{}] * 31), ("events[0].params.items", "EXCEEDED_MAX_ENTITIES")),
    "a view of no page": (event("page_view"), ("events[0].params.page_location", "VALUE_REQUIRED")),
    "a long address": (event(page_location="x" * 2001), ("events[0].params.page_location", "VALUE_OUT_OF_BOUNDS")),
    "another's address": (event(page_location="https://a.no/"), ("events[0].params.page_location", "VALUE_INVALID")),
    "the future": (event() | {"timestamp_micros": 2e15}, ("events[0].timestamp_micros", "VALUE_OUT_OF_BOUNDS")),
    "the past": (event(timestamp_micros=1), ("events[0].timestamp_micros", "VALUE_OUT_OF_BOUNDS")),
    "yesterday": (
        event() | {"timestamp_micros": (NOW - 13 * 3600) * 1e6},
        ("events[0].timestamp_micros", "VALUE_OUT_OF_BOUNDS"),
    ),
    "no time": (event(timestamp_micros="now"), ("events[0].timestamp_micros", "VALUE_INVALID")),
}


@pytest.mark.parametrize(("sent", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_has_a_path_and_a_code(sent: object, message: tuple[str, str]) -> None:
    """Those of Google's validation server."""
    assert found(sent) == [message]


def test_each_event_is_looked_at() -> None:
    """Also behind one that can't be read."""
    assert found(event("lunch"), 5, event(value=1)) == [
        ("events", "NAME_INVALID"),
        ("events", "NAME_INVALID"),
        ("events[2].params.currency", "VALUE_REQUIRED"),
    ]


def test_too_many_events_are_said_once() -> None:
    """However many they are."""
    assert found(*[event()] * 40) == [("events", "EXCEEDED_MAX_ENTITIES")]


def test_no_events_are_said() -> None:
    """A list without any is no request."""
    assert found() == [("events", "VALUE_REQUIRED")]


def test_a_site_that_asks_first_says_what_it_waits_for() -> None:
    """Which Google's protocol has no word for."""
    assert found(event(), profile="STRICT") == [("consent", "VALUE_REQUIRED")]
    assert found(event(), profile="STRICT", consent={"analytics_storage": "GRANTED"}) == []


STRANGERS = {
    "no id": ({"measurement_id": ""}, ("measurement_id", "VALUE_REQUIRED")),
    "no secret": ({"api_secret": ""}, ("api_secret", "VALUE_REQUIRED")),
    "an unknown id": ({"measurement_id": "G-OTHER12345"}, ("api_secret", "VALUE_INVALID")),
    "a wrong secret": ({"api_secret": "x"}, ("api_secret", "VALUE_INVALID")),
}


@pytest.mark.parametrize(("query", "message"), STRANGERS.values(), ids=STRANGERS.keys())
def test_without_the_secret_nothing_else_is_told(query: dict[str, str], message: tuple[str, str]) -> None:
    """Nor which of the two was wrong: what a site declares is its own business."""
    sent = json.dumps({"events": [event("lunch")]}).encode()
    [said] = ga4_debug.validate(sent, QUERY | query, known(), NOW)
    assert (said["fieldPath"], said["validationCode"]) == message


@given(st.text(min_size=4), st.text(min_size=4))
def test_nothing_of_a_request_is_repeated(name: str, value: str) -> None:
    """It may be anybody's name."""
    mark = "anna-7f3c"
    sent = {"events": [event(name + mark, value=value + mark, items=mark, page_location=mark)]}
    messages = ga4_debug.validate(json.dumps(sent).encode(), QUERY, known(), NOW)
    assert messages
    assert mark not in json.dumps(messages)
