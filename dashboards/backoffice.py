"""The back office's process: it ships, and it shows. It holds the store, and nobody else does.

Enters: where things are. Leaves: pages on one port, and answers about itself on a local socket, so that commands work
while the embedded engine is in use.
"""

import asyncio
import threading
import time
from collections.abc import Callable

import msgspec
import orjson
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


async def run(premises: Premises, stop: asyncio.Event, on_ready: Callable[[], None] | None = None) -> None:
    """Ship and show until `stop` is set; then ship what is left."""
    store = await asyncio.to_thread(open_store, premises)
    shipper = Shipper(store, premises.spool, time.time)
    end = threading.Event()
    shipping = threading.Thread(target=shipper.run, args=(end,), name="shipper")
    shipping.start()
    registry = CollectorRegistry()
    registry.register(_Metrics(shipper))
    office = Office(
        store=store,
        accounts=Accounts(premises.accounts),
        sites=premises.shops,
        secure_cookie=premises.secure_cookie,
        clock=time.time,
        registry=registry,
        ready=shipping.is_alive,
        cache=premises.data / "cache",
    )
    pages = web.AppRunner(make_app(office), access_log=None)
    commands = web.AppRunner(_commands(premises, store, shipper), access_log=None)
    try:
        await _listen(premises, pages, commands)
        if on_ready is not None:
            on_ready()
        await stop.wait()
    finally:
        await pages.cleanup()
        await commands.cleanup()
        end.set()
        await asyncio.to_thread(shipping.join)
        await asyncio.to_thread(store.close)


async def _listen(premises: Premises, pages: web.AppRunner, commands: web.AppRunner) -> None:
    await pages.setup()
    await web.TCPSite(pages, premises.host, premises.port).start()
    await commands.setup()
    premises.socket.unlink(missing_ok=True)  # a killed predecessor's; the store's lock says that it is gone
    await web.UnixSite(commands, str(premises.socket)).start()
    premises.socket.chmod(0o600)


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
