"""The marketing-mix table in the shape that Google's Meridian reads.

Enters: ledger weeks, the shop's spending. Leaves: bytes. Pure.

Columns are named so that its mapping is a matter of prefixes
(https://developers.google.com/meridian/reference/api/meridian/data/load/CoordToColumns):

    names = pandas.read_csv("meridian.csv").columns
    of = lambda kind: [name for name in names if name.startswith(kind)]
    CoordToColumns(time="time", geo="geo", kpi="kpi", revenue_per_kpi="revenue_per_kpi",
                   media=of("media_"), media_spend=of("spend_"), organic_media=of("organic_"))

`kpi` is orders, so `kpi_type="non_revenue"`. `geo` is the country alone: a national model. `media_…` are impressions
where the shop knows them, else what was spent: "possible metrics include … spend, impressions, and clicks, which can
differ by channel" (https://developers.google.com/meridian/docs/user-guide/collect-data). Without spending there is no
media, and Meridian needs some.
"""

from collections.abc import Sequence

from pipeline.audiences.exports.mix import Column, mixed
from pipeline.audiences.exports.sheet import sheet
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """All weeks up to the last one, oldest first.

    Columns: `time` (the Monday), `geo`, `kpi`, `revenue_per_kpi`, `media_…`, `spend_…`, `organic_…`.

    `revenue_per_kpi` is missing where the revenue of all weeks together can't be said; Meridian then calibrates without
    it. Where the last week's orders can't be said, there are no lines.
    """
    mix = mixed(weeks, shop)
    columns: dict[str, Column] = {}
    if mix.revenue_an_order is not None:
        columns["revenue_per_kpi"] = (mix.revenue_an_order,) * len(mix.mondays)
    columns |= {f"media_{channel}": mix.impressions.get(channel, spent) for channel, spent in mix.spend.items()}
    columns |= {f"spend_{channel}": spent for channel, spent in mix.spend.items()}
    columns |= {f"organic_{channel}": visits for channel, visits in mix.organic.items()}
    lines = zip((monday.isoformat() for monday in mix.mondays), mix.orders, *columns.values(), strict=True)
    return sheet(("time", "geo", "kpi", *columns), ((time, shop.country, *numbers) for time, *numbers in lines))
