"""The running product and the days: over midnights, with clocks that are wrong, across restarts, with others."""

import hashlib
import json
import os
import random
import re
import sqlite3
import string
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.system.moved_clock import Clock
from tests.system.product import BROWSER, PAGE, SITE, Product, ask, products, until
from tests.system.redis_server import Server, running

OTHER_BROWSER = BROWSER.replace("Chrome/141.0.0.0 Safari/537.36", "Gecko/20100101 Firefox/144.0")
Make = Callable[..., Product]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """Where the product of this test keeps its salts, if it is told to."""
    data = str((tmp_path / "one" / "data").resolve()).encode()
    file = Path("/dev/shm", f"sporlos-{os.getuid()}-{hashlib.blake2b(data, digest_size=8).hexdigest()}")  # noqa: S108
    yield file
    file.unlink(missing_ok=True)


@pytest.fixture
def make(tmp_path: Path, clock: Clock, kept: Path) -> Iterator[Make]:  # noqa: ARG001 - it outlives the products
    """Make products that aren't started yet, each in a folder of its own; it is noon, in May."""
    clock.set("2026-05-12T12:00")
    with products() as maker:
        yield lambda name="one", **options: maker(tmp_path / name, **options)


def collect(product: Product, clock: Clock) -> None:
    """Start a collector alone: what it stores stays in its spool, where it can be read."""
    product.start("collect", under=clock.under)
    product.wait_ready(product.admin)


def visit(product: Product, browser: str = BROWSER) -> tuple[str, int]:
    """View a page; the day and the visitor number that were stored for it."""
    path = "/" + "".join(random.choices(string.ascii_lowercase, k=8))
    body = {"s": SITE, "u": PAGE + path, "e": [{"n": "page_view"}]}
    assert product.post(json.dumps(body), headers={"User-Agent": browser}).status == 202
    (row,) = (row for row in rows(product) if row["path"] == path)
    return str(row["day"]), int(row["visitor"])


def rows(product: Product) -> Iterator[dict[str, Any]]:
    """Everything that the workers have stored."""
    for file in (product.data / "spool").glob("*.sqlite"):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as spool:
            for columns, body in spool.execute("SELECT columns, body FROM batches JOIN formats USING (format)"):
                for line in body.splitlines():
                    yield dict(zip(columns.split(","), json.loads(line), strict=True))


def number(product: Product, browser: str = BROWSER) -> int:
    """The visitor number of a page view now."""
    return visit(product, browser)[1]


def status(product: Product) -> dict[str, object]:
    """What the collector says of itself."""
    told: dict[str, object] = ask(product.admin, "GET", "/status").json()
    return told


def metric(product: Product, name: str) -> float:
    """What it tells Prometheus."""
    text = ask(product.admin, "GET", "/metrics").body.decode()
    (value,) = re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(value)


def says(product: Product, words: str) -> None:
    """Wait until it logs them."""
    until(lambda: words in product.err.read_text(), f"it says {words!r}", product.died)


def test_over_midnight(make: Make, clock: Clock) -> None:
    """Who is in the middle of a visit keeps the number for half an hour; everybody else gets another one."""
    product = make(collector="workers = 2")
    collect(product, clock)
    early = visit(product)
    assert early[0] == "2026-05-12"
    clock.set("2026-05-12T23:58")
    open_visit = number(product, OTHER_BROWSER)
    clock.set("2026-05-13T00:00:05")
    late = visit(product)
    assert late[0] == "2026-05-13"
    assert late[1] not in (0, early[1])
    assert number(product, OTHER_BROWSER) == open_visit
    clock.set("2026-05-13T00:30:01")
    assert number(product, OTHER_BROWSER) not in (0, open_visit)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_when_the_clocks_change(make: Make, clock: Clock, day: str, hours: int) -> None:
    """One number from its first second to its last, and another on the day after, be they 23 or 25 hours apart."""
    starts = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Oslo")).timestamp()
    product = make()
    clock.set_to(starts - 12 * 3600)
    collect(product, clock)
    before = number(product)
    seen = set()
    for seconds in (1, 12 * 3600, hours * 3600 - 5):
        clock.set_to(starts + seconds)
        seen.add(visit(product))
    ((its_day, its_number),) = seen
    assert its_day == day
    clock.set_to(starts + hours * 3600 + 1801)
    after = visit(product)
    assert after[0] > day
    assert len({0, before, its_number, after[1]}) == 4


