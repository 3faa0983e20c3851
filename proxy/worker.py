"""One collector worker: a port shared with its siblings, a spool file of its own, the salts' page of its parent.

Enters: settings and three file descriptors. Leaves: when it is told to, after the requests under way are answered and
all that they brought is on the disk.
"""

import asyncio
import resource
from pathlib import Path
from typing import BinaryIO, NamedTuple

from aiohttp import web

from pipeline import lock
from pipeline.event import EVENT_NAMES
from pipeline.spool.spool import Spool
from proxy import logs, places
from proxy.accept import GroupCommit
from proxy.admit import LAYERS, Watch, door_of
from proxy.app import Collector
from proxy.beacon import script
from proxy.counters import Counters
from proxy.lookups import LOOKUPS, is_referrer_spam, is_robot, with_places
from proxy.privacy.caps import Caps
from proxy.privacy.rate import Pace, RateLimit
from proxy.privacy.salts import Salts
from proxy.privacy.shop import Lookups, Rules
from proxy.routes import Routes
from proxy.settings import Address, Settings

_DRAIN_SECONDS = 10.0
_PREDECESSOR_SECONDS, _ASK_EVERY_SECONDS = 20.0, 0.05


class Shared(NamedTuple):
    """File descriptors of the memory that a collector's processes have in common, and of the file of places."""

    salts: int
    counters: int
    caps: int
    places: int | None = None


def zones_of(settings: Settings) -> list[str]:
    """The time zones whose midnights count, in an order that is the same in every process."""
    return sorted({settings.time_zone, *(site.time_zone for site in settings.sites)})


def no_core_dumps() -> None:
    """Memory that holds visitors' requests is not written to a file when a process crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def work(settings: Settings, number: int, shared: Shared, stop: asyncio.Event) -> None:
    """Listen until `stop` is set, then drain."""
    no_core_dumps()
    logs.hide_tracebacks(asyncio.get_running_loop())
    counters = Counters(shared.counters, settings.collector.workers)
    path = spool_path(settings, number)
    writing = await _only_writer(path.with_suffix(".lock"))
    spool = Spool(path, settings.collector.spool_mebibytes << 20)
    # with Redis the parent asks: that may take its time, which a visitor's request must not
    draws = settings.collector.salts != "redis"
    salts, caps = Salts(shared.salts, zones_of(settings), draws=draws), caps_of(shared.caps, settings)
    lookups = LOOKUPS if shared.places is None else with_places(places.held(shared.places))
    collector = make_collector(settings, number, salts, caps, spool, counters, lookups)
    # the low-level server: no routing table, and no log of ours or its own that would name an address
    runner = web.ServerRunner(
        web.Server(Routes(collector, settings).answer, access_log=None, logger=logs.silent()),
        shutdown_timeout=_DRAIN_SECONDS,
        handle_signals=False,
    )
    await runner.setup()
    listen = Address(settings.collector.listen)
    await web.TCPSite(runner, listen.host, listen.port, reuse_port=True, backlog=1024).start()
    counters.set_ready(number, ready=True)
    await stop.wait()
    counters.set_ready(number, ready=False)
    await runner.cleanup()
    await collector.commit.drain()
    spool.close()
    writing.close()


async def _only_writer(file: Path) -> BinaryIO:
    """Wait until a predecessor, whose parent was killed perhaps, has let go of the spool.

    Raises:
        OSError: it doesn't, or another collector uses the same folder.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _PREDECESSOR_SECONDS
    while True:
        try:
            return lock.take(file)
        except lock.Taken:
            if loop.time() > deadline:
                raise OSError(f"{file.with_suffix('')} is written by another collector") from None
        await asyncio.sleep(_ASK_EVERY_SECONDS)


def spool_path(settings: Settings, number: int) -> Path:
    """A worker's own spool file."""
    settings.spool.mkdir(parents=True, exist_ok=True)
    return settings.spool / f"worker-{number}.sqlite"


def caps_of(memory: int, settings: Settings) -> Caps:
    """The shared tables of every shop."""
    return Caps(memory, [site.id for site in settings.sites])


def make_collector(
    settings: Settings,
    number: int,
    salts: Salts,
    caps: Caps,
    spool: Spool,
    counters: Counters,
    lookups: Lookups = LOOKUPS,
) -> Collector:
    """Everything a worker needs to answer, from the settings."""
    doors = {
        site.id: door_of(site, site.time_zone or settings.time_zone, lookups, EVENT_NAMES, caps)
        for site in settings.sites
    }
    return Collector(
        worker=number,
        doors=doors,
        time_zone=settings.time_zone,
        forwarded_header=settings.collector.forwarded_header,
        trusted_proxies=settings.collector.trusted_proxies,
        rules=Rules(
            truncated_input=settings.collector.visitor_input == "truncated",
        ),
        watch=Watch(
            is_robot=is_robot,
            is_referrer_spam=is_referrer_spam,
            rate=RateLimit(settings.collector.events_per_address),
            marks={layer: getattr(settings.collector.robots, layer) == "mark" for layer in LAYERS},
        ),
        pace=Pace(settings.collector.events_per_visitor),
        salts=salts,
        commit=GroupCommit(spool),
        counters=counters,
        is_secure=settings.collector.public_url.startswith("https:"),
        script=script.load(),
    )
