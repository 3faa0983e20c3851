"""What each campaign has brought, as a sheet; and how any sheet is written."""

import csv
import io
import math
from dataclasses import replace
from itertools import product

import pytest

from pipeline.audiences.exports import campaigns
from pipeline.audiences.exports.channels import CHANNELS, channel_of
from pipeline.audiences.exports.sheet import plain, sheet
from pipeline.audiences.exports.sums import SURE, Sum, totals
from pipeline.audiences.noise import scale
from pipeline.audiences.released import Released, Week
from pipeline.audiences.tables import K_RELEASE, TABLES
from proxy.privacy import source
from proxy.privacy.scrub import Location
from tests.pipeline.audiences.drawn import SHOP, shop_weeks, week

GOOGLE, FACEBOOK, MAIL = SHOP.campaigns


def rows(body: bytes, delimiter: str = ",") -> list[list[str]]:
    """A file's cells, as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


def test_a_week_of_campaigns() -> None:
    """Declared ones in their order with what may be said; what may not is an empty cell, not a 0."""
    cells = {(*GOOGLE, "visit"): 2800, (*GOOGLE, "view_item"): 71, (*GOOGLE, "add_to_cart"): 49, (*MAIL, "visit"): -7}
    told = week(campaigns=cells, revenue={("paid_search",): 300_000, ("email",): 70_000, ("direct",): 350_001})
    assert campaigns.export([told], SHOP).decode("utf-8-sig") == (
        "week,source,medium,campaign,visits,product_views,carts,orders,channel,channel_revenue_tier\n"
        "2026-W48,google,cpc,jul,2800,71,,,paid_search,revenue-5\n"
        "2026-W48,facebook,paid,jul,,,,,paid_social,too_few\n"
        "2026-W48,nyhetsbrev,email,uke48,,,,,email,too_few\n"
    )


def test_what_is_not_declared_has_a_line_only_if_it_may_be_said() -> None:
    """All others together, where some are declared; any, where none are."""
    cells = {("(other)", "(other)", "(other)", "visit"): 80, ("bing", "cpc", "x", "visit"): 49}
    found = rows(campaigns.export([week(campaigns=cells)], replace(SHOP, campaigns=())))
    assert [line[1:5] for line in found[1:]] == [["(other)", "(other)", "(other)", "80"]]


@pytest.mark.parametrize(("share", "tier"), [(4, 1), (6, 2), (12, 3), (30, 4), (45, 5)])
def test_a_channels_revenue_is_a_step_by_its_share(share: int, tier: int) -> None:
    """Of the shop's; the sums themselves are in no cell."""
    revenue = {("paid_search",): share * 100_000, ("direct",): (100 - share) * 100_000, ("email",): -5}
    body = campaigns.export([week(campaigns={}, revenue=revenue)], SHOP)
    assert rows(body)[1][-1] == f"revenue-{tier}"
    assert str(share * 100_000) not in body.decode()


def test_money_of_fewer_than_fifty_is_not_told() -> None:
    """A sum that 49 visitor-days can reach says nothing, though it is far over 50 kroner; nor one that noise makes."""
    fifty = 50 * SHOP.revenue_cap
    assert campaigns.is_money_of_many(Sum(fifty), SHOP)
    assert not campaigns.is_money_of_many(Sum(fifty - 1), SHOP)
    assert not campaigns.is_money_of_many(Sum(fifty, variance=fifty**2 / 4), SHOP)
    assert rows(campaigns.export([week(campaigns={}, revenue={("paid_search",): fifty})], SHOP))[1][-1] == "too_few"


@pytest.mark.parametrize("seed", range(5))
def test_a_small_shop_gets_a_file_that_says_too_few(seed: int) -> None:
    """A hundred visitors a day: no order, cart or revenue of any campaign."""
    found = rows(campaigns.export(shop_weeks(100, seed=seed), SHOP))
    assert {line[-1] for line in found[1:]} == {"too_few"}
    assert {cell for line in found[1:4] for cell in line[6:8]} == {""}


def test_a_number_that_may_be_noise_is_not_told() -> None:
    """50 is not enough where the noise of a cell is 18 (its standard deviation): one small cell in fifty is over it."""
    cells = {(*GOOGLE, "visit"): 70, (*FACEBOOK, "visit"): 71}
    found = rows(campaigns.export([week(campaigns=cells)], SHOP))
    assert [line[4] for line in found[1:]] == ["", "71", ""]


