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

from pipeline.audiences.exports.brief_words import Words, words_of
from pipeline.audiences.exports.channels import UNNAMED
from pipeline.audiences.exports.iab import VERSION, segments_of
from pipeline.audiences.exports.places import by_chance, location, shrunk
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
_ALIGNED = "| --- | ---: | ---: | --- |"


class _Preference(NamedTuple):
    kind: str
    group: str
    category: str
    lift: float
    size: str


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """The page, in the shop's language."""
    words = words_of(shop.country)
    text = "\n\n".join((*_preface(weeks, shop, words), *_kinds(weeks, shop, words)))
    return f"{text}\n".encode()


def band(number: int) -> str:
    """The step that a number of at least 50 is on: `250-500`."""
    step = bisect(BANDS, number)
    return f"{BANDS[step - 1]}-{BANDS[step]}" if step < len(BANDS) else f"{BANDS[-1]}+"


def _preface(weeks: Sequence[Week], shop: Advertiser, words: Words) -> Iterator[str]:
    yield "# " + words.title.format(site=_marked(shop.site), weeks=span(weeks, words.to))
    yield words.preface.format(taxonomy=VERSION)


def _kinds(weeks: Sequence[Week], shop: Advertiser, words: Words) -> Iterator[str]:
    head = f"| {' | '.join(words.columns)} |\n{_ALIGNED}"
    # a category that was marked since then stands in the ledger, and is said no more
    preferences = [line for line in _preferences(weeks) if not shop.is_sensitive(line.category)]
    for kind in GROUPS:
        yield f"## {words.kinds[kind]}"
        groups = sorted({line.group for line in preferences if line.kind == kind})
        if not groups:
            yield _nothing(weeks, kind, words)
        for group in groups:
            yield f"### {_marked(_called(kind, group, words))}"
            lines = [line for line in preferences if (line.kind, line.group) == (kind, group)]
            lines.sort(key=lambda line: (-line.lift, line.category))
            yield "\n".join((head, *(_row(line, words) for line in lines)))


def _called(kind: str, group: str, words: Words) -> str:
    if kind == "area":
        return location(group)[1]
    return words.devices.get(group, group) if kind == "device" else group


def _nothing(weeks: Sequence[Week], kind: str, words: Words) -> str:
    counts = [cell.known for key, cell in totals(recent(weeks), "affinity", tuple).items() if key[1] == kind]
    return words.none_stands_out.format(counts=len(counts), said=sum(counts)) if any(counts) else words.too_few


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


def _row(line: _Preference, words: Words) -> str:
    lift = f"{line.lift:.1f}".replace(".", words.point)
    return f"| {_marked(line.category)} | {lift} | {line.size} | {_segments(line.category) or words.none_fits} |"


def _segments(category: str) -> str:
    return "; ".join(f"{segment.id} {_marked(segment.name)}" for segment in segments_of(category))


def _marked(text: str) -> str:
    """A text that may be anybody's, as text: no mark-up, no link, no cell of its own."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-!|~&" else sign for sign in plain(text))
