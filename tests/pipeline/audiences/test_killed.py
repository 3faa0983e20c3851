"""Killed anywhere between a day's rows and the ledger, a week is released once or not at all, and the next goes on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipeline.audiences import ledger
from pipeline.audiences.contribute import contribute
from pipeline.audiences.release import NotReleased, Why, release
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES
from pipeline.closing.day import Closed, close_day, commit, next_run, sweep
from pipeline.closing.span import close_week
from pipeline.retain.receipts import RECEIPTS
from pipeline.retain.retention import Limits, Retention
from pipeline.store.database import Store
from tests.pipeline.apart import database_apart
from tests.pipeline.audiences.contributing import busy_day, sums_in
from tests.pipeline.audiences.counted import CATALOGUE, MONDAY, NOW, a_shop, lines_of
from tests.pipeline.audiences.reference import Cell, contributions_of
from tests.pipeline.closing.shops import OSLO, put
from tests.pipeline.mortal import Killed, Mortal
from tests.system.product import ROOT

DAY = date(2090, 6, 14)
LONG = bool(os.environ.get("SPORLOS_LONG"))
ROWS = busy_day(2, 3)
OURS = ("INSERT contributions", "INTO contributions", "INSERT releases", "INSERT receipts", "contributions DROP")


def close(store: Store, shop: Advertiser) -> None:
    """As `close_day`, without what a dashboard gets of it, which takes most of the time."""
    run = next_run(store, NOW)
    contribute(store, shop, OSLO, DAY, run, 2 if LONG else 1)
    closed = Closed(shop.site, "day", DAY, run, len(ROWS))
    commit(store, closed, NOW)
    sweep(store, closed)


def to_the_ledger(store: Store, shop: Advertiser) -> Week | NotReleased:
    """A day's rows, its week, the release, and what was in between dropped."""
    close(store, shop)
    close_week(store, shop.site, MONDAY, NOW)
    answer = release(store, shop, MONDAY, NOW)
    Retention(store, [OSLO], Limits(events_hours=720)).round(NOW)
    return answer


def deadly(calls: list[str]) -> Iterator[tuple[int, bool]]:
    """Calls to be killed at, after them or before: those that change something of ours, or all that change anything."""
    for at, said in enumerate(calls):
        is_ours = any(words in said for words in OURS)
        if is_ours or (LONG and said.split()[0] in ("INSERT", "ALTER")):
            yield at, True
            if LONG or said == "INSERT releases":
                yield at, False


def counted_now(store: Store, shop: Advertiser) -> dict[Cell, int]:
    """The sums that a release would see."""
    run = store.query(
        "SELECT max(run) FROM closings WHERE site = {site:String} AND grain = 'day'", {"site": shop.site}
    ).rows[0][0]
    return sums_in(store, shop.site, DAY, run)


@pytest.fixture(scope="module")
def apart(store: Store) -> Iterator[Store]:
    """A store of which everything may be dropped."""
    with database_apart(store, "release_killed") as opened:
        yield opened


@pytest.mark.timeout(1800)
def test_killed_at_every_statement_a_week_is_released_once(apart: Store) -> None:
    """Before and after each insert and each drop; what a release sees in between is a whole day or nothing of it."""
    counting = Mortal(apart)
    shop = a_shop(catalogue=CATALOGUE)
    put(apart, shop.site, ROWS)
    to_the_ledger(counting, shop)
    kills = [*deadly(counting.calls)]
    assert {words for words in OURS if any(words in counting.calls[at] for at, _ in kills)} == set(OURS)
    for at, carried_out in kills:
        killed = a_shop(catalogue=CATALOGUE)
        whole = contributions_of(ROWS, killed, OSLO)
        put(apart, killed.site, ROWS)
        with pytest.raises(Killed):
            to_the_ledger(Mortal(apart, at, carried_out=carried_out), killed)
        weeks = ledger.weeks(apart, killed.site)
        assert weeks or counted_now(apart, killed) in ({}, whole), counting.calls[at]
        assert all(set(week.tables) == set(TABLES) for week in weeks), counting.calls[at]
        before = lines_of(apart, killed)
        answer = to_the_ledger(apart, killed)
        assert len(lines_of(apart, killed)) == len(TABLES), counting.calls[at]
        if before:
            assert answer == NotReleased(killed.site, MONDAY, Why.ALREADY)
            assert lines_of(apart, killed) == before
        assert sums_in(apart, killed.site, DAY, 0) == counted_now(apart, killed) == {}
    assert ledger.LEDGER.verify(apart).broken == 0
    assert RECEIPTS.verify(apart).broken == 0


