"""The marketing-mix tables, loaded by the mapping that each tool documents and held against what it refuses."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest

from pipeline.audiences.exports import meridian, robyn
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser, Spent
from tests.pipeline.audiences.drawn import CAMPAIGNS, MONDAY, SHOP, shop_weeks, table, week

MAIL = ("nyhetsbrev", "email", "uke48")
EXPORTS = pytest.mark.parametrize("make", [meridian.export, robyn.export], ids=["meridian", "robyn"])


def load_meridian(body: bytes) -> dict[str, pd.DataFrame]:
    """A file as `CsvDataLoader` takes it, mapped as `meridian.py` says, and refused for what Meridian 2.1 refuses.

    https://developers.google.com/meridian/reference/api/meridian/data/load/CoordToColumns and, for what is refused,
    `meridian/data/input_data.py` and `time_coordinates.py` of https://github.com/google/meridian.
    """
    frame = pd.read_csv(io.BytesIO(body))
    kinds = {kind: [name for name in frame if name.startswith(f"{kind}_")] for kind in ("media", "spend", "organic")}
    channels = {kind: [name.removeprefix(f"{kind}_") for name in names] for kind, names in kinds.items()}
    assert channels["media"] == channels["spend"] != [], "media and media_spend columns must be the same channels"
    assert len({*frame}) == len([*frame])
    assert not frame.isna().any().any(), "NA values found"
    assert (frame.drop(columns=["time", "geo"]) >= 0).all().all(), "values must be non-negative"
    assert len(set(frame["geo"])) == 1, "population is required for non national models"
    times = pd.to_datetime(frame["time"], format="%Y-%m-%d")
    assert len(times) > 1, "there must be more than one date index"
    assert set(times.diff().dropna()) == {pd.Timedelta(weeks=1)}, "time coordinates are not regularly spaced"
    return {"kpi": frame[["kpi"]], **{kind: frame[names] for kind, names in kinds.items()}, "all": frame}


def load_robyn(body: bytes) -> pd.DataFrame:
    """A file as `robyn_inputs` takes it, mapped as `robyn.py` says, and refused for what its `R/checks.R` refuses.

    https://github.com/facebookexperimental/Robyn/blob/main/R/R/checks.R
    """
    frame = pd.read_csv(io.BytesIO(body))
    spends = [name for name in frame if name.endswith("_S")]
    media = [seen if (seen := name[:-1] + "I") in frame else name for name in spends]
    organic = [name for name in frame if name.endswith("_visits")]
    assert not frame.isna().any().any(), "contains missing (NA) values"
    assert not [name for name in frame if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", name)], "names R would change"
    assert spends, "must provide 'paid_media_spends'"
    assert len(spends) == len(media)
    assert (frame[[*spends, *media]] >= 0).all().all(), "media must be >=0"
    assert (frame[[*spends, *media, *organic]].sum() > 0).all(), "these media channels contains only 0"
    dates = [date.fromisoformat(day) for day in frame["DATE"]]
    assert {(later - day).days for day, later in pairwise(dates)} == {7}, "daily, weekly or monthly"
    assert {day.isoweekday() for day in dates} <= {1, 7}, "weekly requires week-start of Monday or Sunday"
    assert frame["orders"].dtype.kind in "if", "'dep_var' must be a numeric or integer variable"
    return frame


def header(body: bytes) -> list[str]:
    """A file's columns."""
    return body.decode().splitlines()[0].split(",")


def test_meridian_loads_the_table() -> None:
    """Orders, what one of them brings, two paid channels and the newsletter, eight weeks without a hole."""
    loaded = load_meridian(meridian.export(shop_weeks(2000), SHOP))
    assert list(loaded["media"]) == ["media_paid_search", "media_paid_social"]
    assert list(loaded["organic"]) == ["organic_email"]
    assert loaded["all"]["time"].tolist()[-1] == "2026-11-23"
    assert set(loaded["all"]["geo"]) == {"NO"}
    assert loaded["kpi"]["kpi"].between(200, 700).all()
    assert 300 < loaded["all"]["revenue_per_kpi"].iloc[0] < 1000
    # where the shop knows impressions they are the media, else what was spent
    assert loaded["media"]["media_paid_search"].iloc[-1] == 310_000
    assert loaded["media"]["media_paid_social"].equals(loaded["spend"]["spend_paid_social"].rename("media_paid_social"))


def test_robyn_loads_the_table() -> None:
    """The same weeks; a channel whose impressions nobody knows is its spending alone."""
    frame = load_robyn(robyn.export(shop_weeks(1500), SHOP))
    assert [*frame] == ["DATE", "orders", "paid_search_S", "paid_search_I", "paid_social_S", "email_visits"]
    assert len(frame) == 8


def test_robyn_gets_revenue_where_each_week_may_be_said() -> None:
    """Of a larger shop."""
    frame = load_robyn(robyn.export(shop_weeks(8000, 3), SHOP))
    assert frame["revenue"].between(700_000, 1_300_000).all()


