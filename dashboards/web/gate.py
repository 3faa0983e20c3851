"""Who passes, and which headers leave. Enters: every request; leaves: 401, a way to `/login`, or the page.

Closed by default: a new route needs a login unless `_OPEN` or `_OPEN_BELOW` has it. No access is logged. What is logged
of an error is its type and the places in the code, never the request.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import orjson
import structlog
from aiohttp import hdrs, web

from dashboards.office import Office
from dashboards.web.session import Session, Sessions

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]

OFFICE = web.AppKey("office", Office)
SESSIONS = web.AppKey("sessions", Sessions)
WHO = web.RequestKey("who", Session)

_OPEN = frozenset({"/login", "/healthz", "/readyz", "/metrics", "/favicon.ico"})
_OPEN_BELOW = ("/static/", "/feeds/")
"""Of a feed's path a part is a secret."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "browsing-topics=(), interest-cohort=()",
}

log = structlog.get_logger("sporlos.dashboards")


async def put_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Signal of every response: the security headers, and nothing kept unless the route said so."""
    response.headers.update(_HEADERS)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    response.headers.popall(hdrs.SERVER, None)


@web.middleware
async def speak_plainly(request: web.Request, handler: Route) -> web.StreamResponse:
    """An error of ours is one line on a plain page; the log gets its place in the code, nothing of the request."""
    try:
        return await handler(request)
    except (web.HTTPException, asyncio.CancelledError):
        raise
    except Exception as error:  # noqa: BLE001 - the last place before the framework, which would log the peer
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
        log.error("a page failed", error=type(error).__name__, places=places)
        return web.Response(status=500, text="Something went wrong here. It is in the log.\n")


@web.middleware
async def refuse_foreign_posts(request: web.Request, handler: Route) -> web.StreamResponse:
    """Only our own pages may change anything. Both headers are the browser's, no script can set them.

    Without either it is no browser of this decade, so there is no cookie to abuse (the rule of Go's
    `http.CrossOriginProtection`).
    """
    if request.method not in {hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS} and not _is_ours(request):
        raise web.HTTPForbidden(text="This form was sent from another page. Open it here and try again.\n")
    return await handler(request)


def _is_ours(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or urlsplit(origin).netloc == request.host


@web.middleware
async def let_in(request: web.Request, handler: Route) -> web.StreamResponse:
    """A session passes everywhere, a bearer token under `/api/`; the few open paths need neither."""
    if request.path in _OPEN or request.path.startswith(_OPEN_BELOW):
        return await handler(request)
    who = await _who(request)
    if who is not None:
        request[WHO] = who
    elif not request.path.startswith("/api/"):
        raise web.HTTPSeeOther("/login")
    elif not await _bears_token(request):
        return unauthorised()
    return await handler(request)


async def _who(request: web.Request) -> Session | None:
    who = request.app[SESSIONS].read(request)
    if who is None:
        return None
    # asked anew each time, 0.2 ms: `sporlos user` may end a session from another process
    current = await asyncio.to_thread(request.app[OFFICE].accounts.generation, who.user)
    return who if who.generation == current else None


async def _bears_token(request: web.Request) -> bool:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    return await asyncio.to_thread(request.app[OFFICE].accounts.token_valid, token.strip())


def unauthorised() -> web.Response:
    """What the API says to whoever is not logged in."""
    return web.Response(
        status=401,
        body=orjson.dumps({"error": "log in, or send Authorization: Bearer TOKEN"}),
        content_type="application/json",
        headers={hdrs.WWW_AUTHENTICATE: "Bearer"},
    )
