"""Which cells a table can have at all, where the shop has said so: all get noise, whether or not anybody had them.

Enters: what a shop has declared. Leaves: per table all its keys, or None where only visitors could tell. Pure.
"""

from collections.abc import Mapping
from itertools import product

from pipeline.audiences.contribute import category_of
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import DAYPARTS, DEEDS, DEVICES, STEPS, Key

OTHER = "(other)"
DIRECT = "(direct)"
CHANNELS = (
    "direct", "email", "search", "social", "assistant", "referral", "campaign", "paid_search", "paid_social",
    "paid_other",
)  # fmt: skip
"""All that a visit can have come by; a closed list of the collector's."""
PLACED_DEEDS = ("visit", "purchase")
"""What `places` counts."""


def public_keys(shop: Advertiser) -> Mapping[str, frozenset[Key] | None]:
    """Of each table its keys, in no order; None: what the shop has declared doesn't say them."""
    products = {one.id for one in shop.catalogue}
    areas = {*shop.areas, OTHER}
    return {
        "interest": _all(products, DEVICES) if shop.catalogue else None,
        "conversion": _all(products, STEPS) if shop.catalogue else None,
        "campaigns": _campaigns(shop) if shop.campaigns else None,
        "revenue": _all(CHANNELS),
        "places": _all(areas, DAYPARTS, DEVICES, PLACED_DEEDS) if shop.areas else None,
        "affinity": _affinity(shop) if shop.catalogue and shop.campaigns and shop.areas else None,
    }


def _campaigns(shop: Advertiser) -> frozenset[Key]:
    return frozenset((*campaign, deed) for campaign in (*shop.campaigns, (OTHER,) * 3) for deed in DEEDS)


def _affinity(shop: Advertiser) -> frozenset[Key]:
    categories = {category_of(one.product_type) for one in shop.catalogue} - {"", OTHER}
    groups = {
        "area": {*shop.areas, OTHER},
        "device": set(DEVICES),
        "source": {*(campaign[0] for campaign in shop.campaigns), DIRECT, OTHER},
    }
    return frozenset().union(*(_all(categories, {kind}, words) for kind, words in groups.items()))


def _all(*columns: "frozenset[str] | set[str] | tuple[str, ...]") -> frozenset[Key]:
    return frozenset(product(*columns))
