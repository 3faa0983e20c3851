"""Whatever is killed under load, what was acknowledged is stored exactly once, and the books balance."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.system.faults.load import Load, assert_once
from tests.system.product import Product, until

_ROUNDS = 200 if os.environ.get("SPORLOS_LONG") else 10
_VICTIMS = ["worker", "backoffice", "both"]


def kill(product: Product, victim: str, chance: random.Random) -> None:
    """`kill -9` one worker, the back office, or both at once; the back office mostly in the middle of a shipment."""
    if victim != "worker" and chance.random() < 0.8:
        _until_a_part_arrives(product)
    if victim in ("backoffice", "both"):
        product.kill("backoffice")
    if victim in ("worker", "both"):
        os.kill(chance.choice(product.pids("worker")), 9)


def _until_a_part_arrives(product: Product) -> None:
    """The moment that counts most: rows are in the store, and the spool does not know it yet."""
    tables = [table for table in (product.data / "clickhouse" / "store").glob("*/*") if any(table.glob("2*_*_*_*"))]
    # names alone, not paths: the moment is a few milliseconds long
    before = {part for table in tables for part in os.listdir(table)}  # noqa: PTH208 - as said
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        arrived = {part for table in tables for part in os.listdir(table)} - before  # noqa: PTH208 - as said
        if any(part.startswith("2") for part in arrived):
            return


def all_run(product: Product, workers: int) -> bool:
    """Whether everything that was killed has been started again."""
    return len(product.pids("worker")) == workers and bool(product.pids("backoffice"))


def assert_stored_once(product: Product, load: Load) -> None:
    """Each acknowledged event is stored once; the product must not be running."""
    assert_once(load, Counter(map(int, product.stored("intDiv(value, 100)"))))


def assert_adds_up(product: Product) -> None:
    """`sporlos status` says that every event is accounted for."""
    status = product.run("status")
    assert status.returncode == 0, status.stdout + status.stderr
    assert "every event is accounted for" in status.stdout


@pytest.mark.timeout(600 if _ROUNDS == 10 else 7200)
async def test_kill_of_a_worker_and_of_the_back_office(make: Callable[..., Product]) -> None:
    """Ten times a worker, the back office or both are killed under load; nothing is lost, nothing is there twice."""
    product = make(collector="workers = 2")
    product.start()
    await asyncio.to_thread(product.wait_ready)
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails, to run the same again
    chance = random.Random(seed)
    load = Load(product.collector)
    load.start()
    for number in range(_ROUNDS):
        victim = _VICTIMS[number] if number < len(_VICTIMS) else chance.choice(_VICTIMS)
        await load.acknowledges(chance.randrange(1500))
        await asyncio.to_thread(kill, product, victim, chance)
        await load.acknowledges(50)
        await asyncio.to_thread(until, lambda: all_run(product, 2), "all run again", product.died)
    await asyncio.to_thread(product.wait_ready)
    await load.acknowledges(200)
    await load.stop()
    print(load.answers, len(load.acknowledged))  # noqa: T201 - as above
    await asyncio.to_thread(assert_adds_up, product)
    assert await asyncio.to_thread(product.stop) == 0
    assert_stored_once(product, load)


@pytest.mark.parametrize("victim", ["serve", "collect"])
async def test_kill_of_a_parent(make: Callable[..., Product], victim: str) -> None:
    """Killed parents leave no orphan; what comes after them takes up what they had acknowledged."""
    product = make(collector="workers = 2")
    product.start()
    await asyncio.to_thread(product.wait_ready)
    load = Load(product.collector)
    load.start()
    await load.acknowledges(500)
    (parent,) = product.pids(victim)
    workers = set(product.pids("worker"))
    os.kill(parent, 9)
    await asyncio.to_thread(until, lambda: not workers & set(product.pids()), "the workers have ended")
    if victim == "serve":
        assert await asyncio.to_thread(product.wait) == -9
        await asyncio.to_thread(until, lambda: not product.pids(), "no orphan is left")
        product.start()
    await load.acknowledges(500)
    await asyncio.to_thread(product.wait_ready)
    await load.stop()
    await asyncio.to_thread(assert_adds_up, product)
    assert await asyncio.to_thread(product.stop) == 0
    assert_stored_once(product, load)
