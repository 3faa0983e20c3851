"""Plausible's export, as its own exporter writes it: ten tables in a zip, or unpacked."""

from pathlib import Path

import pytest

from proxy.imports.table import Unreadable
from tests.proxy.imports.told import by_dim, cells_of, days_of, written, zipped

_RANGE = "_20260501_20260501.csv"
_OF_VISITS = "visitors,visits,visit_duration,bounces,pageviews"
_OF_SOURCES = (
    "date,source,referrer,utm_source,utm_medium,utm_campaign,utm_content,utm_term,pageviews,visitors,visits,"
    "visit_duration,bounces"
)
_OF_PAGES = (
    "date,hostname,page,visits,visitors,pageviews,total_scroll_depth,total_scroll_depth_visits,total_time_on_page,"
    "total_time_on_page_visits"
)
EXPORT = {
    f"imported_visitors{_RANGE}": """\"date\",\"visitors\",\"pageviews\",\"bounces\",\"visits\",\"visit_duration\"
\"2026-05-01\",40,120,15,50,6000
""",
    f"imported_sources{_RANGE}": f"""{_OF_SOURCES}
2026-05-01,Google,google.com,,,,,,60,20,25,3000,7
2026-05-01,Facebook,m.facebook.com,,,,,,10,5,5,300,2
2026-05-01,nyhetsbrev,,nyhetsbrev,email,"høst, 20",,kari@example.com,20,8,10,1000,1
2026-05-01,,,,,,,,30,9,10,1700,5
""",
    f"imported_pages{_RANGE}": f"""{_OF_PAGES}
2026-05-01,www.shop.no,/,30,28,50,180,4,500,20
2026-05-01,www.shop.no,/lego/60316,20,18,70,\\N,\\N,\\N,\\N
""",
    f"imported_entry_pages{_RANGE}": """date,entry_page,visitors,entrances,visit_duration,bounces,pageviews
2026-05-01,/,28,35,4000,10,80
""",
    f"imported_exit_pages{_RANGE}": """date,exit_page,visitors,visit_duration,exits,bounces,pageviews
2026-05-01,/lego/60316,15,4000,16,3,40
""",
    f"imported_custom_events{_RANGE}": """date,name,link_url,path,visitors,events
2026-05-01,Signup,,,4,5
2026-05-01,Outbound Link: Click,https://example.com/?mail=kari@example.com,,3,3
""",
    f"imported_locations{_RANGE}": """date,country,region,city,visitors,visits,visit_duration,bounces,pageviews
2026-05-01,NO,NO-03,3143244,20,24,2000,6,60
2026-05-01,NO,NO-46,3161732,15,18,2000,6,40
2026-05-01,SE,,0,5,8,2000,3,20
""",
    f"imported_devices{_RANGE}": """date,device,visitors,visits,visit_duration,bounces,pageviews
2026-05-01,Laptop,15,20,1000,5,60
2026-05-01,Desktop,5,6,1000,5,20
2026-05-01,Mobile,20,24,4000,5,40
""",
    f"imported_browsers{_RANGE}": f"""date,browser,browser_version,{_OF_VISITS}
2026-05-01,Chrome,140,20,25,3000,7,60
2026-05-01,Chrome,139,5,5,300,2,10
2026-05-01,Microsoft Edge,140,5,5,300,2,10
2026-05-01,Lynx,2,1,1,0,1,1
""",
    f"imported_operating_systems{_RANGE}": f"""date,operating_system,operating_system_version,{_OF_VISITS}
2026-05-01,Mac,14,10,12,1000,3,30
2026-05-01,GNU/Linux,,1,1,100,0,3
2026-05-01,Windows,11,9,12,1000,3,30
""",
}  # fmt: skip


def test_every_table_of_the_zip_becomes_dimensions(tmp_path: Path) -> None:
    """Sums over what we don't keep (versions, cities), and the words that our own visits have."""
    cells = cells_of("plausible", zipped(tmp_path, EXPORT))
    assert cells["all"][""] == {
        "visitors": 40, "visits": 50, "measured_visits": 50, "views": 120, "measured_views": 120, "events": 125,
        "bounces": 15, "engaged_seconds": 6000,
    }  # fmt: skip
    assert {value: cell["visits"] for value, cell in cells["source"].items()} == {
        "google": 25, "facebook": 5, "nyhetsbrev": 10, "(direct)": 10,
    }  # fmt: skip
    assert {value: cell["visits"] for value, cell in cells["channel"].items()} == {
        "search": 25, "social": 5, "email": 10, "direct": 10,
    }  # fmt: skip
    assert set(cells["campaign"]) == {"", "høst, 20"}
    assert set(cells["referrer"]) == {"", "google.com", "facebook.com"}
    assert cells["path"]["/"] == {
        "visitors": 28, "visits": 30, "views": 50, "measured_views": 50, "events": 50, "entries": 35,
        "engaged_seconds": 500, "scroll": 180, "scrolls": 4,
    }  # fmt: skip
    assert cells["path"]["/lego/:id"]["exits"] == 16
    assert cells["entry"]["/"]["visits"] == cells["entry"]["/"]["entries"] == 35
    assert cells["exit"]["/lego/:id"]["exits"] == 16
    assert {code: cell["visitors"] for code, cell in cells["country"].items()} == {"NO": 35, "SE": 5}
    assert {name: cell["views"] for name, cell in cells["device"].items()} == {"desktop": 80, "mobile": 40}
    assert {name: cell["views"] for name, cell in cells["browser"].items()} == {"Chrome": 70, "Edge": 10, "(other)": 1}
    assert set(cells["os"]) == {"macOS", "Linux", "Windows"}
    assert cells["event"] == {
        "page_view": {"visitors": 40, "views": 120, "measured_views": 120, "events": 120},
        "Signup": {"visitors": 4, "events": 5},
    }


