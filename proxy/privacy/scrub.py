"""Addresses of pages: what of a path and of a query may stay.

Enters: a full URL. Leaves: a path in which nothing names a person or an order, and the few query parameters that say
how the visitor came. User info, port, fragment and the rest of the query are never looked at twice.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from proxy.privacy.memo import remembered
from proxy.privacy.redact import REMOVED, clean, decoded

_ID = ":id"
_PATH_CHARACTERS = 300
_LAST_SEGMENT = frozenset("order ordre kvittering checkout kasse min-side account reset unsubscribe avmeld".split())
"""Below these, at whatever depth (`/nb/ordre/…`), a path names an order or an account."""
_KEPT = frozenset("utm_source utm_medium utm_campaign utm_content utm_term ref".split())
PAID_BY: Mapping[str, str] = MappingProxyType(
    {
        "gclid": "google", "gbraid": "google", "wbraid": "google", "dclid": "google", "gclsrc": "google",
        "gad_source": "google", "fbclid": "meta", "igshid": "meta", "msclkid": "microsoft",
        "ttclid": "tiktok", "twclid": "x", "li_fat_id": "linkedin", "epik": "pinterest", "sccid": "snap",
        "rdt_cid": "reddit", "yclid": "yandex", "irclickid": "impact", "mc_eid": "mailchimp", "_hsenc": "hubspot",
    }
)  # fmt: skip
"""Click ids and who hands them out. The value is a number of one person's click: it is never read."""

_PARAMETERS = re.compile(r"[;&][\w.-]+=.*", re.DOTALL)
"""What a link without its question mark leaves in the path, click ids for one."""
_NUMBER = re.compile(r"\d{5,}")
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
_TOKEN = re.compile(r"(?=[^\d]*\d)(?=[^a-zA-Z]*[a-zA-Z])[\w~.=+-]{20,}")
_LONG_PART = re.compile(r"\w{16,}")
"""A slug's words are joined by hyphens and shorter; twenty characters with a digit and no such word is a token."""


class Location(NamedTuple):
    """What may be known of a page's address."""

    host: str
    path: str
    query: dict[str, str]
    """The kept parameters only."""
    paid_by: str


NOWHERE = Location("", "", {}, "")


@remembered(most=20_000)
def locate(url: str) -> Location:
    """A URL without what it says of its visitor; `NOWHERE` if it is not one of the web."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return NOWHERE
    if parts.scheme not in ("http", "https") or not host:
        return NOWHERE
    query, paid_by = _query(parts.query) if parts.query else ({}, "")
    return Location(host, path(parts.path), query, paid_by)


def path(raw: str) -> str:
    """The path, its telling segments replaced by `:id`; always begins with a slash."""
    shown = _PARAMETERS.sub("", decoded(raw).partition("?")[0].partition("#")[0])
    segments = [segment for segment in shown.split("/") if segment]
    for depth, segment in enumerate(segments):
        if segment.strip().lower() in _LAST_SEGMENT:
            del segments[depth + 1 :]
            break
    kept = "/".join(_segment(segment) for segment in segments)
    trailing = "/" if raw.endswith("/") and kept else ""
    return f"/{kept}{trailing}"[:_PATH_CHARACTERS]


def _segment(segment: str) -> str:
    cleaned = clean(segment)
    if REMOVED in cleaned or _NUMBER.fullmatch(cleaned) or _UUID.search(cleaned) or _HASH.fullmatch(cleaned):
        return _ID
    if _TOKEN.fullmatch(cleaned) and _LONG_PART.search(cleaned):
        return _ID
    return cleaned


def _query(raw: str) -> tuple[dict[str, str], str]:
    kept: dict[str, str] = {}
    paid_by = ""
    for key, value in parse_qsl(raw, max_num_fields=100, errors="replace") if raw.count("&") < 100 else ():  # noqa: PLR2004 - more is an attack
        name = key.lower()
        if name in _KEPT:
            kept.setdefault(name, clean(value, 100))
        elif name in PAID_BY:
            paid_by = paid_by or PAID_BY[name]
    return kept, paid_by
