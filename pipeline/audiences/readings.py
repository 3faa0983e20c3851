"""What a week's numbers say of a product, and how far noise alone moves that.

Enters: weeks of the ledger, oldest first. Leaves: for each kind of label a reading, or none where there is too little.
Pure.

A number is told where it is at least 50 (P5) and three standard deviations of its noise. To be told for the first time
it needs two more, which is 70 for a week's visitor-days: noise gives 50 to one of 7,000 products that nobody looked at
and 70 to one of 300,000, and what has about 50 would come and go. A single week can say nothing of what is ordered ten
times in it: orders are added up over twelve, which costs the noise of three and a half.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.audiences.released import Released, Week
from pipeline.audiences.tables import DEVICES, K_RELEASE, STEPS

TYPICAL_OF = 10
"""The most seen products, which are typical; half the catalogue where that is fewer."""
SURE = 3
"""Standard deviations of its noise that a number is at least."""
NEW = 2
"""And as many more, where the week before told nothing."""
NEW_PART = 3
"""As many more of what is ordered, or left in a cart: a number of five standard deviations is wrong by a fifth."""
CAUTION = 0.5
"""Standard deviations that are taken off a share's part: as most products sell little, what is over a bar is more often
one under it that noise has lifted than the other way round. Without it, one basket in nine would be too high a step."""
POOLED = timedelta(weeks=12)
"""Orders and devices are added up over so long, this week too."""
BEFORE = timedelta(weeks=4)
"""A week is compared with so long before it."""
WEEKS_BEFORE = 2
"""At least, to speak of a trend."""


@dataclass(frozen=True, slots=True)
class Noisy:
    """A sum of cells."""

    count: int = 0
    variance: float = 0.0
    """Of its noise."""

    def __add__(self, other: "Noisy") -> "Noisy":
        return Noisy(self.count + other.count, self.variance + other.variance)

    @property
    def spread(self) -> float:
        """The standard deviation of its noise."""
        return math.sqrt(self.variance)

    @property
    def told(self) -> bool:
        """Whether it may be said, and is more than noise."""
        return self.over(0)

    @property
    def clear(self) -> bool:
        """Whether it may be said where nothing was before."""
        return self.over(NEW)

    def over(self, spreads: int) -> bool:
        """Whether it is told with so many standard deviations to spare."""
        if self.count < K_RELEASE:  # most are, and a root takes its time
            return False
        return self.count >= max(K_RELEASE, SURE * self.spread) + spreads * self.spread


@dataclass(frozen=True, slots=True)
class Side:
    """A table's pairs of cells, by product."""

    pairs: Mapping[str, tuple[int, int]]
    variance: float = 0.0
    """Of each cell's noise."""

    def total(self, product: str) -> Noisy:
        """Both cells of a product."""
        pair = self.pairs.get(product)
        return Noisy() if pair is None else Noisy(sum(pair), 2 * self.variance)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a week says of a product under one kind of label."""

    value: float
    spread: float
    """The standard deviation that noise gives it."""
    clear: bool
    """Whether there is enough for it where the week before told nothing."""
    number: int | None
    """The same for people and platforms, in whole units of the kind; None: it would tell of fewer than 50."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One week, by product."""

    monday: date
    seen: Side
    """On desktops, on mobiles."""
    bought: Side
    """Left in a cart, ordered."""
    typical: float | None
    """Visitor-days of a product that is seen much; None: there are too few."""


def shelf(week: Week) -> Shelf:
    """A week's products."""
    seen = _side(week.tables.get("interest"), DEVICES)
    return Shelf(week.monday, seen, _side(week.tables.get("conversion"), STEPS), typical(map(sum, seen.pairs.values())))


