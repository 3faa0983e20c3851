"""The script's own dialect."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcome import Outcome
from proxy.arrival import Personal, RawEvent
from proxy.decode import native

EXAMPLE = b"""{"s":"extra-leker.no","u":"https://extra-leker.no/lego/60316?utm_source=facebook","r":"https://www.google.com/",
     "w":1536,"m":"measure",
     "e":[{"n":"page_view","i":"k3j9x0a1"},
          {"n":"view_item","i":"k3j9x0a2","t":-1200,"items":[{"item_id":"60316","item_name":"Politistasjon",
           "item_category":"Lego","item_category2":"City","price":749.0,"quantity":1}],"currency":"NOK"}]}"""


def said(personal: Personal) -> dict[str, object]:
    """What a personal value holds; it would not tell by itself."""
    return {name: getattr(personal, name) for name in personal.__slots__}


def body(*events: object, **page: object) -> bytes:
    """A body with these events."""
    return json.dumps({"s": "shop.no", "u": "https://shop.no/", "e": events} | page).encode()


def read(**event: object) -> RawEvent:
    """One event as it is read."""
    [page], refused = native.decode(body({"n": "page_view"} | event))
    assert refused == ()
    return page.events[0]


def test_the_documented_body_is_read_whole() -> None:
    """The example of the wire format, field by field."""
    [page], refused = native.decode(EXAMPLE)
    view, item_view = page.events
    [item] = item_view.items
    assert refused == ()
    assert said(page) | {"events": 2} == {
        "site": "extra-leker.no",
        "url": "https://extra-leker.no/lego/60316?utm_source=facebook",
        "referrer": "https://www.google.com/",
        "viewport": 1536,
        "mode": "measure",
        "automated": False,
        "visitor": None,
        "events": 2,
    }
    nothing = {
        "age_ms": 0, "currency": "", "engaged_ms": 0, "id": "", "items": (), "name": "", "order": "", "props": {},
        "scroll": 0, "search_term": "", "value": 0.0,
    }  # fmt: skip
    assert said(view) == nothing | {"name": "page_view", "id": "k3j9x0a1"}
    assert said(item_view) | {"items": ()} == nothing | {
        "name": "view_item", "id": "k3j9x0a2", "age_ms": 1200, "currency": "NOK",
    }  # fmt: skip
    assert said(item) == {
        "id": "60316", "name": "Politistasjon", "brand": "", "variant": "",
        "categories": ("Lego", "City", "", "", ""), "list": "", "index": 0, "price": 749.0, "quantity": 1,
    }  # fmt: skip


FIELDS = {
    "milliseconds ago, as the script says it": ({"t": -1200}, "age_ms", 1200),
    "milliseconds ago, without the sign": ({"t": 1200}, "age_ms", 1200),
    "five minutes at most": ({"t": -10_000_000}, "age_ms", 300_000),
    "an order's number": ({"o": 4711}, "order", "4711"),
    "an order's text": ({"o": "A-17"}, "order", "A-17"),
    "value": ({"v": 749.5}, "value", 749.5),
    "a whole value": ({"v": 749}, "value", 749.0),
    "engaged": ({"ms": 15000}, "engaged_ms", 15000),
    "scrolled": ({"sd": 100}, "scroll", 100),
    "searched": ({"q": "lego"}, "search_term", "lego"),
    "properties": ({"props": {"colour": "red"}}, "props", {"colour": "red"}),
    "a number for a retry": ({"i": 0.123456789}, "id", "0.123456789"),
    "an order by GA4's word": ({"transaction_id": 4711}, "order", "4711"),
    "value by GA4's word": ({"value": 749.5}, "value", 749.5),
    "value as a text": ({"value": "1 299,50"}, "value", 1299.5),
    "value that is empty": ({"v": ""}, "value", 0.0),
    "engaged with a fraction": ({"ms": 15000.4}, "engaged_ms", 15000),
    "scrolled with a fraction": ({"sd": 45.6}, "scroll", 46),
    "scrolled beyond the end": ({"sd": 104.2}, "scroll", 100),
    "scrolled on a page without a height": ({"sd": None}, "scroll", 0),
    "searched by GA4's word": ({"search_term": "lego"}, "search_term", "lego"),
    "a long search, to be cut once it is cleaned": ({"q": "x" * 900}, "search_term", "x" * 900),
    "a search without end": ({"q": "x" * 2001}, "search_term", ""),
    "properties as the script sends them": (
        {"props": ["colour,red, or so", "gift,", ""]},
        "props",
        {"colour": "red, or so"},
    ),
    "properties of other types": (
        {"props": {"a": {"b": "c"}, "n": 4, "yes": True}},
        "props",
        {"n": "4", "yes": "true"},
    ),
    "a field that nobody knows": ({"zz": [1, {"a": None}]}, "name", "page_view"),
}


@pytest.mark.parametrize(("event", "field", "expected"), FIELDS.values(), ids=FIELDS.keys())
def test_a_field_is_read(event: dict[str, object], field: str, expected: object) -> None:
    """Each short name goes to its field."""
    assert getattr(read(**event), field) == expected


BAD_EVENTS = {
    "no name": {},
    "an empty name": {"n": ""},
    "a long name": {"n": "x" * 61},
    "an amount that is no number": {"n": "purchase", "v": "mye"},
    "an amount that could be two": {"n": "purchase", "value": "1,299"},
    "an amount beyond reason": {"n": "purchase", "v": 1e10},
    "an amount beyond reason as a text": {"n": "purchase", "value": "10000000000"},
    "an amount of several": {"n": "purchase", "value": [1]},
    "a currency of several": {"n": "purchase", "currency": {"code": "NOK"}},
    "minus milliseconds": {"n": "engagement", "ms": -1},
    "items that are none": {"n": "purchase", "items": 5},
    "no object": "page_view",
}


@pytest.mark.parametrize("bad", BAD_EVENTS.values(), ids=BAD_EVENTS.keys())
def test_an_event_that_cant_be_read_takes_no_other_with_it(bad: object) -> None:
    """It is refused with a word, and the rest of the batch is kept."""
    [page], refused = native.decode(body({"n": "page_view"}, bad, {"n": "search"}))
    assert [event.name for event in page.events] == ["page_view", "search"]
    assert refused == (Outcome.MALFORMED,)


BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"n=page_view",
    "half of it": EXAMPLE[:100],
    "a list": b"[]",
    "no page": b'{"s":"shop.no","e":[{"n":"page_view"}]}',
    "no events": body(),
    "a URL that is none": body({"n": "page_view"}, u=5),
    "no UTF-8": b'{"s":"\xff","u":"https://shop.no/","e":[{"n":"page_view"}]}',
    "brackets without end": b'{"s":"shop.no","u":"https://shop.no/","x":' + b"[" * 30_000,
    "brackets within an event": b'{"s":"shop.no","u":"https://shop.no/","e":[' + b"[" * 30_000,
}


@pytest.mark.parametrize("sent", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_cant_be_read_is_one_refusal(sent: bytes) -> None:
    """Nothing of it is kept."""
    assert native.decode(sent) == ((), (Outcome.MALFORMED,))


def test_the_fifty_first_event_is_too_large() -> None:
    """Fifty are kept, each more is counted as refused."""
    [page], refused = native.decode(body(*[{"n": "page_view", "i": str(n)} for n in range(53)]))
    assert [event.id for event in page.events] == [str(n) for n in range(50)]
    assert refused == (Outcome.TOO_LARGE,) * 3


@pytest.mark.parametrize(("name", "kept"), [("view_item_list", 30), ("purchase", 100), ("refund", 100)])
def test_items_past_the_limit_are_cut_off(name: str, kept: int) -> None:
    """Thirty, and a hundred of a purchase; the event itself is kept."""
    event = read(n=name, items=[{"item_id": n} for n in range(120)])
    assert [item.id for item in event.items] == [str(n) for n in range(kept)]


def test_long_addresses_are_cut() -> None:
    """Advertisements make them; a view is not lost over what stands at their end."""
    [page], refused = native.decode(body({"n": "page_view"}, u="https://shop.no/" + "u" * 3000, r="r" * 3000))
    assert (page.url, page.referrer, refused) == ("https://shop.no/" + "u" * 1984, "r" * 2000, ())


@pytest.mark.parametrize(
    ("url", "site"), [("https://www.shop.no:8443/x", "www.shop.no"), ("https://[", ""), ("about:blank", "")]
)
def test_where_no_site_is_named_it_is_the_pages_host(url: str, site: str) -> None:
    """A tag needs no site where its id is the host's name."""
    [[page], _] = native.decode(b'{"u":"%s","e":[{"n":"page_view"}]}' % url.encode())
    assert page.site == site


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page_or_a_refusal(sent: bytes) -> None:
    """Nothing that a stranger sends is a fault of ours."""
    pages, refused = native.decode(sent)
    assert pages or refused


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)
keys = st.sampled_from(
    "n i t items currency v value ms sd o transaction_id q search_term props p item_list_name".split()
)


