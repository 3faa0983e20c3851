"""Labels for Google: a supplemental product data source of the Merchant Center, as tab-delimited text.

Enters: the ledger's weeks, the shop. Leaves: the file. Pure.

Columns are the attributes' names, `id` joins the primary source. A custom label has 1 to 100 characters, best of ASCII
only, and at most 1,000 values an account; an id has at most 50 characters, which `catalogue.py` sees to.
https://support.google.com/merchants/answer/6324473 (custom labels), https://support.google.com/merchants/answer/6324405
(id), https://support.google.com/merchants/answer/160588 (tab-delimited files).
"""

from collections.abc import Sequence

from pipeline.audiences.exports.labels import LABELS, labelled, written
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser

HEADER = ("id", *LABELS)


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """Five labels a product, as of the last of the weeks, which are oldest first."""
    rows = [(product, *(tier.word for tier in tiers)) for product, tiers in labelled(weeks, shop)]
    return written(HEADER, rows, "\t")
