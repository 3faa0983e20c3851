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
    seen = "".join(sign for sign in normalize("NFKC", unquote(text)) if sign.isprintable() and sign != "\\")
    return next((why for why, is_in in _KINDS.items() if is_in(seen)), None)


_UUID = re.compile(r"[0-9a-f]{8}([-_]?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}", re.IGNORECASE)
_EMAIL = re.compile(r"\S\s?@\s?\S|\w\s?[(\[{<]\s?(?:at|@|krøllalfa)\s?[)\]}>]\s?\w", re.IGNORECASE)
_IPV4 = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_COLONS = re.compile(r"[0-9a-f]*(?::[0-9a-f]*){2,}", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_+/=~.-]{16,}")
_HASH = re.compile(r"(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{16,}(?![0-9a-z])", re.IGNORECASE)
_CHANGE = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)|(?<=[a-z])(?=[A-Z])")
_PART = re.compile(r"[A-Za-z0-9]{16,}")
_MOST_CHANGES, _MOST_IN_A_PART = 3, 1
"""Within 16 signs or more: `lego2026-Duplo4you` has three. Codes drawn by lot have seven and more."""
_DATES = re.compile(r"(?<!\d)20\d\d-\d\d-\d\d(?!\d)")
_DIGITS = re.compile(r"\d{5}|#\s?\d{3}|\d(?:[\s./()_-]{0,2}\d){7}")
"""Five in a row are an order's; eight, however they are grouped, a telephone's, and more are all the others'."""


def _has_address(text: str) -> bool:
    return _IPV4.search(text) is not None or any(map(_is_ipv6, _COLONS.findall(text)))


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
    Likeness.NUMBER: lambda text: _DIGITS.search(_DATES.sub("", text)) is not None,
}
