"""A shop's own patterns for its paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.privacy.routes import route_of
from proxy.privacy.scrub import path

ROUTES = tuple(
    map(
        route_of,
        ("/klubb/:medlem", "/klubb/:medlem/kvitt/...", "/produkt/*/:kode", "/hjelp/...", "/kasse/levering", "/kasse/*"),
    )
)
PATHS = {
    "a name in place of a word": ("/klubb/anna-hansen", "/klubb/:medlem"),
    "a slash at the end": ("/klubb/anna-hansen/", "/klubb/:medlem/"),
    "the rest is dropped": ("/klubb/anna-hansen/kvitt/2026/11", "/klubb/:medlem/kvitt"),
    "a star keeps what the general rules keep": ("/produkt/lego-politi/anna", "/produkt/lego-politi/:kode"),
    "and no more": ("/produkt/anna@shop.no/x", "/produkt/:id/:kode"),
    "nothing below": ("/hjelp", "/hjelp"),
    "much below": ("/hjelp/anna/hansen", "/hjelp"),
    "a literal below the till": ("/kasse/levering", "/kasse/levering"),
    "a star below the till": ("/kasse/anna", "/kasse/:id"),
    "a longer path is another": ("/klubb/anna/hansen", "/klubb/anna/hansen"),
    "a shorter one, too": ("/klubb", "/klubb"),
    "another spelling": ("/Klubb/anna", "/Klubb/anna"),
    "an encoded word": ("/klubb/a%2Fb", "/klubb/a/b"),
    "no route": ("/lego/60316", "/lego/:id"),
}


@pytest.mark.parametrize(("raw", "shown"), PATHS.values(), ids=PATHS.keys())
def test_the_first_pattern_that_fits_says_what_is_shown(raw: str, shown: str) -> None:
    """Names stand for words, a star for the general rules, dots for what is dropped."""
    assert path(raw, ROUTES) == shown


@pytest.mark.parametrize("pattern", ["klubb", "/klubb/:", "/klubb/:Medlem", "/k lubb", "/x?y", "/.../x", "//x", "/a*"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    """With a word on what one looks like, when the settings are read."""
    with pytest.raises(ValueError, match="klubb/:medlem"):
        route_of(pattern)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_name_hides_whatever_stands_there(word: str, other: str) -> None:
    """Two visitors' addresses of one route are one path."""

    def shown(text: str) -> str:
        return path(f"/klubb/{''.join(c for c in text if c.isalnum()) or 'x'}", ROUTES)

    assert shown(word) == shown(other)
