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


async def show_login(request: web.Request) -> web.Response:
    """`GET /login`; with `?once=SECRET` the operator's one-time link."""
    once = request.query.get("once")
    if once is None:
        return page(request, "login.html")
    if not await asyncio.to_thread(request.app[OFFICE].accounts.use_login_secret, once):
        return page(request, "login.html", status=403, trouble="link_used")
    return _logged_in(request, Session("owner", "link"))


async def log_in(request: web.Request) -> web.Response:
    """`POST /login` with `name` and `password`."""
    name, password = await _fields(request)
    name = name[:_LONGEST_TRIED_NAME]
    wait = request.app[BRAKE].attempt(name)
    if wait:
        response = page(request, "login.html", status=429, trouble="too_many")
        response.headers[hdrs.RETRY_AFTER] = str(math.ceil(wait))
        return response
    loop = asyncio.get_running_loop()
    verify = request.app[OFFICE].accounts.verify
    if not await loop.run_in_executor(request.app[HASHING], verify, name, password):
        return page(request, "login.html", status=403, trouble="wrong_password")
    request.app[BRAKE].succeeded(name)
    return _logged_in(request, Session(name, "password"))


def _logged_in(request: web.Request, who: Session) -> web.Response:
    response = web.Response(status=303, headers={hdrs.LOCATION: "/"})
    request.app[SESSIONS].put(response, who)
    return response


async def log_out(request: web.Request) -> web.Response:
    """`POST /logout`."""
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
    return page(request, "account.html", who=who, done=name.strip())


async def _fields(request: web.Request) -> tuple[str, str]:
    form = await request.post()
    return str(form.get("name", "")), str(form.get("password", ""))
