"""Whether a day may be imported: once, when nothing of it can come any more, and over nothing that was counted here."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from pipeline.imports.cells import ImportedCell, ImportedDay, faults
from pipeline.imports.keep import keep_day, remove
from pipeline.imports.standing import Import, Rules, standing
from pipeline.retain.retention import Limits
from pipeline.store.database import Store
from pipeline.upkeep import Upkeep
from tests.dashboards.shop import TODAY
from tests.pipeline.imports.telling import NOW, ZONE, seen, seen_of, told


def verdict(store: Store, imported: ImportedDay, now: float = NOW, limits: Limits | None = None) -> Import:
    """What importing it would be."""
    return standing(store, imported, Rules({imported.site: ZONE}, limits or Limits(), now))


def test_the_same_again_is_nothing_to_do_and_a_newer_export_replaces(store: Store) -> None:
    """Once the same, then other counts: what stands is the latter alone, in the tables too."""
    site = "imported-again.shop"
    first, newer = told(site, ImportedCell("path", "/old", views=3)), told(site, ImportedCell("path", "/new", views=4))
    assert verdict(store, first) is Import.IMPORTED
    keep_day(store, first, NOW)
    assert verdict(store, first) is Import.UNCHANGED
    assert verdict(store, msgspec.structs.replace(first, cells=first.cells[::-1])) is Import.UNCHANGED
    assert verdict(store, newer) is Import.REPLACED
    keep_day(store, newer, NOW)
    assert set(seen_of(store, site, "path")) == {"/new"}
    assert store.query("SELECT uniqExact(run) FROM daily WHERE site = {site:String}", {"site": site}).rows == [(1,)]


def test_what_was_counted_here_or_told_by_another_is_not_overwritten(store: Store) -> None:
    """A closed day stays ours; an imported one stays the first tool's until that is taken out."""
    ours, theirs = "imported-ours.shop", "imported-theirs.shop"
    day = TODAY - timedelta(days=3)
    store.insert(
        "closings", ("site", "grain", "day", "run", "rests_on", "at"),
        msgspec.json.encode((ours, "day", day.isoformat(), 7, 1, f"{NOW:.3f}")), "ours-closed",
    )  # fmt: skip
    assert verdict(store, told(ours, day=day)) is Import.COUNTED_HERE
    keep_day(store, told(theirs, source="umami"), NOW)
    assert verdict(store, told(theirs)) is Import.FROM_ANOTHER
    assert remove(store, theirs, "umami") == 1
    assert verdict(store, told(theirs)) is Import.IMPORTED


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-05-31", Import.TOO_RECENT),
        ("2026-05-12", Import.TOO_RECENT),
        ("2026-05-10", Import.TOO_RECENT),
        ("2026-05-09", Import.IMPORTED),
        ("2024-04-01", Import.IMPORTED),
        ("2024-03-31", Import.TOO_OLD),
    ],
)
def test_a_day_is_imported_once_nothing_of_it_can_come_and_while_counts_are_kept(
    store: Store, day: str, expected: Import
) -> None:
    """From the first day that is answered from counts, back to the first month that is not about to be dropped."""
    now = datetime(2026, 5, 12, 12, tzinfo=UTC).timestamp()
    assert verdict(store, told("imported-dates.shop", day=date.fromisoformat(day)), now) is expected


def test_what_is_handed_in_is_looked_at() -> None:
    """A tool and dimensions that are known, each value once, and the day's total; no value is quoted."""
    good = told("imported-faults.shop", ImportedCell("path", "/kari@example.com"))
    assert faults(good) == []
    twice = msgspec.structs.replace(good, cells=good.cells + good.cells[1:], source="excel")
    assert len(faults(twice)) == 2
    other = msgspec.structs.replace(good, cells=(ImportedCell("shoe size", "45"),))
    assert faults(other) == ["1 dimensions are not known here", "the day's total is missing"]
    assert "kari" not in "".join(faults(twice))


def test_upkeep_imports_what_may_be_and_says_what_may_not(store: Store) -> None:
    """Asked only to say, it writes nothing; the rest as of the parts."""
    site = "imported-upkeep.shop"
    upkeep = Upkeep(store, {site: ZONE}, Limits(), lambda: NOW)
    day = told(site, ImportedCell("path", "/a", views=1))
    assert upkeep.import_day(day, only_say=True) is Import.IMPORTED
    assert seen(store, site) == []
    assert upkeep.import_day(day) is Import.IMPORTED
    assert upkeep.import_day(day) is Import.UNCHANGED
    assert upkeep.import_day(msgspec.structs.replace(day, day=TODAY)) is Import.TOO_RECENT
    assert upkeep.remove_import(site, "plausible") == 1
    assert not upkeep.knows("imported-another.shop")