@given(
    st.lists(st.dictionaries(keys, anything), min_size=1, max_size=5),
    st.dictionaries(st.sampled_from("suerwm"), anything),
)
def test_any_values_in_the_right_places_are_counted_once_each(events: list[object], page: dict[str, object]) -> None:
    """Each event sent is kept or refused; a page that can't be read is one refusal."""
    pages, refused = native.decode(body(*events, **page))
    if pages and "e" not in page:
        assert len(pages[0].events) + len(refused) == len(events)
    assert pages or refused == (Outcome.MALFORMED,)


LOOSE = {
    "no brand": ({"item_brand": None}, {"brand": ""}),
    "a category that is a number": ({"item_category": 5}, {"categories": ("5", "", "", "", "")}),
    "an id that is a number": ({"item_id": 60316.0}, {"id": "60316"}),
    "pieces with a fraction": ({"quantity": 1.5}, {"quantity": 2}),
    "pieces as text": ({"quantity": "3"}, {"quantity": 3}),
    "more pieces than anyone buys": ({"quantity": 2**31}, {"quantity": 10_000}),
    "pieces that are none": ({"quantity": "many"}, {"quantity": 0}),
    "a place in a list as text": ({"index": "4"}, {"index": 4}),
    "a place before the first": ({"index": -1}, {"index": 0}),
    "a price as text": ({"price": "749.50"}, {"price": 749.5}),
    "a price that is no number": ({"price": "NaN"}, {"price": 0.0}),
    "a price as it is written": ({"price": "1 299,50"}, {"price": 1299.5}),
    "another shop's words": ({"name": "Ball", "brand": "Lego"}, {"name": "Ball", "brand": "Lego"}),
    "a long name, to be cut once it is cleaned": ({"item_name": "x" * 900}, {"name": "x" * 900}),
    "a name without end": ({"item_name": "x" * 2001}, {"name": ""}),
}


@pytest.mark.parametrize(("sent", "kept"), LOOSE.values(), ids=LOOSE.keys())
def test_a_purchase_is_not_lost_over_the_form_of_an_item(sent: dict[str, object], kept: dict[str, object]) -> None:
    """Data layers hold nulls, numbers and texts in each other's places."""
    [item] = read(n="purchase", items=[sent]).items
    assert {name: getattr(item, name) for name in kept} == kept


def test_an_item_that_cant_be_read_takes_no_other_with_it() -> None:
    """Data layers hold nothing, and lists, where an item should be."""
    items = [None, {"item_id": "a"}, 5, {"item_id": {"id": "b"}}, [], {"item_id": "c"}]
    assert [item.id for item in read(n="purchase", items=items).items] == ["a", "c"]


def test_a_list_is_named_once_for_its_items() -> None:
    """GA4 lets the event say it; an item's own word goes before it."""
    event = read(n="view_item_list", item_list_name="Nyheter", items=[{"item_id": "a"}, {"item_list_name": "Salg"}])
    assert [item.list for item in event.items] == ["Nyheter", "Salg"]
