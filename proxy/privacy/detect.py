"""What looks like a person in a text, however it is written down, and the text without it.

Enters: a text in one spelling, as `redact.py` makes it: percent-decoded, NFKC, printable. Leaves: the same text, with
`(removed)` in place of each e-mail address, number of a person (`numbers.py`), account, key and network address.

No find may cost more than its length. Every search goes through the text once: a run is entered at its beginning only
and never given back (`++`), and whoever sends more candidates than anybody types loses the whole text.
"""

import re
from collections.abc import Iterable, Iterator

from proxy.privacy.checks import iban_length, is_iban, looks_drawn
from proxy.privacy.groups import NUMBER_LIKE
from proxy.privacy.numbers import numbers_in

REMOVED = "(removed)"

_MOST_ROUNDS = 4
_MOST_CANDIDATES = 24
"""Of one kind in one text, and as many finds."""
_LONGEST_CODE = 256

_BRACKETED_AT = r"\s{0,2}[(\[{<]\s?(?:at|alfakr[øo]ll|kr[øo]llalfa|snabel-?a|@)\s?[)\]}>]\s{0,2}"
_AT = (
    rf"(?<=[\w.+'-])(?:\s{{0,2}}@\s{{0,2}}|{_BRACKETED_AT}|\s(?:at|alfa[\s-]?kr[øo]ll|kr[øo]ll[\s-]?alfa|snabel[\s-]?a)\s"
    r"|[_-]at[_-]|&(?:\#0{0,3}64|\#x0{0,2}40|commat);?|\\u0040|\\x40)"
)
_DOT = r"(?:\s?[(\[{<]\s?(?:dot|punktum|prikk|\.)\s?[)\]}>]\s?|\s(?:dot|punktum|prikk)\s|[_-]dot[_-]|\.)"
_LABEL = r"[^\W_]{1,63}+(?:-(?!dot-|at-)[^\W_]{1,63}+){0,5}+"
_MAILBOX = "gmail|googlemail|hotmail|outlook|icloud|yahoo|protonmail"
_COUNTRIES = (
    "no se dk fi is fo gl de at ch nl be lu fr es pt it gr pl cz sk hu ro bg hr si rs ee lv lt ua ru uk ie us ca au nz "
    "in jp cn kr br mx za tr il ai me tv co io eu"
)
_TOP_LEVEL = frozenset(f"com org net edu gov info name biz museum shop store cloud email app dev {_COUNTRIES}".split())
"""A spelled-out at is also a word, so it must be followed by a domain that there is."""
_SPELLED_DOMAIN = re.compile(rf"{_AT}(?:(?:{_LABEL}{_DOT}){{1,4}}([a-z]{{2,6}}+)|{_MAILBOX})(?![\w-])", re.IGNORECASE)
_SPELLED_NAME = re.compile(rf"(?<![\w.+'-])(?:[\w.+'-]{{1,120}}+{_DOT}){{0,3}}[\w.+'-]{{1,120}}$", re.IGNORECASE)
_NAME_CHARACTERS = 120
_IN_NAME = r"[^\s@/:;,<>()\[\]{}=&?|\"]"
_EMAIL = re.compile(
    rf"(?<!{_IN_NAME}){_IN_NAME}++(?:(?:@(?![1-4]x\.(?:png|jpe?g|webp|gif|svg|avif)\b)|{_BRACKETED_AT})[\w.-]*\w)++",
    re.IGNORECASE,
)
_BEFORE_DOMAINS = frozenset("@([{<")
"""Whatever is glued to an at. `logo@2x.png` is a picture for sharp screens."""

_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?+", re.ASCII)
_UUID_END = re.compile(r"([-_])(?<=[0-9a-f]{8}.)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_+/=~-]{20,}+")
_HEX = re.compile(r"(?<![0-9a-z])[0-9a-f]{32,}+(?![0-9a-z])", re.IGNORECASE)
_IBAN_BODY = re.compile(
    r"\d\d(?<=[A-Z]{2}..)(?:(?<![A-Z0-9]....)|(?<=IBAN....))(?=((?:[ -]?[A-Z0-9]){11,30}+))", re.IGNORECASE | re.ASCII
)

_IPV4 = re.compile(r"(?<!\d)\d++(?:\.\d++){3,}+")
_IPV6 = re.compile(r"[0-9a-fA-F:]{6,}+")
"""Whole runs, with whatever stands at their ends: `ip:2001:db8::1` and `v.192.0.2.1.` hold an address, too."""

