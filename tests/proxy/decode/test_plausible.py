"""Plausible's event API."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import plausible
from proxy.privacy import coarse


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
    page, event = read(r="https://www.google.com/", v=24, i=False, w=1536, p={"colour": "red"})
    assert (page.site, page.url, page.referrer, page.mode, page.viewport) == (
        "shop.no", "https://shop.no/", "https://www.google.com/", "", 1536,
    )  # fmt: skip
    assert (event.name, event.props) == ("page_view", {"colour": "red"})


def test_the_documented_long_keys_are_read() -> None:
    """As the API's description has them, for plug-ins that speak it from a server."""
    sent = {"name": "pageview", "url": "https://shop.no/lego", "domain": "shop.no", "referrer": "https://vg.no/"}
    [page], _ = plausible.decode(json.dumps(sent).encode())
    assert (page.site, page.url, page.referrer) == ("shop.no", "https://shop.no/lego", "https://vg.no/")


def test_of_two_spellings_the_short_one_goes_first() -> None:
    """As with Plausible, whose proxies add long ones."""
    page, event = read(name="other", url="https://shop.no/other", domain="other.no", referrer="https://vg.no/")
    assert (page.site, page.url, page.referrer, event.name) == (
        "shop.no", "https://shop.no/", "https://vg.no/", "page_view",
    )  # fmt: skip


WIDTHS = {0: 0, 200: 320, 320: 320, 1300: 1280, 1919: 1536, 2560: 1920, "1300": 1280, -5: 0, 10**9: 1920, "wide": 0}


@pytest.mark.parametrize("key", ["w", "screen_width"])
@pytest.mark.parametrize(("sent", "bucket"), WIDTHS.items())
def test_a_width_becomes_a_bucket(key: str, sent: object, bucket: int) -> None:
    """One of those that are kept."""
    viewport = read(**{key: sent})[0].viewport
    assert viewport == bucket == coarse.viewport(viewport)


NAMES = {
    "pageview": "page_view",
    "Outbound Link: Click": "click",
    "Cloaked Link: Click": "click",
    "File Download": "file_download",
    "Form: Submission": "form_submit",
    "WP Form Completions": "form_submit",
    "404": "page_not_found",
    404: "page_not_found",
    "Woo Start Checkout": "begin_checkout",
    "purchase": "purchase",
    "Purchase": "purchase",
    "Add to Cart": "add_to_cart",
    "Click": "Click",
    "Anna's own": "Anna's own",
}


@pytest.mark.parametrize(("sent", "name"), NAMES.items())
def test_its_names_become_ours(sent: str | int, name: str) -> None:
    """Those that mean the same, and the trade's however they are written; others are for the door to judge."""
    assert read(n=sent)[1].name == name


AUTOMATIC = {
    "an outbound link": (
        "Outbound Link: Click",
        {"url": "https://WWW.Lego.com/no?q=anna"},
        {"link_domain": "www.lego.com"},
    ),
    "no link": ("Outbound Link: Click", {"url": "http://[::1"}, {}),
    "a download": ("File Download", {"url": "https://shop.no/a.b/Guide.PDF?token=1#p"}, {"file_extension": "pdf"}),
    "a file without an extension": ("File Download", {"url": "https://shop.no/a.b/guide"}, {}),
    "a hidden file": ("File Download", {"url": "https://shop.no/.htaccess"}, {}),
    "a form": ("Form: Submission", {"path": "/anna"}, {}),
    "a missing page": ("404", {"path": "/anna", "colour": "red"}, {"colour": "red"}),
}


@pytest.mark.parametrize(("name", "sent", "kept"), AUTOMATIC.values(), ids=AUTOMATIC.keys())
def test_of_an_address_a_host_or_a_kind_of_file_is_kept(name: str, sent: object, kept: dict[str, str]) -> None:
    """The rest of a link may say who was looking for what."""
    assert read(n=name, p=sent)[1].props == kept


def test_a_cart_of_woocommerce_tells_its_product() -> None:
    """In properties, as Plausible's plug-in sends them."""
    sent = {"product_name": "Politistasjon", "product_id": 60316, "quantity": "2", "price": "749.00", "cart_total": 3}
    _, event = read(n="Woo Add to Cart", p=sent)
    [item] = event.items
    assert (event.name, item.id, item.name, item.quantity, item.price) == (
        "add_to_cart", "60316", "Politistasjon", 2, 749.0,
    )  # fmt: skip
    assert event.props == {"cart_total": "3"}


def test_a_search_of_wordpress_tells_its_words() -> None:
    """Out of the properties, where they would be kept for longer."""
    _, event = read(n="WP Search Queries", p={"search_query": "lego by", "result_count": 3})
    assert (event.name, event.search_term, event.props) == ("search", "lego by", {"result_count": "3"})


def test_an_order_may_have_its_number() -> None:
    """So that the shop's server can report the same purchase; no other event has one."""
    _, event = read(n="Purchase", p={"transaction_id": "A-17"})
    assert (event.order, event.props) == ("A-17", {})
    _, event = read(n="login", p={"transaction_id": "A-17"})
    assert (event.order, event.props) == ("", {"transaction_id": "A-17"})


ENGAGEMENTS = {
    "both": ({"e": 4200, "sd": 85}, (4200, 85)),
    "no depth": ({"e": 4200, "sd": None}, (4200, 0)),
    "no time": ({"sd": 85}, (0, 85)),
    "text": ({"e": "4200", "sd": "85"}, (4200, 85)),
    "too deep": ({"e": 1, "sd": 255}, (1, 100)),
    "a clock that went wrong": ({"e": 10**15, "sd": 1}, (86_400_000, 1)),
    "backwards": ({"e": -5, "sd": 1}, (0, 1)),
}


