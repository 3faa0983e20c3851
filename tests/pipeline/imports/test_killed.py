"""Killed, or with another host in between, all of an imported day is there or nothing; all of it can be taken out."""

from contextlib import suppress
from datetime import timedelta

import pytest

from pipeline.closing.day import close_day
from pipeline.closing.due import close_due
from pipeline.imports.cells import ImportedCell
from pipeline.imports.keep import keep_day, remove
from pipeline.store.database import Store, StoreError
from tests.dashboards.shop import TODAY, at, event, put
from tests.pipeline.imports.telling import DAY, NOW, ZONE, seen, seen_of, told
from tests.pipeline.mortal import Killed, Mortal


def test_killed_at_every_statement_all_of_a_day_is_seen_or_nothing(store: Store) -> None:
    """And run again it ends as if it had not been killed; nothing is left of the killed run, nor any draft."""
    cells = (ImportedCell("path", "/a", views=3), ImportedCell("source", "google", visits=3, orders=6))
    keep_day(store, told("imported-sound.shop", *cells), NOW)
    whole = seen(store, "imported-sound.shop")
    counting = Mortal(store, changes_only=True)
    keep_day(counting, told("imported-counted.shop", *cells), NOW)
    assert len(counting.calls) >= 5
    for number in range(len(counting.calls)):
        site = f"imported-killed{number}.shop"
        keep_day(store, told(site, ImportedCell("path", "/old", views=1)), NOW)
        old = seen(store, site)
        with pytest.raises(Killed):
            keep_day(Mortal(store, number, changes_only=True), told(site, *cells), NOW)
        assert seen(store, site) in (old, whole), number
        # the minute after: upkeep takes away what no closing names
        list(close_due(store, {site: ZONE}, NOW, frozenset))
        assert seen(store, site) in (old, whole), number
        keep_day(store, told(site, *cells), NOW)
        assert seen(store, site) == whole, number
        left = "SELECT count() FROM drafts WHERE site = {site:String}"
        assert store.query(left, {"site": site}).rows == [(0,)], number
        runs = "SELECT uniqExact(run) FROM daily WHERE site = {site:String}"
        assert store.query(runs, {"site": site}).rows == [(1,)], number


def test_taking_out_leaves_nothing_of_it_and_all_that_is_ours(store: Store) -> None:
    """Killed between its statements it can be run again; another tool's days, and our own, stay."""
    site = "imported-undo.shop"
    mine = TODAY - timedelta(days=1)
    put(store, [event(site, at("12:00", mine), visitor=4, path="/mine")])
    close_day(store, site, ZONE, mine, NOW)
    for number in range(3):
        keep_day(store, told(site, ImportedCell("path", "/theirs", views=1)), NOW)
        keep_day(store, told(site, day=DAY - timedelta(days=1), source="umami"), NOW)
        with suppress(Killed):  # the third time there is no third statement
            remove(Mortal(store, number, changes_only=True), site, "plausible")
        remove(store, site, "plausible")
        assert seen(store, site) == [], number
        assert seen(store, site, DAY - timedelta(days=1)) != []
        assert seen(store, site, mine) != []
        days = "SELECT toString(day) FROM daily WHERE site = {site:String} GROUP BY day ORDER BY day"
        assert [row[0] for row in store.query(days, {"site": site}).rows] == [
            str(DAY - timedelta(days=1)), str(mine),
        ]  # fmt: skip


class Dropping(Mortal):
    """A store of which another host drops the drafts just before the n-th statement that changes something."""

    def meets(self, said: str) -> bool:
        """One more; nobody dies of it."""
        if super().meets(said):
            self._mortal.command("ALTER TABLE drafts DROP PARTITION {day:Date}", {"day": DAY.isoformat()})
        return False


@pytest.mark.parametrize("number", [2, 3])
def test_a_day_whose_drafts_another_host_drops_is_not_imported_empty(store: Store, number: int) -> None:
    """Before they are kept: what was imported earlier stands. After that nothing is lost."""
    site = f"imported-dropped{number}.shop"
    keep_day(store, told(site, ImportedCell("path", "/old", views=1)), NOW)
    newer = told(site, ImportedCell("path", "/new", views=1))
    if number == 2:
        with pytest.raises(StoreError, match="not all counts of"):
            keep_day(Dropping(store, number, changes_only=True), newer, NOW)
        assert set(seen_of(store, site, "path")) == {"/old"}
    else:
        keep_day(Dropping(store, number, changes_only=True), newer, NOW)
        assert set(seen_of(store, site, "path")) == {"/new"}
