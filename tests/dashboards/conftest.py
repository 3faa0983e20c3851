"""An office with one shop, its pages on a free port, and browsers without scripts."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from dashboards.office import Shop
from dashboards.web.app import make_app
from pipeline.store.database import Store
from tests.dashboards.shop import Bench


@pytest.fixture
def bench(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    """An office with one shop, named after the test."""
    return Bench(store, tmp_path, (Shop(request.node.name, "Europe/Oslo"),))


@pytest_asyncio.fixture
async def server(bench: Bench) -> AsyncIterator[TestServer]:
    """The office's pages on a free port."""
    running = TestServer(make_app(bench.office))
    await running.start_server(access_log=None)
    yield running
    await running.close()


Visit = Callable[[], ClientSession]


@pytest_asyncio.fixture
async def visit(server: TestServer) -> AsyncIterator[Visit]:
    """Makes browsers without scripts: each keeps its own cookies and follows no redirect by itself."""
    opened: list[ClientSession] = []

    def new() -> ClientSession:
        session = ClientSession(base_url=server.make_url("/"), cookie_jar=CookieJar(unsafe=True))
        opened.append(session)
        return session

    yield new
    for session in opened:
        await session.close()
