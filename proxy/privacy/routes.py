"""A shop's own patterns for its paths: what P3's general rules can't know, its operator says.

Enters: patterns from the settings. Leaves: which segments of a path are shown, and under which name.

    /kundeklubb/:medlem          → /kundeklubb/:medlem          the segment's place is kept, never its word
    /produkt/*/:kode             → /produkt/lego-politi/:kode   `*` is a segment under the general rules
    /hjelp/...                   → /hjelp                       whatever stands below is dropped
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_PATTERN = re.compile(r"(?:/(?:\*|:[a-z][a-z0-9_-]*|[^/:*?#.\s][^/:*?#\s]*))*(?:/\.\.\.)?")


class Route(NamedTuple):
    """One pattern."""

    segments: tuple[str, ...]
    open_ended: bool
    """It ended in `...`."""

    def matches(self, segments: Sequence[str]) -> bool:
        """Whether a path, cut at its slashes, has this form."""
        if len(segments) < len(self.segments) or (len(segments) > len(self.segments) and not self.open_ended):
            return False
        return all(wanted[0] in ":*" or wanted == found for wanted, found in zip(self.segments, segments, strict=False))


def route_of(pattern: str) -> Route:
    """Read one pattern.

    Raises:
        ValueError: it is none; the message says what one looks like.
    """
    if not pattern.startswith("/") or not _PATTERN.fullmatch(pattern):
        raise ValueError(
            "expected a path with :names, * or a last ... in place of segments, for example /klubb/:medlem"
        )
    segments = [segment for segment in pattern.split("/") if segment]
    open_ended = segments[-1:] == ["..."]
    return Route(tuple(segments[:-1] if open_ended else segments), open_ended)


def shown_by(route: Route, segments: Sequence[str], cleaned: Callable[[int], str]) -> list[str]:
    """The segments that stay; `cleaned` gives the one at a place under the general rules."""
    return [
        cleaned(place) if wanted == "*" else wanted
        for place, (wanted, _) in enumerate(zip(route.segments, segments, strict=False))
    ]
