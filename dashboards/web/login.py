"""Log in, log out, set a password. Enters: a form or a one-time link; leaves: a session cookie, or why not."""

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor

from aiohttp import hdrs, web

from dashboards.accounts import AccountError
from dashboards.web.brake import Brake
from dashboards.web.gate import OFFICE, SESSIONS, WHO
from dashboards.web.pages import page
from dashboards.web.session import Session

BRAKE = web.AppKey("brake", Brake)
HASHING = web.AppKey("hashing", ThreadPoolExecutor)
"""Two threads: Argon2id takes 19 MiB and a core for each, and a flood of logins must not take the machine."""

_LONGEST_TRIED_NAME = 60
_NOBODYS = -1
"""No user's generation: a session that carries it is none."""
_FORM = "application/x-www-form-urlencoded"


async def show_login(request: web.Request) -> web.Response:
    """`GET /login`; with `?once=SECRET` the operator's one-time link."""
    once = request.query.get("once")
    if once is None:
        return page(request, "login.html")
    if not await asyncio.to_thread(request.app[OFFICE].accounts.use_login_secret, once):
        return page(request, "login.html", status=403, trouble="link_used")
    return _logged_in(request, Session("owner", "link", await _generation(request, None)))


async def log_in(request: web.Request) -> web.Response:
    """`POST /login` with `name` and `password`."""
    name, password = await _fields(request)
    # twice, as a cut may leave spaces at the end; the brake and the accounts must mean the same name
    name = name.strip()[:_LONGEST_TRIED_NAME].strip()
    wait = request.app[BRAKE].attempt(name)
    if wait:
        response = page(request, "login.html", status=429, trouble="too_many")
        response.headers[hdrs.RETRY_AFTER] = str(math.ceil(wait))
        return response
    # read before the password is looked at: if another one is set meanwhile, this session is over at once
    generation = await _generation(request, name)
    loop = asyncio.get_running_loop()
    verify = request.app[OFFICE].accounts.verify
    if not await loop.run_in_executor(request.app[HASHING], verify, name, password):
        return page(request, "login.html", status=403, trouble="wrong_password")
    request.app[BRAKE].succeeded(name)
    return _logged_in(request, Session(name, "password", generation))


async def _generation(request: web.Request, user: str | None) -> int:
    found = await asyncio.to_thread(request.app[OFFICE].accounts.generation, user)
    return _NOBODYS if found is None else found


def _logged_in(request: web.Request, who: Session) -> web.Response:
    response = web.Response(status=303, headers={hdrs.LOCATION: "/"})
    request.app[SESSIONS].put(response, who)
    return response


async def log_out(request: web.Request) -> web.Response:
    """`POST /logout`: everywhere, as a copy of the cookie may lie on another machine."""
    await asyncio.to_thread(request.app[OFFICE].accounts.end_sessions, request[WHO].user)
    response = web.Response(status=303, headers={hdrs.LOCATION: "/login"})
    request.app[SESSIONS].drop(response)
    return response


async def show_account(request: web.Request) -> web.Response:
    """`GET /account`."""
    return page(request, "account.html", who=request[WHO])


async def set_account(request: web.Request) -> web.Response:
    """`POST /account`: a password of one's own; who came by a one-time link may make any user."""
    who = request[WHO]
    name, password = await _fields(request)
    if who.by == "password":
        name = who.name
    loop = asyncio.get_running_loop()
    try:
        set_password = request.app[OFFICE].accounts.set_password
        await loop.run_in_executor(request.app[HASHING], set_password, name, password)
    except AccountError:
        return page(request, "account.html", status=400, who=who, trouble="bad_account")
    response = page(request, "account.html", who=who, done=name.strip())
    if who.by == "password":
        # the old sessions are over; who has just set the password stays in
        renewed = Session(name, "password", await _generation(request, name))
        request.app[SESSIONS].put(response, renewed)
    return response


async def _fields(request: web.Request) -> tuple[str, str]:
    # other types are parsed by far more code, and no page of ours sends them
    if request.content_type != _FORM:
        raise _unreadable()
    try:
        form = await request.post()
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        name.encode()  # some charsets can spell half a character, which no file of ours can hold
    except (ValueError, LookupError, web.RequestPayloadError):  # not UTF-8, no such charset, broken compression
        raise _unreadable() from None
    return name, password


def _unreadable() -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text="This form could not be read. Open the page again and send it from there.\n")
