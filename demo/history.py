"""A day of visits that never happened, made at once, by the way that every event goes.

Enters: simulated requests with times in the past. Leaves: a spool file beside the workers', which the shipper ships
like theirs. The requests are admitted, decoded and forgotten by the collector's own code with a clock set back; the
salts are of this process alone and are gone with it.
"""

import asyncio
import os
import random
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from demo.visitors import Hit, visits
from pipeline.spool.spool import Spool
from proxy.arrival import Arrival
from proxy.counters import Counters
from proxy.decode import native
from proxy.privacy.address import parse
from proxy.privacy.memory import new_memory
from proxy.privacy.salts import Salts
from proxy.settings import Settings
from proxy.site import DEMO_SITE
from proxy.worker import caps_of, make_collector, spool_path, zones_of

_OLDEST = timedelta(hours=46)
"""Older rows would be gone before anyone has looked at them."""
_AT_ONCE = 1000


class _Made(msgspec.Struct):
    """Until when visits have been made, so that a restart fills the gap and repeats nothing."""

    until: float


def begins(now: float, time_zone: str, made_until: float) -> float:
    """When the history to make begins: yesterday's first second, or where it ended last time."""
    local = datetime.fromtimestamp(now, ZoneInfo(time_zone))
    yesterday = datetime.combine(local.date() - timedelta(days=1), time(), local.tzinfo)
    return max(yesterday.timestamp(), now - _OLDEST.total_seconds(), made_until)


def made_until(settings: Settings) -> float:
    """Where the visits made so far end; 0 where there are none."""
    try:
        return msgspec.json.decode(_note(settings).read_bytes(), type=_Made).until
    except (FileNotFoundError, msgspec.DecodeError):
        return 0.0


def note_made(settings: Settings, until: float) -> None:
    """Visits have been made until then."""
    _note(settings).write_bytes(msgspec.json.encode(_Made(until)))


async def make(settings: Settings, start: float, end: float) -> int:
    """Make the visits from `start` to `end`; the number of requests."""
    spool = Spool(_spool_path(settings), settings.collector.spool_mebibytes << 20)
    counters = Counters(os.memfd_create("counters", os.MFD_CLOEXEC), settings.collector.workers)
    caps = caps_of(os.memfd_create("caps", os.MFD_CLOEXEC), settings)
    collector = make_collector(settings, 0, Salts(new_memory(), zones_of(settings)), caps, spool, counters)
    collector = replace(collector, notes_salts=False)
    shop = f"http://{settings.demo.listen}"
    hits = visits(random.Random(), start, end, settings.demo.visitors_a_day, shop, site=DEMO_SITE)  # noqa: S311 - a play
    made = 0
    while together := list(islice(hits, _AT_ONCE)):
        # one commit for many: all of these are in the spool before the next ones are drawn
        await asyncio.gather(*(collector.collect(_arrival(hit), native.decode(hit.body)) for hit in together))
        made += len(together)
    await collector.commit.drain()
    spool.close()
    return made


def _arrival(hit: Hit) -> Arrival:
    return Arrival(
        address=parse(hit.headers["X-Forwarded-For"]),
        user_agent=hit.headers["User-Agent"],
        language=hit.headers["Accept-Language"],
        origin=hit.headers["Origin"],
        now=hit.at,
    )


def _spool_path(settings: Settings) -> Path:
    return spool_path(settings, 0).with_name("demo-history.sqlite")


def _note(settings: Settings) -> Path:
    return settings.data / "demo.json"
