"""The files that platforms fetch by themselves, at an address which is its own key.

Enters: a secret and a file's name, from anybody. Leaves: the newest released week's file. Read only. What is noted of a
fetch is the site and the file; who asked is nowhere. A wrong secret is answered as a path that isn't there.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from aiohttp import ETag, hdrs, web

from dashboards.outgoing import File, NoFile, NotOut
from dashboards.web.exports import OUTGOING, made
from dashboards.web.gate import OFFICE
from pipeline.store.database import StoreError

_AT_ONCE = 30
"""Fetches of one shop without a wait: two platforms, a few tries by hand."""
_ONE_MORE_AFTER_SECONDS = 10.0
_TRY_AGAIN_SECONDS = 3600

log = structlog.get_logger("sporlos.dashboards")


class Pace:
    """How often the feeds of one shop may be fetched: a bucket of tokens each, no matter who asks.

    Guessing needs no brake: a secret has 256 bits. And a brake that wrong ones pulled would lock the platforms out.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._free_at: dict[str, float] = defaultdict(float)

    def fetch(self, site: str) -> float:
        """Seconds to wait; 0: go ahead, and it is counted."""
        now = self._clock()
        free_at = max(self._free_at[site], now - _AT_ONCE * _ONE_MORE_AFTER_SECONDS) + _ONE_MORE_AFTER_SECONDS
        if free_at > now:
            return free_at - now
        self._free_at[site] = free_at
        return 0.0


PACE = web.AppKey("pace", Pace)


async def feed(request: web.Request) -> web.Response:
    """`GET /feeds/{secret}/{file}`: 200, or 304 to whoever has it; 429 and 503 say when to come again; else 404."""
    outgoing, asked = request.app[OUTGOING], request.match_info
    site = await asyncio.to_thread(request.app[OFFICE].accounts.feed_site, asked["secret"])
    feeds = {one.file: one.name for one in outgoing.listed.values() if one.is_feed}
    name = feeds.get(asked["file"], "")
    if site is None or name not in outgoing.advertisers.switched_on(site):
        raise web.HTTPNotFound
    if wait := request.app[PACE].fetch(site):
        raise web.HTTPTooManyRequests(headers={hdrs.RETRY_AFTER: str(math.ceil(wait))})
    try:
        found = await made(request, outgoing.file, site, name)
    except StoreError as error:
        log.warning("a feed could not be made", site=site, file=asked["file"], reason=str(error))
        raise _later("The store does not answer at the moment.\n") from None
    if isinstance(found, NoFile):
        log.warning("a feed could not be made", site=site, file=asked["file"], reason=found.line)
        # why a file can't be read is the shop's business: the address may be in more hands than the platform's
        first = found.why is NotOut.NOTHING_RELEASED
        raise _later(f"{found.line}\n" if first else "This file can't be made at the moment.\n")
    log.info("a feed was fetched", site=site, file=asked["file"], week=found.week)
    return _answer(request, found)


def _answer(request: web.Request, found: File) -> web.Response:
    since = datetime.fromtimestamp(int(found.made_at), UTC)
    response = web.Response(status=304) if _has(request, found.etag, since) else web.Response(body=found.body)
    if response.status != web.HTTPNotModified.status_code:
        response.content_type, response.charset = found.export.form.media_type, "utf-8"
    response.etag, response.last_modified = found.etag, since
    response.headers[hdrs.CACHE_CONTROL] = "private, no-cache"
    return response


def _has(request: web.Request, etag: str, made: datetime) -> bool:
    """Whether the asker has these bytes: RFC 9110, 13.2.2; a date counts only where no tag is named."""
    if (tags := request.if_none_match) is not None:
        return ETag("*") in tags or any(tag.value == etag for tag in tags)
    since = request.if_modified_since
    return since is not None and made <= since


def _later(text: str) -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(text=text, headers={hdrs.RETRY_AFTER: str(_TRY_AGAIN_SECONDS)})
