"""What is left of the truth when visitor-days are bounded and their sums have noise: the tiers that a shop acts on.

The model: a shop of 1,000 products, whose popularity falls as 1/rank (Zipf) times a log-normal jitter of 0.3. A visitor
looks at a geometric number of products, 4 on average, drawn by popularity; two out of three have a mobile. So for seven
days. Noise is the product's own (`noise.noised`) and can't be seeded; visitors are.
"""

import math
import os
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import accumulate, pairwise

import pytest

from pipeline.audiences.exports import google_labels, meta_labels
from pipeline.audiences.noise import noised
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import DEVICES, K_RELEASE, STEPS, TABLES, Key
from pipeline.audiences.tiers import KINDS, TOO_FEW, tiers

LONG = bool(os.environ.get("SPORLOS_LONG"))
SEEDS = range(20 if LONG else 6)
MONDAY = date(2026, 11, 23)
PRODUCTS = tuple(f"p{rank:04}" for rank in range(1, 1001))
SHOP = Advertiser("simulated.shop", frozenset({"google_labels"}), catalogue=tuple(map(Product, PRODUCTS)))
INTEREST, CONVERSION = TABLES["interest"], TABLES["conversion"]
MOST_LOOKED_AT = 60
"""Products a visitor; one in thirty million would look at more."""


def visitor_days(seed: int, visitors: int, mean: float = 4) -> Iterator[tuple[str, set[str]]]:
    """Seven days of visitors, each with a device and what it saw."""
    chance = random.Random(seed)
    weights = list(accumulate(math.exp(chance.gauss(0, 0.3)) / rank for rank in range(1, len(PRODUCTS) + 1)))
    for _ in range(7 * visitors):
        looks = min(MOST_LOOKED_AT, 1 + int(math.log(1 - chance.random()) / math.log(1 - 1 / mean)))
        device = "mobile" if chance.random() < 2 / 3 else "desktop"
        yield device, set(chance.choices(PRODUCTS, cum_weights=weights, k=looks))


@cache
def sums(seed: int, visitors: int, mean: float = 4) -> tuple[Counter[Key], Counter[Key]]:
    """What all saw, and what is counted of it: of each visitor-day `cells` at most, drawn at random."""
    chance = random.Random(seed + 1_000_000)
    exact: Counter[Key] = Counter()
    bounded: Counter[Key] = Counter()
    for device, products in visitor_days(seed, visitors, mean):
        seen = [(product, device) for product in sorted(products)]
        exact.update(seen)
        bounded.update(seen if len(seen) <= INTEREST.cells else chance.sample(seen, INTEREST.cells))
    return exact, bounded


def keys(words: Sequence[str]) -> list[Key]:
    """All keys of a table by product."""
    return [(product, word) for product in PRODUCTS for word in words]


def week(interest: Released, monday: date = MONDAY, orders: Released | None = None) -> Week:
    """A week in the ledger."""
    return Week(SHOP.site, monday, {table.table: table for table in (interest, orders) if table is not None})


def exactly(counts: Counter[Key]) -> Week:
    """A week as it was."""
    return week(Released("interest", {key: counts[key] for key in keys(DEVICES)}, math.inf, 0, 0, 0))


def drawn(counts: Counter[Key], monday: date = MONDAY) -> Week:
    """A week as the ledger has it."""
    nothing = noised(CONVERSION, 1, {}, keys(STEPS))
    return week(noised(INTEREST, 1, counts, keys(DEVICES)), monday, nothing)


def visitors_of(counts: Counter[Key]) -> Counter[str]:
    """Visitor-days by product."""
    total: Counter[str] = Counter()
    for (product, _), number in counts.items():
        total[product] += number
    return total


def interests(*weeks: Week) -> dict[str, str]:
    """What the first label says."""
    return {product: found[0].word for product, found in tiers(weeks, PRODUCTS).items()}


