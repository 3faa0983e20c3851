"""Google Analytics' Measurement Protocol."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import ga4
from proxy.privacy.modes import Mode, mode_of
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


TIMES = {
    "in the future": (round((NOW + 301) * 1e6), Outcome.MALFORMED),
    "older than a day": (round((NOW - 86_401) * 1e6), Outcome.EXPIRED),
    "in milliseconds": (round(NOW * 1e3), Outcome.EXPIRED),
    "in words": ("yesterday", Outcome.MALFORMED),
    "no number": ("nan", Outcome.MALFORMED),
    "a list": ([1], Outcome.MALFORMED),
    "without end": ("inf", Outcome.MALFORMED),
}


@pytest.mark.parametrize(("told", "word"), TIMES.values(), ids=TIMES.keys())
def test_a_time_that_cant_be_is_refused(told: object, word: Outcome) -> None:
    """And not put right: it would be another day's event."""
    assert decode(body({"name": "login", "timestamp_micros": told})) == ((), (word,))


STRANGERS = {
    "no query": {"measurement_id": "", "api_secret": ""},
    "an unknown id": {"measurement_id": "G-OTHER12345"},
    "no secret": {"api_secret": ""},
    "a wrong secret": {"api_secret": SECRET + "x"},
    "the secret's hash": {"api_secret": SITE.ga4["G-SHOP12345"]},
    "half a character": {"api_secret": "\udcff"},
}


@pytest.mark.parametrize("query", STRANGERS.values(), ids=STRANGERS.keys())
def test_without_the_secret_it_is_no_site_of_ours(query: dict[str, str]) -> None:
    """Each event is refused by that word, which one can tell from the count."""
    assert decode(body(PURCHASE, PURCHASE), **query) == ((), (Outcome.UNKNOWN_SITE,) * 2)


def test_a_strangers_flood_is_counted_as_one_full_request() -> None:
    """Counting costs more than sending."""
    assert decode(body(*[1] * 5000), api_secret="x") == ((), (Outcome.UNKNOWN_SITE,) * 25)


def test_a_site_may_have_several_measurement_ids() -> None:
    """Each with a secret of its own."""
    other = SITE.model_copy(update={"id": "other.no", "ga4": {"G-OTHER12345": sha256(b"x").hexdigest()}})
    known = ga4.streams_of([SITE, other])
    [page], _ = ga4.decode(body(), {"measurement_id": "G-OTHER12345", "api_secret": "x"}, known, NOW)
    assert page.site == "other.no"
    assert ga4.decode(body(), QUERY | {"api_secret": "x"}, known, NOW) == ((), (Outcome.UNKNOWN_SITE,))


def test_what_can_be_read_is_kept() -> None:
    """One word for each of the rest."""
    events = [PURCHASE, {"name": ""}, 5, {"name": "login"}]
    [bought, logged_in], refused = decode(body(*events))
    assert [event.name for event in (*bought.events, *logged_in.events)] == ["purchase", "login"]
    assert refused == (Outcome.MALFORMED,) * 2


def test_past_twenty_five_events_the_rest_is_too_many() -> None:
    """As Google has it."""
    [page], refused = decode(body(*[{"name": "login"}] * 28))
    assert (len(page.events), refused) == (25, (Outcome.TOO_LARGE,) * 3)


@pytest.mark.parametrize(("name", "most"), {"view_item": 30, "purchase": 100}.items())
def test_an_event_has_as_many_items_as_from_a_page(name: str, most: int) -> None:
    """The rest is cut off."""
    assert len(event_of({"items": [{"item_id": 1}] * 120}, name=name).items) == most


BAD = {
    "nothing": b"",
    "no JSON": b"events=1",
    "no object": b"[]",
    "no events": b"{}",
    "an empty list": body(events=[]),
    "events in words": body(events="login"),
    "a long name": body({"name": "x" * 61}),
    "parameters in words": body({"name": "login", "params": "x"}),
    "a value in words": body({"name": "login", "params": {"value": "much"}}),
    "items in words": body({"name": "login", "params": {"items": "x"}}),
    "a view of no page": body({"name": "page_view"}),
    "an item that nests": body({"name": "login", "params": {"items": [{"item_id": {}}]}}),
    "no UTF-8": b'{"events":[{"name":"\xff"}]}',
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD.keys())
def test_what_cant_be_read_is_malformed(sent: bytes) -> None:
    """One word, whatever was wrong."""
    assert decode(sent) == ((), (Outcome.MALFORMED,))


NO_ADDRESSES = {
    "long": ("https://shop.no/" + "x" * 2000, Outcome.TOO_LARGE),
    "number": (5, Outcome.MALFORMED),
    "list": (["https://shop.no/"], Outcome.MALFORMED),
}


@pytest.mark.parametrize(("place", "word"), NO_ADDRESSES.values(), ids=NO_ADDRESSES)
def test_a_page_that_is_no_address_is_refused(place: object, word: Outcome) -> None:
    """Its event is not counted for no page instead."""
    assert decode(body({"name": "login", "params": {"page_location": place}})) == ((), (word,))


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)
params = st.dictionaries(st.sampled_from([*PURCHASE["params"], "timestamp_micros", "search_term"]), anything)  # type: ignore[misc]
events = st.fixed_dictionaries(
    {"name": st.one_of(st.just("purchase"), anything), "params": st.one_of(params, anything)}
)
bodies = st.fixed_dictionaries(
    {"events": st.one_of(st.lists(events, max_size=3), anything), "timestamp_micros": anything, "consent": anything}
)


@given(st.one_of(st.binary(max_size=300), bodies.map(lambda sent: json.dumps(sent).encode())))
def test_any_bytes_are_pages_or_a_refusal(sent: bytes) -> None:
    """Nothing that a stranger sends is a fault of ours."""
    pages, refused = decode(sent)
    assert pages or refused
