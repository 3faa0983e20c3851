"""Sends the simulated visitors' requests to a collector as time passes.

Enters: the collector's address. Leaves: HTTP requests at the moments the simulation says. Promised: patience, not
insistence. A collector that is away is asked again, later each time; what has grown old meanwhile is not sent.
"""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import aiohttp

from demo.visitors import Hit, visits

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 20.0
_OLD_SECONDS = 60.0
_TRY_AGAIN = frozenset({429, 502, 503, 504})


async def run(endpoint: str, shop: str, site: str, rng: random.Random, visitors_a_day: int) -> None:
    """Send visits until cancelled.

    Args:
        endpoint: where the script would send to, `http://127.0.0.1:8080/e`.
        shop: the shop's base address.
        site: the site's id in the collector's settings.
        rng: decides who comes and what they do.
        visitors_a_day: how many come on a whole day.
    """
    # headers are all the simulation's: a client that kept cookies or added its own name would be no browser
    async with aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as session:
        hits = visits(rng, time.time(), float("inf"), visitors_a_day, shop, site=site)
        async for hit in _as_time_passes(hits):
            await _deliver(session, endpoint, hit)


async def _as_time_passes(hits: Iterator[Hit]) -> AsyncIterator[Hit]:
    """Each hit at its moment; those that a pause has left far behind are passed over."""
    for hit in hits:
        late = time.time() - hit.at
        if late > _OLD_SECONDS:
            continue
        await asyncio.sleep(max(0.0, -late))
        yield hit


async def _deliver(session: aiohttp.ClientSession, endpoint: str, hit: Hit) -> None:
    """Send until it is answered for good, or too old to be worth it."""
    for attempt in itertools.count():
        pause = await _send(session, endpoint, hit, attempt)
        if pause is None:
            return
        # waited out even for a hit that is given up then: the next one must not come sooner than was asked
        await asyncio.sleep(pause)
        if time.time() - hit.at > _OLD_SECONDS:
            return


async def _send(session: aiohttp.ClientSession, endpoint: str, hit: Hit, attempt: int) -> float | None:
    """Send once. Leaves the seconds to wait before the next attempt, or none if there is nothing left to do."""
    backoff = min(_FIRST_PAUSE_SECONDS * 2.0 ** min(attempt, 10), _LONGEST_PAUSE_SECONDS)
    try:
        async with session.post(endpoint, data=hit.body, headers=hit.headers) as answer:
            if answer.status not in _TRY_AGAIN:
                return None
            with suppress(ValueError):
                return max(0.0, float(answer.headers.get("Retry-After", "")))
    except (aiohttp.ClientError, TimeoutError):
        pass
    return backoff
