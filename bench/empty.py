"""The yardstick: an aiohttp application whose only handler answers 202. `python bench/empty.py PORT asyncio|uvloop`."""

import asyncio
import sys

import uvloop
from aiohttp import web


async def _accept(_request: web.Request) -> web.Response:
    return web.Response(status=202)


async def _serve(port: int) -> None:
    app = web.Application()
    app.router.add_post("/e", _accept)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    (asyncio.run if sys.argv[2] == "asyncio" else uvloop.run)(_serve(int(sys.argv[1])))
