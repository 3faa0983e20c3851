"""What is dropped when: decided from names, zones, limits and an hour, without a store."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.retain.partitions import Partition
from pipeline.retain.retention import Drop, Limits, due
from proxy import settings

OSLO, WIDE = ["Europe/Oslo"], ["Asia/Tokyo", "Europe/Oslo", "America/New_York"]


def part(table: str, name: str, rows: int = 1) -> Partition:
    """As the engine names it."""
    return Partition(table, name.replace("-", ""), name, aside=False, rows=rows, bytes=100)


GOLDEN = [
    ("an ordinary day", OSLO, Limits(), "events", "2026-05-12", "2026-05-13T21:50Z"),
    ("drafts go with the rows", OSLO, Limits(), "drafts", "2026-05-12", "2026-05-13T21:50Z"),
    ("the day before one of 23 hours", OSLO, Limits(), "events", "2026-03-28", "2026-03-29T22:50Z"),
    ("a day of 23 hours", OSLO, Limits(), "events", "2026-03-29", "2026-03-30T22:50Z"),
    ("the day before one of 25 hours", OSLO, Limits(), "events", "2026-10-24", "2026-10-25T21:50Z"),
    ("a day of 25 hours", OSLO, Limits(), "events", "2026-10-25", "2026-10-26T21:50Z"),
    ("the zone where the day begins last", WIDE, Limits(), "events", "2026-05-12", "2026-05-14T03:50Z"),
    ("the same while only New York has summer time", WIDE, Limits(), "events", "2026-10-28", "2026-10-30T03:50Z"),
    ("30 hours", OSLO, Limits(events_hours=30), "events", "2026-05-12", "2026-05-13T03:50Z"),
    ("30 hours, a day of 25", OSLO, Limits(events_hours=30), "events", "2026-10-25", "2026-10-26T03:50Z"),
    ("72 hours", OSLO, Limits(events_hours=72), "events", "2026-05-12", "2026-05-14T21:50Z"),
    ("quarantine by its own", OSLO, Limits(events_hours=72), "quarantine", "2026-05-12", "2026-05-13T21:50Z"),
    ("quarantine, 30 hours", OSLO, Limits(quarantine_hours=30), "quarantine", "2026-05-12", "2026-05-13T03:50Z"),
    ("a month, once its last day is 25 months old", OSLO, Limits(), "daily", "202401", "2026-02-28T23:00Z"),
    ("a month before a new year", OSLO, Limits(), "weekly", "202311", "2025-12-31T23:00Z"),
    ("a December", OSLO, Limits(), "tally", "202312", "2026-01-31T23:00Z"),
    ("a month that ends in summer time", OSLO, Limits(), "notes", "202403", "2026-04-30T22:00Z"),
    ("a month in three zones", WIDE, Limits(), "daily", "202401", "2026-03-01T05:00Z"),
    ("three months", OSLO, Limits(counts_months=3), "daily", "202601", "2026-04-30T22:00Z"),
    ("a year's closings go after its last counts", OSLO, Limits(), "closings", "2023", "2026-01-31T23:00Z"),
    ("what waited for its month", OSLO, Limits(), "waiting", "('month','2026-05-01')", "2026-06-11T22:00Z"),
    ("what waited for its week", OSLO, Limits(), "waiting", "('week','2026-05-04')", "2026-05-13T22:00Z"),
]


@pytest.mark.parametrize(
    ("zones", "limits", "table", "name", "moment"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN]
)
def test_a_partition_leaves_at_its_moment(zones: list[str], limits: Limits, table: str, name: str, moment: str) -> None:
    """Not a second earlier."""
    at = datetime.fromisoformat(moment).timestamp()
    assert due([part(table, name)], zones, limits, at - 1) == []
    assert due([part(table, name)], zones, limits, at) == due([part(table, name)], zones, limits, at + 1e8) != []


def test_rows_of_visits_go_first_and_closings_last() -> None:
    """Oldest first in each table; a receipt names the span as people do."""
    there = [
        part("closings", "2020"),
        part("daily", "202002"),
        part("events", "2026-05-02"),
        part("waiting", "('week','2026-01-05')"),
        part("events", "2026-05-01"),
        part("quarantine", "2026-05-01"),
        Partition("events", "20260501", "20260501", aside=True, rows=0, bytes=100),
    ]
    drops = due(there, OSLO, Limits(), datetime(2026, 5, 12, tzinfo=UTC).timestamp())
    assert [(drop.partition.table, drop.span) for drop in drops] == [
        ("events", "2026-05-01"),
        ("events", "2026-05-01 set aside"),
        ("events", "2026-05-02"),
        ("quarantine", "2026-05-01"),
        ("waiting", "week 2026-01-05"),
        ("daily", "2020-02"),
        ("closings", "2020"),
    ]
    assert drops[0] == Drop(part("events", "2026-05-01"), "2026-05-01")


def test_the_settings_are_the_limits() -> None:
    """The same names, the same defaults."""
    assert Limits(**settings.Settings().retention.model_dump()) == Limits()


@pytest.mark.parametrize(
    ("section", "taken"),
    [
        ("events_hours = 30", True),
        ("events_hours = 29", False),
        ("events_hours = 720", True),
        ("events_hours = 721", False),
        ("quarantine_hours = 29", False),
        ("counts_months = 2", False),
        ("legal_hold = true", False),
    ],
)
def test_limits_have_limits(section: str, taken: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table's column
    """Less than 30 hours leaves no time to close a day, and a hold is no setting."""
    file = tmp_path / "sporlos.toml"
    file.write_text(f"[retention]\n{section}\n", encoding="utf-8")
    if taken:
        settings.load(file)
    else:
        with pytest.raises(settings.Invalid, match=r"^retention\."):
            settings.load(file)
