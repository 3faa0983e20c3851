"""The back office's web application. Enters: an `Office`; leaves: an aiohttp application with every route.

The runner's access log must be off and its logger one that drops the peer's address: this application can't choose
them.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dashboards.office import Office
from dashboards.web import charts, exports, feeds, gate, login, pages
from dashboards.web.answers import panel
from dashboards.web.board import BOARD, Board, dashboard
from dashboards.web.brake import Brake
from dashboards.web.session import Sessions

_FOLDER = Path(__file__).parent
_STATIC = frozenset({"style.css", "board.js", "tables.js", "tiles.js", "chart.js", "say.js", "notes.js", "icon.svg"})
_FORM_BYTES = 16 * 1024
_LIBRARY: web.AppKey[asyncio.Task[Path]] = web.AppKey("library", asyncio.Task)


def make_app(office: Office) -> web.Application:
    """The application. It opens nothing but the accounts' file, and starts making the chart library."""
    app = web.Application(
        middlewares=[gate.speak_plainly, gate.refuse_foreign_posts, gate.let_in], client_max_size=_FORM_BYTES
    )
    app[gate.OFFICE] = office
    app[gate.SESSIONS] = Sessions(office.accounts.session_key(), office.clock, secure=office.secure_cookie)
    app[login.BRAKE] = Brake(office.clock)
    app[pages.TEMPLATES] = pages.templates()
    app[BOARD] = Board(office)
    app[exports.OUTGOING] = office.outgoing
    app[feeds.PACE] = feeds.Pace(office.clock)
    app.on_response_prepare.append(gate.put_headers)
    app.cleanup_ctx.extend([_hashing, _library, exports.making])
    app.add_routes(
        [
            web.get("/", pages.show_dashboard),
            # a HEAD of a link checker would use up the one-time link
            web.get("/login", login.show_login, allow_head=False),
            web.post("/login", login.log_in),
            web.post("/logout", login.log_out),
            web.get("/settings", pages.show_settings),
            web.get("/exports", exports.show_exports),
            web.get("/exports/{site}/{week}/{file}", exports.download),
            web.get("/leaving", exports.show_leaving),
            web.get("/feeds/{secret}/{file}", feeds.feed),
            web.get("/account", login.show_account),
            web.post("/account", login.set_account),
            web.get("/api/panels/{name}", panel),
            web.get("/api/dashboard", dashboard),
            web.get("/static/{name}", static),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", metrics),
        ]
    )
    return app


async def _hashing(app: web.Application) -> AsyncIterator[None]:
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2") as threads:
        app[login.HASHING] = threads
        yield


async def _library(app: web.Application) -> AsyncIterator[None]:
    app[_LIBRARY] = asyncio.create_task(asyncio.to_thread(charts.make, app[gate.OFFICE].cache))
    yield
    await asyncio.wait([app[_LIBRARY]])


async def static(request: web.Request) -> web.StreamResponse:
    """`GET /static/…`: our own few files, and the chart library, whose name holds its version."""
    name = request.match_info["name"]
    if name == charts.NAME:
        file = await asyncio.shield(request.app[_LIBRARY])
        return web.FileResponse(file, headers={hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable"})
    if name in _STATIC:
        return web.FileResponse(_FOLDER / name, headers={hdrs.CACHE_CONTROL: "no-cache"})
    raise web.HTTPNotFound


async def healthz(_request: web.Request) -> web.Response:
    """`GET /healthz`: the process answers."""
    return web.Response(text="ok\n")


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: 200 when the office says that it can work, else 503."""
    ready = request.app[gate.OFFICE].ready()
    return web.Response(text="ready\n" if ready else "not ready\n", status=200 if ready else 503)


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`, in Prometheus' text format."""
    body = generate_latest(request.app[gate.OFFICE].registry)
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})
