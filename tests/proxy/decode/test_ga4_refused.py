"""What Google Analytics' Measurement Protocol brings that is not taken: by strangers, too much, or no sense."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcome import Outcome
from proxy.decode import ga4
from tests.proxy.decode.measurement import NOW, PURCHASE, QUERY, SECRET, SITE, body, decode

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
