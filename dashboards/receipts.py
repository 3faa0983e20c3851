"""The receipts on the local socket: for the commands of this machine.

Enters: a number to begin at, or a hash. Leaves: a page of the chain, or whether it holds.
"""

import asyncio

import msgspec
from aiohttp import web

from pipeline.retain.receipts import RECEIPTS
from pipeline.store.database import Store


class Told(msgspec.Struct, frozen=True):
    """A `Verdict`, as this socket has told it from the first version on."""

    receipts: int
    """How many hold, from the first on."""
    head: str
    broken: int = 0
    why: str = ""


def receipts_routes(store: Store) -> list[web.RouteDef]:
    """`/receipts?from=N`: a page from number N on; `/receipts/verify?noted=HASH`: what is `Told`. Both as JSON."""

    async def some(request: web.Request) -> web.Response:
        first = request.query.get("from", "0")
        if not first.isdecimal():
            raise web.HTTPBadRequest(text="from: expected a number")
        return _answer(await asyncio.to_thread(RECEIPTS.page, store, int(first)))

    async def verdict(request: web.Request) -> web.Response:
        found = await asyncio.to_thread(RECEIPTS.verify, store, request.query.get("noted", ""))
        return _answer(Told(found.lines, found.head, found.broken, found.why))

    return [web.get("/receipts", some), web.get("/receipts/verify", verdict)]


def _answer(said: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(said), content_type="application/json")