def test_nothing_that_we_would_not_keep_of_a_visit_is_kept(tmp_path: Path) -> None:
    """A search parameter, an e-mail address, a city: in no cell, whatever table it stood in."""
    kept = repr(days_of("plausible", zipped(tmp_path, EXPORT)))
    assert not [word for word in ("kari", "example.com", "3143244", "NO-03", "60316") if word in kept]


def test_unpacked_and_older_exports_are_read_too(tmp_path: Path) -> None:
    """Tables by name, columns by name, and those that were not written yet are nothing."""
    old = {
        "imported_visitors.csv": "date,visitors,pageviews,bounces,visits,visit_duration\n2024-02-29,5,50,2,7,8640\n",
        "imported_pages.csv": "date,hostname,page,visitors,pageviews,exits,time_on_page\n2024-02-29,s.no,/a,5,50,1,9\n",
        "notes.csv": "date,remark\n2024-02-29,ours\n",
    }
    cells = cells_of("plausible", written(tmp_path, old))
    assert cells["all"][""]["views"] == 50
    assert cells["path"]["/a"]["engaged_seconds"] == 9


def test_exports_of_two_times_go_together_and_of_one_time_do_not(tmp_path: Path) -> None:
    """Days that two exports tell are nobody's guess."""
    later = {name.replace("20260501", "20260502"): text.replace("05-01", "05-02") for name, text in EXPORT.items()}
    both = [*zipped(tmp_path, EXPORT), *zipped(tmp_path, later, "later.zip")]
    assert [str(day.day) for day in days_of("plausible", both)] == ["2026-05-01", "2026-05-02"]
    assert by_dim(days_of("plausible", both)[1])["all"][""]["views"] == 120
    with pytest.raises(Unreadable, match=r"again.zip.* and .*export.zip.* both tell .* of 2026-05-01: which is it"):
        days_of("plausible", [*zipped(tmp_path, EXPORT), *zipped(tmp_path, EXPORT, "again.zip")])


def test_what_is_no_export_of_plausible_is_said(tmp_path: Path) -> None:
    """A zip of something else, or of an export without its totals."""
    with pytest.raises(Unreadable, match="no export of Plausible"):
        days_of("plausible", zipped(tmp_path, {"pages.csv": "x,y\n/,3\n"}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "date,visitors,pageviews\n2026-05-01,3,kari@example.com\n",
            "line 2: expected a number in the column 'pageviews'",
        ),
        ("date,visitors,pageviews\n2026-05-01,3,-4\n", "line 2: expected a number in the column 'pageviews'"),
        ("date,visitors,pageviews\n2026-02-30,3,4\n", "line 2: expected a date in the column 'date'"),
        ("date,visitors,pageviews\n2026-05-01,3,4\n2026-05-02,3\n", "line 3: expected 3 cells, found 2"),
        ('date,visitors,pageviews\n2026-05-01,3,"4\n', "line 2: "),
        ("date,date,pageviews\n2026-05-01,3,4\n", "a column stands twice"),
    ],
)
def test_a_broken_line_is_named_without_its_text(tmp_path: Path, text: str, said: str) -> None:
    """File and line, and what was expected there."""
    with pytest.raises(Unreadable, match=r"^imported_visitors\.csv: ") as raised:
        days_of("plausible", written(tmp_path, {"imported_visitors.csv": text}))
    assert said in str(raised.value)
    assert "kari" not in str(raised.value)


def test_two_exports_of_one_name_or_in_one_zip_are_not_added_up(tmp_path: Path) -> None:
    """Each is another telling, whatever it is called; an export in a folder of a zip is one."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    twice = [file for name in ("a", "b") for file in zipped(tmp_path / name, EXPORT)]
    unpacked = [file for name in ("a", "b") for file in written(tmp_path / name, EXPORT)]
    folders = {f"{folder}/{name}": text for folder in ("x", "y") for name, text in EXPORT.items()}
    for found in (twice, unpacked, zipped(tmp_path, folders)):
        with pytest.raises(Unreadable, match=r"both tell .* of 2026-05-01: which is it"):
            days_of("plausible", found)
    one = {f"x/{name}": text for name, text in EXPORT.items()}
    assert cells_of("plausible", zipped(tmp_path, one))["all"][""]["views"] == 120
