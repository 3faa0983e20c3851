"""Which categories each group of visitors prefers: a page for whoever buys the advertising.

Enters: ledger weeks. Leaves: Markdown. Pure.

A lift is how often a group's visitors look at a category, over how often all do; reckoned and drawn towards 1 as the
factors in `places.py` are, from the same eight weeks. A line stands where the category's visitor-days in the group may
be said, the lift is at least 1.1, and noise and chance alone would make such a one in a thousand. How many visitor-days
they are is told as a band.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import NamedTuple

from pipeline.audiences.exports.channels import UNNAMED
from pipeline.audiences.exports.iab import VERSION, segments_of
from pipeline.audiences.exports.places import TOO_FEW, by_chance, location, shrunk
from pipeline.audiences.exports.sheet import plain
from pipeline.audiences.exports.sums import at, expected, recent, span, totals
from pipeline.audiences.likeness import looks_like
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import GROUPS, K_RELEASE

LIFT = 1.1
"""From which a preference is worth a line."""
CLEAR = 3
"""Standard deviations of noise and chance that a count is over what it would be without a preference."""
BANDS = (K_RELEASE, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000)
_TITLES = {"area": "Areas", "device": "Devices", "source": "Sources"}
_HEAD = "| Category | Lift | Visitor-days | Segments |\n| --- | ---: | ---: | --- |"


class _Preference(NamedTuple):
    kind: str
    group: str
    category: str
    lift: float
    size: str


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """The page, in English, as agencies' tools and forms are."""
    text = "\n\n".join((*_preface(weeks, shop), *_kinds(weeks, shop)))
    return f"{text}\n".encode()


def band(number: int) -> str:
    """The step that a number of at least 50 is on: `250-500`."""
    step = bisect(BANDS, number)
    return f"{BANDS[step - 1]}-{BANDS[step]}" if step < len(BANDS) else f"{BANDS[-1]}+"


def _preface(weeks: Sequence[Week], shop: Advertiser) -> Iterator[str]:
    yield f"# Audience brief: {_marked(shop.site)}, {span(weeks)}"
    yield (
        "Counts with noise, of at least 50 visitor-days each; no line is about a person. "
        "A lift of 1.3: this group's visitors look at the category 1.3 times as often as all visitors. "
        f"Segments are those of the {VERSION} (IAB Tech Lab, CC BY 3.0), by the category's name."
    )


def _kinds(weeks: Sequence[Week], shop: Advertiser) -> Iterator[str]:
    # a category that was marked since then stands in the ledger, and is said no more
    preferences = [line for line in _preferences(weeks) if not shop.is_sensitive(line.category)]
    for kind in GROUPS:
        yield f"## {_TITLES[kind]}"
        groups = sorted({line.group for line in preferences if line.kind == kind})
        if not groups:
            yield _nothing(weeks, kind)
        for group in groups:
            yield f"### {_marked(location(group)[1] if kind == 'area' else group)}"
            lines = [line for line in preferences if (line.kind, line.group) == (kind, group)]
            yield "\n".join((_HEAD, *map(_row, sorted(lines, key=lambda line: (-line.lift, line.category)))))


def _nothing(weeks: Sequence[Week], kind: str) -> str:
    counts = [cell.known for key, cell in totals(recent(weeks), "affinity", tuple).items() if key[1] == kind]
    said = f"No group stands out: of {len(counts)} counts, {sum(counts)} may be said."
    return said if any(counts) else f"{TOO_FEW.capitalize()}."


def _preferences(weeks: Sequence[Week]) -> Iterator[_Preference]:
    kinds, groups, categories, cells = (
        totals(recent(weeks), "affinity", at(*columns)) for columns in ((1,), (1, 2), (0, 1), (0, 1, 2))
    )
    for (category, kind, group), both in cells.items():
        everything, of_group, of_category = kinds[kind,], groups[kind, group], categories[category, kind]
        all_known = both.known and everything.known and of_group.known and of_category.known
        if all_known and not {category, group} & UNNAMED and not (looks_like(category) or looks_like(group)):
            usual = expected(of_group, of_category, everything)
            lift = shrunk(both, usual)
            if lift >= LIFT and both.number - usual.number >= CLEAR * sqrt(by_chance(both, usual)):
                yield _Preference(kind, group, category, lift, band(both.number))


def _row(line: _Preference) -> str:
    return f"| {_marked(line.category)} | {line.lift:.1f} | {line.size} | {_segments(line.category)} |"


def _segments(category: str) -> str:
    found = [f"{segment.id} {_marked(segment.name)}" for segment in segments_of(category)]
    return "; ".join(found) or "none fits"


def _marked(text: str) -> str:
    """A text that may be anybody's, as text: no mark-up, no link, no cell of its own."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-!|~&" else sign for sign in plain(text))
