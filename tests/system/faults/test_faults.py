"""Everything goes wrong at random, for minutes, under load: at the end each acknowledged event is stored exactly once.

`SPORLOS_SEED=…` draws the same faults again; `SPORLOS_LONG=1` takes ten minutes for each of ten seeds.
"""

import asyncio
import os
import random
import re
from pathlib import Path

import pytest

from tests.clickhouse_server.away import Away
from tests.system.faults import poison, stored
from tests.system.faults.chaos import FIRST_POISONED, Chaos
from tests.system.faults.conftest import noon_zone
from tests.system.faults.load import Habit, Load, assert_once
from tests.system.product import Product, until

_IS_LONG = bool(os.environ.get("SPORLOS_LONG"))
_SECONDS = 600.0 if _IS_LONG else 150.0
_SEED = os.environ.get("SPORLOS_SEED")
_RUNS = 10 if _IS_LONG and not _SEED else 1
_SENDERS = (Habit.ONCE,) * 3 + (Habit.AGAIN,) * 3 + (Habit.OFTEN,) * 3
_SETTLES_SECONDS = 180.0
_WAITING = 6
"""The column of the table that `sporlos status` prints."""


def assert_counted(load: Load, tally: dict[str, int], rows: int, poisoned: int) -> None:
    """The tally is what was answered: exact where the answers were clear, and between the two where one was cut off."""
    clear, unclear = load.acknowledged.total(), load.unclear
    of_poison = poison.EVENTS * poisoned
    assert tally["stored"] == rows
    assert tally["quarantined"] == poisoned
    received = tally["stored"] + tally["duplicate"] + tally["quarantined"]
    assert clear + of_poison <= received <= clear + of_poison + unclear
    again = sum(load.acknowledged[one] - 1 for one in load.with_ids if load.acknowledged[one])
    assert again <= tally["duplicate"] <= again + unclear
    assert tally.keys() <= {"stored", "duplicate", "quarantined", "spool_full"}
    assert tally["spool_full"] <= load.refused.total() + unclear


def nothing_waits(product: Product) -> bool:
    """Whether `sporlos status` says so, and that every event is accounted for."""
    said = product.run("status")
    assert "not accounted for" not in said.stdout, said.stdout
    days = re.findall(r"^[^\w\n]*\d{4}-.*$", said.stdout, re.MULTILINE)
    waiting = [line.replace("│", " ").split()[_WAITING] for line in days]
    return said.returncode == 0 and bool(waiting) and not any(map(int, waiting))


def tell(seed: int, load: Load, chaos: Chaos) -> None:
    """What happened, one line a thing."""
    struck = ", ".join(f"{kind} {chaos.struck[kind]}/{chaos.done[kind]}" for kind in chaos.kinds)
    print(  # noqa: T201 - for whoever runs it
        f"seed {seed}: {len(load.sent)} events, {len(load.acknowledged)} acknowledged; {load.sent.total()} sendings,"
        f" {load.repeated} requests once more, {load.unclear} without an answer, {load.refused.total()} refused\n"
        f"answers: {dict(load.answers)}\nfaults, struck/set: {struck}\nserve started again: {dict(chaos.restarts)}"
    )


@pytest.mark.parametrize("run", range(_RUNS))
@pytest.mark.timeout(_SECONDS + 900)
async def test_each_acknowledged_event_is_stored_once_whatever_goes_wrong(
    shop: Product, server: Away, disk: Path | None, run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is lost, none is there twice, the books are exact, poison is set aside once, and it all recovers alone."""
    seed = int(_SEED) if _SEED else random.randrange(2**32) + run
    print(f"SPORLOS_SEED={seed}")  # noqa: T201 - shown when it fails, to run the same again
    monkeypatch.setenv("COLUMNS", "200")  # the table of `status` in one line a day
    shop.start()
    await asyncio.to_thread(shop.wait_ready)
    load = Load(shop.collector, _SENDERS, pause_seconds=0.1, hurried=0.1)
    chaos = Chaos(shop, server, load, disk, noon_zone(), random.Random(seed))
    load.start()
    try:
        await asyncio.to_thread(chaos.run, _SECONDS)
    finally:
        await load.stop()
        tell(seed, load, chaos)
    await asyncio.to_thread(until, lambda: nothing_waits(shop), "nothing waits", shop.died, _SETTLES_SECONDS)
    assert await asyncio.to_thread(shop.stop) == 0

    found = stored.numbers(server)
    theirs = {one for first in chaos.poisoned for one in range(first, first + poison.EVENTS)}
    poisoned = {first + poison.POISON for first in chaos.poisoned}
    assert {one: times for one, times in found.items() if one >= FIRST_POISONED} == dict.fromkeys(theirs - poisoned, 1)
    assert stored.quarantined(server) == sorted(poisoned)
    rows = found.total()
    for one in theirs:
        del found[one]
    assert_once(load, found)
    assert_counted(load, stored.tally(server), rows, len(poisoned))
    assert stored.left(shop.data / "spool") == {}
    assert stored.spools_seen(server) == 2 + len(poisoned)
    if _IS_LONG:
        assert [kind for kind in chaos.kinds if not chaos.struck[kind]] == [], "never struck"
