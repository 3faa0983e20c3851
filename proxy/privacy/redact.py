"""The second line of defence: a text in one spelling, without what looks like a person in it.

Enters: any text that a page sent. Leaves: the same text, decoded, in one line, with `(removed)` where something was.
Caught here means that it had passed an allow-list; `detect.py` knows what a person looks like.
"""

import re
import unicodedata
from urllib.parse import unquote

from proxy.privacy.detect import REMOVED, without_persons

__all__ = ["REMOVED", "clean", "decoded"]

_MOST_DECODINGS = 3
_MOST_GROWTH = 8
_LEGACY = re.compile(r"%u([0-9a-fA-F]{4})")
"""What JavaScript's `escape` makes of letters."""


def clean(text: str, most: int = 200, *, prose: bool = True) -> str:
    """Decoded to a fixpoint, NFKC, one line without control characters, nothing personal, at most `most` characters.

    Args:
        text: as the page sent it.
        most: characters that may stay.
        prose: somebody may have typed it. Else it is a code (a product's number, a segment of a path, a campaign), in
            which eight digits are no telephone number.
    """
    if not text:
        return ""
    text = decoded(text)
    if not text.isprintable():
        text = " ".join(text.split())
    return without_persons(text, prose=prose).strip()[:most].rstrip()


def decoded(text: str) -> str:
    """One spelling for one thing: percent-decoded, NFKC, without what can't be seen, until nothing changes any more.

    Both in one loop, since each uncovers the other: a wide percent sign, or a mark without width within `%40`. Lone
    surrogates, which would fail the whole row, go with the unseen. What three rounds don't end is no honest text.
    """
    for _ in range(_MOST_DECODINGS + 1):
        plain = unquote(_LEGACY.sub(_letter, text), errors="replace") if "%" in text else text
        if not plain.isascii():
            plain = unicodedata.normalize("NFKC", plain)
        if not plain.isprintable():
            plain = "".join(c for c in plain if c.isprintable() or c.isspace())
        if plain == text:
            return text
        if len(plain) > _MOST_GROWTH * len(text):
            break  # a letter that stands for a sentence, thousands of times: no honest text, but a costly one
        text = plain
    return REMOVED


def _letter(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16))
