"""Tiers: what a product's numbers become, week by week, and that too little becomes nothing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences.noise import noised
from pipeline.audiences.readings import Noisy, Reading, share, shelf, typical
from pipeline.audiences.released import Released, Week
from pipeline.audiences.tables import DEVICES, STEPS, TABLES
from pipeline.audiences.tiers import KINDS, TOO_FEW, WOBBLE, Kind, Tier, settled, tiers

MONDAY = date(2026, 11, 2)
STEP = Kind("step", ("low", "middle", "high"), (10, 20))
TEN = {f"best{at}": 1000 for at in range(10)}
"""What makes 1,000 visitor-days the typical number."""


def a_week(
    seen: Mapping[str, int],
    bought: Mapping[str, tuple[int, int]] | None = None,
    *,
    at: int = 0,
    mobile: float = 0.5,
    scale: float = 0,
) -> Week:
    """A week: visitor-days by product, so many of them on mobiles; those that left it in a cart, and that bought it."""
    devices = {product: (count - round(count * mobile), round(count * mobile)) for product, count in seen.items()}
    tables = (table("interest", devices, DEVICES, scale), table("conversion", bought or {}, STEPS, scale))
    return Week("tiers.shop", MONDAY + timedelta(weeks=at), {table.table: table for table in tables})


def table(name: str, pairs: Mapping[str, tuple[int, int]], words: tuple[str, ...], scale: float) -> Released:
    """Two cells a product."""
    cells = {(product, word): n for product, pair in pairs.items() for word, n in zip(words, pair, strict=True)}
    return Released(name, cells, TABLES[name].epsilon, 0, scale, 0)


def said(weeks: Sequence[Week], product: str = "p") -> list[str]:
    """By a product's five labels."""
    return [tier.word for tier in tiers(weeks, [product])[product]]


INTERESTS = [(49, 0), (50, 1), (101, 1), (102, 2), (252, 2), (253, 3), (632, 3), (633, 4), (1200, 4), (5000, 5)]


@pytest.mark.parametrize(("seen", "step"), INTERESTS)
def test_interest_is_by_what_is_typical_of_the_shop(seen: int, step: int) -> None:
    """In steps of 2.5 around the numbers of its most seen products; under 50 there is no step."""
    assert said([a_week({**TEN, "p": seen})])[0] == (f"interest-{step}" if step else TOO_FEW)


def test_a_best_seller_moves_others_by_a_tenth_of_what_it_moves_itself() -> None:
    """Ten times as many for one of the ten is a tenth of that in what is typical, as powers go."""
    assert typical([1000] * 20) == pytest.approx(1000)
    assert typical([10_000] + [1000] * 19) == pytest.approx(1000 * 10 ** (1 / 10))


def test_without_enough_products_there_is_nothing_to_compare() -> None:
    """One of the ten with 49 is one too few; of a small catalogue half are enough."""
    assert typical([1000] * 9 + [49] * 11) is None
    assert typical([1000] * 3 + [0] * 3) == pytest.approx(1000)
    assert typical([]) is None


CONVERSIONS = [
    (2_000, 9, 200, TOO_FEW, "basket-4"),
    (20_000, 49, 0, TOO_FEW, TOO_FEW),
    (20_000, 59, 140, "conversion-1", "basket-1"),
    (20_000, 60, 140, "conversion-2", "basket-2"),
    (20_000, 200, 400, "conversion-3", "basket-3"),
    (20_000, 600, 1400, "conversion-4", "basket-4"),
    (20_000, 2000, 4000, "conversion-5", "basket-5"),
]


@pytest.mark.parametrize(("seen", "orders", "carts", "conversion", "basket"), CONVERSIONS)
def test_conversion_is_of_orders_and_basket_of_carts_too(
    seen: int, orders: int, carts: int, conversion: str, basket: str
) -> None:
    """By visitor-days that saw the product, in steps of about 3; each of what may itself be said."""
    words = said([a_week({**TEN, "p": seen}, {"p": (carts, orders)})])
    assert (words[1], words[4]) == (conversion, basket)


def test_orders_are_added_up_over_twelve_weeks() -> None:
    """Twenty a week are 240 then, of 12,000; what is older has gone by."""
    weeks = [a_week({**TEN, "p": 1000}, {"p": (0, 20)}, at=at) for at in range(12)]
    assert said(weeks[:2])[1] == TOO_FEW
    assert tiers(weeks, ["p"])["p"][1] == Tier("conversion-3", 20)
    after = [a_week({**TEN, "p": 1000}, {"p": (0, 0)}, at=at) for at in range(12, 24)]
    assert said([*weeks, *after[:-3]])[1] == "conversion-2"
    assert said([*weeks, *after])[1] == TOO_FEW


def test_a_week_without_orders_in_the_ledger_is_in_no_rate() -> None:
    """When their table was not released, visitors of that week would make conversion look worse."""
    whole = a_week({**TEN, "p": 1000}, {"p": (0, 60)})
    part = replace(whole, monday=MONDAY - timedelta(weeks=1), tables={"interest": whole.tables["interest"]})
    assert tiers([part, whole], ["p"])["p"][1] == Tier("conversion-4", 60)


