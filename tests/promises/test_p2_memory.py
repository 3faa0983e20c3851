"""Promise 2, tried on the running product: after its day the key is in the memory of none of its processes.

The test knows the key from the collector's own page, which it finds as the operator's kernel shows it. It looks from
outside, so its own copies are in no memory that it searches. And a copy of the product that keeps what it shouldn't is
caught, in every spelling: a search that finds nothing proves nothing by itself.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.promises.process_memory import places, spellings
from tests.system.moved_clock import Clock
from tests.system.product import BROWSER, PAGE, ROOT, SITE, Product, products, until

_SALT_AT, _PREVIOUS_AT, _SALT_BYTES = 56, 88, 32
"""Where the page's first time zone has today's and yesterday's salt."""
_IN_THE_PAGE = ("whole", "first half", "second half", "last quarter")
_MOST_VISITS = 400
Found = dict[str, Counter[str]]
"""By process (`worker 1`), what was found there how often."""


@pytest.fixture
def start(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Product]]:
    """Start the whole product, at a noon in May."""
    clock.set("2026-05-12T12:00")
    with products() as make:

        def started(source: Path = ROOT) -> Product:
            product = make(tmp_path / "product", source=source, collector="workers = 2")
            product.start(under=clock.under)
            product.wait_ready()
            return product

        yield started


def page(product: Product) -> bytes:
    """The beginning of the salts' page, read through the collector's own file descriptor."""
    (collector,) = product.pids("collect")
    for descriptor in Path(f"/proc/{collector}/fd").iterdir():
        if str(descriptor.readlink()).startswith("/memfd:salts"):
            with descriptor.open("rb", buffering=0) as memory:
                return os.pread(memory.fileno(), 128, 0)
    raise AssertionError("the collector has no page of salts")


def salt_of(product: Product) -> bytes:
    """Today's salt."""
    return page(product)[_SALT_AT : _SALT_AT + _SALT_BYTES]


def visit_every_worker(product: Product) -> None:
    """So many visits, each over a connection of its own, that every worker has written what it was sent."""
    spools = sorted((product.data / "spool").glob("*.sqlite-wal"))
    assert len(spools) == 2
    before = [spool.stat().st_mtime_ns for spool in spools]
    for visitor in range(_MOST_VISITS):
        order = {"n": "purchase", "i": f"p{visitor}", "o": f"A-{visitor}", "currency": "NOK", "v": 749}
        events = [{"n": "page_view", "i": f"v{visitor}"}, order]
        browser = BROWSER.replace("141", str(100 + visitor))
        body = json.dumps({"s": SITE, "u": f"{PAGE}/page", "e": events})
        assert product.post(body, headers={"User-Agent": browser}).status == 202
        if visitor > 50 and all(spool.stat().st_mtime_ns > then for spool, then in zip(spools, before, strict=True)):
            return
    raise AssertionError("one worker was never asked")


def search(product: Product, salt: bytes) -> Found:
    """Every process of the product."""
    roles = {pid: role for role in ("serve", "collect", "worker", "backoffice") for pid in product.pids(role)}
    names = {pid: f"{role} {pid}" for pid, role in roles.items()}
    assert sorted(names) == sorted(product.pids())
    return {names[pid]: places(pid, salt) for pid in names}


def live_through_a_day(product: Product, clock: Clock) -> bytes:
    """Visits at noon, in the evening, after midnight, and after the half hour of open visits; the first day's salt."""
    salt = salt_of(product)
    for moment in ("2026-05-12T23:50", "2026-05-13T00:00:05"):
        visit_every_worker(product)
        clock.set(moment)
    visit_every_worker(product)
    assert page(product)[_PREVIOUS_AT : _PREVIOUS_AT + _SALT_BYTES] == salt
    clock.set("2026-05-13T00:30:05")
    until(lambda: salt not in page(product), "yesterday's salt is wiped", product.died)
    visit_every_worker(product)
    return salt


def test_the_key_of_a_day_is_in_no_memory_of_the_product_after_it(start: Callable[..., Product], clock: Clock) -> None:
    """In the morning it is in the page, which the collector and its workers share, and nowhere else; then nowhere."""
    product = start()
    visit_every_worker(product)
    salt = salt_of(product)
    assert len(set(salt)) > 8
    before = search(product, salt)
    assert len(before) == 5
    for process, found in before.items():
        holds = process.startswith(("collect", "worker"))
        assert found == (Counter(_IN_THE_PAGE) if holds else Counter()), process
    assert live_through_a_day(product, clock) == salt
    assert {process: found for process, found in search(product, salt).items() if found} == {}
    assert salt_of(product) not in (salt, bytes(_SALT_BYTES))


def test_a_product_that_keeps_copies_is_caught(start: Callable[..., Product], clock: Clock, tmp_path: Path) -> None:
    """Each spelling that a careless worker keeps is found in it after the day, and in none of the others."""
    product = start(source=leaky(tmp_path / "source"))
    salt = live_through_a_day(product, clock)
    found = search(product, salt)
    for process, spelt in found.items():
        assert set(spelt) == (set(spellings(salt)) if process.startswith("worker") else set()), process


def leaky(source: Path) -> Path:
    """A copy of the product whose workers keep each salt that they hash with: as bytes, in hex and in base64."""
    for room in ("proxy", "pipeline", "dashboards", "demo"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    file = source / "proxy" / "privacy" / "identity.py"
    sound = file.read_text(encoding="utf-8")
    line = "def _keyed(salt: memoryview, purpose: bytes, parts: bytes) -> int:\n"
    assert sound.count(line) == 1, "identity.py no longer has the line that would leak"
    file.write_text(sound.replace(line, f"{line}    keep(bytes(salt))\n") + _KEEPS, encoding="utf-8")
    return source


_KEEPS = """

import base64

kept = {}


def keep(salt):
    if salt not in kept:
        shifted = [bytes(shift) + salt for shift in range(3)]
        kept[salt] = [
            salt.hex(), salt.hex().upper(), *map(base64.b64encode, shifted), *map(base64.urlsafe_b64encode, shifted)
        ]
"""
