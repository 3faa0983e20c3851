"""Promise 3: what a row may say, and what it never does."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.event import Event, encode
from proxy.arrival import RawEvent, RawItem, RawPage
from proxy.lookups import LOOKUPS
from proxy.privacy.coarse import Area
from proxy.privacy.scrub import PAID_BY
from proxy.privacy.source import MAILERS
from tests.proxy.visit import CHROME, SITE, arrive, forgotten, make_salts, page_of

SALTS = make_salts()
PERSONS = {
    "an e-mail address": "anna.hansen@shop.no",
    "a national number": "01019000083",
    "a network address": "193.212.4.117",
    "a long network address": "2a02:2121:4:5::77",
}


def one(page: RawPage, **said: object) -> Event:
    """The one event of a page."""
    [event] = forgotten(SALTS, arrive(**said), page)
    return event


PLACES: dict[str, Callable[[str], RawPage]] = {
    "the path": lambda text: page_of(url=f"https://{SITE}/u/{text}/lego"),
    "the query": lambda text: page_of(url=f"https://{SITE}/?email={text}&q={text}"),
    "the fragment": lambda text: page_of(url=f"https://{SITE}/#{text}"),
    "the user info": lambda text: page_of(url=f"https://{text.replace(':', '')}:x@{SITE}/"),
    **{
        f"utm_{name}": lambda text, name=name: page_of(url=f"https://{SITE}/?utm_{name}={text}")
        for name in ("source", "medium", "campaign", "content", "term")
    },
    "the reference": lambda text: page_of(url=f"https://{SITE}/?ref={text}"),
    "the referrer's path": lambda text: page_of(referrer=f"https://vg.no/{text}?q={text}"),
    "the referrer's host": lambda text: page_of(referrer=f"https://{text}/"),
    "the search": lambda text: page_of(RawEvent(name="search", search_term=f"til {text}")),
    "the order's number": lambda text: page_of(RawEvent(name="purchase", order=text)),
    "the event's number": lambda text: page_of(RawEvent(name="purchase", id=text)),
    "the currency": lambda text: page_of(RawEvent(name="purchase", currency=text)),
    "a property that is declared": lambda text: page_of(RawEvent(name="page_view", props={"colour": text})),
    "a property that is not": lambda text: page_of(RawEvent(name="page_view", props={text: text})),
    **{
        f"an item's {name}": lambda text, name=name: page_of(
            RawEvent(name="purchase", items=(RawItem(**{name: text}),))
        )
        for name in ("id", "name", "brand", "variant", "list")
    },
    "an item's category": lambda text: page_of(RawEvent(name="purchase", items=(RawItem(categories=(text, text)),))),
    "the consent": lambda text: page_of(mode=text),
}


@pytest.mark.parametrize("person", PERSONS.values(), ids=PERSONS.keys())
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_no_row_holds_a_person(place: Callable[[str], RawPage], person: str) -> None:
    """Whichever field a careless page puts one into, plain or percent-encoded up to three times."""
    text = person
    for _ in range(4):
        row = encode(one(place(text)))
        assert person.encode() not in row
        assert text.encode() not in row
        text = "".join(f"%{byte:02x}" for byte in text.encode()) if text == person else text.replace("%", "%25")


@pytest.mark.parametrize("person", PERSONS.values(), ids=PERSONS.keys())
@pytest.mark.parametrize("header", ["user_agent", "language", "origin", "purpose"])
def test_no_row_holds_what_a_header_says(header: str, person: str) -> None:
    """Headers become members of closed lists."""
    assert person.encode() not in encode(one(page_of(), **{header: f"{CHROME} {person}"}))


@pytest.mark.parametrize(("parameter", "whose"), PAID_BY.items())
def test_a_click_id_is_never_kept(parameter: str, whose: str) -> None:
    """Only whose it was; not in the URL's query, nor in the referrer, nor where a broken link leaves it."""
    mark = "EAIaIQobChMI-x7Kq9"
    pages = [
        page_of(url=f"https://{SITE}/lego?{parameter}={mark}&utm_source=x"),
        page_of(url=f"https://{SITE}/lego&{parameter}={mark}"),
        page_of(url=f"https://{SITE}/lego%3F{parameter}={mark}"),
        page_of(url=f"https://{SITE}/lego#{parameter}={mark}"),
        page_of(referrer=f"https://www.google.com/aclk?{parameter}={mark}"),
    ]
    assert all(mark.encode() not in encode(one(page)) for page in pages)
    assert one(pages[0]).paid_by == ("" if whose in MAILERS else whose)