def test_a_clock_that_is_set_back_over_midnight(make: Make, clock: Clock) -> None:
    """Visits are counted without numbers, which is logged and shown; once it is right, everybody has his again."""
    product = make()
    collect(product, clock)
    right = number(product)
    assert (status(product)["clock_back"], metric(product, "sporlos_clock_back")) == (False, 0)
    clock.set("2026-05-11T23:00")
    assert visit(product) == ("2026-05-11", 0)
    assert (status(product)["clock_back"], metric(product, "sporlos_clock_back")) == (True, 1)
    says(product, "shows a day that is over")
    assert "THE CLOCK WAS SET BACK" in product.run("status").stdout
    clock.set("2026-05-12T12:30")
    assert number(product) == right
    assert (status(product)["clock_back"], metric(product, "sporlos_clock_back")) == (False, 0)


@pytest.mark.parametrize("ends", ["in good order", "killed"])
def test_kept_salts_outlive_a_restart_and_no_day(make: Make, clock: Clock, kept: Path, ends: str) -> None:
    """With `keep` the visitors of before are the same ones after; the day after nobody is."""
    product = make(collector='salts = "keep"')
    collect(product, clock)
    before = number(product)
    assert kept.stat().st_mode & 0o777 == 0o600
    restart(product, clock, ends)
    assert number(product) == before
    clock.set("2026-05-13T12:00")
    restart(product, clock, ends)
    assert number(product) not in (0, before)


@pytest.mark.parametrize("ends", ["in good order", "killed"])
def test_forgotten_salts_do_not_outlive_a_restart(make: Make, clock: Clock, kept: Path, ends: str) -> None:
    """With `forget`, the default, the visitors of before count again, and nothing is kept."""
    product = make()
    collect(product, clock)
    before = number(product)
    restart(product, clock, ends)
    assert number(product) not in (0, before)
    assert not kept.exists()


def restart(product: Product, clock: Clock, ends: str) -> None:
    """End the collector one way or the other, and start it again."""
    if ends == "killed":
        product.kill("collect")
        product.wait("collect")
        until(lambda: not product.pids(), "the workers have noticed")
    else:
        assert product.stop("collect") == 0
    collect(product, clock)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Server]:
    """A Redis that forgets."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with running(folder) as server:
        yield server


def sharing(server: Server) -> str:
    """The settings of a collector that agrees with others."""
    return f'workers = 2\nsalts = "redis"\nredis = "{server.url}"'


def test_collectors_agree_through_redis(make: Make, clock: Clock, redis: Server) -> None:
    """One visitor, one number at both; a midnight without Redis is counted, loudly, until Redis is back."""
    both = [make(name, collector=sharing(redis)) for name in ("one", "two")]
    for product in both:
        collect(product, clock)
    first, second = map(number, both)
    assert first == second != 0
    redis.stop()
    clock.set("2026-05-13T12:00")
    for product in both:
        assert number(product) == 0
        says(product, "no salt could be agreed on")
        assert status(product)["salts_missing"] == ["Europe/Oslo"]
        assert metric(product, 'sporlos_salt_missing{time_zone="Europe/Oslo"}') == 1
    redis.start()
    for product in both:
        says(product, "the salts are agreed on")
        assert status(product)["salts_missing"] == []
    third, fourth = map(number, both)
    assert third == fourth
    assert third not in (0, first)


def test_a_redis_that_keeps_salts_is_refused_at_start(make: Make, clock: Clock, redis: Server) -> None:
    """One line says which setting it is, with exit code 2; nothing was told to it."""
    redis.ask("CONFIG", "SET", "save", "60 1")
    product = make(collector=sharing(redis))
    product.start("collect", under=clock.under)
    assert product.wait("collect") == 2
    assert "save is '60 1'" in product.err.read_text()
    assert "Traceback" not in product.err.read_text()
    assert redis.ask("DBSIZE") == "0"
