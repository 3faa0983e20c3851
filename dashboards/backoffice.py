"""The back office's process: it ships, it closes and drops, and it shows. It holds the store, and nobody else does.

Enters: where things are. Leaves: pages on one port, and answers about itself on a local socket, so that commands work
while the embedded engine is in use.
"""

import asyncio
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from dashboards.accounts import Accounts
from dashboards.advertisers import Advertisers
from dashboards.commands import make_commands
from dashboards.local import reach
from dashboards.metrics import Account, ShippingMetrics, UpkeepMetrics
from dashboards.office import Office
from dashboards.outgoing import Outgoing
from dashboards.premises import Premises, Status, let_go, open_store, read_status, waiting_days
from dashboards.web.app import make_app
from pipeline.audiences.shop import Product
from pipeline.recommendations.publish import Publisher
from pipeline.ship.shipper import Shipper
from pipeline.store.database import Store
from pipeline.upkeep import Upkeep

_LAST_ANSWERS_SECONDS = 5.0
"""For requests under way at the end, for each of the two doors. Somebody who sends half a form and waits must not keep
the rest from being shipped before the supervisor's 30 seconds are over."""

log = structlog.get_logger("sporlos.backoffice")


class WorkEnded(OSError):
    """The thread that ships, or the one that closes and drops, is gone.

    An `OSError`, as the command line says those in one line.
    """


async def run(premises: Premises, stop: asyncio.Event, on_ready: Callable[[], None] | None = None) -> None:
    """Ship and show until `stop` is set; then ship what is left.

    Raises:
        WorkEnded: shipping or upkeep ended by itself. Whoever supervises this process starts it anew.
    """
    # left from the bottom up: nobody is shown anything any more, then the rest is shipped, then the store is closed
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(let_go, premises)
        store = await asyncio.to_thread(open_store, premises)
        stack.push_async_callback(asyncio.to_thread, store.close)
        zones, limits = premises.zones, premises.retention
        shipper = Shipper(store, premises.spool, time.time, set(zones.values()), limits.keep_seconds)
        shipping = _Lasting("shipper", shipper.run, stop)
        shipping.start()
        stack.push_async_callback(asyncio.to_thread, shipping.finish)
        waiting = partial(waiting_days, premises)
        shops, recommending = Advertisers(premises.declared), Advertisers(premises.recommending)
        publisher = Publisher(store, premises.data, partial(_offers, recommending))
        upkeep = Upkeep(
            store, zones, limits, time.time, waiting, shipper.paused, premises.time_zone, shops, publisher.round
        )
        keeping = _Lasting("upkeep", upkeep.run, stop)
        keeping.start()
        stack.push_async_callback(asyncio.to_thread, keeping.finish)

        def status() -> Status:
            with shipper.paused():
                return read_status(premises, store, shipper.done, upkeep.done)

        account = Account(status, time.time)
        stack.push_async_callback(asyncio.to_thread, account.finish)
        outgoing = Outgoing(store, shops, zones=zones)
        commands = _runner(make_commands(status, store, upkeep, outgoing))
        stack.push_async_callback(commands.cleanup)
        registry = CollectorRegistry()
        registry.register(ShippingMetrics(shipper, account))
        registry.register(UpkeepMetrics(upkeep))
        pages = _runner(make_app(_office(premises, store, shipping, registry, outgoing)))
        stack.push_async_callback(pages.cleanup)
        await _listen(premises, pages, commands)
        if on_ready is not None:
            on_ready()
        await stop.wait()
        for thread in (shipping, keeping):
            if thread.trouble:
                raise WorkEnded(f"the thread {thread.name} ended by itself ({thread.trouble})")


class _Lasting(threading.Thread):
    """A thread that works until it is told to finish. If it ends untold, the process must end too.

    Pages alone would look alive for days.
    """

    def __init__(self, name: str, work: Callable[[threading.Event], None], stop: asyncio.Event) -> None:
        super().__init__(name=name)
        self.trouble = ""
        self._work = work
        self._end = threading.Event()
        self._loop, self._stop_office = asyncio.get_running_loop(), stop

    def run(self) -> None:
        """Work until told to finish."""
        try:
            self._work(self._end)
        except BaseException as error:  # noqa: BLE001 - whatever it was, the thread is gone; said without its text
            frame = traceback.extract_tb(error.__traceback__)[-1]
            self.trouble = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
            log.error("a thread ended by itself", thread=self.name, reason=self.trouble)
            self._loop.call_soon_threadsafe(self._stop_office.set)

    def finish(self) -> None:
        """Tell it, and wait until it has: the shipper ships once more."""
        self._end.set()
        self.join()


def _offers(shops: Advertisers) -> dict[str, Sequence[Product] | None]:
    """The catalogue of each; None: it has never been readable."""
    return {site: shop.catalogue if (shop := shops.get(site)) else None for site in shops.sites}


def _office(
    premises: Premises, store: Store, shipping: _Lasting, registry: CollectorRegistry, outgoing: Outgoing
) -> Office:
    return Office(
        store=store,
        accounts=Accounts(premises.accounts),
        sites=premises.shops,
        secure_cookie=premises.secure_cookie,
        clock=time.time,
        registry=registry,
        ready=shipping.is_alive,
        cache=premises.data / "cache",
        outgoing=outgoing,
    )


def _runner(app: web.Application) -> web.AppRunner:
    return web.AppRunner(app, access_log=None, shutdown_timeout=_LAST_ANSWERS_SECONDS)


async def _listen(premises: Premises, pages: web.AppRunner, commands: web.AppRunner) -> None:
    await pages.setup()
    await web.TCPSite(pages, premises.host, premises.port).start()
    await commands.setup()
    try:
        premises.socket.unlink(missing_ok=True)  # a killed predecessor's; the store's lock says that it is gone
        with reach(premises.socket) as name:
            await web.UnixSite(commands, name).start()
        premises.socket.chmod(0o600)
    except OSError as error:
        # a disk that knows no sockets, say: shipping and showing do without it
        log.warning("no local socket; `sporlos status` can't ask while this runs", reason=str(error))
