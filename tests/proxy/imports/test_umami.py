"""Umami's rows of visits, as its cloud exports them: counted, and nothing of anybody kept."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from proxy.imports import umami
from proxy.imports.table import Unreadable, lines
from tests.proxy.imports.told import OSLO, by_dim, cells_of, days_of, written, zipped

COLUMNS = """website_id session_id visit_id event_id hostname browser os device screen language country region city
    url_path url_query utm_source utm_medium utm_campaign utm_content utm_term referrer_path referrer_query
    referrer_domain page_title gclid fbclid msclkid ttclid li_fat_id twclid event_type event_name tag distinct_id
    created_at job_id""".split()
KARI, OLA = "9e3779b1-3c6e-4362-da4f-81b88c81f013", "0b5c8a52-6d0c-5b0e-9a43-1f1c2a7a9d21"


def row(visitor: str, visit: str, time: str, path: str = "/", **said: str) -> str:
    """One line of the export."""
    plain = dict.fromkeys(COLUMNS, "")
    plain |= {"session_id": visitor, "visit_id": visit, "created_at": time, "url_path": path, "event_type": "1"}
    plain |= {"browser": "crios", "os": "iOS", "device": "mobile", "language": "nb-NO", "country": "NO"}
    return ",".join((plain | said).values())


def export(*rows: str) -> dict[str, str]:
    """The file in the zip."""
    return {"website_event.csv": "\n".join([",".join(COLUMNS), *rows]) + "\n"}


def test_rows_become_counts_of_the_shops_days(tmp_path: Path) -> None:
    """Visits by their first view, in whatever order the rows stand; midnight is the shop's."""
    rows = (
        row(KARI, "v1", "2026-05-01 10:05:00", "/lego", referrer_domain="google.com"),
        row(KARI, "v1", "2026-05-01 10:00:00", "/", referrer_domain="google.com"),
        row(KARI, "v1", "2026-05-01 10:06:00", "/lego", event_type="2", event_name="Signup"),
        row(KARI, "v2", "2026-05-01 15:00:00", "/", utm_source="nyhetsbrev", utm_medium="email", gclid="abc"),
        row(OLA, "v3", "2026-05-01 10:30:00", "/", device="laptop", os="Windows 10", browser="edge-chromium"),
        row(OLA, "v4", "2026-05-01 22:30:00", "/"),
    )
    first, second = days_of("umami", zipped(tmp_path, export(*rows)))
    assert (str(first.day), str(second.day)) == ("2026-05-01", "2026-05-02")
    cells = by_dim(first)
    assert cells["all"][""] == {
        "visitors": 2, "visits": 3, "measured_visits": 3, "views": 4, "measured_views": 4, "events": 5, "bounces": 2,
        "engaged_seconds": 360,
    }  # fmt: skip
    assert {value: cell["visits"] for value, cell in cells["source"].items()} == {
        "google": 1, "nyhetsbrev": 1, "(direct)": 1,
    }  # fmt: skip
    assert cells["path"]["/"] == {
        "visitors": 2, "visits": 3, "views": 3, "measured_views": 3, "events": 3, "entries": 3, "exits": 2,
    }  # fmt: skip
    assert cells["path"]["/lego"]["exits"] == 1
    assert set(cells["browser"]) == {"Chrome", "Edge"}
    assert set(cells["os"]) == {"iOS", "Windows"}
    assert cells["device"]["desktop"]["visitors"] == 1
    assert cells["language"]["nb"]["visits"] == 3
    assert cells["event"]["Signup"] == {"visitors": 1, "events": 1}
    assert cells["hour"]["2026-05-01T12:00:00+02:00"]["views"] == 3
    assert by_dim(second)["hour"].keys() == {"2026-05-02T00:00:00+02:00"}


def test_no_number_of_a_visitor_is_kept(tmp_path: Path) -> None:
    """Neither his, nor his visit's, nor his city, nor the click's."""
    rows = (
        row(KARI, "visit-4711", "2026-05-01 10:05:00", "/lego", city="Horten", distinct_id="kari", gclid="clicked"),
        row(KARI, "visit-4711", "2026-05-01 10:06:00", "/ordre/99887", url_query="mail=kari@example.com"),
    )
    kept = repr(days_of("umami", zipped(tmp_path, export(*rows))))
    words = (KARI, "4711", "Horten", "kari", "clicked", "99887", str(hash(KARI)), str(hash("visit-4711")))
    assert not [word for word in words if word in kept]


def test_while_it_is_counted_only_hashes_of_numbers_are_held(tmp_path: Path) -> None:
    """Of this run: they lead to nobody in another."""
    (file,) = zipped(tmp_path, export(row(KARI, "visit-4711", "2026-05-01 10:05:00", utm_source="x")))
    held: dict[date, umami._Day] = defaultdict(umami._Day)
    for line in lines(file):
        umami._see(held, line, OSLO)
    (day,) = held.values()
    ((visit, seen),) = day.visits.items()
    views, visits = day.pages["/"]
    assert {visit, seen.visitor, *views, *visits} == {hash("visit-4711"), hash(KARI)}


def test_a_dump_of_ones_own_database_is_read_by_its_columns(tmp_path: Path) -> None:
    """With what is needed of it, times with their zone, and nothing known of browsers."""
    text = "session_id,visit_id,created_at,event_type,url_path\na,b,2026-05-01 10:00:00.123+00,1,/x\n"
    cells = cells_of("umami", written(tmp_path, {"dump.csv": text}))
    assert cells["path"]["/x"]["views"] == 1
    assert cells["browser"].keys() == {""}


def test_totals_without_days_are_refused(tmp_path: Path) -> None:
    """What the dashboard's own button gives can't be laid to any day."""
    with pytest.raises(Unreadable, match="no table of rows is there, with the columns created_at, event_type"):
        days_of("umami", zipped(tmp_path, {"pages.csv": "x,y\n/,3\n", "events.csv": "x,y\n"}))


def test_a_time_that_is_none_is_named_by_its_line(tmp_path: Path) -> None:
    """Without its text."""
    with pytest.raises(Unreadable, match=r"website_event\.csv: line 3: expected a time in the column 'created_at'"):
        days_of("umami", zipped(tmp_path, export(row("a", "b", "2026-05-01 10:00:00"), row("a", "b", "yesterday"))))


def test_rows_of_several_websites_are_refused(tmp_path: Path) -> None:
    """They would become one shop's."""
    rows = [row(KARI, f"v{name}", "2026-05-01 10:00:00", website_id=name) for name in ("ours", "ours", "another")]
    assert cells_of("umami", zipped(tmp_path, export(*rows[:2])))["all"][""]["views"] == 2
    with pytest.raises(Unreadable, match="rows of 2 websites: export one"):
        days_of("umami", zipped(tmp_path, export(*rows)))


def test_more_rows_than_memory_is_for_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it."""
    monkeypatch.setattr(umami, "MOST_LINES", 2)
    rows = [row(KARI, "v1", "2026-05-01 10:00:00")] * 3
    assert len(days_of("umami", zipped(tmp_path, export(*rows[:2])))) == 1
    with pytest.raises(Unreadable, match="split the files by year"):
        days_of("umami", zipped(tmp_path, export(*rows)))