def by_the_median(of: Week) -> dict[str, str]:
    """The same steps, but by the median of all products that are published."""
    seen = visitors_of(Counter(of.tables["interest"].cells))
    published = sorted(number for number in seen.values() if number >= K_RELEASE)
    usual, steps = published[len(published) // 2], KINDS[0].edges
    return {product: str(bisect_right(steps, number / usual)) for product, number in seen.items()}


def right(
    seed: int, mean: float = 4, tier: Callable[..., dict[str, str]] = interests, weeks: int = 1
) -> tuple[int, int]:
    """Of the products with 150 visitors a week and more, how many got the tier that exact and unbounded counts give."""
    exact, bounded = sums(seed, 2000, mean)
    ledger = (drawn(bounded, MONDAY + timedelta(weeks=at)) for at in range(weeks))
    truth, found = tier(exactly(exact)), tier(*ledger)
    large = [product for product, number in visitors_of(exact).items() if number >= 150]
    return sum(truth[product] == found[product] for product in large), len(large)


def share_of(counted: Sequence[tuple[int, int]]) -> float:
    """Of all of them together."""
    return sum(hits for hits, _ in counted) / sum(of for _, of in counted)


@pytest.mark.parametrize("mean", [3, 4])
def test_nine_of_ten_products_get_their_tier(mean: float) -> None:
    """At 2,000 visitors a day and 150 a week for the product, in the first week already."""
    assert share_of([right(seed, mean) for seed in SEEDS]) >= 0.9


@pytest.mark.skipif(not LONG, reason="SPORLOS_LONG=1: four weeks of twenty shops")
def test_so_they_do_where_half_of_all_looks_are_cut_off() -> None:
    """With 7 looks a visitor, when the ledger has four weeks: 150 are some 75 then, which 70 let in after a while."""
    assert share_of([right(seed, 7, weeks=4) for seed in SEEDS]) >= 0.9


def test_the_median_of_what_is_published_is_no_yardstick() -> None:
    """It goes up when bounding takes products under 50, and puts about a fourth into another tier."""
    assert share_of([right(seed, tier=by_the_median) for seed in SEEDS]) < 0.85


@cache
def quarter(weeks: int = 12) -> tuple[Week, ...]:
    """Weeks in which the same was seen, so that nothing but noise differs."""
    _, bounded = sums(0, 2000)
    return tuple(drawn(bounded, MONDAY + timedelta(weeks=at)) for at in range(weeks))


def changes(words: Sequence[dict[str, str]]) -> tuple[int, int]:
    """How often a product goes from one tier to another, and how often in or out, from week to week."""
    moves = [(then[name], now[name]) for then, now in pairwise(words) for name in PRODUCTS if then[name] != now[name]]
    within = sum(TOO_FEW not in move for move in moves)
    return within, len(moves) - within


def test_noise_alone_hardly_ever_changes_a_label() -> None:
    """Twelve weeks of the same visitors, against each week alone: 2 changes, not 68; 65 times in or out, not 140."""
    weeks = quarter()
    within, in_or_out = changes([interests(*weeks[: at + 1]) for at in range(len(weeks))])
    alone_within, alone_in_or_out = changes([interests(each) for each in weeks])
    assert within < alone_within / 4
    assert in_or_out < alone_in_or_out


def test_noise_alone_is_no_trend() -> None:
    """Products of which enough is known are steady, all of them."""
    words = Counter(found[2].word for found in tiers(quarter(), PRODUCTS).values())
    assert words.keys() == {"trend-steady", TOO_FEW}
    assert words["trend-steady"] > 50


def test_what_is_seen_three_times_as_much_has_a_trend() -> None:
    """Through bound and noise; and what is seen a third as much, the other way."""
    _, bounded = sums(0, 2000)
    now = Counter(bounded)
    for device in DEVICES:
        now["p0030", device] *= 3
        now["p0005", device] //= 3
    found = tiers([*quarter(), drawn(now, MONDAY + timedelta(weeks=12))], PRODUCTS)
    assert (found["p0030"][2].word, found["p0005"][2].word) == ("trend-rising", "trend-falling")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_shop_is_told_that_there_is_too_little(seed: int) -> None:
    """100 visitors a day: valid files, and but for the devices of a few best-sellers each word in them is `too_few`."""
    _, bounded = sums(seed, 100)
    weeks = (drawn(bounded),)
    found = tiers(weeks, PRODUCTS)
    assert {product[kind].word for product in found.values() for kind in (0, 2)} == {TOO_FEW}
    assert sum(tier.word != TOO_FEW for product in found.values() for tier in product) <= 15
    for export, between in ((google_labels.export, "\t"), (meta_labels.export, ",")):
        lines = export(weeks, SHOP).decode().splitlines()
        assert len(lines) == 1 + len(PRODUCTS)
        assert sum(TOO_FEW in line.split(between) for line in lines) == len(PRODUCTS)
