"""What is left of the truth of who buys what: the labels for conversion and basket, in a simulated shop.

The model: a shop of 1,000 products, whose popularity falls as 1/rank (Zipf) times a log-normal jitter of 0.3. A visitor
looks at a geometric number of products, 4 on average, drawn by popularity. Three in ten mean to buy: each product that
they see goes into the cart with a chance of 12 % times its appeal (log-normal, 0.7). Every third cart is taken to the
till, where 15 % of it is left. So 2.9 % order, 1.3 products on average, and 10 % have a cart. The noise is the
product's own (`noise.noised`) and can't be seeded; visitors are.

`AUDIENCES.md` has what other rules would tell, by the same model.
"""

import os
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

from pipeline.audiences import readings
from pipeline.audiences.noise import noised
from pipeline.audiences.released import Week
from pipeline.audiences.tables import DEVICES, STEPS, TABLES, Table
from pipeline.audiences.tiers import KINDS, TOO_FEW, tiers

LONG = bool(os.environ.get("SPORLOS_LONG"))
SEEDS = range(60 if LONG else 12)
PRODUCTS, VISITORS, WEEKS = 1000, 2000, 14
MEANT, CART, TILL, LEFT = 0.3, 0.12, 1 / 3, 0.15
MONDAY = date(2026, 8, 3)
INTEREST, CONVERSION = TABLES["interest"], TABLES["conversion"]
POOLED = readings.POOLED // timedelta(weeks=1)
FOUR_CELLS = replace(CONVERSION, cells=4)

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Looks:
    """A week: each product that a visitor-day saw, by visitor-day."""

    visitor: Numbers
    product: Numbers
    cart: Flags
    """Put there and not ordered."""
    order: Flags

    def by_product(self, which: Flags) -> Numbers:
        """How many of these each product has."""
        return np.bincount(self.product[which], minlength=PRODUCTS)

    def drawn(self, which: Flags, cells: int, chance: np.random.Generator) -> Flags:
        """Of these, `cells` at most of each visitor-day, at random."""
        places = np.flatnonzero(which)
        places = places[np.lexsort((chance.random(places.size), self.visitor[places]))]
        owner = self.visitor[places]
        first = np.concatenate(([True], owner[1:] != owner[:-1]))
        nth = np.arange(owner.size) - np.maximum.accumulate(np.where(first, np.arange(owner.size), 0))
        kept = np.zeros(which.size, bool)
        kept[places[nth < cells]] = True
        return kept


def weeks_of(seed: int) -> Sequence[Looks]:
    """A shop's weeks."""
    chance = np.random.default_rng(seed)
    weights = np.exp(chance.normal(0, 0.3, PRODUCTS)) / np.arange(1, PRODUCTS + 1)
    appeal = np.exp(chance.normal(0, 0.7, PRODUCTS) - 0.7**2 / 2)
    return [_week(chance, np.cumsum(weights / weights.sum()), appeal) for _ in range(WEEKS)]


def _week(chance: np.random.Generator, popularity: npt.NDArray[np.float64], appeal: npt.NDArray[np.float64]) -> Looks:
    days = 7 * VISITORS
    of = np.repeat(np.arange(days), np.minimum(60, chance.geometric(1 / 4, days)))
    seen = np.unique(of * PRODUCTS + np.searchsorted(popularity, chance.random(of.size)).clip(0, PRODUCTS - 1))
    visitor, product_ = seen // PRODUCTS, seen % PRODUCTS
    put = (chance.random(days) < MEANT)[visitor] & (chance.random(seen.size) < (CART * appeal[product_]).clip(0, 0.9))
    order = put & (chance.random(days) < TILL)[visitor] & (chance.random(seen.size) >= LEFT)
    return Looks(visitor, product_, put & ~order, order)


