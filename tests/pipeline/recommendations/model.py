"""A shop whose visitors have a taste, for what is recommended to be tried on visits that it hasn't seen.

The model knows nothing of pairs or cosines: products have a category, a brand and a popularity that is skewed (a power
of their rank, of a chance order) and drifts from week to week. A visitor comes for a product, by popularity. What he
looks at next is of a category that he likes (55 of 100 times; that of the first product, and in 40 of 100 visits
another one), of the brand that he sees (15), or anything (30), each time by popularity. Visits have 1 to 30 products.
"""

import math
import random
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import Any

from tests.pipeline.closing.shops import row, starts_ms

Visit = list[str]

_SKEW, _DRIFT = 0.8, 0.25
_LIKED, _OF_BRAND = 0.55, 0.70
_MEAN_MORE, _MOST = 2.2, 30


class _Pile:
    """Products to choose from, by popularity."""

    def __init__(self, products: Sequence[int], popularity: Sequence[float]) -> None:
        self._products, self._sums = products, list(accumulate(popularity[product] for product in products))

    def one(self, chance: random.Random) -> int:
        return self._products[bisect(self._sums, chance.random() * self._sums[-1])]


class Shop:
    """Visits, a week after the other; the same for the same seed."""

    def __init__(self, seed: int, products: int, categories: int = 20, brands: int = 25) -> None:
        self._chance = random.Random(seed)
        self._category = [self._chance.randrange(categories) for _ in range(products)]
        self._brand = [self._chance.randrange(brands) for _ in range(products)]
        self._popularity = [(n + 1) ** -_SKEW for n in range(products)]
        self._chance.shuffle(self._popularity)

    def week(self, visits: int) -> list[Visit]:
        """So many visits, while popularity stays as it is; afterwards it drifts."""
        numbers = range(len(self._popularity))
        everything = _Pile(numbers, self._popularity)
        categories, brands = (self._piles(of) for of in (self._category, self._brand))
        made = [list(map(_id, self._visit(everything, categories, brands))) for _ in range(visits)]
        self._popularity = [each * math.exp(self._chance.gauss(0, _DRIFT)) for each in self._popularity]
        return made

    def _piles(self, of: Sequence[int]) -> dict[int, _Pile]:
        return {each: _Pile([n for n, its in enumerate(of) if its == each], self._popularity) for each in sorted({*of})}

    def _visit(self, everything: _Pile, categories: dict[int, _Pile], brands: dict[int, _Pile]) -> Iterable[int]:
        chance = self._chance
        first = everything.one(chance)
        liked = [self._category[first]] + ([chance.choice([*categories])] if chance.random() < 0.4 else [])
        looked_at = dict.fromkeys([first])
        for _ in range(min(_MOST - 1, int(chance.expovariate(1 / _MEAN_MORE)))):
            die = chance.random()
            if die < _LIKED:
                pile = categories[chance.choice(liked)]
            else:
                pile = brands[self._brand[[*looked_at][-1]]] if die < _OF_BRAND else everything
            looked_at[pile.one(chance)] = None
        return looked_at


def rows_of(visits: Iterable[Visit], day: date, buys: float = 0.0, seed: int = 0) -> Iterator[dict[str, Any]]:
    """The events of a day's visits, each of another visitor; who buys takes the first two that he saw."""
    chance, starts = random.Random(seed), starts_ms(day)
    for visitor, visit in enumerate(visits, 1):
        ts = starts + chance.randrange(20 * 3_600_000)
        for n, product in enumerate(visit):
            yield row(day, ts + n * 1000, "view_item", visitor=visitor, **_goods(product))
        if len(visit) > 1 and chance.random() < buys:
            yield row(day, ts + 60_000, "purchase", visitor=visitor, order_key=visitor, value=100, **_goods(*visit[:2]))


def _goods(*products: str) -> dict[str, Any]:
    count = len(products)
    return {
        "item_id": products,
        "item_name": tuple(f"said by a browser: {product}" for product in products),
        "item_price": (100,) * count,
        "item_quantity": (1,) * count,
        "currency": "NOK",
    }


def _id(number: int) -> str:
    return f"p{number}"