def said(ago: int, orders: int = 400, visits: int = 900) -> Week:
    """A week with exactly these orders and newsletter's visits."""
    return week(
        ago,
        campaigns={(*MAIL, "purchase"): orders, (*MAIL, "visit"): visits},
        revenue={("email",): orders * 600},
    )


def test_the_two_tables_of_a_small_set_of_weeks() -> None:
    """To the byte."""
    shop = replace(SHOP, spend=(Spent(MONDAY, "tv", 10.5), Spent(MONDAY - timedelta(weeks=1), "tv", 9, 70)))
    weeks = [said(1), said(0, 500)]
    assert meridian.export(weeks, shop).decode() == (
        "time,geo,kpi,revenue_per_kpi,media_tv,spend_tv,organic_email\n"
        "2026-11-16,NO,400,600.00,9.00,9.00,900\n"
        "2026-11-23,NO,500,600.00,10.50,10.50,900\n"
    )
    assert robyn.export(weeks, shop).decode() == (
        "DATE,orders,revenue,tv_S,email_visits\n2026-11-16,400,240000,9.00,900\n2026-11-23,500,300000,10.50,900\n"
    )


def test_a_week_that_was_never_released_ends_the_run() -> None:
    """Weeks before the gap are left out, since no tool takes a time that isn't evenly spaced."""
    frame = load_meridian(meridian.export([said(ago) for ago in (6, 5, 3, 2, 1, 0)], SHOP))["all"]
    assert frame["time"].tolist() == ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"]


def test_a_week_whose_orders_may_not_be_said_ends_the_run() -> None:
    """No made-up number stands in its place."""
    frame = load_robyn(robyn.export([said(3), said(2, 49), said(1), said(0)], SHOP))
    assert frame["DATE"].tolist() == ["2026-11-16", "2026-11-23"]


def test_visits_that_may_not_be_said_are_none() -> None:
    """A channel of which no week says any has no column."""
    weeks = [said(2), said(1, visits=49), said(0)]
    assert load_robyn(robyn.export(weeks, SHOP))["email_visits"].tolist() == [900, 0, 900]
    assert "email_visits" not in header(robyn.export([said(1, visits=49), said(0, visits=-3)], SHOP))


def test_a_channel_is_a_column_only_where_something_was_spent() -> None:
    """In these weeks; and a week without a line of it is 0, which is what was spent."""
    spend = (Spent(MONDAY, "tv", 5), Spent(MONDAY - timedelta(weeks=1), "radio", 0), Spent(date(2020, 1, 6), "old", 9))
    frame = load_robyn(robyn.export([said(1), said(0)], replace(SHOP, spend=spend)))
    assert [name for name in frame if name.endswith("_S")] == ["tv_S"]
    assert frame["tv_S"].tolist() == [0, 5]


def test_impressions_are_told_where_they_are_known_for_these_weeks() -> None:
    """Spending of before the first week, of which nobody knows them, hides nothing; of a week among them it does."""
    known = (Spent(MONDAY, "tv", 5, 70), Spent(MONDAY - timedelta(weeks=1), "tv", 6, 80))
    before, among = (Spent(MONDAY - timedelta(weeks=ago), "tv", 9) for ago in (9, 2))
    for spend, columns in (((before, *known), ["tv_S", "tv_I"]), ((among, *known), ["tv_S"])):
        weeks = [said(ago) for ago in (2, 1, 0)]
        frame = load_robyn(robyn.export(weeks, replace(SHOP, spend=spend)))
        assert [name for name in frame if name.startswith("tv")] == columns


def test_orders_are_taken_from_where_there_is_less_noise() -> None:
    """One cell instead of many; but never from where keys that few had are missing."""
    places = {("NO", f"{hour:02}-{hour + 4:02}", device, "purchase"): 50 for hour in range(0, 24, 4) for device in "dm"}
    cells = {(*MAIL, "purchase"): 400}
    both = {"places": table("places", places), "campaigns": table("campaigns", cells)}
    hidden = both | {"campaigns": table("campaigns", cells, delta=1e-6)}
    for tables, orders in ((both, "400"), (hidden, "600"), ({"places": both["places"]}, "600")):
        body = robyn.export([Week(SHOP.site, MONDAY, tables)], SHOP)
        assert body.decode().splitlines()[1].split(",")[1] == orders


@EXPORTS
@pytest.mark.parametrize("seed", range(5))
def test_a_small_shop_gets_a_table_without_lines(make: object, seed: int) -> None:
    """A hundred visitors a day: the columns are there, and no number that is mostly noise."""
    body = make(shop_weeks(100, seed=seed), SHOP)
    assert len(body.decode().splitlines()) == 1
    assert "paid_search" in header(body)[2] + header(body)[3]


@EXPORTS
def test_a_shop_without_spending_or_tables_gets_a_valid_table(make: object) -> None:
    """Nothing is made up."""
    shop = Advertiser("leker.no", frozenset(), campaigns=CAMPAIGNS)
    assert len(make([Week(shop.site, MONDAY, {})], shop).decode().splitlines()) == 1
    assert len(make([said(0)], shop).decode().splitlines()) == 2