def typical(seen: Iterable[int]) -> float | None:
    """The geometric mean of the most seen; None where one of them has too few to be said."""
    numbers = sorted(seen, reverse=True)
    most = numbers[: min(TYPICAL_OF, max(1, len(numbers) // 2))]
    if not most or most[-1] < K_RELEASE:
        return None
    return math.exp(math.fsum(math.log(number) for number in most) / len(most))


@dataclass(frozen=True, slots=True)
class View:
    """A week, and those that are looked at with it."""

    now: Shelf
    pooled: Sequence[Shelf]
    """This one is among them."""
    before: Sequence[Shelf]

    def reading(self, product: str, kind: int) -> Reading | None:
        """Of one kind: interest, conversion, trend, device, basket, from 0."""
        return _READ[kind](self, product)


def views(weeks: Iterable[Week]) -> list[View]:
    """Of each week, oldest first."""
    shelves = [shelf(week) for week in weeks]
    mondays = [shelf.monday for shelf in shelves]
    return [
        View(
            now,
            shelves[bisect_right(mondays, now.monday - POOLED) : at + 1],
            shelves[bisect_left(mondays, now.monday - BEFORE) : at],
        )
        for at, now in enumerate(shelves)
    ]


def interest(now: Shelf, product: str) -> Reading | None:
    """This week's visitor-days, by those of the typical product. Number: visitor-days."""
    seen = now.seen.total(product)
    if now.typical is None or not seen.told:
        return None
    return Reading(seen.count / now.typical, seen.spread / now.typical, seen.clear, seen.count)


def share(part: Noisy, whole: Noisy) -> Reading | None:
    """One number by another, where both may be said. Number: a thousand."""
    if not (part.told and whole.told):
        return None
    value = (part.count - CAUTION * part.spread) / whole.count
    return Reading(value, value * _relative(part, whole), part.over(NEW_PART) and whole.clear, round(1000 * value))


def trend(now: Shelf, before: Iterable[Shelf], product: str) -> Reading | None:
    """This week's interest by that of the weeks before, so a shop that grows as a whole has no trend. Number: %."""
    weeks = [(each.seen.total(product), each.typical) for each in before if product in each.seen.pairs]
    scales = [scale for _, scale in weeks if scale is not None]
    seen, then = now.seen.total(product), sum((each for each, _ in weeks), Noisy())
    if now.typical is None or not WEEKS_BEFORE <= len(weeks) == len(scales):
        return None
    if not (seen.told and then.told and then.count >= K_RELEASE * len(weeks)):
        return None
    # Of sums, not the mean of quotients, which a single week under nothing may turn round
    value = (seen.count / now.typical) / (then.count / math.fsum(scales))
    return Reading(value, value * _relative(seen, then), seen.clear and then.clear, round(100 * value))


def device(desktop: Noisy, mobile: Noisy) -> Reading | None:
    """The share of mobiles. Number: %, where at least 50 have either."""
    seen = desktop + mobile
    if not seen.told:
        return None
    value = min(1.0, max(0.0, mobile.count / seen.count))
    # beside the sum, which interest tells, a share in per cent is as good as both counts
    number = round(100 * value) if min(desktop.count, mobile.count) >= K_RELEASE else None
    return Reading(value, seen.spread / seen.count, seen.clear, number)


def _conversion(look: View, product: str) -> Reading | None:
    _, orders, seen = bought(look.pooled, product)
    return share(orders, seen)


def _basket(look: View, product: str) -> Reading | None:
    carts, orders, seen = bought(look.pooled, product)
    return share(carts + orders, seen)


_READ: tuple[Callable[[View, str], Reading | None], ...] = (
    lambda look, product: interest(look.now, product),
    _conversion,
    lambda look, product: trend(look.now, look.before, product),
    lambda look, product: device(*added([shelf.seen for shelf in look.pooled], product)),
    _basket,
)


def bought(shelves: Iterable[Shelf], product: str) -> tuple[Noisy, Noisy, Noisy]:
    """Carts, orders, visitor-days, of weeks that have all of them: else a rate would be of unlike weeks."""
    whole = [shelf for shelf in shelves if product in shelf.bought.pairs and product in shelf.seen.pairs]
    carts, orders = added([shelf.bought for shelf in whole], product)
    return carts, orders, sum(added([shelf.seen for shelf in whole], product), Noisy())


def added(sides: Iterable[Side], product: str) -> tuple[Noisy, Noisy]:
    """Each of a product's two cells, over weeks."""
    first, second, variance = 0, 0, 0.0
    for side in sides:
        if (pair := side.pairs.get(product)) is not None:
            first, second, variance = first + pair[0], second + pair[1], variance + side.variance
    return Noisy(first, variance), Noisy(second, variance)


def _side(released: Released | None, words: tuple[str, str]) -> Side:
    """Products that have both cells: where keys aren't public, one that is missing isn't nothing."""
    if released is None:
        return Side({})
    first, second = ({key[0]: number for key, number in released.cells.items() if key[1] == word} for word in words)
    return Side({key: (one, second[key]) for key, one in first.items() if key in second}, _variance(released.scale))


def _variance(scale: float) -> float:
    """Of the discrete Laplace distribution: Inusah and Kozubowski, J. Stat. Plan. Inference 136 (2006), 1090-1102."""
    if scale <= 0:
        return 0.0
    ratio = math.exp(-1 / scale)
    return 2 * ratio / (1 - ratio) ** 2


def _relative(one: Noisy, other: Noisy) -> float:
    """The spread of their quotient, relative to it."""
    return math.hypot(one.spread / one.count, other.spread / other.count)
