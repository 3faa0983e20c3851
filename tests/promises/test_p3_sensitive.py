"""Assortments that say something about a person: what is marked collapses, what looks like it is suggested."""

from dataclasses import replace

import pytest

from pipeline.event import Event, encode
from pipeline.outcome import Note
from proxy.arrival import RawEvent, RawItem
from proxy.privacy.forget import Forgotten
from proxy.privacy.sensitive import STARTER, Marked, slug
from proxy.site import Group, Site
from tests.proxy.visit import SHOP, SITE, left_of, make_salts, page_of, reading_of

SALTS = make_salts()
MARKED = replace(SHOP, sensitive=Marked(["sexual_health"], ["Dyreapotek"]))
CONDOMS = RawItem(id="4711", name="Profil 12-pk", brand="RFSU", categories=("Helse", "Kondomer"), price=99.0)
LEGO = RawItem(id="60316", name="Politistasjon", categories=("Lego", "City"), price=749.0)


def kept(*events: RawEvent, shop: object = MARKED, **said: object) -> Forgotten:
    """What is left of a page in the shop that has marked something."""
    return left_of(SALTS, page=page_of(*events, **said), reading=reading_of(shop))


def seen(item: RawItem, name: str = "view_item") -> RawEvent:
    """A product seen."""
    return RawEvent(name=name, items=(item,), currency="NOK")


def test_a_sensitive_product_says_nothing_but_that_it_is_one() -> None:
    """Neither its number nor name, brand, category, page; its price and number stay, to add up."""
    [event] = kept(seen(CONDOMS), url=f"https://{SITE}/produkt/profil-12-pk").events
    assert (event.item_id, event.item_name, event.item_category) == (("(sensitive)",),) * 3
    assert (event.item_brand, event.item_variant, event.item_list) == (("",),) * 3
    assert event.path == "/(sensitive)"
    assert event.item_price == (9900,)
    assert not any(word in encode(event).decode().lower() for word in ("profil", "rfsu", "kondom", "4711"))


def test_the_page_of_one_is_hidden_in_what_else_it_says() -> None:
    """A page view that came with the product, too."""
    events = kept(RawEvent(name="page_view"), seen(CONDOMS), url=f"https://{SITE}/produkt/profil-12-pk").events
    assert {event.path for event in events} == {"/(sensitive)"}


def test_a_page_of_one_stays_hidden_for_the_day() -> None:
    """In what its script says later, without the product: time on the page, a form."""
    reading, url = reading_of(MARKED), f"https://{SITE}/produkt/profil-12-pk"
    paths = [
        left_of(SALTS, page=page_of(event, url=url), reading=reading).events[0].path
        for event in (seen(CONDOMS), RawEvent(name="engagement", engaged_ms=9000), seen(LEGO))
    ]
    assert paths == ["/(sensitive)"] * 3


@pytest.mark.parametrize("level", ["Kondomer & glidemiddel", "Helse / Kondomer", "Helse > kondomer", "KONDOMER"])
def test_a_category_is_found_however_a_shop_joins_its_levels(level: str) -> None:
    """As whole words within the text."""
    assert kept(seen(RawItem(id="1", name="12-pk", categories=(level,)))).events[0].item_id == ("(sensitive)",)


def test_a_list_that_shows_one_among_others_keeps_its_page_and_the_others() -> None:
    """The front page is no secret because of one product on it."""
    [event] = kept(RawEvent(name="view_item_list", items=(LEGO, CONDOMS)), url=f"https://{SITE}/nyheter").events
    assert (event.path, event.item_id) == ("/nyheter", ("60316", "(sensitive)"))


WORDS = {
    "a category in the path": ("path", {"url": f"https://{SITE}/helse/kondomer/profil"}, "/helse/(sensitive)"),
    "a word in the path": ("path", {"url": f"https://{SITE}/p/durex-kondomer-12pk"}, "/p/(sensitive)"),
    "the shop's own category": ("path", {"url": f"https://{SITE}/dyreapotek/ormekur"}, "/(sensitive)"),
    "a campaign": ("campaign", {"url": f"https://{SITE}/?utm_campaign=Kondomer_juli"}, "(sensitive)"),
    "a word that only looks like one": ("path", {"url": f"https://{SITE}/kondomeriet"}, "/kondomeriet"),
}


@pytest.mark.parametrize(("column", "page", "shown"), WORDS.values(), ids=WORDS.keys())
def test_words_of_it_are_cut_where_they_stand(column: str, page: dict[str, str], shown: str) -> None:
    """Paths from the marked segment on, other texts as a whole."""
    [event] = kept(**page).events
    assert getattr(event, column) == shown


@pytest.mark.parametrize("typed", ["kondomer", "Billige Kondomer", "dyreapotek hund"])
def test_a_search_for_it_is_not_kept(typed: str) -> None:
    """What somebody looks for says as much as what he sees."""
    [event] = kept(RawEvent(name="search", search_term=typed)).events
    assert event.search_term == "(sensitive)"


def test_what_is_not_marked_is_kept_and_suggested() -> None:
    """The operator hears of a category on the starter list, by the list's word and not by his customers'."""
    left = kept(seen(CONDOMS), shop=SHOP)
    assert left.events[0].item_name == ("Profil 12-pk",)
    assert left.remarks == (("sexual_health", Note.LOOKS_SENSITIVE),)
    assert kept(seen(LEGO), shop=SHOP).remarks == ()
    assert kept(seen(CONDOMS)).remarks == ()


def test_the_starter_list_speaks_two_languages_and_its_groups_can_be_set() -> None:
    """Every group has words in both, spelt as they are compared, and is one that the settings know."""
    assert set(STARTER) == set(Group.__args__)
    for group, words in STARTER.items():
        assert len(words) >= 8, group
        assert all(slug(word) == word for word in words), group
    assert {"kondomer", "condoms"} <= STARTER["sexual_health"]
    assert {"apotek", "pharmacy"} <= STARTER["pharmacy"]
    assert Site(id="a.no", origins=("https://a.no",), sensitive_groups=tuple(STARTER)).sensitive_groups


def test_nothing_marked_costs_nothing() -> None:
    """A shop of toys is as it was."""
    assert not SHOP.sensitive
    [event] = kept(seen(LEGO), shop=SHOP).events
    assert isinstance(event, Event)
    assert event.item_category == ("Lego / City",)
