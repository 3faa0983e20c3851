"""What more than one folder of tests needs: one store a process (the engine allows no second), a clock, a browser."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings
from playwright.async_api import Browser, async_playwright

from pipeline.store.database import Store
from tests.system.moved_clock import NOON, Clock, clock_in
from tests.system.product import BROWSER

CHROMIUM = Path("/usr/bin/chromium")
_HAS_CHROMIUM = CHROMIUM.exists()
_QUIET_CHROMIUM = """--no-sandbox --disable-gpu --disable-background-networking --disable-component-update
    --disable-blink-features=AutomationControlled --disable-sync --disable-quic --no-first-run""".split()
_A_PERSONS = f"--user-agent={BROWSER}"
"""Headless in name is a robot; said by a window only, this would not hold for what leaves as a page is left."""

# generated examples take as long as they take: a busy machine is no fault of the code
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The embedded engine with all migrations applied; a test uses a site id of its own."""
    opened = Store("chdb", tmp_path_factory.mktemp("store"), 1024)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    """The wall clock of products that are started under it: noon today."""
    with clock_in(tmp_path) as made:
        made.set_to(NOON.timestamp())
        yield made


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium; without one a test is skipped, in CI it fails."""
    if not _HAS_CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"{CHROMIUM} is missing")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*_QUIET_CHROMIUM, _A_PERSONS])
        yield chromium
        await chromium.close()
