"""Whatever is killed under load, what was acknowledged is stored exactly once, and the books balance."""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable

import aiohttp
import pytest

from tests.system.product import BROWSER, PAGE, SITE, Product, until

_CONNECTIONS = 8
_ROUNDS = 200 if os.environ.get("SPORLOS_LONG") else 10
_VICTIMS = ["worker", "backoffice", "both"]


class Load:
    """Browsers that report all the time, each event with a number of its own, and remember what they were told."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/e"
        self._numbers = iter(range(10**9))
        self._stop = asyncio.Event()
        self._browsers: list[asyncio.Task[None]] = []
        self.sent: set[int] = set()
        self.acknowledged: set[int] = set()
        self.answers: Counter[int | str] = Counter()

    def start(self) -> None:
        """Begin; must be called in a running loop."""
        self._browsers = [asyncio.create_task(self._browse(random.Random(n))) for n in range(_CONNECTIONS)]

    async def stop(self) -> None:
        """Let every request under way end."""
        self._stop.set()
        await asyncio.gather(*self._browsers)

    async def acknowledges(self, more: int) -> None:
        """Wait until so many more events have been acknowledged."""
        enough = len(self.acknowledged) + more
        async with asyncio.timeout(60):
            while len(self.acknowledged) < enough:  # noqa: ASYNC110 - a count to reach, not an event to be told of
                await asyncio.sleep(0.01)

    async def _browse(self, chance: random.Random) -> None:
        async with aiohttp.ClientSession(headers={"User-Agent": BROWSER}) as session:
            while not self._stop.is_set():
                numbers = [next(self._numbers) for _ in range(chance.randint(1, 5))]
                self.sent.update(numbers)
                try:
                    async with session.post(self._url, data=batch(numbers)) as answer:
                        await answer.read()
                except (aiohttp.ClientError, OSError) as error:
                    self.answers[type(error).__name__] += 1
                    await asyncio.sleep(0.01)  # nobody listens for a moment
                    continue
                self.answers[answer.status] += 1
                if answer.status == 202:
                    self.acknowledged.update(numbers)


def batch(numbers: list[int]) -> bytes:
    """A native body: one product view a number, which is its value; texts would reach their cap for the day."""
    events = [{"n": "view_item", "v": one} for one in numbers]
    return json.dumps({"s": SITE, "u": PAGE, "e": events}).encode()


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


def assert_once(product: Product, load: Load) -> None:
    """Each acknowledged event is stored once, each other at most once, and nothing that nobody sent."""
    stored = Counter(map(int, product.stored("intDiv(value, 100)")))
    assert load.acknowledged - stored.keys() == set(), "acknowledged and lost"
    assert {one for one, times in stored.items() if times > 1} == set(), "stored more than once"
    assert stored.keys() - load.sent == set(), "never sent"


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
    assert_once(product, load)


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
    assert_once(product, load)
