"""Matomo's reports by day, as its API's CSV renderer writes them."""

from pathlib import Path

import pytest

from proxy.imports.table import Unreadable, files
from tests.proxy.imports.told import cells_of, days_of, written

SUMMARY = """date,nb_uniq_visitors,nb_users,nb_visits,nb_actions,nb_visits_converted,bounce_count,sum_visit_length
2026-05-01,40,0,50,130,3,15,6000
"""
_OF_PAGES = (
    "date,label,nb_visits,nb_uniq_visitors,nb_hits,sum_time_spent,entry_nb_uniq_visitors,entry_nb_visits,"
    "entry_nb_actions,entry_sum_visit_length,entry_bounce_count,exit_nb_visits,metadata_url"
)
_OF_VISITS = "date,label,nb_uniq_visitors,nb_visits,bounce_count,sum_visit_length"
REPORTS = {
    "VisitsSummary.get.csv": SUMMARY,
    "Actions.get.csv": "date,nb_pageviews,nb_uniq_pageviews,nb_downloads\n2026-05-01,120,90,1\n",
    "Actions.getPageUrls.csv": f"""{_OF_PAGES}
2026-05-01,/lego/60316,20,18,70,900,9,10,30,3000,2,,https://www.shop.no/lego/60316?mail=kari@example.com
2026-05-01,/index,30,28,50,500,,,,,,12,https://www.shop.no/
""",
    "Referrers.getReferrerType.csv": f"""{_OF_VISITS},referrer_type
2026-05-01,Direct Entry,9,10,5,1000,1
2026-05-01,Search Engines,20,25,5,3000,2
2026-05-01,Websites,5,5,1,500,3
2026-05-01,Social Networks,4,4,1,500,7
2026-05-01,Campaigns,6,6,1,500,6
""",
    "Referrers.getSearchEngines.csv": "date,label,nb_visits,metadata_url\n2026-05-01,Google,25,http://google.com\n",
    "Referrers.getWebsites.csv": "date,label,nb_visits\n2026-05-01,www.finn.no,5\n",
    "Referrers.getSocials.csv": "date,label,nb_visits\n2026-05-01,Facebook,4\n",
    "Referrers.getCampaigns.csv": "date,label,nb_visits\n2026-05-01,kari@example.com,2\n2026-05-01,host,4\n",
    "UserCountry.getCountry.csv": "date,label,nb_visits,metadata_code\n2026-05-01,Norway,40,no\n2026-05-01,?,3,xx\n",
    "DevicesDetection.getType.csv": "date,label,nb_visits\n2026-05-01,Smartphone,30\n2026-05-01,Phablet,3\n",
    "DevicesDetection.getBrowsers.csv": "date,label,nb_visits\n2026-05-01,Chrome Mobile,30\n2026-05-01,Chrome,3\n",
    "DevicesDetection.getOsFamilies.csv": "date,label,nb_visits\n2026-05-01,GNU/Linux,3\n2026-05-01,Mac,4\n",
}  # fmt: skip


def test_reports_become_dimensions(tmp_path: Path) -> None:
    """Each by the name of its method; pages by their address, not by the label that folders are cut into."""
    cells = cells_of("matomo", written(tmp_path, REPORTS))
    assert cells["all"][""] == {
        "visitors": 40, "visits": 50, "measured_visits": 50, "views": 120, "measured_views": 120, "events": 120,
        "bounces": 15, "engaged_seconds": 6000,
    }  # fmt: skip
    assert cells["path"]["/"] == {
        "visitors": 28, "visits": 30, "views": 50, "measured_views": 50, "events": 50, "exits": 12,
        "engaged_seconds": 500,
    }  # fmt: skip
    assert cells["entry"] == {
        "/lego/:id": {
            "visitors": 9, "visits": 10, "measured_visits": 10, "bounces": 2, "entries": 10, "engaged_seconds": 3000,
        }
    }  # fmt: skip
    assert {value: cell["visits"] for value, cell in cells["source"].items()} == {
        "(direct)": 10, "google": 25, "finn.no": 5, "facebook": 4, "(campaign)": 6,
    }  # fmt: skip
    assert {value: cell["visits"] for value, cell in cells["channel"].items()} == {
        "direct": 10, "search": 25, "referral": 5, "social": 4, "campaign": 6,
    }  # fmt: skip
    assert cells["campaign"].keys() == {"(removed)", "host"}
    assert cells["country"] == {"NO": {"visits": 40}, "": {"visits": 3}}
    assert cells["device"] == {"mobile": {"visits": 33}}
    assert cells["browser"] == {"Chrome": {"visits": 33}}
    assert cells["os"].keys() == {"Linux", "macOS"}


def test_its_own_utf_16_is_read(tmp_path: Path) -> None:
    """As it comes unless it is asked for otherwise."""
    for name in ("VisitsSummary.get.csv", "Actions.get.csv"):
        (tmp_path / name).write_bytes(b"\xff\xfe" + REPORTS[name].encode("utf-16-le"))
    found = files([tmp_path / "VisitsSummary.get.csv", tmp_path / "Actions.get.csv"])
    assert cells_of("matomo", found)["all"][""]["views"] == 120


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("export.csv", SUMMARY, "expected a file named for its report: API.get, VisitsSummary.get"),
        ("VisitsSummary.get.csv", "nb_visits\n3\n", "no column `date`: ask for period=day"),
        ("VisitsSummary.get.csv", "date,Visits\n2026-05-01,3\n", "without translated column names"),
        ("Actions.getPageUrls.csv", "date,label,nb_hits,idsubdatatable\n2026-05-01,lego,3,1\n", "ask for flat=1"),
        (
            "Referrers.getReferrerType.csv",
            "date,label,nb_visits\n2026-05-01,Direkte,3\n",
            "line 2: expected the column",
        ),
        ("VisitsSummary.get.csv", "", "it is empty"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, text: str, said: str) -> None:
    """With what to ask Matomo for."""
    with pytest.raises(Unreadable, match=name) as raised:
        days_of("matomo", written(tmp_path, {name: text}))
    assert said in str(raised.value)


def test_two_files_of_one_report_are_not_added_up(tmp_path: Path) -> None:
    """Nor two of referrers, whose reports tell the sources together."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    whole = written(tmp_path, REPORTS)
    for report in ("Actions.getPageUrls.csv", "Referrers.getSearchEngines.csv", "Referrers.getReferrerType.csv"):
        again = written(tmp_path / "a", {report: REPORTS[report]})
        with pytest.raises(Unreadable, match=r"both tell .* of 2026-05-01: which is it"):
            days_of("matomo", [*whole, *again])


def test_views_without_visits_are_refused(tmp_path: Path) -> None:
    """A day of views alone would take the place of a whole one."""
    with pytest.raises(Unreadable, match=r"API.get or VisitsSummary.get is needed, too"):
        days_of("matomo", written(tmp_path, {"Actions.get.csv": REPORTS["Actions.get.csv"]}))
    text = {"API.get.csv": "date,nb_pageviews\n2026-05-01,3\n"}
    with pytest.raises(Unreadable, match=r"API.get.csv: line 2: expected the column `nb_visits`"):
        days_of("matomo", written(tmp_path, text))
