"""What other people's trackers send where a text or a number should be, for the dialects that aren't ours.

Enters: whatever JSON holds. Leaves: a text, a number, or None where it is none; nothing of several values.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from proxy.decode import limits

_NAME_CHARACTERS = 200
_MOST = 1e9
"""Major units; a billion keeps the sum of a day within 64 bits of minor units."""
_EXTENSION_CHARACTERS = 10


def text(found: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Of a text, a number, a yes or no; else, and where it is longer than any that is kept, empty."""
    if isinstance(found, bool):
        return str(found).lower()
    return limits.text(found) if isinstance(found, str | int | float) else ""


def texts(found: Mapping[str, Any]) -> dict[str, str]:
    """Properties as texts, without those that are empty or hold several values."""
    return {name: said for name, value in found.items() if len(name) <= _NAME_CHARACTERS and (said := text(value))}


def number(found: Any) -> float | None:  # noqa: ANN401 - as above
    """An amount, as a number or as a text; 0 where nothing was said; None: it is none, or beyond all shops."""
    if isinstance(found, bool) or not isinstance(found, int | float | str | None):
        return None
    read = limits.measure(found)
    return read if read is not None and abs(read) <= _MOST else None  # what is not a number compares false, too


def whole(found: Any, most: int) -> int | None:  # noqa: ANN401 - as above
    """A number from 0 up to `most`, where it is cut off; None: it is none."""
    try:
        amount = int(found) if isinstance(found, str) or type(found) is int else round(found)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(amount, most) if amount >= 0 and not isinstance(found, bool) else None


def host_of(url: str) -> str:
    """Of a link, the host that it leads to; the rest may name what somebody looked for."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def routed(url: str) -> str:
    """The address of a page whose path stands behind `#` or `#!`, as if it stood before it: cleaned as a path is."""
    page, _, route = url.partition("#")
    if not route:
        return page
    page, _, query = page.partition("?")
    path, _, more = route.partition("?")
    queries = "&".join(filter(None, (query, more)))
    return f"{page.rstrip('/')}/{path.lstrip('!/')}" + (f"?{queries}" if queries else "")


def extension_of(url: str) -> str:
    """Of a file, what kind of file it is."""
    stem, dot, extension = url.partition("?")[0].partition("#")[0].rpartition("/")[2].rpartition(".")
    known = stem and dot and len(extension) <= _EXTENSION_CHARACTERS and extension.isascii() and extension.isalnum()
    return extension.lower() if known else ""