@pytest.mark.parametrize(("mobile", "word"), [(0.3, "desktop"), (0.34, "both"), (0.6, "both"), (0.7, "mobile")])
def test_devices_are_told_in_thirds(mobile: float, word: str) -> None:
    """A share in per cent."""
    assert tiers([a_week({**TEN, "p": 1000}, mobile=mobile)], ["p"])["p"][3] == Tier(
        f"device-{word}", round(100 * mobile)
    )


@pytest.mark.parametrize(
    ("desktop", "mobile", "tier"),
    [
        (50, 150, Tier("device-mobile", 75)),
        (49, 150, Tier("device-mobile")),
        (150, 10, Tier("device-desktop")),
        (49, 49, Tier("device-both")),
        (-20, 120, Tier("device-mobile")),
    ],
)
def test_a_share_that_would_tell_of_fewer_than_fifty_is_no_number(desktop: int, mobile: int, tier: Tier) -> None:
    """Beside the week's visitor-days 6 % of 160 are ten of them: the word is wide enough, the share is not."""
    cells = {("p", "desktop"): desktop, ("p", "mobile"): mobile}
    counted = replace(a_week(TEN).tables["interest"], cells=cells)
    assert tiers([Week("tiers.shop", MONDAY, {"interest": counted})], ["p"])["p"][3] == tier


@pytest.mark.parametrize(("seen", "word"), [(288, "falling"), (312, "steady"), (520, "steady"), (540, "rising")])
def test_a_trend_is_against_the_four_weeks_before(seen: int, word: str) -> None:
    """A third more than their mean or a quarter less; weeks before them count for nothing."""
    long_ago = a_week({**TEN, "p": 9999}, at=0)
    before = [a_week({**TEN, "p": count}, at=at) for at, count in enumerate((300, 500, 400, 400), start=1)]
    found = tiers([long_ago, *before, a_week({**TEN, "p": seen}, at=5)], ["p"])["p"][2]
    assert found == Tier(f"trend-{word}", round(seen / 4))


def test_a_shop_that_grows_as_a_whole_has_no_trends() -> None:
    """Twice of everything is Christmas, and says nothing of a product."""
    weeks = [a_week({**TEN, "p": 400}, at=at) for at in range(4)]
    doubled = {product: 2 * count for product, count in {**TEN, "p": 400}.items()}
    assert said([*weeks, a_week(doubled, at=4)])[2] == "trend-steady"


def test_a_week_under_nothing_turns_no_trend_round() -> None:
    """Noise can take a number below 0, in a week in which the typical one is small: that is a week of little."""
    before = [a_week({"p": 300, "o": 50, "q": 50}, at=0), a_week({"p": -100, "o": 50, "q": 50}, at=1)]
    assert tiers([*before, a_week({"p": 50, "o": 50, "q": 50}, at=2)], ["p"])["p"][2] == Tier("trend-rising", 175)


def test_one_week_before_is_no_trend() -> None:
    """Nor are weeks in which the product was not in the catalogue, or had too few."""
    now = a_week({**TEN, "p": 400}, at=4)
    assert said([a_week({**TEN, "p": 400}, at=3), now])[2] == TOO_FEW
    assert said([a_week(TEN, at=2), a_week(TEN, at=3), now])[2] == TOO_FEW
    assert said([a_week({**TEN, "p": 49}, at=at) for at in (2, 3)] + [now])[2] == TOO_FEW


def test_what_noise_could_have_made_says_nothing() -> None:
    """Orders need 50 and three standard deviations of their noise, visitor-days 50 and two."""
    scale = TABLES["interest"].cells / TABLES["interest"].epsilon
    assert scale == TABLES["conversion"].cells / TABLES["conversion"].epsilon
    assert said([a_week({**TEN, "p": 5000}, {"p": (0, 71)}, scale=scale)])[1] == TOO_FEW
    assert said([a_week({**TEN, "p": 5000}, {"p": (0, 72)}, scale=scale)])[1] == "conversion-3"
    assert said([a_week({**TEN, "p": 69}, scale=scale)])[0] == TOO_FEW
    assert said([a_week({**TEN, "p": 70}, scale=scale)])[0] == "interest-1"


def test_what_is_told_is_told_until_it_has_too_few() -> None:
    """It comes with 70 visitor-days and goes under 50; what is in between stays as it is."""
    scale = TABLES["interest"].cells / TABLES["interest"].epsilon
    weeks = [a_week({**TEN, "p": seen}, at=at, scale=scale) for at, seen in enumerate((60, 70, 50, 49, 60))]
    found = [said(weeks[: at + 1])[0] for at in range(len(weeks))]
    assert found == [TOO_FEW, "interest-1", "interest-1", TOO_FEW, TOO_FEW]


