"""What is made for advertisers: a page with previews, the files themselves, and the page of what leaves the house.

Enters: a site and a week, from somebody who is logged in. Leaves: HTML, or a file.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

import structlog
from aiohttp import hdrs, web

from dashboards.leaving import Leaving, leaving
from dashboards.outgoing import File, NoFile, Outgoing
from dashboards.web.gate import OFFICE
from dashboards.web.pages import page
from pipeline.audiences.exports import places
from pipeline.audiences.exports.brief_words import ENGLISH, NORWEGIAN
from pipeline.audiences.exports.listed import Export, Form
from pipeline.closing.day import K_PAIRS
from pipeline.store.database import StoreError

OUTGOING = web.AppKey("outgoing", Outgoing)
_MAKING = web.AppKey("making", ThreadPoolExecutor)
_ROWS, _PROSE_ROWS = 8, 30
"""That are shown of a file, of a text."""

_MADE_BY = {"google_labels": "catalogue", "meta_labels": "catalogue", "google_ads": "campaigns"}
"""What these have a line for each of, so that without them there is none, however many visitors come."""
_TOO_FEW = ("too_few", places.TOO_FEW, ENGLISH.too_few, NORWEGIAN.too_few)
"""As files say it."""
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts by which no platform reaches this machine."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

log = structlog.get_logger("sporlos.dashboards")


async def making(app: web.Application) -> AsyncIterator[None]:
    """A thread of its own for what is made: files are made one at a time, and who waits for one holds up no page."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="exports") as thread:
        app[_MAKING] = thread
        yield


