"""P5: whoever has all releases of eight weeks and knows everybody else exactly learns of one visitor-day what ε allows.

Small shops; the exact probabilities of all numbers that may be published, of every pair of them, their sums and
differences, across tables and weeks, with one visitor-day and without it. That what is drawn has these probabilities is
tried in `test_p5_noise.py`.
"""

import os
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import DELTA, TABLES, WEEKS_EPSILON
from tests.promises.p5_attacker import known
from tests.promises.p5_laplace import Cell, alone, excess, of_difference, of_sum, of_total, worst

ROUNDED = 1e-9
"""Of the logarithm of 64-bit probabilities."""
CAP = 5
"""Of money: public, and small here, since there are the more numbers to go through the larger it is."""
NOTHING = Advertiser("differences.no", frozenset(), revenue_cap=CAP)
DECLARED = replace(
    NOTHING,
    catalogue=tuple(Product(f"p{n}", product_type=f"Leker > {n % 5}") for n in range(20)),
    campaigns=(("google", "cpc", "jul"), ("facebook", "cpc", "nye-lego")),
    areas=("NO", "SE"),
)
SIZES = (20, 60, 200) if os.environ.get("SPORLOS_LONG") else (20, 60)
each_shop = pytest.mark.parametrize("shop", [NOTHING, DECLARED], ids=["nothing declared", "declared"])
each_size = pytest.mark.parametrize("visitors", SIZES)


def losses(numbers: Counter[tuple[str, Cell]]) -> Counter[str]:
    """The most that all numbers of a table say together: each has noise of its own, so what they say adds up."""
    said: Counter[str] = Counter()
    for (name, cell), count in numbers.items():
        said[name] += count * cell.loss
    return said


@each_size
@each_shop
def test_all_numbers_together_say_no_more_than_the_weeks_epsilon(shop: Advertiser, visitors: int) -> None:
    """Of the twelve fullest visitor-days of a day, over eight weeks; each table no more than its own part of it."""
    attacker = known(shop, visitors)
    for his in attacker.days[:12]:
        said = losses(attacker.numbers(his))
        assert all(said[name] <= table.epsilon + ROUNDED for name, table in TABLES.items())
        assert sum(said.values()) <= WEEKS_EPSILON + ROUNDED
    assert sum(losses(attacker.numbers(attacker.days[0])).values()) > WEEKS_EPSILON / 2


@each_size
@each_shop
def test_no_pair_of_numbers_says_more_than_its_cells_may(shop: Advertiser, visitors: int) -> None:
    """Nor a number alone, published or not; keys that only he has count with δ."""
    attacker = known(shop, visitors)
    numbers = Counter(cell for _, cell in attacker.numbers(attacker.days[0]).elements())
    pairs = [pair for pair in combinations(numbers, 2) if any(cell.his for cell in pair)]
    pairs += [(cell, cell) for cell, count in numbers.items() if cell.his and count > 1]
    for cell in numbers:
        within(alone(cell, there=True), alone(cell, there=False), cell)
    for one, other in pairs:
        for of_both in (of_sum, of_difference, *((of_total,) if one.public and other.public else ())):
            within(of_both(one, other, there=True), of_both(one, other, there=False), one, other)
    assert len(pairs) > 1000


def within(there: object, not_there: object, *cells: Cell) -> None:
    """What is published is about as likely in both worlds."""
    allowed = sum(cell.loss for cell in cells)
    if all(cell.public or cell.without for cell in cells):
        assert worst(there, not_there) <= allowed + ROUNDED, cells
    assert excess(there, not_there, allowed + ROUNDED) <= DELTA, cells


@each_shop
def test_a_week_that_is_drawn_again_would_say_too_much(shop: Advertiser) -> None:
    """The same attacker, so that it isn't for want of trying: a second draw costs as much as the first."""
    attacker = known(shop, 20)
    numbers = attacker.numbers(attacker.days[0])
    again = Counter({key: count for key, count in numbers.items() if key[1].his})
    assert sum(losses(numbers).values()) <= WEEKS_EPSILON + ROUNDED < sum(losses(numbers + again).values())


def test_noise_for_one_cell_would_say_too_much_of_four() -> None:
    """So would noise that does not know in how many cells one visitor-day counts."""
    attacker = known(DECLARED, 20)
    numbers = attacker.numbers(attacker.days[0])
    thin = Counter({
        (name, replace(cell, scale=cell.scale / TABLES[name].cells)): count for (name, cell), count in numbers.items()
    })  # fmt: skip
    assert sum(losses(thin).values()) > WEEKS_EPSILON
