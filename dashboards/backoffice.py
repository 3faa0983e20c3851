"""The back office's process: it ships, and it shows. It holds the store, and nobody else does.

Enters: where things are. Leaves: pages on one port, and answers about itself on a local socket, so that commands work
while the embedded engine is in use.
"""

import asyncio
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import orjson
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector as MetricSource

from dashboards.accounts import Accounts
from dashboards.office import Office
from dashboards.premises import Premises, Status, open_store, read_status
from dashboards.web.app import make_app
from pipeline.ship import Shipper
from pipeline.store import Store

_LAST_ANSWERS_SECONDS = 5.0
"""For requests under way at the end, for each of the two doors. Somebody who sends half a form and waits must not keep
the rest from being shipped before the supervisor's 30 seconds are over."""

log = structlog.get_logger("sporlos.backoffice")


class ShippingEnded(OSError):
    """The thread that ships is gone. An `OSError`, as the command line says those in one line."""


async def run(premises: Premises, stop: asyncio.Event, on_ready: Callable[[], None] | None = None) -> None:
    """Ship and show until `stop` is set; then ship what is left.

    Raises:
        ShippingEnded: shipping ended by itself. Whoever supervises this process starts it anew.
    """
    # left from the bottom up: nobody is shown anything any more, then the rest is shipped, then the store is closed
    async with AsyncExitStack() as stack:
        store = await asyncio.to_thread(open_store, premises)
        stack.push_async_callback(asyncio.to_thread, store.close)
        shipper = Shipper(store, premises.spool, time.time)
        shipping = _Shipping(shipper, stop)
        shipping.start()
        stack.push_async_callback(asyncio.to_thread, shipping.finish)
        commands = _runner(_commands(premises, store, shipper))
        stack.push_async_callback(commands.cleanup)
        pages = _runner(make_app(_office(premises, store, shipper, shipping)))
        stack.push_async_callback(pages.cleanup)
        await _listen(premises, pages, commands)
        if on_ready is not None:
            on_ready()
        await stop.wait()
        if shipping.trouble:
            raise ShippingEnded(f"shipping ended by itself ({shipping.trouble})")


class _Shipping(threading.Thread):
    """The shipper's thread. If it ends untold, the process must end too: pages alone would look alive for days."""

    def __init__(self, shipper: Shipper, stop: asyncio.Event) -> None:
        super().__init__(name="shipper")
        self.trouble = ""
        self._shipper = shipper
        self._end = threading.Event()
        self._loop, self._stop_office = asyncio.get_running_loop(), stop

    def run(self) -> None:
        """Ship until told to finish."""
        try:
            self._shipper.run(self._end)
        except BaseException as error:  # noqa: BLE001 - whatever it was, the thread is gone; said without its text
            frame = traceback.extract_tb(error.__traceback__)[-1]
            self.trouble = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
            log.error("shipping ended by itself", reason=self.trouble)
            self._loop.call_soon_threadsafe(self._stop_office.set)

    def finish(self) -> None:
        """Ship once more, and wait for that."""
        self._end.set()
        self.join()


def _office(premises: Premises, store: Store, shipper: Shipper, shipping: _Shipping) -> Office:
    registry = CollectorRegistry()
    registry.register(_Metrics(shipper))
    return Office(
        store=store,
        accounts=Accounts(premises.accounts),
        sites=premises.shops,
        secure_cookie=premises.secure_cookie,
        clock=time.time,
        registry=registry,
        ready=shipping.is_alive,
        cache=premises.data / "cache",
    )


def _runner(app: web.Application) -> web.AppRunner:
    return web.AppRunner(app, access_log=None, shutdown_timeout=_LAST_ANSWERS_SECONDS)


async def _listen(premises: Premises, pages: web.AppRunner, commands: web.AppRunner) -> None:
    await pages.setup()
    await web.TCPSite(pages, premises.host, premises.port).start()
    await commands.setup()
    try:
        premises.socket.unlink(missing_ok=True)  # a killed predecessor's; the store's lock says that it is gone
        await web.UnixSite(commands, str(premises.socket)).start()
        premises.socket.chmod(0o600)
    except OSError as error:
        # a path of more than about 100 characters, say: shipping and showing do without it
        log.warning("no local socket; `sporlos status` can't ask while this runs", reason=str(error))


def _commands(premises: Premises, store: Store, shipper: Shipper) -> web.Application:
    def status_now() -> Status:
        with shipper.paused():
            return read_status(premises, store, shipper.done)

    async def status(_request: web.Request) -> web.Response:
        found = await asyncio.to_thread(status_now)
        return web.Response(body=orjson.dumps(msgspec.to_builtins(found)), content_type="application/json")

    app = web.Application()
    app.add_routes([web.get("/status", status)])
    return app


class _Metrics(MetricSource):
    """Reads what the shipper has done when somebody asks."""

    def __init__(self, shipper: Shipper) -> None:
        self._shipper = shipper

    def collect(self) -> list[Metric]:
        done = self._shipper.done
        shipments = CounterMetricFamily("sporlos_shipments", "Shipments acknowledged")
        shipments.add_metric([], done.shipments)
        rows = CounterMetricFamily("sporlos_shipped_rows", "Rows put into the store")
        rows.add_metric([], done.rows)
        failures = CounterMetricFamily("sporlos_shipment_failures", "Attempts that failed and are tried again")
        failures.add_metric([], done.failures)
        last = GaugeMetricFamily("sporlos_last_shipment_seconds", "When the last shipment was acknowledged, Unix time")
        last.add_metric([], done.last_at)
        return [shipments, rows, failures, last]
