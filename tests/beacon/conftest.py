"""The stage of these tests, listening, and a browser's page that fails the test when it complains."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page

from tests.beacon.stage import Stage


@asynccontextmanager
async def _listening(*routes: web.RouteDef) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """The two hosts, listening."""
    stage = Stage()
    async with AsyncExitStack() as hosts:
        script, sink = web.get("/s.js", stage.serve_script), web.post("/e", stage.receive)
        stage.collector = await hosts.enter_async_context(_listening(script, sink))
        stage.shop = await hosts.enter_async_context(_listening(web.get("/{path:.*}", stage.serve_page)))
        yield stage


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A browser's page; whatever it says on the console or throws fails the test."""
    context = await browser.new_context(viewport={"width": 1300, "height": 800})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(f"thrown: {error}"))
    yield page
    await context.close()
    assert complaints == []
