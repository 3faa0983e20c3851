"""How much a conversion is worth by location and device: a sheet for Google Ads' value rules.

Enters: ledger weeks. Leaves: bytes. Pure.

Google takes no file of them: somebody enters the lines at Goals > Conversions > Value rules, so the columns are named
as that page names them (https://support.google.com/google-ads/answer/10520348). It wants the same two kinds of
condition in all rules of an account, hence no hours here, and multipliers from 0.5 to 10
(https://developers.google.com/google-ads/api/docs/conversions/conversion-value-rules).
"""

from collections.abc import Iterator, Sequence

from pipeline.audiences.exports.channels import UNNAMED
from pipeline.audiences.exports.places import AREA, DEVICE, TOO_FEW, factors, location, towards_one
from pipeline.audiences.exports.sheet import Cell, sheet
from pipeline.audiences.exports.sums import span
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser

COLUMNS = (
    "Primary condition",
    "Location",
    "Location ID",
    "Secondary condition",
    "Device",
    "Value adjustment",
    "Value",
    "Note",
)
_DEVICES = {"desktop": "Computers", "mobile": "Mobile phones, Tablets"}


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """The sheet: a line for each area and device that may be said, by area. Where there is none, one that says so."""
    lines = list(_lines(weeks))
    return sheet(COLUMNS, lines or [(*[None] * (len(COLUMNS) - 1), f"{shop.site}: {TOO_FEW}")], for_people=True)


def _lines(weeks: Sequence[Week]) -> Iterator[tuple[Cell, ...]]:
    for (area, device), worth in factors(weeks, AREA, DEVICE).items():
        if area not in UNNAMED:
            number, name = location(area)
            value = 1 + towards_one(worth) / 100
            yield "Location", name, number, "Device", _DEVICES[device], "Multiply", value, span(weeks)
