"""Product labels: what Google's and Meta's files have in common.

Enters: the ledger's weeks, the shop. Leaves: rows, and their bytes. Pure.

Label *i* is the kind *i* of `tiers.py`: 0 interest, 1 conversion, 2 trend, 3 device, 4 basket. Each is a word of a
closed list, 22 in all, and never empty: where there is too little it says `too_few`, which a campaign can ask for. Rows
are the catalogue's products, available or not, in its order, and no others.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tiers import KINDS, TOO_FEW, Tier, tiers

LABELS = tuple(f"custom_label_{at}" for at in range(len(KINDS)))
WORDS = {label: (TOO_FEW, *kind.words) for label, kind in zip(LABELS, KINDS, strict=True)}
"""All that a column can say."""


def labelled(weeks: Sequence[Week], shop: Advertiser) -> list[tuple[str, tuple[Tier, ...]]]:
    """The catalogue's products, by the shop's own spelling of their ids, with their tiers of the last week."""
    own = {product.id: product.own_id for product in shop.catalogue}
    return [(own[name], found) for name, found in tiers(weeks, list(own)).items()]


def written(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    """UTF-8 without a mark, a line a product; cells that need quotes get them, quotes in them are doubled.

    Both platforms describe it so: https://support.google.com/merchants/answer/14998273,
    https://developers.facebook.com/documentation/ads-commerce/catalog/reference.
    """
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
