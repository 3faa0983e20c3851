"""A shop that has exports, and weeks of its ledger with real noise, large enough that files have lines.

Enters: a seed. Leaves: what it has declared, or a shop that has declared nothing; weeks as the ledger would have them.
"""

import math
import random
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import cache

from pipeline.audiences.noise import noised
from pipeline.audiences.public import public_keys
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser, Product, Spent
from pipeline.audiences.tables import DAYPARTS, DEEDS, DEVICES, STEPS, TABLES, Key

SITE = "audiences.no"
MONDAY = date(2026, 9, 28)
_WORDS = ("Lego", "Duplo", "Dukker", "Brettspill", "Ball", "Bøker", "Hund")
PRODUCTS = tuple(
    Product(
        f"57023{nth:02d}{nth * 7919 % 1_000_000:06d}",  # thirteen digits, as EANs have
        f"{_WORDS[nth % 7]} {60300 + nth}",
        f"Leker > {_WORDS[nth % 7]} > Nytt",
        _WORDS[nth % 7],
    )
    for nth in range(12)
)
CAMPAIGNS = (
    ("google", "cpc", "21738495012"),
    ("facebook", "paid_social", "jul-2026"),
    ("newsletter", "email", "uke 48"),
)
AREAS = ("NO", "SE", "Oslo", "Vestland")
MONDAYS = tuple(MONDAY + timedelta(weeks=after) for after in range(8))
SPEND = tuple(
    Spent(monday, channel, 10_500.5 + 100 * nth, impressions)
    for nth, monday in enumerate(MONDAYS)
    for channel, impressions in (("paid_search", 310_000), ("paid_social", 0))
)
DECLARED = Advertiser(SITE, frozenset(), catalogue=PRODUCTS, campaigns=CAMPAIGNS, areas=AREAS, spend=SPEND)
UNDECLARED = Advertiser(SITE, frozenset())


def keys_of(shop: Advertiser) -> Mapping[str, Collection[Key]]:
    """Cells that somebody had, of each table."""
    public = public_keys(shop)
    groups = (("device", "mobile"), ("device", "desktop"), ("area", "NO"), ("source", "google"))
    seen: dict[str, set[Key]] = {
        "interest": {(one.id, device) for one in PRODUCTS for device in DEVICES},
        "conversion": {(one.id, step) for one in PRODUCTS for step in STEPS},
        "campaigns": {
            (*words, deed)
            for words in (("google", "organic", ""), ("nrk.no", "", ""), ("google", "cpc", "21738495012"))
            for deed in DEEDS
        },
        "revenue": {("search",), ("paid_search",), ("direct",)},
        "places": {(area, part, device, deed)
                   for area in AREAS for part in DAYPARTS for device in DEVICES for deed in ("visit", "purchase")},
        "affinity": {(f"Leker / {word}", *group) for word in _WORDS for group in groups},
    }  # fmt: skip
    return {name: sorted(seen[name] if public[name] is None else public[name] or ()) for name in TABLES}


@cache
def weeks_of(shop: Advertiser, typical: int = 665) -> tuple[Week, ...]:
    """Eight weeks, oldest first, each drawn by the product's own mechanisms; `typical`: visitor-days in a cell."""
    rng = random.Random(typical)
    public, keys = public_keys(shop), keys_of(shop)
    weeks = []
    for monday in MONDAYS:
        drawn = {}
        for name, table in TABLES.items():
            most = shop.revenue_cap if name == "revenue" else table.most
            sums = {key: most * int(rng.lognormvariate(math.log(typical), 1)) for key in keys[name]}
            drawn[name] = noised(table, most, sums, public[name])
        weeks.append(Week(shop.site, monday, drawn))
    return tuple(weeks)
