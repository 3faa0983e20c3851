"""A closing that is killed anywhere and run again leaves what an undisturbed one does, and never half of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.closing.day import Closed, close_day
from pipeline.closing.span import close_month, close_week
from pipeline.store.database import Store
from tests.dashboards.shop import TODAY, at, event, put
from tests.pipeline.mortal import Killed, Mortal
from tests.system.product import ROOT

ZONE = "Europe/Oslo"
MONDAY = TODAY - timedelta(days=TODAY.weekday())
MONTH = MONDAY.replace(day=1)
_SEEN = {
    "daily": """SELECT * EXCEPT (run) FROM daily WHERE site = {site:String} AND (grain, day, run) IN
        (SELECT grain, day, max(run) FROM closings WHERE site = {site:String} GROUP BY grain, day) ORDER BY ALL""",
    "weekly": """SELECT * EXCEPT (run) FROM weekly WHERE site = {site:String} AND (week, run) IN
        (SELECT day, max(run) FROM closings WHERE site = {site:String} AND grain = 'week' GROUP BY day) ORDER BY ALL""",
    "waiting": """SELECT * EXCEPT (run) FROM waiting
        WHERE site = {site:String} AND (if(grain = 'week', 'day', 'week'), day, run) IN
        (SELECT grain, day, max(run) FROM closings WHERE site = {site:String} GROUP BY grain, day) ORDER BY ALL""",
}
"""What anybody may see of a closing."""


def a_day(store: Store, site: str, day: date = TODAY) -> None:
    """Forty visitors of four sources, a few of whom buy; enough for a cell of ten, and for some that hide."""
    sources = ["google", "facebook", "bing", "kvasir"]
    rows = []
    for n in range(40):
        who = {"visitor": 1000 + n, "source": sources[n % 4 if n < 36 else 0], "channel": "search"}
        goods = {"item_id": (f"{n % 3}",), "item_price": (9900,), "item_quantity": (1,), "currency": "NOK"}
        when = at(f"{10 + n // 8:02}:{n % 60:02}", day)
        rows += [event(site, when, entry=1, path=f"/p/{n % 3}", **who), event(site, when, "view_item", **goods, **who)]
        if n % 5 == 0:
            rows.append(event(site, when, "purchase", value=9900, order_key=n + 1, **goods, **who))
    put(store, rows)


def seen(store: Store, site: str) -> dict[str, list[tuple[object, ...]]]:
    """All of it."""
    return {table: [tuple(row)[1:] for row in store.query(sql, {"site": site}).rows] for table, sql in _SEEN.items()}


def close_all(store: Store, site: str) -> list[Closed]:
    """A day, its week, its month."""
    now = time.time()
    return [
        close_day(store, site, ZONE, TODAY, now, slices=2),
        close_week(store, site, MONDAY, now),
        close_month(store, site, MONTH, now),
    ]


@pytest.fixture(scope="module")
def undisturbed(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """What a closing leaves that nobody kills."""
    a_day(store, "killed-sound.shop")
    close_all(store, "killed-sound.shop")
    found = seen(store, "killed-sound.shop")
    assert all(found.values())
    return found


def changes_of(store: Store, site: str) -> int:
    """How many statements of a closing change something, found by counting them."""
    counting = Mortal(store, changes_only=True)
    close_all(counting, site)
    return len(counting.calls)


def test_killed_at_every_statement_it_ends_as_if_it_had_not_been(
    store: Store, undisturbed: dict[str, list[tuple[object, ...]]]
) -> None:
    """What is seen in between is all of a span or nothing of it."""
    a_day(store, "killed-counted.shop")
    total = changes_of(store, "killed-counted.shop")
    assert total > 8
    for number in range(total):
        site = f"killed{number}.shop"
        a_day(store, site)
        with pytest.raises(Killed):
            close_all(Mortal(store, number, changes_only=True), site)
        partly = seen(store, site)
        assert partly["weekly"] in ([], undisturbed["weekly"]), number
        assert of_days(partly) in ([], of_days(undisturbed)), number
        close_all(store, site)
        assert seen(store, site) == undisturbed, number


def of_days(found: dict[str, list[tuple[object, ...]]]) -> list[tuple[object, ...]]:
    """The days' rows of `daily`."""
    return [row for row in found["daily"] if row[0] == "day"]


def test_closed_again_and_killed_the_old_counts_hold_until_the_new_ones_do(store: Store) -> None:
    """Never both, never half; and nothing is left of runs that were killed or replaced, nor any draft."""
    site = "killed-again.shop"
    a_day(store, site)
    close_all(store, site)
    old = of_days(seen(store, site))
    put(store, [event(site, at("19:00"), entry=1, visitor=9000, source="late", channel="referral")])
    first = Mortal(store, changes_only=True)
    late = "killed-late.shop"
    a_day(store, late)
    put(store, [event(late, at("19:00"), entry=1, visitor=9000, source="late", channel="referral")])
    close_all(first, late)
    new = of_days(seen(store, late))
    assert old != new
    for number in range(len(first.calls)):
        with pytest.raises(Killed):
            close_all(Mortal(store, number, changes_only=True), site)
        assert of_days(seen(store, site)) in (old, new), number
    closed = close_all(store, site)
    assert of_days(seen(store, site)) == new
    for table in ("daily", "weekly", "waiting"):
        runs = store.query(f"SELECT DISTINCT run FROM {table} WHERE site = {{site:String}}", {"site": site}).rows  # noqa: S608 - ours
        assert {row[0] for row in runs} <= {one.run for one in closed}, table
    assert store.query("SELECT count() FROM drafts").rows == [(0,)]


_CHILD = """
import os, sys, threading, time
from pathlib import Path
from pipeline.store.database import Store
from tests.pipeline.closing import test_killed as here

folder, dies_at, wait = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])

class Doomed(here.Mortal):
    def meets(self, said):
        if super().meets(said):
            threading.Timer(wait, os.kill, (os.getpid(), 9)).start()
        return False

store = Store("chdb", folder, 1024)
store.migrate()
if store.query("SELECT count() FROM events").rows == [(0,)]:
    here.a_day(store, "real.shop")
here.close_all(Doomed(store, dies_at, changes_only=True), "real.shop")
print(here.seen(store, "real.shop"))
store.close()
"""


def test_a_process_that_is_killed_within_a_statement(
    tmp_path: Path, undisturbed: dict[str, list[tuple[object, ...]]]
) -> None:
    """A real `kill -9` at a chance moment of several statements, into the same store; then once to the end."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to run the same again
    chance = random.Random(seed)
    run = _runner(tmp_path / "data")
    for number in (0, 1, 2, 4, 7):
        done = run(number, chance.random() * 0.08)
        assert done.returncode in (-signal.SIGKILL, 0), done.stderr
    done = run(-1, 0)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(undisturbed)


def _runner(folder: Path) -> Callable[[int, float], subprocess.CompletedProcess[str]]:
    def run(dies_at: int, wait: float) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _CHILD, str(folder), str(dies_at), str(wait)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run
