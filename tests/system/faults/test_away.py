"""The store is away under load: visitors notice nothing, and afterwards all that waited comes, once."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clickhouse_server.away import Away
from tests.system.faults import plain, stored
from tests.system.faults.load import ACCEPTED, Habit, Load, assert_once
from tests.system.product import ROOT, Product, until

_IS_LONG = bool(os.environ.get("SPORLOS_LONG"))
_AWAY_SECONDS = 600.0 if _IS_LONG else 20.0
_COMES_SECONDS = 300.0
_SENDERS = (Habit.ONCE,) * 3 + (Habit.AGAIN,) * 3
_EVENTS_A_REQUEST = 30
_LOOK_SECONDS = 0.2
"""Between two questions how many rows there are: it is asked of the engine that is to take them."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How what had waited came."""

    rows: int
    found_after_seconds: float
    """From the store's return until the first rows were sent to it."""
    seconds: float
    """From then until all of it was there."""


def waits(load: Load) -> int:
    """How many events have been acknowledged by now."""
    return load.acknowledged.total()


def is_sent_events(server: Away) -> bool:
    """Whether an insert has begun since its start."""
    return any("INSERT INTO events" in one["sql"].replace("`", "") for one in server.seen())


def is_there(server: Away, rows: int) -> bool:
    """Whether so many rows are; asked now and then."""
    time.sleep(_LOOK_SECONDS)
    return stored.count(server) >= rows


def catch_up(server: Away, load: Load) -> CaughtUp:
    """Bring the store back, and watch until what had been acknowledged by then is there."""
    before = waits(load)
    server.start()
    returned = time.perf_counter()
    until(lambda: is_sent_events(server), "rows are sent again", seconds=_COMES_SECONDS)
    first = time.perf_counter()
    there = stored.count(server)
    until(lambda: is_there(server, before), "all of it is there", seconds=_COMES_SECONDS)
    return CaughtUp(before - there, first - returned, time.perf_counter() - first)


def plain_seconds(server: Away, folder: Path, rows: int) -> float:
    """What the same rows take without anything around."""
    command = [sys.executable, "-m", plain.__name__, f"{server.url}/sporlos", str(folder), str(rows)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_COMES_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def latency(load: Load, since: float, until_then: float) -> str:
    """Median and 95th percentile of the requests sent in that time, in milliseconds."""
    taken = [1000 * seconds for began, seconds in load.taken if since <= began < until_then]
    return f"{statistics.median(taken):.1f} / {statistics.quantiles(taken, n=20)[-1]:.1f} ms of {len(taken)}"


@pytest.mark.timeout(_AWAY_SECONDS + 900)
async def test_while_the_store_is_away_visitors_notice_nothing_and_then_all_of_it_comes(
    shop: Product, server: Away, tmp_path: Path
) -> None:
    """Every answer is 202 before, while and after; each event is stored once; how fast it comes is told."""
    shop.start()
    await asyncio.to_thread(shop.wait_ready)
    load = Load(shop.collector, _SENDERS, most=_EVENTS_A_REQUEST, pause_seconds=0.12)
    load.start()
    await load.acknowledges(500)
    moments = [time.monotonic()]
    await asyncio.sleep(_AWAY_SECONDS / 2 if not _IS_LONG else 60)
    moments.append(time.monotonic())
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(_AWAY_SECONDS)
    moments.append(time.monotonic())
    caught = await asyncio.to_thread(catch_up, server, load)
    moments.append(time.monotonic())
    alone = await asyncio.to_thread(plain_seconds, server, tmp_path / "plain", caught.rows)
    await load.stop()
    await asyncio.to_thread(until, lambda: stored.count(server) >= waits(load), "all is there", shop.died)
    assert await asyncio.to_thread(shop.stop) == 0

    names = ("before", "while away", "catching up")
    told = "; ".join(f"{name} {latency(load, *moments[n : n + 2])}" for n, name in enumerate(names))
    print(  # noqa: T201 - for whoever runs it
        f"away for {_AWAY_SECONDS:.0f} s; {caught.rows} rows came {caught.found_after_seconds:.1f} s after it was back,"
        f" in {caught.seconds:.2f} s; a plain insert took {alone:.2f} s: {alone / caught.seconds:.2f} of its speed\n"
        f"answers, median / 95th percentile: {told}"
    )
    assert set(load.answers) == {ACCEPTED}
    assert_once(load, stored.numbers(server))
    assert stored.left(shop.data / "spool") == {}
