"""Google Analytics' CSV files: explorations by day and one dimension, reports by the n-th day."""

from pathlib import Path

import msgspec
import pytest

from pipeline.imports.cells import ImportedDay
from proxy.imports.table import Unreadable
from tests.proxy.imports.told import by_dim, cells_of, days_of, written

HEAD = """# ----------------------------------------
# Extra Leker
# Free form-Free form 1
# 20260501-20260501
# ----------------------------------------

"""
METRICS = (
    "Active users,Views,Sessions,Engaged sessions,Average engagement time per session,Ecommerce purchases,"
    "Purchase revenue"
)
DAYS = f"""{HEAD}Date,{METRICS}
,40,120,50,30,12.5,6,5994.5,Grand total
20260501,40,120,50,30,12.5,6,5994.5
"""


def with_days(tmp_path: Path, *tables: str, currency: str = "NOK") -> dict[str, dict[str, dict[str, int]]]:
    """The cells of tables beside the days' totals."""
    texts = {f"{number}.csv": f"{HEAD}{table}" for number, table in enumerate(tables)}
    return cells_of("ga4", written(tmp_path, {"days.csv": DAYS} | texts), currency)


def test_totals_by_day(tmp_path: Path) -> None:
    """Sessions that were not engaged bounced; money in minor units; the line of totals is none of a day."""
    cells = with_days(tmp_path)
    assert cells == {
        "all": {
            "": {
                "visitors": 40, "visits": 50, "measured_visits": 50, "views": 120, "measured_views": 120, "bounces": 20,
                "engaged_seconds": 625, "orders": 6, "revenue": 599450,
            }
        }
    }  # fmt: skip


def test_where_bounces_are_not_known_nothing_is_said_of_them(tmp_path: Path) -> None:
    """No rate of 0 %, which would be a lie."""
    text = f"{HEAD}Date,Views,Sessions\n20260501,120,50\n"
    cells = cells_of("ga4", written(tmp_path, {"days.csv": text}))
    assert cells["all"][""] == {"visits": 50, "views": 120, "measured_views": 120}


def test_each_dimension_has_its_name_and_our_words(tmp_path: Path) -> None:
    """Paths without parameters, codes of countries, families, channels."""
    cells = with_days(
        tmp_path,
        "Date,Page path + query string,Views\n20260501,/lego?mail=kari@example.com,70\n20260501,/lego?page=2,20\n",
        "Date,Landing page,Sessions\n20260501,/lego,30\n20260501,(not set),5\n",
        "Date,Country ID,Active users\n20260501,NO,30\n20260501,(not set),2\n",
        "Date,Device category,Active users\n20260501,smart tv,3\n20260501,mobile,30\n",
        "Date,Browser,Views\n20260501,Safari (in-app),3\n20260501,Samsung Internet,4\n",
        "Date,Operating system,Views\n20260501,Macintosh,3\n20260501,iOS,4\n",
        "Date,Session default channel group,Sessions\n20260501,Organic Search,9\n20260501,Cross-network,4\n",
        "Date,Event name,Event count,Total users\n20260501,add_to_cart,9,8\n20260501,user_engagement,99,40\n",
        "Date,Search term,Active users,Event count\n20260501,lego,12,14\n20260501,(not set),99,99\n",
    )
    assert cells["path"]["/lego"] == {"views": 90, "measured_views": 90, "entries": 30}
    assert cells["entry"]["/lego"] == {"visits": 30, "entries": 30}
    assert cells["country"] == {"NO": {"visitors": 30}, "": {"visitors": 2}}
    assert cells["device"] == {"desktop": {"visitors": 3}, "mobile": {"visitors": 30}}
    assert cells["browser"].keys() == {"Safari", "Samsung Internet"}
    assert cells["os"].keys() == {"macOS", "iOS"}
    assert cells["channel"] == {"search": {"visits": 9}, "paid_other": {"visits": 4}}
    assert cells["event"] == {"add_to_cart": {"visitors": 8, "events": 9}}
    assert cells["search"] == {"lego": {"visitors": 12, "events": 14}}


def test_sources_alone_or_with_their_medium_and_campaign(tmp_path: Path) -> None:
    """Google's own words for a medium are no link's; what can't be told from a file is not told."""
    alone = with_days(tmp_path, "Date,Session source,Sessions\n20260501,google,9\n20260501,(direct),4\n")
    assert alone["source"] == {"google": {"visits": 9}, "(direct)": {"visits": 4}}
    assert "channel" not in alone
    both = with_days(
        tmp_path,
        "Date,Session source / medium,Session campaign,Sessions\n20260501,google / organic,(organic),9\n"
        "20260501,google / cpc,host,8\n20260501,finn.no / referral,(referral),3\n"
        "20260501,(direct) / (none),(direct),4\n",
    )
    assert both["source"] == {
        "google": {"visits": 17}, "finn.no": {"visits": 3}, "(direct)": {"visits": 4},
    }  # fmt: skip
    assert both["channel"] == {
        "search": {"visits": 9}, "paid_search": {"visits": 8}, "referral": {"visits": 3}, "direct": {"visits": 4},
    }  # fmt: skip
    assert both["medium"].keys() == {"", "cpc"}
    assert both["campaign"].keys() == {"", "host"}


