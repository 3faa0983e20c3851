"""Google Analytics' Measurement Protocol: what is read of it, and what isn't."""

import json

import pytest

from proxy.arrival import RawEvent, RawPage
from proxy.privacy.modes import Mode, mode_of
from tests.proxy.decode.measurement import NOW, PURCHASE, body, decode, event_of


def test_a_purchase_arrives_complete() -> None:
    """With where it happened, its number, its sum and its products."""
    [page], refused = decode(body())
    [event] = page.events
    [item] = event.items
    assert refused == ()
    assert (page.site, page.url, page.referrer) == ("shop.no", "https://shop.no/kasse", "https://shop.no/handlekurv")
    assert (event.name, event.order, event.value, event.currency) == ("purchase", "A-17", 749.5, "NOK")
    assert (event.engaged_ms, event.age_ms, event.props) == (100, 0, {"coupon": "SOMMER"})
    assert (item.id, item.name, item.brand, item.price, item.quantity) == ("60316", "Politistasjon", "Lego", 749.0, 1)


def test_a_search_keeps_its_words_apart_from_properties() -> None:
    """They are kept for less long."""
    event = event_of({"search_term": "lego by"}, name="search")
    assert (event.search_term, event.props) == ("lego by", {})


def test_an_event_without_a_page_is_read() -> None:
    """An order by phone has none."""
    [page], refused = decode(body({"name": "purchase"}, {"name": "login", "params": None}))
    assert (page.url, page.referrer, refused) == ("", "", ())
    assert [event.name for event in page.events] == ["purchase", "login"]


def test_events_of_one_page_in_a_row_are_one_pages() -> None:
    """In the order sent."""
    places = ["https://shop.no/a", "https://shop.no/a", "https://shop.no/b", None, "https://shop.no/a"]
    pages, _ = decode(body(*({"name": "login", "params": {"page_location": place}} for place in places)))
    found = [(page.url, len(page.events)) for page in pages]
    assert found == [("https://shop.no/a", 2), ("https://shop.no/b", 1), ("", 1), ("https://shop.no/a", 1)]


def test_one_event_needs_no_list() -> None:
    """As a client on PyPI sends those that it has postponed."""
    [page], refused = decode(json.dumps({"events": PURCHASE}).encode())
    assert ([event.name for event in page.events], refused) == (["purchase"], ())


MARK = "anna-7f3c"
PERSONAL = {
    "client_id": MARK,
    "app_instance_id": MARK,
    "user_id": MARK,
    "user_properties": {"tier": {"value": MARK}},
    "user_data": {"sha256_email_address": [MARK], "address": {"city": MARK}},
    "user_location": {"city": MARK},
    "ip_override": MARK,
    "device": {"model": MARK, "browser": MARK},
    "user_agent": MARK,
}


def test_who_it_was_is_read_by_nobody() -> None:
    """Neither beside the events nor among an event's parameters, wherever Google has a place for it."""
    params = PERSONAL | {"session_id": MARK, "ga_session_id": MARK, "page_title": MARK, "paper": "blue"}
    mine = {"user_agent", "ip_override", "app_instance_id", "device", "user_location"}  # no parameters of Google's
    [page], refused = decode(
        body({"name": "login", "params": {k: v for k, v in params.items() if k not in mine}}, **PERSONAL)
    )
    assert refused == ()
    held = [getattr(page, name) for name in RawPage.__slots__ if name != "events"]
    held += [getattr(event, name) for event in page.events for name in RawEvent.__slots__]
    assert MARK not in repr(held)
    assert {"paper": "blue"} in held


def test_parameters_are_properties_if_they_are_one_value() -> None:
    """The door drops those that the site doesn't declare."""
    sent = {"paper": "blue", "ribbon": True, "metres": 1.5, "cards": ["a"], "none": None, "page_title": "x"}
    assert event_of(sent, name="gift_wrapped").props == {"paper": "blue", "ribbon": "true", "metres": "1.5"}


CONSENTS = {
    "nothing": (None, False),
    "to advertising": ({"ad_user_data": "GRANTED", "ad_personalization": "GRANTED"}, False),
    "to statistics": ({"analytics_storage": "GRANTED"}, True),
    "against statistics": ({"analytics_storage": "DENIED"}, False),
    "in words": ("GRANTED", False),
}


@pytest.mark.parametrize(("consent", "agreed"), CONSENTS.values(), ids=CONSENTS.keys())
def test_only_consent_to_statistics_opens_a_site_that_asks(consent: object, agreed: bool) -> None:  # noqa: FBT001 - the table's
    """And nothing more than a count comes of it, wherever the site is."""
    [page], _ = decode(body(consent=consent, non_personalized_ads=False))
    assert mode_of(page.mode, Mode.OFF, objects=False) is (Mode.COUNT if agreed else Mode.OFF)
    assert mode_of(page.mode, Mode.MEASURE, objects=False) is Mode.COUNT


HOURS = 3_600_000
AGES = {
    "now": (NOW, 0),
    "a moment ahead": (NOW + 299, 0),
    "five minutes ago": (NOW - 300, 300_000),
    "an hour ago": (NOW - 3600, HOURS),
    "a day ago": (NOW - 86_400, 24 * HOURS),
}


@pytest.mark.parametrize(("at", "age_ms"), AGES.values(), ids=AGES.keys())
def test_an_event_may_tell_its_time(at: float, age_ms: int) -> None:
    """Within a day; as a number or as text, beside its name or among its parameters."""
    micros = round(at * 1e6)
    assert event_of(timestamp_micros=micros).age_ms == age_ms
    assert event_of({"timestamp_micros": str(micros)}).age_ms == age_ms
    assert event_of({"timestamp_micros": 1}, timestamp_micros=micros).age_ms == age_ms


def test_a_request_may_tell_the_time_of_its_events() -> None:
    """Of those that tell none themselves."""
    hour_ago, minute_ago = round((NOW - 3600) * 1e6), round((NOW - 60) * 1e6)
    [page], _ = decode(
        body({"name": "login"}, {"name": "login", "timestamp_micros": minute_ago}, timestamp_micros=hour_ago)
    )
    assert [event.age_ms for event in page.events] == [HOURS, 60_000]


@pytest.mark.parametrize(("name", "most"), {"view_item": 30, "purchase": 100}.items())
def test_an_event_has_as_many_items_as_from_a_page(name: str, most: int) -> None:
    """The rest is cut off."""
    assert len(event_of({"items": [{"item_id": 1}] * 120}, name=name).items) == most
