"""What a word looks like that nobody has declared: persons and their orders are known by numbers, addresses and codes.

Enters: a text as an export would have it. Leaves: what it looks like, if it is of a person. Pure.

Stricter than the collector's search (`proxy/privacy/detect.py`), which this side neither needs nor may import: there a
wrong find costs a product, here a word that the shop can declare. A name that is written like any other word it can't
tell; many visitor-days had the word, or it would not be here.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import ip_address
from unicodedata import normalize
from urllib.parse import unquote


class Likeness(StrEnum):
    """The closed list of what is found."""

    EMAIL = "like an e-mail address"
    UUID = "like a UUID"
    TOKEN = "like a token, a hash or a click id"  # noqa: S105 - the word, no secret
    ADDRESS = "like a network address"
    NUMBER = "like the number of a phone, a person, an account, a card or an order"


def looks_like(text: str) -> Likeness | None:
    """What of a person or an order a text looks like that nobody has declared; None: of none."""
    seen = _read(text)
    return next((why for why, is_in in _KINDS.items() if is_in(seen)), None)


def _read(text: str) -> str:
    """As somebody reads it: in percent however often, marked up, wide, or between signs that can't be seen."""
    while (simpler := _simpler(text)) != text:
        text = simpler
    return text


def _simpler(text: str) -> str:
    words = " ".join(normalize("NFKC", unquote(text)).split())
    return "".join(sign for sign in words if sign.isprintable() and sign != "\\")


_UUID = re.compile(r"[0-9a-f]{8}([-_]?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}", re.IGNORECASE)
_EMAIL = re.compile(
    r"@\s?\S|\w\s?[(\[{<]\s?(?:at|@|krøllalfa)\s?[)\]}>]\s?\w"
    # written out, as a link's words are: `kari_nordmann-at-example-dot-no`
    r"|\w[\s._-](?:at|krøllalfa|alfakrøll)[\s._-][\w-]+?(?:\.|[\s._-](?:dot|punktum)[\s._-])[a-z]{2}",
    re.IGNORECASE,
)
"""What follows an @ alone is somebody's name as well."""
_IPV4 = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_IPV4_IN_A_SLUG = re.compile(r"(?<!\d)(?=(?:\d[-_]?){7})\d{1,3}([-_])\d{1,3}(?:\1\d{1,3}){2}(?!\d)")
"""Of seven digits and more: `1-2-3-4` are ages."""
_COLONS = re.compile(r"[0-9a-f]*(?::[0-9a-f]*){2,}", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_+/=~.-]{16,}")
_HASH = re.compile(r"(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{16,}(?![0-9a-z])", re.IGNORECASE)
_CHANGE = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)|(?<=[a-z])(?=[A-Z])")
_PART = re.compile(r"[A-Za-z0-9]{16,}")
_MOST_CHANGES, _MOST_IN_A_PART = 3, 1
"""Within 16 signs or more: `lego2026-Duplo4you` has three. Codes drawn by lot have seven and more."""
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12]\\d|3[01])"
_DATES = re.compile(
    rf"(?<!\d)(?:20\d\d(?P<a>[-._/]?){_MONTH}(?P=a){_DAY}|{_DAY}(?P<b>[-._/]){_MONTH}(?P=b)20\d\d"
    r"|20\d\d ?[-–/_] ?20\d\d)(?!\d)"  # noqa: RUF001 - what stands between two years is a dash
)
"""What campaigns are named by: days, and two years. A day without signs between begins with its year: the other way
round it is as long as a telephone's number."""
_DIGITS = re.compile(r"\d{5}|#\s?\d{3}|\d(?:(?:[^\w:,;%|&]|_){0,2}\d){7}")
"""Five in a row are an order's; eight, however they are grouped, a telephone's, and more are all the others'. Times,
lists and discounts are no groups of one."""
_NUMBERED = re.compile(
    r"(?<![^\W\d_])(?:ordre|order|bestilling|faktura|invoice|kunde|customer|medlem|member|bruker|user)"
    r"(?:[\W_]{0,3}(?:nr|no|id|nummer|number))?[\W_]{0,3}(?!20\d\d(?!\d))\d{3}",
    re.IGNORECASE,
)
"""Shorter, but said to be one."""


def _has_address(text: str) -> bool:
    dotted = _IPV4.search(text) or _IPV4_IN_A_SLUG.search(text)
    return dotted is not None or any(map(_is_ipv6, _COLONS.findall(text)))


def _has_number(text: str) -> bool:
    return _DIGITS.search(_DATES.sub(" ", text)) is not None or _NUMBERED.search(text) is not None


def _is_ipv6(run: str) -> bool:
    try:
        ip_address(run)
    except ValueError:
        return run.count(":") > 4  # noqa: PLR2004 - a network card's has five
    return True


def _has_token(text: str) -> bool:
    return _HASH.search(text) is not None or any(
        len(_CHANGE.findall(found)) > most
        for kind, most in ((_CODE, _MOST_CHANGES), (_PART, _MOST_IN_A_PART))
        for found in kind.findall(text)
    )


_KINDS: Mapping[Likeness, Callable[[str], bool]] = {
    Likeness.EMAIL: lambda text: _EMAIL.search(text) is not None,
    Likeness.UUID: lambda text: _UUID.search(text) is not None,
    Likeness.TOKEN: _has_token,
    Likeness.ADDRESS: _has_address,
    Likeness.NUMBER: _has_number,
}
