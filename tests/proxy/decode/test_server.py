"""What a shop's own server reports."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcome import Outcome
from proxy.arrival import Arrival, Personal, RawEvent, RawPage
from proxy.decode import server
from tests.proxy.visit import CHROME, NOON

SITE = "shop.no"
PURCHASE: dict[str, Any] = {
    "name": "purchase",
    "id": "order-1001",
    "transaction_id": "A-1001",
    "url": "https://shop.no/kvittering",
    "consent": "count",
    "currency": "NOK",
    "value": 898.0,
    "items": [{"item_id": "60316", "item_name": "Politistasjon", "price": 749.0, "quantity": 1, "coupon": "SOMMER"}],
}
VISITOR: dict[str, Any] = {"address": "203.0.113.77", "user_agent": CHROME, "language": "nb"}


def read_all(body: object, *, names_visitors: bool = True) -> list[RawPage | server.Fault] | server.Fault:
    """A body as it is read at noon."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = server.decode(raw, SITE, NOON, names_visitors=names_visitors)
    return found if isinstance(found, server.Fault) else list(found)


def read(*, names_visitors: bool = True, **event: object) -> RawPage | server.Fault:
    """One event, a sign-up unless another is said."""
    found = read_all([{"name": "sign_up"} | event], names_visitors=names_visitors)
    assert not isinstance(found, server.Fault)
    [one] = found
    return one


def page(**event: object) -> RawPage:
    """The same where it can be read."""
    found = read(**event)
    assert isinstance(found, RawPage), found
    return found


def why(**event: object) -> str:
    """The same where it can't."""
    found = read(**event)
    assert isinstance(found, server.Fault)
    assert found.outcome is Outcome.MALFORMED
    return found.why


def said(personal: Personal) -> dict[str, object]:
    """What a personal value holds; it would not tell by itself."""
    return {name: getattr(personal, name) for name in personal.__slots__}


def test_an_event_is_read_whole() -> None:
    """Field by field; of an item what is not kept is dropped."""
    found = page(
        **PURCHASE, referrer="https://www.google.com/", search_term="lego", props={"n": 1, "yes": True, "no": None}
    )
    [event] = found.events
    [item] = event.items
    assert said(found) | {"events": 1} == {
        "site": SITE, "url": "https://shop.no/kvittering", "referrer": "https://www.google.com/", "viewport": 0,
        "mode": "count", "automated": False, "visitor": None, "events": 1,
    }  # fmt: skip
    assert said(event) | {"items": 1} == {
        "name": "purchase", "id": "order-1001", "age_ms": 0, "items": 1, "value": 898.0, "currency": "NOK",
        "order": "A-1001", "search_term": "lego", "engaged_ms": 0, "scroll": 0, "props": {"n": "1", "yes": "true"},
    }  # fmt: skip
    assert (item.id, item.name, item.price, item.quantity) == ("60316", "Politistasjon", 749.0, 1)


def test_a_refund_carries_what_a_purchase_does() -> None:
    """Its order, its amount, its products."""
    event = page(**PURCHASE | {"name": "refund", "id": "refund-1"}).events[0]
    assert (event.name, event.order, event.value, event.currency, len(event.items)) == (
        "refund",
        "A-1001",
        898,
        "NOK",
        1,
    )


@pytest.mark.parametrize("number", [1001, "1001"])
def test_an_order_is_the_same_as_a_number_and_as_a_text(number: object) -> None:
    """Else the page's report and the server's would be two orders."""
    event = page(name="purchase", transaction_id=number, id=number).events[0]
    assert (event.order, event.id) == ("1001", "1001")


