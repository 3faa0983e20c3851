"""Weeks of made-up shops, as the ledger would have them, noise and all: from a seed, so that a test says one thing.

The noise is the discrete Laplace of each table's scale, as the difference of two geometric numbers; what draws the real
one, and that it is this, is tried elsewhere.
"""

import math
import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser, Product, Spent
from pipeline.audiences.tables import DAYPARTS, DEVICES, TABLES, Key

MONDAY = date(2026, 11, 23)
"""Of the week 2026-W48."""
CAMPAIGNS = (("google", "cpc", "jul"), ("facebook", "paid", "jul"), ("nyhetsbrev", "email", "uke48"))
SHOP = Advertiser(
    "leker.no",
    frozenset(),
    campaigns=CAMPAIGNS,
    areas=("NO", "SE"),
    catalogue=(Product("60316", "LEGO City Politistasjon", "Leker > Lego", "LEGO"),),
    spend=tuple(
        Spent(MONDAY - timedelta(weeks=ago), channel, amount, impressions)
        for ago in range(8)
        for channel, amount, impressions in (("paid_search", 12_500.5, 310_000 + ago), ("paid_social", 8000, 0))
    ),
)
DEEDS_OF = {"visit": 1.0, "view_item": 0.7, "add_to_cart": 0.1, "purchase": 0.03}
CATEGORIES = {"Leker > Lego": 0.4, "Bøker": 0.3, "Hundefôr": 0.2, "Diverse": 0.1}


def table(name: str, cells: Mapping[Key, int], delta: float = 0) -> Released:
    """A table with exactly these numbers."""
    said = TABLES[name]
    most = SHOP.revenue_cap if name == "revenue" else said.most
    return Released(name, dict(cells), said.epsilon, delta, said.cells * most / said.epsilon, 0)


def week(ago: int = 0, **tables: Mapping[Key, int]) -> Week:
    """A week with exactly these numbers."""
    return Week(SHOP.site, MONDAY - timedelta(weeks=ago), {name: table(name, cells) for name, cells in tables.items()})


def shop_weeks(visitors: int, count: int = 8, seed: int = 1, pull: Mapping[str, float] | None = None) -> list[Week]:
    """Weeks of a shop with so many visitors a day, noise and all, oldest first.

    Args:
        visitors: Visitor-days a day; 3 % of them order, for 600 kroner.
        count: How many weeks.
        seed: Of chance and noise.
        pull: Area, daypart or device → how often its visitors order against others.
    """
    chance = random.Random(seed)
    return [
        Week(
            SHOP.site,
            MONDAY - timedelta(weeks=ago),
            {name: _noisy(name, cells, chance) for name, cells in _counted(7 * visitors, chance, pull or {})},
        )
        for ago in reversed(range(count))
    ]


def _counted(days: int, chance: random.Random, pull: Mapping[str, float]) -> Iterable[tuple[str, dict[Key, int]]]:
    yield (
        "places",
        {
            (area, part, device, deed): _poisson(
                chance,
                days * share / 12 * (DEEDS_OF[deed] if deed == "visit" else 0.03 * _together(pull, area, part, device)),
            )
            for area, share in (("NO", 0.8), ("SE", 0.15), ("(other)", 0.05))
            for part in DAYPARTS
            for device in DEVICES
            for deed in ("visit", "purchase")
        },
    )
    shares = (*zip(CAMPAIGNS, (0.2, 0.2, 0.1), strict=True), (("(other)",) * 3, 0.5))
    yield (
        "campaigns",
        {
            (*key, deed): _poisson(chance, days * share * rate)
            for key, share in shares
            for deed, rate in DEEDS_OF.items()
        },
    )
    channels = {"paid_search": 0.2, "paid_social": 0.2, "email": 0.1, "search": 0.3, "direct": 0.2}
    yield "revenue", {(name,): 600 * _poisson(chance, days * share * 0.03) for name, share in channels.items()}
    groups = {"area": {"NO": 0.8, "SE": 0.2}, "device": {"desktop": 0.3, "mobile": 0.7}, "source": {"google": 0.6}}
    yield (
        "affinity",
        {
            (category, kind, group): _poisson(
                chance, days * share * of_group * (1.5 if (category, group) == FANS else 1)
            )
            for category, share in CATEGORIES.items()
            for kind, names in groups.items()
            for group, of_group in names.items()
        },
    )
    yield "interest", {("60316", device): _poisson(chance, days * 0.02) for device in DEVICES}


FANS = ("Hundefôr", "desktop")
"""A category and the group that looks at it half again as often."""


def _together(pull: Mapping[str, float], *words: str) -> float:
    return math.prod(pull.get(word, 1.0) for word in words)


def _noisy(name: str, cells: Mapping[Key, int], chance: random.Random) -> Released:
    wide = table(name, {}).scale
    return table(
        name, {key: number + _geometric(chance, wide) - _geometric(chance, wide) for key, number in cells.items()}
    )


def _geometric(chance: random.Random, scale: float) -> int:
    return math.floor(math.log(1 - chance.random()) * -scale)


def _poisson(chance: random.Random, mean: float) -> int:
    return max(0, round(chance.gauss(mean, math.sqrt(mean))))
