"""Where a shop's category stands in the IAB Audience Taxonomy 1.1. Enters: a category's name. Leaves: segments. Pure.

The rows are a choice from the IAB Tech Lab's list (Creative Commons Attribution 3.0; `iab.tsv` says where from), each
with the Norwegian and English words by which a category is known to be of it.
"""

from functools import cache
from importlib import resources
from typing import NamedTuple

VERSION = "IAB Audience Taxonomy 1.1"


class Segment(NamedTuple):
    """A row of the taxonomy."""

    id: int
    tiers: tuple[str, ...]
    """From the widest: `Interest`, or `Purchase Intent*`, as it is written there."""

    @property
    def name(self) -> str:
        """Its way from the top."""
        return " | ".join(self.tiers)


def segments_of(category: str) -> tuple[Segment, ...]:
    """At most one of each first tier, that whose word tells most; none where no word fits.

    Args:
        category: A word, or a way from wide to narrow, `Leker > Lego`. The narrowest part that is known decides.
    """
    for part in reversed(parts_of(category)):
        fitting = [(_fit(word, part), segment) for word, segment in _words() if _fit(word, part)]
        if fitting:
            best = {segment.tiers[0]: segment for _, segment in sorted(fitting, key=lambda found: found[0])}
            return tuple(best[tier] for tier in sorted(best))
    return ()


def parts_of(category: str) -> list[str]:
    """The parts of a category's name, from wide to narrow."""
    parts = (" ".join(part.split()) for part in category.replace("/", ">").split(">"))
    return [part for part in parts if part]


def _fit(word: str, part: str) -> int:
    """How much a word tells of it: its length, a whole word's the most; 0: nothing."""
    part, stem = part.casefold(), word.strip("*")
    if part == stem:
        return 2 * len(stem)
    begins, ends = word.endswith("*") and part.startswith(stem), word.startswith("*") and part.endswith(stem)
    return len(stem) if begins or ends else 0


@cache
def _words() -> tuple[tuple[str, Segment], ...]:
    text = resources.files("pipeline.audiences.exports").joinpath("iab.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        (word.strip().casefold(), Segment(int(number), tuple(tiers.split("|"))))
        for number, tiers, words in rows
        for word in words.split(";")
    )
