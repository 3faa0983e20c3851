"""`sporlos serve --demo`: the shop opens once its past has been made, and visitors come from then on.

Enters: settings with the demo's site in them. Leaves: files and a past, then a shop on its own port, and requests to
the collector.
"""

import asyncio
import random
import sys
import time
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from demo import history, live, papers, past
from demo.shop import Stats, make_shop
from proxy import tag
from proxy.settings import Address, Settings
from proxy.site import DEMO_SITE, Site

_NOTE_EVERY_SECONDS = 30.0

log = structlog.get_logger("sporlos.demo")


async def make_past(settings: Settings, stop: asyncio.Event) -> None:
    """Before the back office opens the store: write the shop's files and, where there has been no demo, make its past.

    Yesterday comes with it: else the week that ended with it, on a Monday, would be closed and released without.

    Raises:
        StoreError: there is no past, or it isn't known.
        OSError: as above, or of a file.
    """
    now = time.time()
    _write_papers(settings, now)
    if settings.demo.weeks and not history.made_until(settings):
        await past.make(settings, now, stop, _say)
        log.info("past made", seconds=round(time.time() - now, 1))
        if not stop.is_set():
            await _make_visits(settings)
            await asyncio.to_thread(past.ship, settings)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Play until `stop` is set."""
    _write_papers(settings, time.time())
    await _make_visits(settings)
    shop = await _open_shop(settings)
    base = f"http://{settings.demo.listen}"
    endpoint = f"http://{settings.collector.listen}{settings.collector.script.rpartition('/')[0]}/e"
    rng = random.Random()  # noqa: S311 - a play
    visitors = asyncio.create_task(live.run(endpoint, base, DEMO_SITE, rng, settings.demo.visitors_a_day))
    while not stop.is_set() and not visitors.done():
        history.note_made(settings, time.time())
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _NOTE_EVERY_SECONDS)
    visitors.cancel()
    await shop.cleanup()
    with suppress(asyncio.CancelledError):
        await visitors  # had it failed by itself, that is told here


async def _make_visits(settings: Settings) -> None:
    """Of yesterday and today, up to now."""
    now = time.time()
    start = history.begins(now, settings.time_zone, history.made_until(settings))
    made = await history.make(settings, start, now)
    history.note_made(settings, now)
    log.info("history made", requests=made, seconds=round(time.time() - now, 1))


async def _open_shop(settings: Settings) -> web.AppRunner:
    site = _site(settings)
    stats = Stats(tag.tag(settings, site), tag.base(settings), site.id)
    runner = web.AppRunner(make_shop(stats), access_log=None, shutdown_timeout=1)
    await runner.setup()
    address = Address(settings.demo.listen)
    await web.TCPSite(runner, address.host, address.port).start()
    return runner


def _write_papers(settings: Settings, now: float) -> None:
    papers.write(settings, _site(settings), datetime.fromtimestamp(now, ZoneInfo(settings.time_zone)).date())


def _site(settings: Settings) -> Site:
    return next(site for site in settings.sites if site.id == DEMO_SITE)


def _say(text: str) -> None:
    sys.stdout.write(f"sporlos: {text}\n")
    sys.stdout.flush()
