"""The second line of defence: what looks like a person in a text that should not have held one.

Enters: any text that a page sent. Leaves: the same text, decoded, in one line, with `(removed)` where something was.
Caught here means that it had passed an allow-list.
"""

import re
import unicodedata
from urllib.parse import unquote

REMOVED = "(removed)"

_MOST_DECODINGS = 3
_SUSPICIOUS = re.compile(r"[@:]|\d\.\d|\d{5}|[(\[]at[)\]]", re.IGNORECASE)
"""Cheap: most texts hold none of these, and then nothing else is looked for."""
_EMAIL = re.compile(r"[^\s@/:;,<>()]{1,64}\s?(?:@|\(at\)|\[at\])\s?[^\s@/:;,<>()]{1,190}", re.IGNORECASE)
_IPV4 = re.compile(r"(?<!\d)\d+(?:\.\d+){3,}")
_IPV6 = re.compile(r"[0-9a-fA-F:]{6,}")
"""Whole runs, with whatever stands at their ends: `ip:2001:db8::1` and `v.192.0.2.1.` hold an address, too."""
_NATIONAL = re.compile(r"(?<!\d)(\d{6})[ .-]?(\d{5})(?!\d)")
_NATIONAL_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def clean(text: str, most: int = 200) -> str:
    """Decoded to a fixpoint, NFKC, one line without control characters, nothing personal, at most `most` characters."""
    if not text:
        return ""
    text = decoded(text)
    if not text.isprintable():
        text = " ".join(text.split())
    if _SUSPICIOUS.search(text):
        text = without_persons(text)
    return text.strip()[:most].rstrip()


def decoded(text: str) -> str:
    """One spelling for one thing: percent-decoded, NFKC, without what can't be seen, until nothing changes any more.

    Both in one loop, since each uncovers the other: a wide percent sign, or a mark without width within `%40`. Lone
    surrogates, which would fail the whole row, go with the unseen. What three rounds don't end is no honest text.
    """
    for _ in range(_MOST_DECODINGS + 1):
        plain = unquote(text, errors="replace") if "%" in text else text
        if not plain.isascii():
            plain = unicodedata.normalize("NFKC", plain)
        if not plain.isprintable():
            plain = "".join(c for c in plain if c.isprintable() or c.isspace())
        if plain == text:
            return text
        text = plain
    return REMOVED


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


def _is_address(run: str) -> bool:
    """IPv6, shortened or with its seven colons, or a network card's with five; `10:30:00` has two."""
    return "::" in run or run.count(":") >= 5  # noqa: PLR2004 - said in the line above
