"""What the commands of this machine ask of whoever has the store: the back office, or they themselves where none runs.

Enters: ways to ask. Leaves: an application for a local socket, answering JSON.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import TypeVar

import msgspec
from aiohttp import web

from dashboards.exports import exports_routes
from dashboards.imports import imports_routes
from dashboards.outgoing import Outgoing
from dashboards.premises import Status
from dashboards.receipts import receipts_routes
from pipeline.closing.due import NotNow
from pipeline.store.database import Store, StoreError
from pipeline.upkeep import Upkeep

_A = TypeVar("_A", bound=web.StreamResponse)


class Closing(msgspec.Struct, frozen=True):
    """A day that was closed by hand."""

    site: str
    day: str
    rows: int


def make_commands(read: Callable[[], Status], store: Store, upkeep: Upkeep, outgoing: Outgoing) -> web.Application:
    """`GET /status`, `/receipts…`, `/exports…`, `POST /close?site=&day=`, `/imports…`; what can't be is 409 and why."""

    async def status(_request: web.Request) -> web.Response:
        return _answer(await asyncio.to_thread(read))

    async def close(request: web.Request) -> web.Response:
        try:
            site, day = request.query["site"], date.fromisoformat(request.query["day"])
            closed = await asyncio.to_thread(upkeep.close, site, day)
        except NotNow as error:
            raise web.HTTPConflict(text=str(error)) from None
        except (KeyError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return _answer(Closing(closed.site, day.isoformat(), closed.rests_on))

    app = web.Application(middlewares=[_say_store_trouble])
    app.add_routes([web.get("/status", status), web.post("/close", close)])
    app.add_routes([*receipts_routes(store), *imports_routes(upkeep)])
    app.add_routes(exports_routes(outgoing))
    return app


@web.middleware
async def _say_store_trouble(request: web.Request, handler: Callable[[web.Request], Awaitable[_A]]) -> _A:
    try:
        return await handler(request)
    except StoreError as error:
        raise web.HTTPConflict(text=str(error)) from None


def _answer(said: msgspec.Struct) -> web.Response:
    return web.Response(body=msgspec.json.encode(said), content_type="application/json")