@pytest.mark.parametrize(("sent", "found"), ENGAGEMENTS.values(), ids=ENGAGEMENTS.keys())
def test_engagement_is_time_and_depth(sent: dict[str, object], found: tuple[int, int]) -> None:
    """Either may be missing or odd, as its trackers' are."""
    _, event = read(n="engagement", **sent)
    assert (event.name, event.engaged_ms, event.scroll) == ("engagement", *found)


def test_no_other_event_has_time_and_depth() -> None:
    """They would be counted twice."""
    _, event = read(e=4200, sd=85)
    assert (event.engaged_ms, event.scroll) == (0, 0)


ROUTES = {
    "a route": ("https://shop.no/#/lego/by", "https://shop.no/lego/by"),
    "a bang": ("https://shop.no/app/#!/lego", "https://shop.no/app/lego"),
    "a query on either side": ("https://shop.no/?utm_source=a#/lego?ref=b", "https://shop.no/lego?utm_source=a&ref=b"),
    "no fragment": ("https://shop.no/lego", "https://shop.no/lego"),
    "no address": ("http://[::1#x", "http://[::1/x"),
}


@pytest.mark.parametrize("key", ["h", "hashMode"])
@pytest.mark.parametrize(("sent", "read_as"), ROUTES.values(), ids=ROUTES.keys())
def test_in_hash_mode_the_fragment_is_the_path(key: str, sent: str, read_as: str) -> None:
    """Elsewhere it is forgotten."""
    assert read(u=sent, **{key: 1})[0].url == read_as
    assert read(u=sent, **{key: 0})[0].url == sent


REVENUES = {
    "a number": ({"amount": 749.5, "currency": "NOK"}, 749.5),
    "a whole number": ({"amount": 749, "currency": "NOK"}, 749.0),
    "a text": ({"amount": "749.50", "currency": "NOK"}, 749.5),
    "JSON as text": ('{"amount": "749.50", "currency": "NOK"}', 749.5),
    "an empty object": ({}, 0.0),
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
    "nothing": ({"a": None, "b": ""}, {}),
    "several values": ({"a": ["b"], "c": {"d": "e"}, "f": "g"}, {"f": "g"}),
    "text that is no object": ("[1]", {}),
    "more than a text may be": ({"a": "x" * 2001, "y" * 201: "b"}, {}),
    "none": (None, {}),
}


@pytest.mark.parametrize("key", ["p", "props", "m", "meta"])
@pytest.mark.parametrize(("sent", "kept"), PROPS.values(), ids=PROPS.keys())
def test_properties_are_texts(key: str, sent: object, kept: dict[str, str]) -> None:
    """Whatever scalar they were."""
    assert read(**{key: sent})[1].props == kept


def test_one_event_may_be_for_several_sites() -> None:
    """One page a domain, each domain once; past five they are refused."""
    pages, refused = plausible.decode(body(d="a.no, b.no,a.no,,c.no,d.no,e.no,f.no,g.no"))
    assert [page.site for page in pages] == ["a.no", "b.no", "c.no", "d.no", "e.no"]
    assert refused == (Outcome.TOO_LARGE,) * 2


DOMAINS = {
    "another spelling": ("www.Shop.no", "shop.no"),
    "a site of that name": ("www.b.no", "www.b.no"),
    "none, so the page's": (None, "shop.no"),
}


@pytest.mark.parametrize(("sent", "site"), DOMAINS.values(), ids=DOMAINS.keys())
def test_www_is_no_part_of_a_domain(sent: str | None, site: str) -> None:
    """Unless a site is called so: older trackers send the page's host where nobody told them."""
    [page], _ = plausible.decode(body(d=sent, u="https://www.shop.no/"), {"www.b.no"})
    assert page.site == site


def test_a_long_address_is_too_large_for_each_site() -> None:
    """And not cut: half an address is another page."""
    assert plausible.decode(body(u="https://shop.no/" + "x" * 2000, d="a.no,b.no")) == ((), (Outcome.TOO_LARGE,) * 2)


def test_a_long_referrer_costs_no_more_than_itself() -> None:
    """Where a visitor came from is worth less than that he came."""
    assert read(r="https://vg.no/" + "x" * 2000)[0].referrer == ""


BAD = {
    "nothing": b"",
    "no JSON": b"n=pageview",
    "no name": body(n=""),
    "no URL": body(u=""),
    "no domain": body(d=" , "),
    "thousands of domains": body(d="a," * 501),
    "no host": body(d=None, u="lego"),
    "revenue in words": body(**{"$": {"amount": "much"}}),
    "revenue that is no number": body(**{"$": {"amount": "nan"}}),
    "revenue beyond all shops": body(**{"$": {"amount": 1e10}}),
    "revenue that is a list": body(**{"$": {"amount": [1]}}),
    "engagement without any": body(n="engagement", e="long", sd=True),
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
keys = st.sampled_from("n name u url d domain r referrer p props m meta $ revenue h hashMode w sd e".split())


@given(st.one_of(st.binary(max_size=300), st.dictionaries(keys, anything).map(lambda sent: body(**sent))))
def test_any_bytes_are_pages_or_a_refusal(sent: bytes) -> None:
    """Nothing that a stranger sends is a fault of ours."""
    pages, refused = plausible.decode(sent)
    assert pages or refused
