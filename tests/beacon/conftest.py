"""The stage of these tests, listening, and a browser's page that fails the test if the script leaves a trace in it."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page

from tests.beacon.stage import Stage

LONGEST_MS = 10
"""Of the main thread's time, that a task may spend in the script."""
_STORED = """async () => [document.cookie, localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length, window.name,
    (await navigator.serviceWorker.getRegistrations()).length]"""
_TELL_SHIFTS = """new PerformanceObserver(list => list.getEntries().forEach(entry => tellShift(entry.value)))
    .observe({type: 'layout-shift', buffered: true})"""
_RUNNING = ("FunctionCall", "EvaluateScript", "v8.compile")


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


async def _context(browser: Browser) -> BrowserContext:
    return await browser.new_context(viewport={"width": 1300, "height": 800})


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A browser's page, watched.

    A message on its console, an error, a shift of its layout, a long task of the script's, a cookie or anything stored
    fails the test.
    """
    context = await _context(browser)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(f"thrown: {error}"))
    await page.expose_function("tellShift", lambda value: complaints.append(f"shifted by {value}"))
    await page.add_init_script(_TELL_SHIFTS)
    await browser.start_tracing(page=page, categories=["devtools.timeline", "v8"])
    yield page
    tasks = long_tasks(await browser.stop_tracing())
    stored = await page.evaluate(_STORED)
    state = await context.storage_state(indexed_db=True)
    await context.close()
    assert complaints == []
    assert [task for task in tasks if task > LONGEST_MS] == []
    assert stored == ["", 0, 0, 0, 0, "", 0]
    assert state == {"cookies": [], "origins": []}


@pytest_asyncio.fixture
async def free_page(browser: Browser) -> AsyncIterator[Page]:
    """A page that is not watched: a test moves its layout on purpose, or makes the browser itself complain."""
    context = await _context(browser)
    yield await context.new_page()
    await context.close()


def long_tasks(trace: bytes) -> list[float]:
    """Milliseconds of the processor's time for each piece of the script that ran; no waiting for other programs."""
    return [
        event["tdur"] / 1000
        for event in json.loads(trace)["traceEvents"]
        if event["name"] in _RUNNING and "/s.js" in json.dumps(event.get("args", {})) and "tdur" in event
    ]
