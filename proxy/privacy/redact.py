"""The second line of defence: what looks like a person in a text that should not have held one.

Enters: any text that a page sent. Leaves: the same text, decoded, in one line, with `(removed)` where something was.
Caught here means that it had passed an allow-list.
"""

import re
import unicodedata
from ipaddress import ip_address
from urllib.parse import unquote

REMOVED = "(removed)"

_MOST_DECODINGS = 3
_SUSPICIOUS = re.compile(r"[@:]|\d\.\d|\d{5}|\(at\)", re.IGNORECASE)
"""Cheap: most texts hold none of these, and then nothing else is looked for."""
_EMAIL = re.compile(r"[^\s@/:;,<>\"'()]{1,64}\s?(?:@|\(at\)|\[at\])\s?[^\s@/:;,<>\"'()]{1,190}", re.IGNORECASE)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![0-9a-zA-Z:])[0-9a-fA-F:]{2,39}(?:\.\d{1,3}){0,3}(?![0-9a-zA-Z:])")
_NATIONAL = re.compile(r"(?<!\d)(\d{6})[ .-]?(\d{5})(?!\d)")
_NATIONAL_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def clean(text: str, most: int = 200) -> str:
    """Decoded to a fixpoint, NFKC, one line without control characters, nothing personal, at most `most` characters."""
    if not text:
        return ""
    text = decoded(text)
    if not text.isprintable():
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if _SUSPICIOUS.search(text):
        text = without_persons(text)
    return text.strip()[:most]


def decoded(text: str) -> str:
    """Percent-decoded until nothing changes, at most three times, and NFKC: one spelling for one thing."""
    for _ in range(_MOST_DECODINGS):
        if "%" not in text:
            break
        once = unquote(text, errors="replace")
        if once == text:
            break
        text = once
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    # lone surrogates are not UTF-8 and would fail the whole row
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def without_persons(text: str) -> str:
    """The text with e-mail addresses, national numbers and network addresses taken out."""
    text = _EMAIL.sub(REMOVED, text)
    text = _NATIONAL.sub(lambda m: REMOVED if is_national_number(m[1] + m[2]) else m[0], text)
    text = _IPV4.sub(REMOVED, text)
    return _IPV6.sub(lambda m: REMOVED if _is_address(m[0]) else m[0], text)


def is_national_number(digits: str) -> bool:
    """Whether eleven digits are a Norwegian national number, D-number, H-number or a synthetic one.

    Only the second check digit is looked at: from 2032 on the first one is no longer a plain modulus 11.
    Source: Skatteetaten, "Nytt fødselsnummer fra 2032".
    """
    day, month = int(digits[:2]), int(digits[2:4])
    plausible = 1 <= day % 40 <= 31 and 1 <= month % 40 % 25 <= 12  # noqa: PLR2004 - +40 D or H, +65 and +80 synthetic
    return plausible and sum(w * int(d) for w, d in zip(_NATIONAL_WEIGHTS, digits, strict=True)) % 11 == 0


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return text.count(":") > 1