def test_a_week_without_tables_says_too_few() -> None:
    """As before the first release, or with nothing declared."""
    bare = Week(SHOP.site, week().monday, {})
    assert rows(campaigns.export([bare], replace(SHOP, campaigns=())))[1:] == [
        ["2026-W48", "(all)", "", "", "", "", "", "", "", "too_few"]
    ]


HOSTILE = ("=cmd|' /C calc'!A1", "+1", "-1+2", "@SUM(1)", "＝1", "\t=1", "\r\n=1", 'a"b,c\nd', "x\ty", "a\u202eb\0")  # noqa: RUF001 - Excel's kin


def test_no_cell_is_a_formula_or_breaks_its_line() -> None:
    """A campaign's name stands in a link that anybody can make."""
    cells = {(word, word, word, "visit"): 100 for word in HOSTILE}
    body = campaigns.export([week(campaigns=cells)], replace(SHOP, campaigns=()))
    found = rows(body)
    told = [word for word in HOSTILE if not word.startswith("@")]  # what follows an @ is somebody's name, and stays
    assert len(found) == 1 + len(told)
    assert {len(line) for line in found} == {10}
    assert not [cell for line in found for cell in line if cell.startswith(("=", "+", "-", "@", "＝"))]  # noqa: RUF001
    assert not [cell for line in found for cell in line if not cell.isprintable()]
    assert sorted(line[1] for line in found[1:]) == sorted(map(plain, told))
    assert plain("@SUM(1)") == "'@SUM(1)"


def test_money_is_of_fifty_visitor_days_though_the_cap_was_lowered_since() -> None:
    """What was counted under a high cap has its noise, so a sum that can be told from it is of 50 times that cap."""
    table = TABLES["revenue"]
    wide = scale(table, 5000)
    for number, told in ((50 * 5000, False), (72 * 5000, True)):
        counted = Released("revenue", {("email",): number}, table.epsilon, 0.0, wide, 0)
        brought = totals([replace(week(), tables={"revenue": counted})], "revenue", tuple)["email",]
        assert campaigns.is_money_of_many(brought, replace(SHOP, revenue_cap=100)) is told
    assert SURE * math.sqrt(2) * wide >= K_RELEASE * 5000


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_sheet_is_read_back_as_it_was_written(delimiter: str) -> None:
    """Quotes, delimiters and æøå; numbers are numbers, and those below 0 are not taken for formulas."""
    words = ["Lek & lær, «stor»", 'Ole "Bole"', "a b"]
    body = sheet(["ord", "tall", "sum", ""], [[word, -12, 1.5, None] for word in words], delimiter)
    assert rows(body, delimiter) == [["ord", "tall", "sum", ""], *([word, "-12", "1.50", ""] for word in words)]


def test_a_sheet_for_people_opens_in_excel_with_its_letters() -> None:
    """That takes a file without a byte order mark for another alphabet's."""
    assert sheet(["ø"], [], for_people=True) == b"\xef\xbb\xbf\xc3\xb8\n"
    assert sheet(["ø"], []) == b"\xc3\xb8\n"


WORDS = sorted(
    source._SEARCH | source._SOCIAL | source._ASSISTANTS | {"nyhetsbrev", "vg.no", "Google", "facebook.com", ""}
)
MEDIA = sorted(source._PAID_MEDIA | source._EMAIL | {"CPC", "organic", "social", ""})


def test_a_campaigns_channel_is_the_collectors() -> None:
    """For each source and medium that a rule knows, and some that none does; a click's number is not known here."""
    for name, medium, campaign in product(WORDS, MEDIA, ("", "jul")):
        given = {"utm_campaign": campaign} if campaign else {}
        page = Location(path="/", host="leker.no", query=given, paid_by="")
        told = source._channel(name.lower(), medium.lower(), page)
        assert channel_of(name, medium, campaign) == told, (name, medium, campaign)
        assert told in CHANNELS


def test_what_was_put_together_is_of_no_channel() -> None:
    """Neither search nor direct: nobody knows."""
    assert channel_of("(other)", "(other)", "(other)") == "(other)"