def test_products_have_their_name_and_money(tmp_path: Path) -> None:
    """By id, labelled by name; what has none is left out."""
    table = (
        "Date,Item ID,Item name,Items viewed,Items added to cart,Items purchased,Item revenue\n"
        "20260501,60316,Politistasjon,30,9,2,1498\n20260501,(not set),,4,0,0,0\n"
    )
    cells = with_days(tmp_path, table)
    assert cells["product"] == {"60316": {"item_views": 30, "carts": 9, "units": 2, "revenue": 149800}}


def test_reports_count_the_days_from_their_start(tmp_path: Path) -> None:
    """Several tables, of which those without days are left aside."""
    text = """# ----------------------------------------
# Reports snapshot
# Account: Extra Leker
# ----------------------------------------
#
# All Users
# Start date: 20260430
# End date: 20260501

Nth day,Views
0000,100
0001,120

# Start date: 20260430
# End date: 20260501
Country ID,Active users
NO,70
"""
    days = days_of("ga4", written(tmp_path, {"snapshot.csv": text}))
    assert [(str(day.day), by_dim(day)["all"][""]["views"]) for day in days] == [
        ("2026-04-30", 100),
        ("2026-05-01", 120),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Page path,Views\n/,3\n", "no table in it tells days"),
        ("Dato,Visninger\n20260501,3\n", "no table in it tells days"),
        (
            "Date,Page path,Browser,Views\n20260501,/,Chrome,3\n",
            "line 8: expected one dimension besides 'Date', found 2",
        ),
        ("Date,City,Views\n20260501,Horten,3\n", "line 8: a dimension is not known here"),
        ("Date,Visninger\n20260501,3\n", "line 8: no column is known: name and metrics must be in English"),
        ("Date,Hour,Views\n20260501,13,3\n20260501,14,3\n", "line 9: a dimension is not known here: the same stands"),
        ("Date,Views\n20260501,many\n", "line 8: expected a number in the column 'Views'"),
        ("Date,Views\n20260501\n", "line 8: expected 2 cells, found 1"),
        ("Nth day,Views\n0000,3\n", "line 8: the report's start date is missing above"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """Never with the cell's text."""
    with pytest.raises(Unreadable) as raised:
        days_of("ga4", written(tmp_path, {"a.csv": HEAD + text}))
    assert said in str(raised.value)
    assert "Horten" not in str(raised.value)


def test_without_the_days_totals_nothing_is_imported(tmp_path: Path) -> None:
    """They can't be had from a dimension's cells: a visitor is in several of them."""
    text = f"{HEAD}Date,Page path,Views\n20260501,/,3\n"
    with pytest.raises(Unreadable, match="no file tells the views of whole days"):
        days_of("ga4", written(tmp_path, {"a.csv": text}))


def test_two_tables_or_two_files_of_one_name_are_not_added_up(tmp_path: Path) -> None:
    """Two that tell the same, one below the other or in two folders."""
    below = f"{DAYS}\nDate,Views\n20260501,120\n"
    with pytest.raises(Unreadable, match=r"line 12 and .*line 9 both tell views by all of 2026-05-01"):
        days_of("ga4", written(tmp_path, {"days.csv": below}))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with pytest.raises(Unreadable, match=r"both tell .* of 2026-05-01"):
        days_of("ga4", [file for name in ("a", "b") for file in written(tmp_path / name, {"days.csv": DAYS})])


def test_money_may_be_paid_back_and_may_have_an_exponent(tmp_path: Path) -> None:
    """A day of returns is below nothing; other numbers are not."""
    days = f"{HEAD}Date,Views,Purchase revenue,Gross\n20260501,3,-199.5,1.5E7\n20260502,3,1.2345678E7,2\n"
    found = days_of("ga4", written(tmp_path, {"days.csv": days}), "NOK")
    assert [by_dim(day)["all"][""]["revenue"] for day in found] == [-19950, 1234567800]
    assert [msgspec.json.decode(msgspec.json.encode(day), type=ImportedDay) for day in found] == found
    for broken in ("20260501,-3,1", "20260501,3E1,1", "20260501,3,1E13"):
        with pytest.raises(Unreadable, match=r"line 8: expected an? (number|amount) in the column"):
            days_of("ga4", written(tmp_path, {"days.csv": f"{HEAD}Date,Views,Purchase revenue\n{broken}\n"}))


@pytest.mark.parametrize(
    ("start", "said"), [("20261399", "line 1: the report's start date is none"), ("99991231", "line 4: ")]
)
def test_a_start_that_is_no_date_is_said(tmp_path: Path, start: str, said: str) -> None:
    """And one whose days leave the calendar."""
    text = f"# Start date: {start}\n\nNth day,Views\n0009,1\n"
    with pytest.raises(Unreadable) as raised:
        days_of("ga4", written(tmp_path, {"a.csv": text}))
    assert said in str(raised.value)
