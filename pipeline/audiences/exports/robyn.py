"""The marketing-mix table in the shape that Meta's Robyn reads.

Enters: ledger weeks, the shop's spending. Leaves: bytes. Pure.

Named as `dt_simulated_weekly` is, with which Robyn's own guide begins
(https://facebookexperimental.github.io/Robyn/docs/features):

    d <- read.csv("robyn.csv"); d$DATE <- as.Date(d$DATE)
    spends <- grep("_S$", names(d), value = TRUE); seen <- sub("_S$", "_I", spends)
    robyn_inputs(dt_input = d, date_var = "DATE", dep_var = "orders", dep_var_type = "conversion",
                 paid_media_spends = spends, paid_media_vars = ifelse(seen %in% names(d), seen, spends),
                 organic_vars = grep("_visits$", names(d), value = TRUE), …)

`DATE` is the week's Monday. `orders` is what a week has least noise in, hence the one to explain; `revenue` stands
beside it while each week's can be said. Names have no blanks, media no value below 0, and no column is 0 throughout:
its checks refuse these.
"""

from collections.abc import Sequence

from pipeline.audiences.exports.mix import Column, mixed
from pipeline.audiences.exports.sheet import sheet
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """All weeks up to the last one, oldest first.

    Columns: `DATE`, `orders`, `revenue`, and of each channel `…_S` (spent), `…_I` (impressions), `…_visits` (organic).
    Where the last week's orders can't be said, there are no lines.
    """
    mix = mixed(weeks, shop)
    columns: dict[str, Column] = {} if mix.revenue is None else {"revenue": mix.revenue}
    for channel, spent in mix.spend.items():
        columns[f"{channel}_S"] = spent
        if channel in mix.impressions:
            columns[f"{channel}_I"] = mix.impressions[channel]
    columns |= {f"{channel}_visits": visits for channel, visits in mix.organic.items()}
    dates = (monday.isoformat() for monday in mix.mondays)
    return sheet(("DATE", "orders", *columns), zip(dates, mix.orders, *columns.values(), strict=True))
