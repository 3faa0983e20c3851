"""Numbers become steps that don't flicker: what a product's label says.

Enters: the weeks of the ledger, oldest first. Leaves: for each product five tiers, as of the last week. Pure.

**What is typical.** Interest is a product's visitor-days of the week by the geometric mean of the shop's ten most seen.
Not by the median of all that are published: bounding pushes products under 50, and the median goes up with each that is
lost. In the simulated shop of `tests/pipeline/audiences/test_utility.py` every fourth tier was wrong by it. Nor by the
sum: over a large catalogue its noise is of the size of a small shop's visitor-days. Ten have next to no noise, all lose
the same to bounding, and a best-seller moves their geometric mean by a tenth of what it moves itself.

**How wide.** A step is a factor of 2.5. The lowest is below a tenth of the typical product, the highest begins at half
as much again. At 150 visitors a week noise is some 7 %, so few are near an edge; with factors of 2 more were wrong.

**Rates.** Of a visitor-day one product counts as bought and four as seen: of both about a fourth is cut off, so what is
bought by those who saw it stays near the shop's own rate (1.04 times it at four looks a visitor, 1.2 times at seven). A
step is a factor of 3, since what comes in may be wrong by a sixth. In the simulated shop nine of ten are right.

**Hysteresis.** A product leaves its tier when it is over the edge by more than noise hardly ever is, three standard
deviations, and what had too few comes in when it has two more than is needed to stay. Rates leave theirs at one: their
twelve weeks have eleven in common with the week before, so noise moves them little; and with three, whatever noise
lifted in would stay there. Earlier tiers are stored nowhere:
they are reckoned again from the ledger, as far back as they hang on what was before, since a window that moves would
make labels flicker by what drops out at its far end.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.audiences.readings import Reading, View, views
from pipeline.audiences.released import Week
from pipeline.audiences.tables import K_RELEASE

TOO_FEW = "too_few"
WOBBLE = 3
"""Standard deviations that noise hardly ever moves a number by."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What one label says."""

    name: str
    words: tuple[str, ...]
    """From the lowest step up."""
    edges: tuple[float, ...]
    """Between them; what is on an edge is above it."""
    first: int | None = None
    """The step to leave for another, as long as nothing is known."""
    wobble: float = WOBBLE
    """Standard deviations over an edge from which the step is another one."""


def _five(name: str, *edges: float, wobble: float = WOBBLE) -> Kind:
    return Kind(name, tuple(f"{name}-{step}" for step in range(1, 6)), edges, wobble=wobble)


KINDS = (
    _five("interest", *(2.5**step for step in (-2.5, -1.5, -0.5, 0.5))),
    # Not by the shop's own rate: over a catalogue of 1,000 the noise of its orders adds up to some 900
    _five("conversion", 0.003, 0.01, 0.03, 0.1, wobble=1),
    Kind("trend", ("trend-falling", "trend-steady", "trend-rising"), (3 / 4, 4 / 3), first=1),
    Kind("device", ("device-desktop", "device-both", "device-mobile"), (1 / 3, 2 / 3)),
    _five("basket", 0.01, 0.03, 0.1, 0.3, wobble=1),
)
"""In the order of their labels. Conversion is orders by visitor-days that saw the product, basket carts and orders."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What may be said of a product under one kind."""

    word: str
    number: int | None = None
    """Of interest visitor-days, of conversion and basket a thousand of them, else per cent. None: too few."""


def tiers(weeks: Sequence[Week], products: Collection[str]) -> dict[str, tuple[Tier, ...]]:
    """Each product's tiers as of the last week, in the order of `KINDS`; `too_few` where nothing can be said.

    Args:
        weeks: Of one shop, oldest first.
        products: Their ids, as the ledger has them.
    """
    looks = views(weeks)
    unseen = tuple(Tier(TOO_FEW) for _ in KINDS)
    # Most of a catalogue: weeks of what hardly anybody looked at aren't worth reckoning again
    seen = {name for look in looks for name, pair in look.now.seen.pairs.items() if sum(pair) >= K_RELEASE}
    return {name: _tiers(looks, name) if name in seen else unseen for name in products}


def settled(readings: Iterable[Reading | None], kind: Kind) -> int | None:
    """The step that a product is on after all its weeks; None: too few."""
    at = None
    for reading in readings:
        if reading is None or (at is None and not reading.clear):
            at = None
        else:
            at = _moved(kind, reading, kind.first if at is None else at)
    return at


def _enough(looks: Sequence[View], product: str, kind: int) -> list[Reading | None]:
    """A product's latest weeks, as many as matter: back to where its step doesn't hang on what was before.

    That is where most of the time would go: mostly it is the last week alone, and after two years there are a hundred.
    """
    weeks: list[Reading | None] = []
    for look in reversed(looks):
        weeks.append(look.reading(product, kind))
        if _decides(KINDS[kind], weeks[-1]):
            break
    return weeks[::-1]


def _decides(kind: Kind, reading: Reading | None) -> bool:
    """Whether the step after this week is the same, whatever it was before."""
    if reading is None:
        return True
    doubt = kind.wobble * reading.spread
    # as `_moved` goes: between these two it would stay
    low, high = (bisect_right(kind.edges, reading.value + by) for by in (-doubt, doubt))
    return reading.clear and low == high


def _moved(kind: Kind, reading: Reading, at: int | None) -> int:
    """As far as it has gone for sure."""
    found = bisect_right(kind.edges, reading.value)
    if at is None:
        return found
    doubt = kind.wobble * reading.spread
    if found > at:
        return max(at, bisect_right(kind.edges, reading.value - doubt))
    return min(at, bisect_right(kind.edges, reading.value + doubt))


def _tiers(looks: Sequence[View], product: str) -> tuple[Tier, ...]:
    return tuple(_tier(kind, _enough(looks, product, at)) for at, kind in enumerate(KINDS))


def _tier(kind: Kind, weeks: Sequence[Reading | None]) -> Tier:
    at = settled(weeks, kind)
    if at is None or (last := weeks[-1]) is None:
        return Tier(TOO_FEW)
    return Tier(kind.words[at], last.number)
