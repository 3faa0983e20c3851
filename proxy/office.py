"""Where a command finds the store: with the running back office, over its local socket, or by itself where none runs.

Enters: settings. Leaves: a session that answers the same in both cases, since the same application answers.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec
from aiohttp import web

from dashboards.advertisers import Advertisers
from dashboards.commands import make_commands
from dashboards.local import reach
from dashboards.outgoing import Outgoing
from dashboards.premises import open_store, read_status, waiting_days
from pipeline.ship.shipper import Shipped
from pipeline.upkeep import Kept, Upkeep
from proxy.serving import premises
from proxy.settings import Settings

T = TypeVar("T")


class NoAnswer(Exception):
    """Whoever has the store could not answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody to ask."""

    session: aiohttp.ClientSession
    running: bool
    """Whether it is the back office, which was there already."""


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """Whoever has the store.

    Raises:
        StoreError: nobody has it, and it can't be opened.
    """
    place = premises(settings)
    async with _session(place.socket) as session:
        if await _answers(session):
            yield Desk(session, running=True)
            return
    # it was killed and left its socket, or never ran: nobody has the store, so open it ourselves
    async with AsyncExitStack() as stack:
        store = await asyncio.to_thread(open_store, place)
        stack.push_async_callback(asyncio.to_thread, store.close)
        shops = Advertisers(place.declared)
        upkeep = Upkeep(
            store,
            place.zones,
            place.retention,
            time.time,
            lambda: waiting_days(place),
            time_zone=place.time_zone,
            advertisers=shops,
        )
        app = make_commands(
            lambda: read_status(place, store, Shipped(), Kept()),
            store,
            upkeep,
            Outgoing(store, shops, zones=place.zones),
        )
        socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sporlos-"))) / "desk.sock"
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.UnixSite(runner, stack.enter_context(reach(socket))).start()
        yield Desk(await stack.enter_async_context(_session(socket)), running=False)


@asynccontextmanager
async def _session(socket: Path) -> AsyncIterator[aiohttp.ClientSession]:
    endless = aiohttp.ClientTimeout(total=None)
    with reach(socket) as name:
        connector = aiohttp.UnixConnector(path=name)
        async with aiohttp.ClientSession("http://backoffice", connector=connector, timeout=endless) as session:
            yield session


async def _answers(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/receipts"):
            return True
    except (aiohttp.ClientConnectionError, OSError):
        return False


async def ask(session: aiohttp.ClientSession, path: str, kind: type[T], **params: str) -> T:
    """One answer.

    Raises:
        NoAnswer: with the line that says why.
    """
    async with session.get(path, params=params) as answer:
        body = await answer.read()
    if not answer.ok:
        raise NoAnswer(body.decode())
    return msgspec.json.decode(body, type=kind)