def test_the_spread_of_noise_is_the_one_that_it_has() -> None:
    """What is taken for a standard deviation is that of numbers drawn: within 15 % at 4,000 of them."""
    drawn = noised(TABLES["interest"], 1, {}, [(str(at), device) for at in range(2000) for device in DEVICES])
    told = shelf(Week("tiers.shop", MONDAY, {"interest": drawn})).seen.total("1")
    assert told.spread == pytest.approx(math.sqrt(2) * pstdev(drawn.cells.values()), rel=0.15)


@pytest.mark.parametrize("device", DEVICES)
def test_a_cell_that_is_missing_is_not_nothing(device: str) -> None:
    """Where keys aren't public, what is under the threshold is left out: half a product is no product."""
    week = a_week({**TEN, "p": 1000})
    cells = {key: n for key, n in week.tables["interest"].cells.items() if key != ("p", device)}
    assert said([Week("tiers.shop", MONDAY, {"interest": replace(week.tables["interest"], cells=cells)})])[0] == TOO_FEW


def reading(value: float, spread: float = 0, *, clear: bool = True) -> Reading:
    """A week's."""
    return Reading(value, spread, clear, round(value))


def test_a_rate_is_told_half_a_standard_deviation_lower() -> None:
    """Of 2,000 that saw it 62 ordered, over 3 %: what is over a bar has more often been lifted there than not."""
    found = share(Noisy(62, 36), Noisy(2000, 100))
    assert found is not None
    assert (found.value, found.number, found.clear) == (pytest.approx((62 - 3) / 2000), 30, False)
    assert share(Noisy(68, 36), Noisy(2000, 100)).clear


def test_a_rate_moves_sooner_than_what_is_of_one_week() -> None:
    """Its weeks are nearly those of the week before, so noise moves it little, and a step that was wrong is mended."""
    kind = replace(STEP, wobble=1)
    weeks = [reading(19, 1), reading(20.9, 1), reading(21.1, 1), reading(19.1, 1), reading(18.9, 1)]
    assert [settled(weeks[: at + 1], kind) for at in range(5)] == [1, 1, 2, 2, 1]
    assert {kind.name: kind.wobble for kind in KINDS if kind.wobble != WOBBLE} == {"conversion": 1, "basket": 1}


WEEKS: dict[str, tuple[list[Reading | None], int | None]] = {
    "the first week says where it begins": ([reading(15, 9)], 1),
    "a little over the edge is not over it": ([reading(19, 1), reading(22.9, 1)], 1),
    "far over the edge is": ([reading(19, 1), reading(23, 1)], 2),
    "the way back is as long": ([reading(25, 1), reading(17.1, 1)], 2),
    "far below it is left": ([reading(25, 1), reading(16.9, 1)], 1),
    "from one end to the other": ([reading(5, 1), reading(25, 1)], 2),
    "as far as is sure, not further": ([reading(5, 3), reading(25, 3)], 1),
    "too few is nothing at once": ([reading(15), None], None),
    "what comes with just enough stays away": ([reading(15, clear=False)], None),
    "also what comes back so": ([reading(15), None, reading(15, clear=False)], None),
    "and with clearly enough comes back": ([None, reading(25, 9)], 2),
    "what is in stays with just enough": ([reading(15), reading(15, clear=False)], 1),
    "nothing is known": ([], None),
}


@pytest.mark.parametrize("name", WEEKS)
def test_a_product_leaves_its_tier_for_more_than_noise(name: str) -> None:
    """Each case is named for what it shows."""
    readings, step = WEEKS[name]
    assert settled(readings, STEP) == step


@given(st.floats(0, 30), st.floats(0, 10), st.lists(st.floats(-1, 1)))
def test_wobbling_by_noise_never_changes_a_tier(value: float, spread: float, wobbles: Iterable[float]) -> None:
    """Whatever the number, and wherever the edges."""
    weeks = [reading(value, spread), *(reading(value + 0.99 * WOBBLE * spread * by, spread) for by in wobbles)]
    assert settled(weeks, STEP) == settled(weeks[:1], STEP)


@given(st.lists(st.builds(Noisy, st.integers(-500, 500), st.floats(0, 1e4)), max_size=4))
def test_nothing_under_fifty_is_told(parts: list[Noisy]) -> None:
    """Nor what is less than three standard deviations of the noise of all its parts."""
    total = sum(parts, Noisy())
    assert total.count == sum(part.count for part in parts)
    assert total.told == (total.count >= 50 and total.count >= 3 * math.sqrt(sum(part.variance for part in parts)))
    assert total.told or not total.clear


def test_what_is_asked_for_changes_nothing() -> None:
    """A product's labels are of the ledger, and the same whichever others are in today's catalogue."""
    weeks = [a_week({**TEN, "p": 400 + 50 * at}, {"p": (30, 20)}, at=at, scale=5) for at in range(6)]
    assert tiers(weeks, ["p"])["p"] == tiers(weeks, [*TEN, "p", "new"])["p"]
    assert tiers(weeks, ["new"])["new"] == (Tier(TOO_FEW),) * len(KINDS)
    assert tiers([], ["p"])["p"] == (Tier(TOO_FEW),) * len(KINDS)
