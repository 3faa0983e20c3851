"""A few words each, whatever a browser says of itself."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.lookups import agent
from proxy.privacy import coarse
from tests.proxy.visit import CHROME

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 15_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/15.5 Mobile/15E148 Safari/604.1"
)
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 {}Safari/537.36"
AGENTS = {
    "Chrome on Windows": (CHROME, ("Chrome", "Windows", "desktop")),
    "Edge": (f"{CHROME} Edg/140.0.0.0", ("Edge", "Windows", "desktop")),
    "Firefox on Linux": (
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        ("Firefox", "Linux", "desktop"),
    ),
    "a telephone of Apple's": (IPHONE, ("Safari", "iOS", "mobile")),
    "a tablet of Apple's": (IPAD, ("Safari", "iOS", "tablet")),
    "a telephone with Android": (ANDROID.format("Mobile "), ("Chrome", "Android", "mobile")),
    "a tablet with Android": (ANDROID.format(""), ("Chrome", "Android", "tablet")),
    "a tablet of Apple's that asks for the desktop's site is a Mac, word for word": (
        IPAD.replace("iPad; CPU OS 15_5 like Mac OS X", "Macintosh; Intel Mac OS X 10_15_7").replace(
            "Mobile/15E148 ", ""
        ),
        ("Safari", "macOS", "desktop"),
    ),
    "a tablet that says Mobile, but also its model": (
        ANDROID.format("Mobile ").replace("; K)", "; SM-T510)"),
        ("Chrome", "Android", "tablet"),
    ),
    "a Chromebook": (
        CHROME.replace("Windows NT 10.0; Win64; x64", "X11; CrOS x86_64 14541.0.0"),
        ("Chrome", "ChromeOS", "desktop"),
    ),
    "a television set": (
        "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36",
        ("Chrome", "TV", "desktop"),
    ),
    "a telephone with keys": (
        "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
        ("Firefox", "KaiOS", "mobile"),
    ),
    "Windows with a pen": (
        "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko",
        ("(other)", "Windows", "desktop"),
    ),
    "a browser of one's own": ("Anna's Browser 1.0 (Spectrum)", ("(other)", "(other)", "desktop")),
    "nothing": ("", ("(other)", "(other)", "desktop")),
    "bytes that are no UTF-8": (CHROME.replace("Win64", "\udce6"), ("Chrome", "Windows", "desktop")),
}


@pytest.mark.parametrize(("user_agent", "expected"), AGENTS.values(), ids=AGENTS.keys())
def test_a_user_agent_becomes_three_words(user_agent: str, expected: tuple[str, str, str]) -> None:
    """Browser, system, device; no version and nothing of one's own."""
    assert agent(user_agent) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_any_user_agent_has_words_from_closed_lists(user_agent: str) -> None:
    """What the lists don't have is `(other)`."""
    found = agent(user_agent)
    assert found.browser in {*coarse._BROWSERS.values(), "(other)"}
    assert found.os in {*coarse._SYSTEMS.values(), "(other)"}
    assert found.device in {"desktop", "mobile", "tablet"}


def test_the_lists_are_as_short_as_promised() -> None:
    """Twelve browsers and eight systems."""
    assert len(set(coarse._BROWSERS.values())) == 12
    assert len(set(coarse._SYSTEMS.values())) == 8


LANGUAGES = {
    "with a region": ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
    "capitals": ("EN", "en"),
    "weighted": ("da;q=0.7", "da"),
    "rare": ("rm-CH", "(other)"),
    "a star": ("*", "(other)"),
    "none": ("", ""),
    "a person": ("anna@shop.no", "(other)"),
}


@pytest.mark.parametrize(("header", "expected"), LANGUAGES.values(), ids=LANGUAGES.keys())
def test_a_language_is_one_of_a_list(header: str, expected: str) -> None:
    """The first that was asked for, without region."""
    assert coarse.language(header) == expected


@pytest.mark.parametrize(("sent", "kept"), [(1536, 1536), (320, 320), (1537, 0), (0, 0), (65535, 0)])
def test_a_viewport_is_one_of_the_buckets(sent: int, kept: int) -> None:
    """A width in pixels would be a mark of its own."""
    assert coarse.viewport(sent) == kept


@pytest.mark.parametrize(
    ("code", "kept"), [("NOK", "NOK"), ("nok", "NOK"), ("", ""), ("KRONER", ""), ("N0K", ""), ("\u00e5re", "")]
)
def test_a_currency_is_three_letters(code: str, kept: str) -> None:
    """As ISO 4217 has them."""
    assert coarse.currency(code) == kept


AMOUNTS = {
    "kroner": (749.0, "NOK", 74900),
    "what a float can't say": (19.99, "NOK", 1999),
    "yen have no smaller unit": (749.0, "JPY", 749),
    "dinars have a thousand": (1.234, "KWD", 1234),
    "an unknown currency": (1.5, "", 150),
    "a refund": (-10.0, "NOK", -1000),
    "nothing": (0.0, "NOK", 0),
    "beyond reason": (1e12, "NOK", 0),
    "infinite": (math.inf, "NOK", 0),
    "minus infinite": (-math.inf, "NOK", 0),
    "not a number": (math.nan, "NOK", 0),
}


@pytest.mark.parametrize(("amount", "code", "expected"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_money_is_a_whole_number_of_minor_units(amount: float, code: str, expected: int) -> None:
    """Øre, cent, yen; what is no amount is none."""
    assert coarse.minor_units(amount, code) == expected
