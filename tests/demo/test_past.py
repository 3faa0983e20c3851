"""The demo's past: made by the running product's own command, and looked at in its files."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from demo.past import days
from tests.system.product import ROOT, Product, engine, products, until

OSLO = ZoneInfo("Europe/Oslo")
_WITHIN_SECONDS = 580
_SITES = """SELECT DISTINCT site
    FROM merge('sporlos', '^(daily|weekly|waiting|contributions|tally|closings)$') FORMAT TSV"""
_SETTINGS = """
[[sites]]
id = "another.shop"
origins = ["https://another.shop"]
profile = "NO"
exports = ["campaigns"]
"""


@pytest.mark.parametrize("weekday", range(7))
def test_it_ends_where_yesterday_begins(weekday: int) -> None:
    """On whatever day it is made: whole weeks from a Monday on, and no day for which rows are made."""
    now = datetime(2026, 11, 23 + weekday, 15, tzinfo=OSLO)
    made = days(now.timestamp(), "Europe/Oslo", 5)
    assert made[0] == date(2026, 10, 19)
    assert made[-1] == now.date() - timedelta(days=2)
    assert len(made) == (made[-1] - made[0]).days + 1


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """An installation with the demo and another shop, which is not running."""
    with products() as make:
        made: Product = make(tmp_path / "one", settings=_SETTINGS, demo="weeks = 1\nvisitors_a_day = 600")
        yield made


def make_past(product: Product) -> subprocess.Popen[bytes]:
    """The command by which `serve --demo` has it made."""
    command = [sys.executable, "-m", "proxy.cli", "visitors", "--past", "--config", str(product.config)]
    with product.err.open("ab") as err:
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=err)


def state(product: Product) -> list[list[str]]:
    """What the store has of days and weeks, and what the ledger says."""
    answers = engine(
        product.data / "clickhouse",
        "SELECT grain, day, run FROM sporlos.closings WHERE site = 'demo.shop' ORDER BY ALL FORMAT TSV",
        "SELECT site, week, count(), round(sum(epsilon), 6) FROM sporlos.releases GROUP BY ALL ORDER BY ALL FORMAT TSV",
        _SITES,
        "SELECT DISTINCT day FROM sporlos.events ORDER BY day FORMAT TSV",
        "SELECT day, visitors FROM sporlos.daily WHERE dim = 'all' AND grain = 'day' ORDER BY day FORMAT TSV",
    )
    return [answer.decode().splitlines() for answer in answers]


@pytest.mark.timeout(1200)
def test_a_past_is_made_once(product: Product) -> None:
    """Killed on the way, begun again, asked for once more: closed days, a released week, of the demo's shop alone.

    No row is older than yesterday's, in the store or beside it; the week is in the ledger once, and the ledger holds.
    """
    scratch = product.data / "demo" / "past"
    killed = make_past(product)
    until((scratch / "clickhouse").exists, "it has begun", seconds=_WITHIN_SECONDS)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert make_past(product).wait(_WITHIN_SECONDS) == 0, product.err.read_text()
    closings, releases, sites, rows, visitors = state(product)
    wanted = days(datetime.now(OSLO).timestamp(), "Europe/Oslo", 1)
    assert [line.split("\t")[1] for line in closings if line.startswith("day")] == [str(day) for day in wanted]
    assert [line.split("\t")[1] for line in closings if line.startswith("week")] == [str(wanted[0])]
    assert releases == [f"demo.shop\t{wanted[0]}\t6\t2"]
    assert sites == ["demo.shop"]
    assert rows[0] == str(wanted[-1] + timedelta(days=1))
    assert [line.split("\t")[0] for line in visitors] == [str(day) for day in wanted]
    # 600 come yesterday, 85 in a hundred of them are measured; each day before that fewer
    assert all(200 < int(line.split("\t")[1]) < 600 for line in visitors)
    assert not scratch.exists()

    note = product.data / "demo.json"
    note.unlink()  # as if the kill had come before it was written
    assert make_past(product).wait(_WITHIN_SECONDS) == 0, product.err.read_text()
    assert state(product)[:2] == [closings, releases], "there is one already"

    # as if it had come between the ledger and what says that the counts hold
    note.unlink()
    engine(product.data / "clickhouse", "TRUNCATE TABLE sporlos.closings")
    assert make_past(product).wait(_WITHIN_SECONDS) == 0, product.err.read_text()
    assert [line.split("\t")[:2] for line in state(product)[0]] == [line.split("\t")[:2] for line in closings]
    assert state(product)[1] == releases, "a week is drawn once"
    holds = product.run("export", "--verify")
    assert (holds.returncode, holds.stdout.partition(";")[0]) == (0, "6 lines of the ledger hold"), holds.stderr
    labels = product.run("export", "google_labels", "--demo", "--site", "demo.shop")
    assert labels.stdout.startswith("id\tcustom_label_0"), labels.stderr
