"""How a visitor found the shop: a channel and a source, from the campaign and the referrer's host."""

import pytest

from proxy.lookups import registrable
from proxy.privacy.scrub import locate
from proxy.privacy.source import HOPS, WITHIN, Source, source_of

OWN = frozenset({"shop.no"})


def found(query: str, referrer: str) -> Source:
    """The source of a page view with this query and referrer."""
    return source_of(locate(f"https://www.shop.no/lego?{query}"), referrer, OWN, HOPS, registrable)


CHANNELS = {
    "nobody says": ("", "", "direct", ""),
    "a search": ("", "https://www.google.no/", "search", "google"),
    "the same search elsewhere": ("", "https://www.google.co.uk/", "search", "google"),
    "a search with a private one": ("", "https://duckduckgo.com/", "search", "duckduckgo"),
    "a search of an organic product listing": ("srsltid=x", "https://www.google.no/", "search", "google"),
    "an advertisement in a search": ("gclid=x", "https://www.google.no/", "paid_search", "google"),
    "one without a referrer": ("gclid=x", "", "paid_search", "google"),
    "one of Microsoft's": ("msclkid=x", "https://www.bing.com/", "paid_search", "bing"),
    "one that says so": ("utm_source=google&utm_medium=cpc", "", "paid_search", "google"),
    "a social network": ("", "https://m.facebook.com/", "social", "facebook"),
    "its link shortener": ("", "https://t.co/abc", "social", "x"),
    "a shared link, which Meta numbers too": ("fbclid=x", "https://l.facebook.com/", "social", "facebook"),
    "an advertisement in one": ("fbclid=x&utm_source=facebook&utm_medium=paid", "", "paid_social", "facebook"),
    "an advertisement elsewhere": ("utm_source=vg.no&utm_medium=display", "", "paid_other", "vg.no"),
    "an assistant": ("", "https://chatgpt.com/", "assistant", "chatgpt"),
    "an assistant that says so": ("utm_source=chatgpt.com", "", "assistant", "chatgpt.com"),
    "a newsletter": ("utm_source=ukens&utm_medium=email", "", "email", "ukens"),
    "a newsletter in Norwegian": ("utm_source=ukens&utm_medium=Nyhetsbrev", "", "email", "ukens"),
    "a newsletter's click number": ("mc_eid=x", "", "email", "mailchimp"),
    "both": ("mc_eid=x&utm_source=ukens&utm_medium=email", "", "email", "ukens"),
    "a link from another site": ("", "https://www.prisjakt.no/lego/60316", "referral", "prisjakt.no"),
    "a reference": ("ref=prisjakt", "", "referral", "prisjakt"),
    "a campaign only": ("utm_campaign=jul", "", "campaign", ""),
    "an app": ("", "android-app://com.example/", "direct", ""),
    "a machine by its address": ("", "http://192.0.2.77/start", "direct", ""),
    "a machine by its IPv6 address": ("", "http://[2001:db8::77]/", "direct", ""),
    "a person in the host": ("", "https://anna%40mail.no/", "direct", ""),
    "a lone surrogate in the host": ("", "https://\udcff.no/", "direct", ""),
}


@pytest.mark.parametrize(("query", "referrer", "channel", "source"), CHANNELS.values(), ids=CHANNELS.keys())
def test_a_visit_from_outside_has_a_channel(query: str, referrer: str, channel: str, source: str) -> None:
    """The campaign's own words first, then the referrer, then whose click it was."""
    how = found(query, referrer)
    assert (how.entry, how.channel, how.source) == (True, channel, source)


INSIDE = {
    "the shop itself": "https://shop.no/lego",
    "another host of it": "https://kundesenter.shop.no/",
    "paying with Klarna": "https://pay.klarna.com/session/abc",
    "paying with Vipps": "https://api.vipps.no/dwo/abc",
    "paying with Stripe": "https://checkout.stripe.com/",
    "identification": "https://csfe.bankid.no/",
    "choosing a parcel shop": "https://www.posten.no/",
}


@pytest.mark.parametrize("referrer", INSIDE.values(), ids=INSIDE.keys())
def test_who_returns_from_paying_has_not_come_from_there(referrer: str) -> None:
    """The shop's own pages, payment and delivery are no source, even with a campaign on the way back."""
    assert found("utm_source=klarna&gclid=x", referrer) == WITHIN


REFERRERS = {
    "host of a long way": ("https://blogg.anna.example.co.uk/om-meg?x=anna#y", "example.co.uk"),
    "capitals and a port": ("https://WWW.VG.NO:443/", "vg.no"),
    "user info": ("https://anna:hemmelig@vg.no/", "vg.no"),
    "an address": ("https://192.0.2.77/", ""),
}


@pytest.mark.parametrize(("referrer", "kept"), REFERRERS.values(), ids=REFERRERS.keys())
def test_of_a_referrer_the_registrable_host_is_kept(referrer: str, kept: str) -> None:
    """Neither its path nor the part of the host that may be a person's name."""
    assert found("", referrer).referrer == kept


def test_a_click_number_of_a_newsletter_is_no_payment() -> None:
    """`paid_by` names who was paid for a click; nobody is for a mail."""
    assert found("mc_eid=x", "").paid_by == ""
    assert found("ttclid=x", "").paid_by == "tiktok"
