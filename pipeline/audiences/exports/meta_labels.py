"""Labels for Meta: a supplementary feed of a catalogue, as CSV.

Enters: the ledger's weeks, the shop. Leaves: the file. Pure.

`id` joins the catalogue's products, at most 100 characters. A custom label is text of at most 100 characters; a custom
number is a whole number from 0 to 4,294,967,295, which product sets can compare, other than labels.
https://developers.facebook.com/documentation/ads-commerce/catalog/reference (fields, CSV),
https://developers.facebook.com/documentation/ads-commerce/catalog/guides/supplementary-feeds (what such a feed may do),
https://developers.facebook.com/docs/graph-api/changelog/non-versioned-changes/mar-3-2022 (what sets can compare).

Number *i* is what stands behind label *i*: 0 visitor-days of the week (at least 50), 1 orders a thousand visitor-days,
2 this week's interest in per cent of the weeks before, 3 mobiles' share in per cent, 4 carts and orders a thousand. It
is empty where the label says `too_few`, so that too little can't be taken for little; and so is 3 where one of both has
fewer than 50.
"""

from collections.abc import Sequence

from pipeline.audiences.exports.labels import LABELS, labelled, written
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tiers import KINDS, Tier

NUMBERS = tuple(f"custom_number_{at}" for at in range(len(KINDS)))
HEADER = ("id", *LABELS, *NUMBERS)
HIGHEST = (2**32 - 1, *[99_999] * (len(KINDS) - 1))
"""What a number may be at most: Meta's own limit for visitor-days; no rate is as long as anybody's number."""


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """Five labels and five numbers a product, as of the last of the weeks, which are oldest first."""
    rows = [
        (product, *(tier.word for tier in tiers), *map(_number, tiers, HIGHEST))
        for product, tiers in labelled(weeks, shop)
    ]
    return written(HEADER, rows, ",")


def _number(tier: Tier, highest: int) -> str:
    return "" if tier.number is None else str(min(tier.number, highest))