_SUSPICIOUS = re.compile(
    rf"@|{NUMBER_LIKE}|\d\.\d++\.\d++\.\d|:[0-9a-fA-F]*+:|eyJ"
    r"|(?<![A-Za-z0-9_+/=~-])[A-Za-z0-9_+/=~-]{20}"
    r"|(?<=[A-Za-z]{2})\d\d(?:[ -]?[A-Za-z0-9]){11}"
    r"|[\s_\-(\[{<&\\](?i:at[\s_\-)\]}>]|alfa[\s-]?kr|kr[øo]ll[\s-]?alfa|snabel|\#x?0{0,3}[46]|commat|u0040|x40)"
)
"""Cheap: most texts hold none of these, and then nothing else is looked for."""


def suspicious(text: str) -> bool:
    """Whether anything in a text might be a find; only then it is looked at closely."""
    return _SUSPICIOUS.search(text) is not None


def without_persons(text: str, *, prose: bool) -> str:
    """The text with `(removed)` in place of each find; what four rounds don't clean is no honest text, and gone.

    Args:
        text: decoded, NFKC, printable.
        prose: somebody may have typed it: eight digits are a telephone there. Else it is a code (a product's number, a
            segment of a path, a campaign), in which they are not.
    """
    if not suspicious(text):
        return text
    for _ in range(_MOST_ROUNDS):
        without = _looked_through(text, prose=prose)
        if without == text:
            return text
        text = without  # a gap may show what was hidden by its neighbour
    return REMOVED


def _looked_through(text: str, *, prose: bool) -> str:
    """One round. Codes come before numbers, which they may hold, and cards before what looks like their part."""
    text = _without(text, _spelled_emails(text))
    if not _BEFORE_DOMAINS.isdisjoint(text):
        text = _without(text, _all(_EMAIL, text))
    if "eyJ" in text:
        text = _without(text, _all(_JWT, text))
    text = _without(text, ((m.start() - 8, m.end()) for m in _UUID_END.finditer(text)))
    text = _without(text, _codes(text))
    text = _without(text, _ibans(text))
    text = _without(text, numbers_in(text, prose=prose))
    if "." in text:
        text = _without(text, _all(_IPV4, text))
    if ":" in text:
        text = _without(text, (place for place in _all(_IPV6, text) if _is_address(text[slice(*place)])))
    return text


def _all(kind: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in kind.finditer(text))


def _without(text: str, places: Iterable[tuple[int, int]]) -> str:
    """The text with its finds replaced; whatever stands behind more of them than anybody types goes with them."""
    kept: list[str] = []
    behind = 0
    for begin, end in places:
        kept += (text[behind:begin], REMOVED)
        behind = end
        if len(kept) > 2 * _MOST_CANDIDATES:
            return "".join(kept)
    return "".join((*kept, text[behind:])) if behind else text


def _spelled_emails(text: str) -> Iterator[tuple[int, int]]:
    """From the at to both sides: there are fewer of those than of words that might be a name."""
    behind = 0
    for count, domain in enumerate(_SPELLED_DOMAIN.finditer(text)):
        if count == _MOST_CANDIDATES:
            yield behind, len(text)
            return
        if domain[1] and domain[1].lower() not in _TOP_LEVEL:
            continue
        name = _SPELLED_NAME.search(text, max(behind, domain.start() - _NAME_CHARACTERS), domain.start())
        if name:
            yield name.start(), domain.end()
            behind = domain.end()


def _codes(text: str) -> Iterator[tuple[int, int]]:
    """Keys, sessions, hashes. Of a run with a plain hash in it only the hash goes, of an endless one its end."""
    behind = 0
    for count, code in enumerate(_CODE.finditer(text)):
        if count == _MOST_CANDIDATES:
            yield behind, len(text)
            return
        for begin, end in _secrets(text, *code.span()):
            yield begin, end
            behind = end


def _secrets(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    hashes = [found.span() for found in _HEX.finditer(text, begin, end)]
    if hashes:
        return hashes
    looked_at = min(end, begin + _LONGEST_CODE)
    if looks_drawn(text[begin:looked_at]):
        return [(begin, end)]
    return [(looked_at, end)] if looked_at < end else []


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """As many letters and digits as its country's have, in groups or not, and no more joined to them."""
    behind = 0
    for count, body in enumerate(_IBAN_BODY.finditer(text)):
        if count == _MOST_CANDIDATES:
            yield behind, len(text)
            return
        begin = body.start() - 2
        end = _end_of_iban(text, begin, body.end(1))
        if end and begin >= behind:
            yield begin, end
            behind = end


def _end_of_iban(text: str, begin: int, end: int) -> int:
    length = iban_length(text[begin : begin + 2].upper())
    places = [at for at in range(begin, end) if text[at].isalnum()][:length]
    if not length or len(places) < length or text[places[-1] + 1 : places[-1] + 2].isalnum():
        return 0
    return places[-1] + 1 if is_iban("".join(text[at] for at in places).upper()) else 0


def _is_address(run: str) -> bool:
    """IPv6, shortened or with its seven colons, or a network card's with five; `10:30:00` has two."""
    return "::" in run or run.count(":") >= 5  # noqa: PLR2004 - said in the line above
