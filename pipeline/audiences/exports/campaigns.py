"""What each campaign has brought in the week: a sheet.

Enters: a ledger week, what the shop declared. Leaves: bytes. Pure.

Numbers are of visitor-days, noise and all, and stand where they are at least 50 and several times their noise. Of money
only a step is told, and of the channel as a whole: what is released of revenue is by channel.
"""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.audiences.exports.channels import channel_of
from pipeline.audiences.exports.sheet import Cell, sheet
from pipeline.audiences.exports.sums import NOTHING, Sum, recent, totals
from pipeline.audiences.likeness import looks_like
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import DEEDS, K_RELEASE, Key

COLUMNS = (
    *("week", "source", "medium", "campaign", "visits", "product_views", "carts", "orders"),
    *("channel", "channel_revenue_tier"),
)
TOO_FEW = "too_few"
_TIERS = (0.05, 0.1, 0.2, 0.4)
"""Shares of the shop's revenue at which the next tier begins, each twice the one before."""


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """The sheet of the last week: all declared campaigns in their order, then what else may be said.

    `channel_revenue_tier` is of the latest eight weeks: `revenue-1` (under 5 % of the shop's revenue) to `revenue-5`
    (40 % and more), or `too_few`.
    """
    lines = list(_lines(weeks, shop)) or [(weeks[-1].name, "(all)", *[None] * (len(COLUMNS) - 3), TOO_FEW)]
    return sheet(COLUMNS, lines, for_people=True)


def _lines(weeks: Sequence[Week], shop: Advertiser) -> Iterator[tuple[Cell, ...]]:
    week, revenue = weeks[-1], totals(recent(weeks), "revenue", tuple)
    cells = totals([week], "campaigns", tuple)
    known = {key: cell.number for key, cell in cells.items() if cell.known}
    # a number in a link may be a campaign's; whose it is only the shop can say, by declaring it
    others = (key[:3] for key in known if not any(map(looks_like, key[:3])))
    for key in dict.fromkeys((*shop.campaigns, *others)):
        said = [known.get((*key, deed)) for deed in DEEDS]
        yield week.name, *key, *said, channel_of(*key), _tier(revenue, channel_of(*key), shop)


def _tier(revenue: Mapping[Key, Sum], channel: str, shop: Advertiser) -> str:
    """By the channel's share, if money of enough people is in it."""
    brought = revenue.get((channel,), NOTHING)
    if not is_money_of_many(brought, shop):
        return TOO_FEW
    share = brought.number / sum(max(0, cell.number) for cell in revenue.values())
    return f"revenue-{1 + sum(share >= step for step in _TIERS)}"


def is_money_of_many(revenue: Sum, shop: Advertiser) -> bool:
    """Whether a sum of revenue may be said, and believed.

    A visitor-day adds `revenue_cap` at most; so 50 times that is of at least 50 of them, noise aside.
    """
    return revenue.known and revenue.number >= K_RELEASE * shop.revenue_cap