@dataclass(frozen=True, slots=True)
class Told:
    """Of products that are seen much, how many have a label, and how many the right one."""

    products: int = 0
    told: int = 0
    right: int = 0

    def __add__(self, other: "Told") -> "Told":
        return Told(self.products + other.products, self.told + other.told, self.right + other.right)


def released(week: Looks, at: int, conversion: Table, large: Sequence[int], chance: np.random.Generator) -> Week:
    """A week as the ledger has it, of these products: each cell's noise is its own."""
    seen = week.by_product(week.drawn(np.ones(week.visitor.size, bool), INTEREST.cells, chance))
    kept = week.drawn(week.cart | week.order, conversion.cells, chance)
    carts, orders = week.by_product(kept & week.cart), week.by_product(kept & week.order)
    # on which device doesn't matter here, but that there are two cells does
    looks = {(str(name), device): int(seen[name]) // 2 for name, device in product(large, DEVICES)}
    done = {(str(n), step): int(of[n]) for n in large for step, of in zip(STEPS, (carts, orders), strict=True)}
    tables = (noised(INTEREST, 1, looks, looks.keys()), noised(conversion, 1, done, done.keys()))
    return Week("rates.shop", MONDAY + timedelta(weeks=at), {table.table: table for table in tables})


@cache
def shop_of(seed: int, conversion: Table = CONVERSION) -> tuple[Told, Told]:
    """By conversion and by basket, after all weeks; the truth is exact and unbounded, of the weeks that they are of."""
    chance, weeks = np.random.default_rng(seed + 1_000_000), weeks_of(seed)
    exact = [week.by_product(np.ones(week.visitor.size, bool)) for week in weeks]
    large = [int(name) for name in np.flatnonzero(exact[-1] >= 150)]
    ledger = [released(week, at, conversion, large, chance) for at, week in enumerate(weeks)]
    labels = tiers(ledger, [str(name) for name in large])
    seen = sum(exact[-POOLED:], np.zeros(PRODUCTS))
    orders = sum((week.by_product(week.order) for week in weeks[-POOLED:]), np.zeros(PRODUCTS))
    carts = sum((week.by_product(week.cart) for week in weeks[-POOLED:]), np.zeros(PRODUCTS))
    told = []
    for label, part in ((1, orders), (4, orders + carts)):
        kind = KINDS[label]
        words = {name: labels[str(name)][label].word for name in large}
        truth = {name: kind.words[bisect_right(kind.edges, part[name] / seen[name])] for name in large}
        right = [name for name in large if words[name] == truth[name]]
        told.append(Told(len(large), sum(word != TOO_FEW for word in words.values()), len(right)))
    return told[0], told[1]


def of_all(conversion: Table = CONVERSION, seeds: Sequence[int] = SEEDS) -> tuple[Told, Told]:
    """Of all shops together."""
    shops = [shop_of(seed, conversion) for seed in seeds]
    return sum((one for one, _ in shops), Told()), sum((other for _, other in shops), Told())


def test_what_is_told_of_who_buys_is_right_for_nine_of_ten() -> None:
    """Of both labels together. By sixty shops they are 91.4 %; twelve tell it within 6 %."""
    both = sum(of_all(), Told())
    assert both.right / both.told >= (0.9 if LONG else 0.85)


def test_every_fourth_product_is_told_its_basket_and_every_eleventh_its_conversion() -> None:
    """At 2,000 visitors a day, of products with 150 visitors a week; a third are ordered fifty times in twelve."""
    conversion, basket = of_all()
    assert 0.06 < conversion.told / conversion.products < 0.12
    assert 0.19 < basket.told / basket.products < 0.29


def test_four_cells_a_visitor_day_would_tell_less_and_be_wrong() -> None:
    """Their noise is four times as much, and they cut off nothing where of what is seen a fourth is."""
    one, four = (sum(of_all(table, SEEDS[:6]), Told()) for table in (CONVERSION, FOUR_CELLS))
    assert four.told < one.told / 2
    assert four.right / four.told < one.right / one.told