async def made(request: web.Request, make: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What `make` gives, in that thread."""
    return await asyncio.get_running_loop().run_in_executor(request.app[_MAKING], lambda: make(*args, **kwargs))


@dataclass(frozen=True, slots=True)
class Shown:
    """One export, as the page shows it."""

    export: Export
    why: str = ""
    """Why there is no file; empty: there is one."""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """The first ones."""
    lines: int = 0
    """How many there are, but for the header."""
    feed: str = ""
    """Where the platform fetches it; empty: none does."""
    too_few: bool = False
    """Something in it is not said as too few visitors had to do with it."""
    lacks: str = ""
    """The setting without which it stays empty."""


async def show_exports(request: web.Request) -> web.Response:
    """`GET /exports?site=&week=`: what is switched on, what is released, how the files begin."""
    outgoing, site = request.app[OUTGOING], _site(request)
    values: dict[str, Any] = {"site": site, "sites": outgoing.advertisers.sites}
    values |= {"listed": tuple(outgoing.listed.values()), "markdown": Form.MARKDOWN}
    values |= {"is_local": request.url.host in _HERE}
    nothing: dict[str, Any] = {
        "weeks": (),
        "week": "",
        "shown": (),
        "off": values["listed"],
        "waits": (),
        "troubles": (),
    }
    nothing |= {"left_out": 0, "unkept": 0, "next_monday": ""}
    if site not in outgoing.advertisers.sites:
        return page(request, "exports.html", **values, **nothing)
    try:
        standing = await made(request, _standing, request, site)
    except StoreError as error:
        log.warning("the ledger could not be read", reason=str(error))
        return page(request, "exports.html", status=503, trouble="no_ledger", **values, **nothing)
    return page(request, "exports.html", **values, **standing)


def _standing(request: web.Request, site: str) -> dict[str, Any]:
    outgoing, asked = request.app[OUTGOING], request.query.get("week", "")
    released, on = outgoing.weeks(site)[::-1], outgoing.advertisers.switched_on(site)
    week = asked if asked in released else next(iter(released), "")
    files = outgoing.files(site, on & outgoing.listed.keys(), week)
    return {
        "weeks": released,
        "week": week,
        "shown": [_shown(request, one, site, files[name]) for name, one in outgoing.listed.items() if name in files],
        "off": [one for name, one in outgoing.listed.items() if name not in files],
        "waits": outgoing.waits(site),
        "troubles": outgoing.advertisers.troubles(site),
        "left_out": outgoing.advertisers.left_out(site),
        "unkept": outgoing.advertisers.unkept(site),
        "next_monday": _next_monday(request, site).isoformat(),
    }


def _next_monday(request: web.Request, site: str) -> date:
    """When the week that goes on is over, by the shop's clock."""
    office = request.app[OFFICE]
    shop = office.shop(site)
    today = datetime.fromtimestamp(office.clock(), shop.zone if shop else UTC).date()
    return today + timedelta(days=7 - today.weekday())


def _shown(request: web.Request, export: Export, site: str, found: File | NoFile) -> Shown:
    feed = _feed(request, export, site) if export.is_feed else ""
    if isinstance(found, NoFile):
        return Shown(export, found.why, feed=feed)
    rows = export.form.rows(found.body)
    header = () if export.form is Form.MARKDOWN else rows.pop(0)
    most = _PROSE_ROWS if export.form is Form.MARKDOWN else _ROWS
    too_few = any(word in cell for row in rows for cell in row for word in _TOO_FEW)
    lacks = "" if rows else _MADE_BY.get(export.name, "")
    return Shown(export, "", tuple(header), tuple(map(tuple, rows[:most])), len(rows), feed, too_few, lacks)


def _feed(request: web.Request, export: Export, site: str) -> str:
    office = request.app[OFFICE]
    scheme = "https" if office.secure_cookie else request.scheme
    return f"{scheme}://{request.host}/feeds/{office.accounts.feed_secret(site)}/{export.file}"


async def download(request: web.Request) -> web.Response:
    """`GET /exports/{site}/{week}/{file}`."""
    outgoing, asked = request.app[OUTGOING], request.match_info
    name = next((name for name, one in outgoing.listed.items() if one.file == asked["file"]), None)
    if name is None:
        raise web.HTTPNotFound
    try:
        found = await made(request, outgoing.file, asked["site"], name, asked["week"])
    except StoreError as error:
        raise _no_ledger(error) from None
    if isinstance(found, NoFile):
        raise web.HTTPNotFound(text=f"{found.line}\n")
    form, file = found.export.form, f"{found.site}-{found.week}-{found.export.file}"
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{file}"'}
    return web.Response(body=found.body, content_type=form.media_type, charset="utf-8", headers=headers)


async def show_leaving(request: web.Request) -> web.Response:
    """`GET /leaving?site=`: what leaves the house and what doesn't, to be read and printed."""
    outgoing, site = request.app[OUTGOING], _site(request)
    try:
        said, troubles = await made(request, _leaving, outgoing, site)
    except StoreError as error:
        raise _no_ledger(error) from None
    shops = {shop.id: shop for shop in request.app[OFFICE].sites}
    recommends = site in shops and shops[site].recommends
    values: dict[str, Any] = {"sites": tuple(shops), "recommends": recommends, "k_pages": K_PAIRS}
    return page(request, "leaving.html", leaving=said, troubles=troubles, **values)


def _leaving(outgoing: Outgoing, site: str) -> tuple[Leaving, tuple[str, ...]]:
    on = outgoing.advertisers.switched_on(site) & outgoing.listed.keys()
    made = [file for file in outgoing.files(site, on).values() if isinstance(file, File)]
    columns = {
        file.export.name: file.export.form.rows(file.body)[0] for file in made if file.export.form is not Form.MARKDOWN
    }
    shops = outgoing.advertisers
    # a shop whose files can't be read today has exports on all the same
    shop = shops.get(site) or shops.settings(site)
    return leaving(site, shop, outgoing.weeks(site), columns, outgoing.listed), shops.troubles(site)


def _site(request: web.Request) -> str:
    """The one that is asked for, else the first that has exports, else the first; empty: there is none."""
    known, asked = [shop.id for shop in request.app[OFFICE].sites], request.query.get("site", "")
    ready = [site for site in request.app[OUTGOING].advertisers.sites if site in known]
    return asked if asked in known else next(iter([*ready, *known]), "")


def _no_ledger(error: StoreError) -> web.HTTPServiceUnavailable:
    log.warning("the ledger could not be read", reason=str(error))
    return web.HTTPServiceUnavailable(text="The store does not answer at the moment. Try again in a minute.\n")
