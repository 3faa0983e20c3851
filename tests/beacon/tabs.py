"""A browser with real tabs. Playwright tells every page that it is seen and has the focus; here it has when it has."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.conftest import CHROMIUM

_QUIET = """--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update
    --disable-sync --disable-quic --no-first-run --remote-debugging-port=0""".split()


class Tabs:
    """A Chromium, by its DevTools protocol."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._asked = 0

    async def open(self, url: str, *, behind: bool = False) -> str:
        """A tab, before the others or behind them; its id."""
        tab: str = (await self._ask("Target.createTarget", url=url, background=behind))["targetId"]
        return tab

    async def show(self, tab: str) -> None:
        """Bring a tab to the front."""
        await self._ask("Target.activateTarget", targetId=tab)

    async def run(self, tab: str, script: str) -> Any:  # noqa: ANN401 - whatever it evaluates to
        """Evaluate something in a tab's page."""
        session = (await self._ask("Target.attachToTarget", targetId=tab, flatten=True))["sessionId"]
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        result = await self._ask("Runtime.evaluate", session=session, **asked)
        await self._ask("Target.detachFromTarget", sessionId=session)
        return result["result"].get("value")

    async def close(self) -> None:
        """Every tab."""
        await self._ask("Browser.close")

    async def _ask(self, method: str, session: str = "", **params: object) -> dict[str, Any]:
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": params} | ({"sessionId": session} if session else {})
        await self._line.send_json(asked)
        while (answer := await self._line.receive_json()).get("id") != self._asked:
            pass
        result: dict[str, Any] = answer["result"]
        return result


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Tabs]:
    """Started with a profile of its own, and ended."""
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *_QUIET, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    async for said in process.stderr:
        if found := re.search(r"ws://\S+", said.decode()):
            break
    draining = asyncio.create_task(process.stderr.read())
    try:
        async with aiohttp.ClientSession() as session, session.ws_connect(found[0], max_msg_size=0) as line:
            tabs = Tabs(line)
            yield tabs
            await tabs.close()
    finally:
        if process.returncode is None:
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
        await draining