def test_a_closing_that_is_killed_leaves_sums_that_nobody_sees(store: Store) -> None:
    """The real one, at its inserts of them and at naming its run; the next one's are the only ones there."""
    shop = a_shop(catalogue=CATALOGUE)
    put(store, shop.site, ROWS)
    at_these = ("INSERT contributions", "INTO contributions", "INTO daily")
    for word in at_these if LONG else at_these[1:2]:
        mortal = KilledAt(store, word)
        with pytest.raises(Killed):
            close_day(mortal, shop.site, OSLO, DAY, NOW, slices=1, advertiser=shop)
        assert counted_now(store, shop) == {}
    closed = close_day(store, shop.site, OSLO, DAY, NOW, slices=2, advertiser=shop)
    assert sums_in(store, shop.site, DAY, closed.run) == contributions_of(ROWS, shop, OSLO)
    runs = store.query("SELECT DISTINCT run FROM contributions WHERE site = {site:String}", {"site": shop.site}).rows
    assert runs == [(closed.run,)]


class KilledAt(Mortal):
    """Dies after the first call that has these words."""

    def __init__(self, store: Store, words: str) -> None:
        super().__init__(store, carried_out=True)
        self._words = words

    def meets(self, said: str) -> bool:
        """One more."""
        return self._words in said


_CHILD = """
import os, sys, threading
from pathlib import Path
from pipeline.audiences import ledger
from pipeline.store.database import Store
from tests.pipeline.audiences import counted, test_killed as here

folder, wait = Path(sys.argv[1]), float(sys.argv[2])
store = Store("chdb", folder, 512)
store.migrate()
insert = store.insert

def doomed(table, *said):
    if table == "releases" and wait >= 0:
        threading.Timer(wait, os.kill, (os.getpid(), 9)).start()
    insert(table, *said)

store.insert = doomed
for number in range(4):
    shop = here.big_shop(number)
    if not store.query("SELECT count() FROM closings WHERE site = {site:String}", {"site": shop.site}).rows[0][0]:
        counted.counted_week(store, shop, {})
    here.release(store, shop, here.MONDAY, here.NOW)
    lines = here.lines_of(store, shop)
    print(shop.site, len(lines), hash(str(lines)), flush=True)
print(ledger.LEDGER.verify(store).broken, flush=True)
store.close()
"""


def big_shop(number: int) -> Advertiser:
    """With a catalogue that takes a while to write."""
    products = tuple(CATALOGUE[0].__class__(f"p{n}") for n in range(2000))
    return Advertiser(f"big-{number}.no", frozenset({"google_labels"}), catalogue=products)


def test_a_process_that_is_killed_while_it_writes_the_ledger(tmp_path: Path) -> None:
    """A real `kill -9`, at once and milliseconds into the insert: a week has all its lines or none, and keeps them."""
    seen: dict[str, tuple[str, ...]] = {}
    for wait in (*((0.0, 0.002, 0.004, 0.016) if LONG else ()), 0.008, -1.0):
        command = [sys.executable, "-c", _CHILD, str(tmp_path / "data"), str(wait)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode in ((0,) if wait < 0 else (0, -signal.SIGKILL)), done.stderr
        for line in done.stdout.splitlines()[: 4 if wait < 0 else None]:
            site, *said = line.split()
            assert said[0] == str(len(TABLES))
            assert seen.setdefault(site, tuple(said)) == tuple(said)
    assert done.stdout.splitlines()[-1] == "0"
    assert len(seen) == 4
