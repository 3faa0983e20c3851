"""Plausible's event API."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import plausible


def body(**sent: object) -> bytes:
    """A body with the least there must be, and this."""
    return json.dumps({"n": "pageview", "u": "https://shop.no/", "d": "shop.no"} | sent).encode()


def read(**sent: object) -> tuple[RawPage, RawEvent]:
    """The page and its one event."""
    [page], refused = plausible.decode(body(**sent))
    assert refused == ()
    [event] = page.events
    return page, event


def test_the_trackers_short_keys_are_read() -> None:
    """As its script sends them; keys of no use here do no harm."""
    page, event = read(r="https://www.google.com/", h=1, v=24, p={"colour": "red"})
    assert (page.site, page.url, page.referrer, page.mode) == (
        "shop.no", "https://shop.no/", "https://www.google.com/", "",
    )  # fmt: skip
    assert (event.name, event.props) == ("page_view", {"colour": "red"})


def test_the_documented_long_keys_are_read() -> None:
    """As the API's description has them, for plug-ins that speak it from a server."""
    sent = {"name": "pageview", "url": "https://shop.no/lego", "domain": "shop.no", "referrer": "https://vg.no/"}
    [page], _ = plausible.decode(json.dumps(sent).encode())
    assert (page.site, page.url, page.referrer) == ("shop.no", "https://shop.no/lego", "https://vg.no/")


NAMES = {
    "pageview": "page_view",
    "Outbound Link: Click": "click",
    "File Download": "file_download",
    "404": "page_not_found",
    "purchase": "purchase",
    "Anna's own": "Anna's own",
}


@pytest.mark.parametrize(("sent", "name"), NAMES.items())
def test_its_names_become_ours(sent: str, name: str) -> None:
    """The four that mean the same; others are for the door to judge."""
    assert read(n=sent)[1].name == name


REVENUES = {
    "a number": ({"amount": 749.5, "currency": "NOK"}, 749.5),
    "a whole number": ({"amount": 749, "currency": "NOK"}, 749.0),
    "a text": ({"amount": "749.50", "currency": "NOK"}, 749.5),
    "nothing": (None, 0.0),
}


@pytest.mark.parametrize("key", ["$", "revenue"])
@pytest.mark.parametrize(("revenue", "value"), REVENUES.values(), ids=REVENUES.keys())
def test_revenue_is_a_number_or_a_text(key: str, revenue: object, value: float) -> None:
    """Both are in use."""
    assert read(**{key: revenue})[1].value == value


PROPS = {
    "an object": ({"a": "b"}, {"a": "b"}),
    "JSON as text": ('{"a":"b"}', {"a": "b"}),
    "a whole number": ({"a": 5}, {"a": "5"}),
    "a fraction": ({"a": 1.5}, {"a": "1.5"}),
    "yes and no": ({"a": True, "b": False}, {"a": "true", "b": "false"}),
    "nothing": ({"a": None}, {}),
    "none": (None, {}),
}


@pytest.mark.parametrize("key", ["p", "props"])
@pytest.mark.parametrize(("sent", "kept"), PROPS.values(), ids=PROPS.keys())
def test_properties_are_texts(key: str, sent: object, kept: dict[str, str]) -> None:
    """Whatever scalar they were."""
    assert read(**{key: sent})[1].props == kept


def test_one_event_may_be_for_several_sites() -> None:
    """One page a domain, each domain once; past five they are refused."""
    pages, refused = plausible.decode(body(d="a.no, b.no,a.no,,c.no,d.no,e.no,f.no,g.no"))
    assert [page.site for page in pages] == ["a.no", "b.no", "c.no", "d.no", "e.no"]
    assert refused == (Outcome.TOO_LARGE,) * 2


BAD = {
    "nothing": b"",
    "no JSON": b"n=pageview",
    "no name": body(n=""),
    "no URL": body(u=""),
    "no domain": body(d=" , "),
    "a long URL": body(u="x" * 2001),
    "revenue in words": body(**{"$": {"amount": "much"}}),
    "properties that nest": body(p={"a": {"b": "c"}}),
    "text that is no object": body(p="[1]"),
    "brackets without end": b'{"n":"pageview","x":' + b"[" * 30_000,
    "no UTF-8": b'{"n":"\xff"}',
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD.keys())
def test_what_cant_be_read_is_malformed(sent: bytes) -> None:
    """One word, whatever was wrong."""
    assert plausible.decode(sent) == ((), (Outcome.MALFORMED,))


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)
keys = st.sampled_from("n name u url d domain r referrer p props $ revenue".split())


@given(st.one_of(st.binary(max_size=300), st.dictionaries(keys, anything).map(lambda sent: body(**sent))))
def test_any_bytes_are_pages_or_a_refusal(sent: bytes) -> None:
    """Nothing that a stranger sends is a fault of ours."""
    pages, refused = plausible.decode(sent)
    assert pages or refused
