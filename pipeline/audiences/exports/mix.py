"""The weeks as a marketing-mix model needs them: one set of columns, no holes.

Enters: ledger weeks, the shop's spending. Leaves: a `Mix`. Pure.

Neither Meridian nor Robyn takes a cell that is empty ("NA values found in the kpi data"; "Dataset contains missing (NA)
values"), nor weeks that aren't seven days apart. So:

- the table is the unbroken run of weeks up to the last whose orders may be said; weeks before a gap are left out whole;
- a week without spending on a channel has 0, which is what was spent;
- visits that may not be said are 0: fewer than 50 people, or than the noise, are no activity that a model could see;
- a column that is 0 in all weeks is left out: Robyn refuses it, and nothing can be learned of it.

Orders are visitor-days with one. They are in `campaigns` and in `places`; a week's are taken from where there is less
noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

from pipeline.audiences.exports.campaigns import is_money_of_many
from pipeline.audiences.exports.channels import channel_of
from pipeline.audiences.exports.sums import NOTHING, Sum, at, totals
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser

ORGANIC = ("email", "social", "referral")
"""Channels that somebody acts in without paying; search and direct visits are what comes of all the others."""

Column = tuple[float, ...]
"""A number a week."""
_DEED = 3
"""The last column of both tables that tell of orders."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Columns of equal length, by week, the oldest first; none at all, if the last week can't be said."""

    mondays: tuple[date, ...]
    orders: tuple[int, ...]
    revenue: tuple[int, ...] | None
    """Whole units of the currency; None where a week's can't be said."""
    revenue_an_order: float | None
    """Of all the weeks together: one week's would be mostly noise."""
    spend: Mapping[str, Column]
    """By channel, in the shop's words."""
    impressions: Mapping[str, Column]
    """Of channels of which the shop knows them for each of these weeks that it has spent in."""
    organic: Mapping[str, Column]
    """Visits by channel."""


def mixed(weeks: Sequence[Week], shop: Advertiser) -> Mix:
    """The weeks up to the last one, as far back as there is one each week."""
    run = _unbroken(weeks)
    mondays = tuple(week.monday for week in run)
    orders = tuple(_orders(week).number for week in run)
    revenue = [totals([week], "revenue", at()).get((), NOTHING) for week in run]
    together = totals(run, "revenue", at()).get((), NOTHING)
    return Mix(
        mondays,
        orders,
        tuple(week.number for week in revenue) if all(is_money_of_many(week, shop) for week in revenue) else None,
        together.number / sum(orders) if is_money_of_many(together, shop) else None,
        *_paid(mondays, shop),
        _told({channel: tuple(_visits(week, channel) for week in run) for channel in ORGANIC}),
    )


def _unbroken(weeks: Sequence[Week]) -> list[Week]:
    backwards = list(reversed(weeks))
    in_step = takewhile(
        lambda nth: backwards[0].monday - nth[1].monday == timedelta(weeks=nth[0]) and _orders(nth[1]).known,
        enumerate(backwards),
    )
    return [week for _, week in in_step][::-1]


def _orders(week: Week) -> Sum:
    tables = [table for table in ("campaigns", "places") if table in week.tables]
    told = [
        (totals([week], table, at(_DEED)).get(("purchase",), NOTHING), week.tables[table].delta) for table in tables
    ]
    # where keys aren't public, those that few had are missing, and a sum is less noisy by being wrong
    return min(told, key=lambda of: (not of[0].known, of[1], of[0].variance), default=(NOTHING, 0.0))[0]


def _visits(week: Week, channel: str) -> int:
    by_channel = totals([week], "campaigns", lambda key: (channel_of(*key[:_DEED]), key[_DEED]))
    total = by_channel.get((channel, "visit"), NOTHING)
    return total.number if total.known else 0


def _paid(mondays: tuple[date, ...], shop: Advertiser) -> tuple[dict[str, Column], dict[str, Column]]:
    """Spending and impressions, by channel; while no week can be said, the channels alone."""
    spent = {(line.monday, line.channel): line for line in shop.spend}
    # what nobody wrote down years ago must not hide the impressions that are known today
    of_these = [line for line in shop.spend if line.monday in mondays or not mondays]
    channels = sorted({line.channel for line in shop.spend})
    lines = {channel: [spent.get((monday, channel)) for monday in mondays] for channel in channels}
    spend = {channel: tuple(float(line.amount) if line else 0.0 for line in lines[channel]) for channel in channels}
    seen = {
        channel: tuple(line.impressions if line else 0 for line in lines[channel])
        for channel in channels
        if all(line.impressions for line in of_these if line.channel == channel and line.amount)
    }
    told = spend if not mondays else _told(spend)
    return told, {channel: column for channel, column in seen.items() if channel in told}


def _told(columns: Mapping[str, Column]) -> dict[str, Column]:
    return {name: column for name, column in columns.items() if any(column)}