@pytest.mark.parametrize(
    "below", "order ordre kvittering checkout kasse min-side account reset unsubscribe avmeld".split()
)
def test_nothing_below_an_order_or_an_account_is_kept(below: str) -> None:
    """Not even what looks like a harmless word."""
    assert one(page_of(url=f"https://{SITE}/{below}/anna/hansen")).path == f"/{below}"


@pytest.mark.parametrize(
    "telling",
    [
        "4711001",
        "0b9ff2fe-5a3c-4b0e-9d5c-1d2e3f4a5b6c",
        "9e107d9d372bb6826bd81d3542a419d6",
        "a8Xk29fQ7zLm44Tp",
        "a@b.no",
    ],
)
def test_a_segment_that_names_something_is_none(telling: str) -> None:
    """A number of five digits or more, a UUID, a hash, a token, an e-mail address: it could be somebody's."""
    assert one(page_of(url=f"https://{SITE}/se/{telling}/lego")).path == "/se/:id/lego"


@given(st.text(min_size=1, max_size=60))
def test_an_undeclared_property_leaves_no_name(name: str) -> None:
    """The schema is closed: neither the value nor the word for it is kept."""
    if name != "colour":
        assert one(page_of(RawEvent(name="page_view", props={name: "x", "colour": "red"}))).props == {"colour": "red"}


def test_who_returns_from_paying_keeps_the_source_he_came_with() -> None:
    """Klarna has brought nobody: such a page view begins no visit and names no source."""
    event = one(page_of(url=f"https://{SITE}/lego?gclid=x", referrer="https://pay.klarna.com/eu/1"))
    assert (event.entry, event.source, event.channel, event.referrer, event.paid_by) == (0, "", "", "", "")


def test_before_consent_nothing_that_was_read_on_the_device_is_kept() -> None:
    """A counted page view knows no viewport, no time and no depth, even if the page sent them."""
    raw = RawEvent(name="engagement", engaged_ms=60_000, scroll=100)
    event = one(page_of(raw, mode="count", viewport=1536))
    assert (event.visitor, event.viewport, event.engaged_ms, event.scroll) == (0, 0, 0, 0)
    vitals = RawEvent(name="web_vitals", props={"lcp": "1200"})
    assert [one(page_of(vitals, mode=mode)).props for mode in ("count", "measure")] == [{}, {"lcp": "1200"}]


any_text = st.text(st.characters(exclude_categories=()), max_size=40)


@given(any_text, any_text, any_text, any_text)
def test_any_visit_can_be_written_down(path: str, referrer: str, search: str, agent: str) -> None:
    """Whatever characters it is made of, the row is one line of UTF-8."""
    page = page_of(
        RawEvent(name="search", search_term=search, id=search, order=search, items=(RawItem(name=search),)),
        url=f"https://{SITE}/{path}?utm_source={search}",
        referrer=f"https://{referrer}.no/",
    )
    row = encode(one(page, user_agent=agent, language=agent))
    assert row.decode().count("\n") == 0


CODES = st.from_regex(r"[A-Z]{2}(-[A-Z0-9]{0,4})?", fullmatch=True)
AREAS = st.builds(Area, CODES | st.text(max_size=12), CODES | st.text(max_size=12))
TOWN = Area("NO", "NO-0301 Oslo, Grünerløkka, 59.92, 10.76")


@given(AREAS)
@example(TOWN)
@example(Area("NO", "SE-AB"))
@example(Area("Norway", "NO-03"))
@example(Area("NO", "NO-03"))
def test_of_a_place_two_short_codes_are_kept(area: Area) -> None:
    """Whatever a file of places says: a country, and a region of it; never a town, a postcode or a position."""
    [event] = forgotten(SALTS, lookups=replace(LOOKUPS, area=lambda _: area))
    assert event.country == (area.country if re.fullmatch("[A-Z]{2}", area.country) else "")
    fits = event.country and re.fullmatch(f"{event.country}-[A-Z0-9]{{1,3}}", area.region)
    assert event.region == (area.region if fits else "")
