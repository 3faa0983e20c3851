"""Addresses of pages: what of a path and of a query may stay.

Enters: a full URL. Leaves: a path in which nothing names a person or an order, and the few query parameters that say
how the visitor came. User info, port, fragment and the rest of the query are never looked at twice.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from proxy.privacy.redact import REMOVED, clean, decoded
from proxy.privacy.routes import Route, shown_by
from proxy.privacy.words import lines_of, pairs_of

ID = ":id"
_PATH_CHARACTERS = 300
_MOST_PARAMETERS = 100
_LAST_SEGMENT = frozenset(lines_of("orders"))
_KEPT = frozenset("utm_source utm_medium utm_campaign utm_content utm_term ref".split())
PAID_BY: Mapping[str, str] = MappingProxyType(pairs_of("click_ids"))
"""Click ids and who hands them out. The value is a number of one person's click: it is never read."""

_PARAMETERS = re.compile(r"[;&][\w.-]+=.*", re.DOTALL)
"""What a link without its question mark leaves in the path, click ids for one."""
_CLICK = re.compile(rf"(?<![\w-])(?:{'|'.join(PAID_BY)})=[^/\s]*", re.IGNORECASE)
"""A click's number where it is no parameter: in a segment, or within another parameter's value."""
_WITH_A_NUMBER = re.compile(r"([^\W\d]+(?:-[^\W\d]+)*)(?:[-_.]?\d[\d-]*|\.(?:html?|php|aspx?))$")
"""`order-10485`, `kvittering.html`."""
_WITHIN = re.compile(r"(?<=\w)\+")
_NUMBER = re.compile(r"\d{5,}")
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}")
"""Letters and digits in one long run: a slug's words are joined by hyphens or underscores, and hold either."""


class Location(NamedTuple):
    """What may be known of a page's address."""

    host: str
    path: str
    query: dict[str, str]
    """The kept parameters only."""
    paid_by: str
    caught: bool = False
    """The path held something personal, which is an alarm: a shop's addresses should not."""


NOWHERE = Location("", "", {}, "")


def locate(url: str, routes: Sequence[Route] = ()) -> Location:
    """A URL without what it says of its visitor; `NOWHERE` if it is not one of the web."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return NOWHERE
    if parts.scheme not in ("http", "https") or not host:
        return NOWHERE
    query, paid_by = _query(parts.query) if parts.query else ({}, "")
    shown, caught = _path(parts.path, routes)
    return Location(host, shown, query, paid_by, caught)


def host_of(url: str) -> str:
    """The host of a URL of the web, in lower case, or empty: of a referrer nothing else is looked at."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").lower() if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def path(raw: str, routes: Sequence[Route] = ()) -> str:
    """The path, its telling segments replaced by `:id`; always begins with a slash."""
    return _path(raw, routes)[0]


def _path(raw: str, routes: Sequence[Route]) -> tuple[str, bool]:
    shown = decoded(raw).replace("\\", "/").partition("?")[0].partition("#")[0]
    segments = [segment for segment in _CLICK.sub("", _PARAMETERS.sub("", shown)).split("/") if segment]
    below = next((n for n, segment in enumerate(segments) if _names_an_order(segment)), len(segments))
    route = next((route for route in routes if route.matches(segments)), None)
    if route is not None:
        # the operator's own words need no look; what he lets through is looked at as everything is
        kept = shown_by(route, segments, lambda n: ID if n > below else _segment(segments[n]))
    else:
        kept = [_segment(segment) for segment in segments[: below + 1]]
        if below < len(segments) and (found := _WITH_A_NUMBER.match(segments[below])):
            kept[below] = found[1]
    caught = any(REMOVED in segment for segment in kept)
    kept = [ID if REMOVED in segment else segment for segment in kept]
    trailing = "/" if raw.endswith("/") and kept else ""
    return f"/{'/'.join(kept)}{trailing}"[:_PATH_CHARACTERS], caught


def _names_an_order(segment: str) -> bool:
    word = segment.strip().lower().replace("_", "-")
    found = _WITH_A_NUMBER.match(word)
    return word in _LAST_SEGMENT or bool(found and found[1] in _LAST_SEGMENT)


def _segment(segment: str) -> str:
    cleaned = clean(segment, prose=False)
    if _NUMBER.fullmatch(cleaned) or _UUID.search(cleaned) or _HASH.fullmatch(cleaned):
        return ID
    return ID if _TOKEN.search(cleaned) else cleaned


def _query(raw: str) -> tuple[dict[str, str], str]:
    kept: dict[str, str] = {}
    paid_by = ""
    if raw.count("&") >= _MOST_PARAMETERS:  # an attack
        return kept, paid_by
    # a plus is a blank or, where the sender forgot to encode it, the plus of a telephone number: see `_of_a_query`
    for key, value in parse_qsl(raw.replace("+", "%2B"), errors="replace"):
        name = key.lower()
        if name in _KEPT:
            kept.setdefault(name, _of_a_query(value))
        elif name in PAID_BY:
            paid_by = paid_by or PAID_BY[name]
    return kept, paid_by


def _of_a_query(value: str) -> str:
    """Cleaned in each way that its pluses can be read: as they are, those within it as blanks, all as blanks."""
    whole = clean(value, prose=False)
    within = clean(_WITHIN.sub(" ", whole), prose=False)
    blanks = within.replace("+", " ")
    # a code has no blanks: eight digits with some between them are a telephone's, which a shop may have filled in
    return _CLICK.sub("", clean(blanks, 100, prose=" " in blanks))
