"""What of a page's address may stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.privacy.scrub import NOWHERE, PAID_BY, locate, path

PATHS = {
    "the front page": ("/", "/"),
    "no path at all": ("", "/"),
    "a product by its number of five digits": ("/lego/60316", "/lego/:id"),
    "a year": ("/2026/kalender", "/2026/kalender"),
    "a product by its name": ("/lego-city-60316-politistasjon-for-barn", "/lego-city-60316-politistasjon-for-barn"),
    "Norwegian letters": ("/b%C3%B8ker/%C3%A5ret", "/bøker/året"),
    "a slash at the end": ("/lego/", "/lego/"),
    "slashes together": ("//lego///city", "/lego/city"),
    "a UUID": ("/p/0b9ff2fe-5a3c-4b0e-9d5c-1d2e3f4a5b6c", "/p/:id"),
    "a UUID within": ("/p/cart-0b9ff2fe-5a3c-4b0e-9d5c-1d2e3f4a5b6c", "/p/:id"),
    "a hash": ("/t/9e107d9d372bb6826bd81d3542a419d6", "/t/:id"),
    "a token": ("/t/eyJhbGciOiJIUzI1NiJ9abc", "/t/:id"),
    "an e-mail address": ("/u/anna@shop.no/x", "/u/:id/x"),
    "one that is encoded twice": ("/u/anna%2540shop.no", "/u/:id"),
    "a path encoded four times": ("/u/%25252540", "/:id"),
    "a national number within": ("/u/gave-01019000083", "/u/:id"),
    "an address": ("/ip/192.0.2.77", "/ip/:id"),
    "an order": ("/ordre/A-17/kvittering", "/ordre"),
    "the checkout": ("/checkout/anna/betal", "/checkout"),
    "the till, in capitals": ("/Kasse/4711", "/Kasse"),
    "my page": ("/min-side/adresser", "/min-side"),
    "a new password": ("/reset/abc123", "/reset"),
    "an unsubscription": ("/avmeld/anna", "/avmeld"),
    "an order below a language": ("/nb/ordre/A-17", "/nb/ordre"),
    "a word that begins like one": ("/ordreliste/lego", "/ordreliste/lego"),
    "an encoded question mark": ("/lego%3Femail=anna", "/lego"),
    "an encoded fragment": ("/lego%23anna", "/lego"),
    "parameters without a question mark": ("/lego&gclid=EAIaIQ", "/lego"),
    "parameters of a path": ("/lego;jsessionid=A1B2/city", "/lego"),
    "an ampersand": ("/dukker-&-tilbehør", "/dukker-&-tilbehør"),
    "an order in the segment itself": ("/order-10485/kari", "/order"),
    "a receipt that is a file": ("/kvittering.html/AB12", "/kvittering"),
    "an underscore for a hyphen": ("/min_side/kari", "/min_side"),
    "a word that only begins like one": ("/order-of-the-phoenix-75966", "/order-of-the-phoenix-75966"),
    "a backslash for a slash": ("/konto\\kari-nordmann", "/konto"),
    "a click's number as a segment": ("/p/gclid=EAIaIQob", "/p"),
    "a click's number behind a comma": ("/p,gclid=EAIaIQob", "/p,"),
    "letters as escape() writes them": ("/u/kari%u0040post.no", "/u/:id"),
    "line breaks": ("/le%0D%0Ago", "/le go"),
    "a long one": ("/" + "lego-" * 100, "/" + "lego-" * 40),
}


@pytest.mark.parametrize(("raw", "expected"), PATHS.values(), ids=PATHS.keys())
def test_a_path_says_which_page_and_not_who(raw: str, expected: str) -> None:
    """Numbers, tokens, orders and people become `:id` or are cut off."""
    assert path(raw) == expected


LOCATIONS = {
    "host, port and user info": ("https://anna:hemmelig@Shop.NO:8443/lego?x=1#anna", "shop.no", "/lego", {}, ""),
    "campaign": ("https://shop.no/?utm_source=vg&utm_medium=cpc&UTM_Campaign=Jul", "shop.no", "/",
                 {"utm_source": "vg", "utm_medium": "cpc", "utm_campaign": "Jul"}, ""),
    "a reference": ("https://shop.no/?ref=prisjakt&email=a@b.no", "shop.no", "/", {"ref": "prisjakt"}, ""),
    "a key twice: the first": ("https://shop.no/?ref=a&ref=b", "shop.no", "/", {"ref": "a"}, ""),
    "a person in a campaign": ("https://shop.no/?utm_content=anna%40shop.no", "shop.no", "/",
                               {"utm_content": "(removed)"}, ""),
    "a click within another's value": ("https://shop.no/?utm_source=x%26gclid%3DCj0KCQjw", "shop.no", "/",
                                       {"utm_source": "x&"}, ""),
    "a telephone as a form encodes it": ("https://shop.no/?utm_medium=%2B47+998+87+766", "shop.no", "/",
                                        {"utm_medium": "(removed)"}, ""),
    "a telephone without its country": ("https://shop.no/?utm_term=987+65+432", "shop.no", "/",
                                        {"utm_term": "(removed)"}, ""),
    "a campaign's date is none": ("https://shop.no/?utm_campaign=20261126", "shop.no", "/",
                                  {"utm_campaign": "20261126"}, ""),
    "a telephone behind a bare plus": ("https://shop.no/?utm_content=+4799887766", "shop.no", "/",
                                       {"utm_content": "(removed)"}, ""),
    "two clicks: the first": ("https://shop.no/?gclid=abc&fbclid=def", "shop.no", "/", {}, "google"),
    "an organic product listing's number": ("https://shop.no/?srsltid=abc", "shop.no", "/", {}, ""),
    "a click in the fragment": ("https://shop.no/#gclid=abc", "shop.no", "/", {}, ""),
    "a hundred parameters": ("https://shop.no/?" + "a=1&" * 100 + "ref=b", "shop.no", "/", {}, ""),
    "no web page": ("file:///home/anna/lego.html", *NOWHERE[:4]),
    "an app": ("android-app://com.google.android.gm/", *NOWHERE[:4]),
    "half an IPv6 host": ("https://[2001:db8::1/", *NOWHERE[:4]),
    "no URL": ("lego", *NOWHERE[:4]),
    "nothing": ("", *NOWHERE[:4]),
}  # fmt: skip


@pytest.mark.parametrize(("url", "host", "page", "query", "paid_by"), LOCATIONS.values(), ids=LOCATIONS.keys())
def test_of_a_url_the_allowed_parts_stay(url: str, host: str, page: str, query: dict[str, str], paid_by: str) -> None:
    """Host, scrubbed path, campaign parameters, and whose click it was."""
    assert locate(url)[:4] == (host, page, query, paid_by)


@pytest.mark.parametrize(("parameter", "whose"), PAID_BY.items())
def test_a_click_id_says_whose_it_is_and_nothing_else(parameter: str, whose: str) -> None:
    """Each known parameter, in capitals or encoded as well; its value is in no part of what stays."""
    for name in (parameter, parameter.upper(), parameter.replace("i", "%69")):
        found = locate(f"https://shop.no/lego?{name}=Cj0KCQiA-marker-1a")
        assert found.paid_by == whose
        assert "marker" not in repr(found)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_located(url: str) -> None:
    """Nonsense is nowhere, or a place with a path that begins with a slash; it is never a fault."""
    for text in (url, f"https://{url}", f"https://shop.no/{url}"):
        found = locate(text)
        assert found == NOWHERE or (found.host and found.path.startswith("/"))