BODIES = {
    "an array": b'[{"name":"login"},{"name":"sign_up"}]',
    "an array over lines": b'[\n {"name":"login"},\n {"name":"sign_up"}\n]\n',
    "an event a line": b'{"name":"login"}\n{"name":"sign_up"}\n',
    "with carriage returns and empty lines": b'\r\n{"name":"login"}\r\n\r\n{"name":"sign_up"}\r\n',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_many_events_come_as_an_array_or_one_a_line(body: bytes) -> None:
    """Each has a page of its own, in the order sent."""
    found = read_all(body)
    assert not isinstance(found, server.Fault)
    assert [one.events[0].name if isinstance(one, RawPage) else one for one in found] == ["login", "sign_up"]


def test_a_single_event_may_stand_over_several_lines() -> None:
    """As a person writes it who tries the route."""
    found = read_all(json.dumps(PURCHASE, indent=2).encode())
    assert [type(one) for one in found] == [RawPage]


def test_what_can_be_read_is_kept() -> None:
    """A spoilt event between two good ones, in an array and a line."""
    lines = [b'{"name":"login"}', b'{"nam', b'{"name":7}', b'{"name":"sign_up"}']
    for body in (b"\n".join(lines), b"[" + b",".join([lines[0], lines[2], b"17", lines[3]]) + b"]"):
        found = read_all(body)
        assert [type(one) for one in found] == [RawPage, server.Fault, server.Fault, RawPage]


@pytest.mark.parametrize("body", [b"", b" ", b"17", b"null", b'"x"', b"[", b"[" * 5000, b"\xff\xfe", b"[1 2]"])
def test_a_body_that_is_no_list_is_refused_whole(body: bytes) -> None:
    """With one word and what was expected."""
    assert read_all(body) == server.Fault(Outcome.MALFORMED, "expected a JSON array of events, or one event a line")


def test_an_empty_list_is_nothing() -> None:
    """A job that has nothing to report has done nothing wrong."""
    assert read_all([]) == []


@pytest.mark.parametrize("join", [b"[%s]" % b",".join([b"1"] * 1001), b"\n".join([b'{"name":"login"}'] * 1001)])
def test_a_thousand_events_are_read(join: bytes) -> None:
    """One more, and none is: the answer would have no bounds."""
    assert read_all(join) == server.Fault(Outcome.TOO_LARGE, "more than 1,000 events")
    assert len(list(read_all([{"name": "login"}] * 1000))) == 1000


OSLO = timezone(timedelta(hours=2))
A_SECOND_AGO = datetime.fromtimestamp(NOON - 1, UTC)
MOMENTS = {
    "nothing said": (None, 0),
    "seconds": (NOON - 90, 90_000),
    "whole seconds": (int(NOON) - 90, 90_000),
    "UTC": (A_SECOND_AGO.isoformat(), 1000),
    "with a Z": (A_SECOND_AGO.strftime("%Y-%m-%dT%H:%M:%SZ"), 1000),
    "an offset": (A_SECOND_AGO.astimezone(OSLO).isoformat(), 1000),
    "an offset as PHP writes it": (A_SECOND_AGO.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M:%S%z"), 1000),
    "yesterday": (NOON - 86_400, 86_400_000),
    "a clock that is a little fast": (NOON + 299, 0),
}


@pytest.mark.parametrize(("at", "age_ms"), MOMENTS.values(), ids=MOMENTS)
def test_an_event_may_say_when_it_was(at: object, age_ms: int) -> None:
    """How long ago is what goes on; whether that is too long is for `admit` to say, which knows the site's day."""
    assert page(at=at).events[0].age_ms == age_ms


WRONG = {
    "no name": ({"name": ""}, "name: expected a text of 1 to 60 characters"),
    "a name too long": ({"name": "x" * 61}, "name: expected a text of 1 to 60 characters"),
    "a local time": ({"at": "2026-05-12T12:00:00"}, "at: expected ISO 8601 with an offset, or seconds since 1970"),
    "a time that is none": ({"at": "noon"}, "at: expected ISO 8601 with an offset, or seconds since 1970"),
    "a time of another type": ({"at": [1]}, "at: expected ISO 8601 with an offset, or seconds since 1970"),
    "milliseconds": ({"at": NOON * 1000}, "at: more than five minutes ahead; a number means seconds"),
    "a clock that is fast": ({"at": NOON + 301}, "at: more than five minutes ahead; a number means seconds"),
    "a URL too long": ({"url": "x" * 2001}, "url: expected a text of at most 2,000 characters"),
    "a page view of no page": ({"name": "page_view"}, "url: missing, and a page_view is of a page"),
    "a word of consent": ({"consent": "yes"}, "consent: expected off, count or measure"),
    "a value that is none": (
        {"value": "1,234", "currency": "NOK"},
        "value: expected a number of major units, from -1e9 to 1e9",
    ),
    "a value beyond all": (
        {"value": 1e10, "currency": "NOK"},
        "value: expected a number of major units, from -1e9 to 1e9",
    ),
    "a value in no currency": ({"value": 10}, "currency: expected a code of ISO 4217"),
    "a price in no currency": ({"items": [{"item_id": "1", "price": 10}]}, "currency: expected a code of ISO 4217"),
    "a currency that nobody pays with": ({"currency": "KRONER"}, "currency: expected a code of ISO 4217"),
    "an item's price": ({"items": [{"price": [1]}]}, "items: expected a list of objects with GA4's keys"),
    "items that are none": ({"items": {}}, "items: expected a list of objects with GA4's keys"),
    "properties of several values": (
        {"props": {"a": [1]}},
        "props: expected an object of texts, numbers, true and false",
    ),
    "a property's name": ({"props": {"a" * 201: 1}}, "props: expected an object of texts, numbers, true and false"),
    "depth": ({"scroll": 101}, "scroll: expected a whole number from 0 to 100"),
    "a visitor without an agent": (
        {"visitor": {"address": "203.0.113.7"}},
        "visitor: expected an object with address and user_agent",
    ),
    "a visitor without a place": (
        {"visitor": VISITOR | {"address": "home"}},
        "visitor.address: expected an IP address",
    ),
    "a visitor's agent": (
        {"visitor": VISITOR | {"user_agent": ""}},
        "visitor.user_agent: expected a text of 1 to 1,000 characters",
    ),
    "no object": ({"visitor": 7}, "visitor: expected an object with address and user_agent"),
}


@pytest.mark.parametrize(("event", "sentence"), WRONG.values(), ids=WRONG)
def test_a_fault_is_told_with_its_field(event: dict[str, object], sentence: str) -> None:
    """Which field, and what would have been right."""
    assert why(**event) == sentence


def test_a_missing_name_is_told() -> None:
    """It is the only field that must be there."""
    assert read_all([{"id": "1"}]) == [server.Fault(Outcome.MALFORMED, "name: missing")]


@pytest.mark.parametrize(
    "event", [{"transacton_id": "A-17"}, {"email": "kari@example.no"}, {"visitor": VISITOR | {"id": 1}}]
)
def test_a_field_that_nobody_knows_is_refused(event: dict[str, object]) -> None:
    """A slip of the pen and an e-mail address are told at once, and not dropped in silence; neither is repeated."""
    said = why(**event)
    assert said.startswith("a field that is none of name, id, at,")
    assert "transacton" not in said
    assert "email" not in said


def test_a_visitor_is_whom_the_server_names() -> None:
    """With his address and agent, and the objection that his browser sent."""
    visitor = page(visitor=VISITOR | {"objects": True}).visitor
    assert isinstance(visitor, Arrival)
    assert (str(visitor.address), visitor.user_agent, visitor.language) == ("203.0.113.77", CHROME, "nb")
    assert (visitor.objects, visitor.by_server, visitor.bare, visitor.now) == (True, True, False, NOON)


def test_who_may_not_name_visitors_does_not() -> None:
    """The whole event is refused: without its visitor it would be another event."""
    found = read(names_visitors=False, visitor=VISITOR)
    assert found == server.Fault(Outcome.MALFORMED, "visitor: this token may not tell of visitors (names_visitors)")
    assert isinstance(read(names_visitors=False, visitor=None), RawPage)


@pytest.mark.parametrize(("name", "kept"), [("view_item_list", 30), ("purchase", 100), ("refund", 100)])
def test_items_have_a_limit(name: str, kept: int) -> None:
    """The rest is cut off: an order must not be lost over its hundred-and-first product."""
    assert len(page(name=name, items=[{"item_id": "1"}] * 101).events[0].items) == kept


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["kari@example.no", "12345"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9) | st.just("kari"), inner, max_size=3)
    ),
    max_leaves=5,
)
_FIELDS = st.sampled_from([*server._EXPECTED, "kari", ""])
_EVENTS = st.dictionaries(_FIELDS, _JSON, max_size=6).map(lambda event: {"name": "login"} | event)


@given(st.lists(_EVENTS | _JSON, max_size=4))
def test_whatever_is_sent_has_an_answer_that_repeats_nothing(sent: list[object]) -> None:
    """A page, or a sentence that is one of a few and holds nothing of what was sent."""
    found = read_all(json.dumps(sent).encode())
    assert not isinstance(found, server.Fault) or found.outcome is Outcome.MALFORMED
    sentences = {says for _, says in WRONG.values()} | {
        f"{name}: expected {form}" for name, form in server._EXPECTED.items()
    }
    for one in [found] if isinstance(found, server.Fault) else found:
        if isinstance(one, server.Fault):
            known = one.why in sentences or one.why.startswith(("a field that is none of name, ", "expected a JSON "))
            assert known or one.why == "name: missing", one.why
            assert "kari" not in one.why
        else:
            assert all(isinstance(event, RawEvent) for event in one.events)


@given(st.binary(max_size=200))
def test_whatever_bytes_are_sent_they_are_answered(body: bytes) -> None:
    """Nothing is raised."""
    found = read_all(body)
    assert isinstance(found, server.Fault) or all(isinstance(one, RawPage | server.Fault) for one in found)
