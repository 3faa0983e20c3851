"""`sporlos serve --demo`: the shop opens once its past has been made, and visitors come from then on.

Enters: settings with the demo's site in them. Leaves: a shop on its own port, and requests to the collector.
"""

import asyncio
import random
import time
from contextlib import suppress

import structlog
from aiohttp import web

from demo import history, live
from demo.shop import make_shop
from proxy import tag
from proxy.settings import Address, Settings
from proxy.site import DEMO_SITE

_NOTE_EVERY_SECONDS = 30.0

log = structlog.get_logger("sporlos.demo")


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Play until `stop` is set."""
    now = time.time()
    start = history.begins(now, settings.time_zone, history.made_until(settings))
    made = await history.make(settings, start, now)
    history.note_made(settings, now)
    log.info("history made", requests=made, seconds=round(time.time() - now, 1))
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


async def _open_shop(settings: Settings) -> web.AppRunner:
    line = next(tag.tag(settings, site) for site in settings.sites if site.id == DEMO_SITE)
    runner = web.AppRunner(make_shop(line), access_log=None, shutdown_timeout=1)
    await runner.setup()
    address = Address(settings.demo.listen)
    await web.TCPSite(runner, address.host, address.port).start()
    return runner
