"""The script's own dialect: what is made of a page's address, and of what its tag asked for."""

import json

import pytest

from proxy.arrival import RawEvent
from proxy.decode import native


def body(*events: object, **page: object) -> bytes:
    """A body with these events."""
    return json.dumps({"s": "shop.no", "u": "https://shop.no/", "e": events} | page).encode()


def read(**event: object) -> RawEvent:
    """One event as it is read."""
    [page], refused = native.decode(body(event))
    assert refused == ()
    return page.events[0]


WIDTHS = {
    0: 0,
    1: 320,
    256: 320,
    360: 360,
    384: 360,
    512: 480,
    768: 768,
    1152: 1024,
    1536: 1536,
    1920: 1920,
    5120: 1920,
    0.5: 320,
    767.9: 480,
}


@pytest.mark.parametrize(("sent", "kept"), WIDTHS.items())
def test_a_width_is_put_into_its_bucket(sent: float, kept: int) -> None:
    """The script sends steps of 128; others may send what they measure, and a whole number as `1536.0`."""
    for said in (sent, float(sent)):
        [page], _ = native.decode(body({"n": "page_view"}, w=said))
        assert page.viewport == kept


ROUTES = {
    "https://shop.no/#/lego": "https://shop.no/lego",
    "https://shop.no/butikk/#!/lego/60316": "https://shop.no/butikk/lego/60316",
    "https://shop.no/?utm_source=x#/lego?q=by": "https://shop.no/lego?utm_source=x&q=by",
    "https://shop.no/#/": "https://shop.no/",
    "https://shop.no/lego#top": "https://shop.no/lego#top",
    "https://shop.no/lego#kari#/by": "https://shop.no/lego#kari#/by",
    "https://shop.no/lego#": "https://shop.no/lego#",
}


@pytest.mark.parametrize(("sent", "kept"), ROUTES.items())
def test_a_route_behind_the_hash_is_a_path(sent: str, kept: str) -> None:
    """As if it stood before it, where it looks like one."""
    [page], _ = native.decode(body({"n": "page_view"}, u=sent))
    assert page.url == kept


SEARCHED = {
    "https://shop.no/sok?q=lego+by&side=2": ["lego by"],
    "https://shop.no/sok?q=&side=2": [],
    "https://shop.no/sok?Q=lego": [],
    "https://shop.no/sok?q=a&q=b": ["a"],
    "https://shop.no/#/sok?q=lego": ["lego"],
    "https://[?q=lego": [],
}


@pytest.mark.parametrize(("url", "terms"), SEARCHED.items())
def test_a_view_of_results_is_a_search(url: str, terms: list[str]) -> None:
    """For what stands in the parameter that the tag names; once, with an id of its own."""
    [page], _ = native.decode(body({"n": "page_view", "i": "a"}, {"n": "login"}, {"n": "page_view"}, u=url, q="q"))
    found = [event for event in page.events if event.name == "search"]
    assert [(event.id, event.search_term) for event in found] == [("a search", term) for term in terms]


def test_what_is_no_view_is_no_search() -> None:
    """Time on a page of results, told later, is not another search."""
    [page], _ = native.decode(body({"n": "engagement", "ms": 4000}, u="https://shop.no/?q=lego", q="q"))
    assert [event.name for event in page.events] == ["engagement"]


EXTRAS: dict[str, tuple[dict[str, object], str, dict[str, str]]] = {
    "a link that leads away": ({"n": "-click", "p": "annen.no"}, "click", {"link_domain": "annen.no"}),
    "a file": ({"n": "-download", "p": "PDF"}, "file_download", {"file_extension": "pdf"}),
    "a form": ({"n": "-form"}, "form_submit", {}),
    "a form with something": ({"n": "-form", "p": "kari"}, "form_submit", {}),
    "a page that is not there": ({"n": "-404"}, "page_not_found", {}),
    "vitals": ({"n": "-vitals", "p": [1234.5, 48, 0.0234]}, "web_vitals", {"lcp": "1200", "inp": "50", "cls": "0.02"}),
    "vitals without an interaction": (
        {"n": "-vitals", "p": [60, None, 0]},
        "web_vitals",
        {"lcp": "100", "cls": "0.00"},
    ),
    "vitals that are none": ({"n": "-vitals", "p": "fast"}, "web_vitals", {}),
    "a file that is none": ({"n": "-download", "p": [1]}, "file_download", {}),
    "a word of nobody's": ({"n": "-kari", "p": "x"}, "-kari", {}),
    "a shop's own event": ({"n": "download", "p": "x"}, "download", {}),
}


@pytest.mark.parametrize(("sent", "name", "props"), EXTRAS.values(), ids=EXTRAS.keys())
def test_what_the_tag_asked_for(sent: dict[str, object], name: str, props: dict[str, str]) -> None:
    """By short words of the script's own, and coarse where it was measured."""
    event = read(**sent)
    assert (event.name, event.props) == (name, props)
