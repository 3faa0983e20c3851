"""The collector: the parent of the workers. It makes the salts' page, renews it on time, and tells how things are.

Enters: settings. Leaves: workers that listen, and health and metrics on a port of their own.
"""

import asyncio
import os
import time
from functools import partial
from hashlib import blake2b
from pathlib import Path

import msgspec
import orjson
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector as MetricSource

from pipeline.outcome import Outcome
from proxy import logs, places
from proxy.agreement import Agreement
from proxy.children import Child
from proxy.counters import Counters
from proxy.privacy import memory
from proxy.privacy.salts import Salts
from proxy.redis import Redis
from proxy.settings import Address, Settings
from proxy.worker import no_core_dumps, zones_of

_LOOK_EVERY_SECONDS = 1.0
_KEPT_SALTS = Path("/dev/shm")  # noqa: S108 - a tmpfs, checked to be one; the file is made 0600 and never followed

log = structlog.get_logger("sporlos.collector")


class CollectorStatus(msgspec.Struct, frozen=True):
    """How the collector is."""

    ready: bool
    workers: dict[str, int]
    """Name → process id, of those that run."""
    restarts: int
    outcomes: dict[str, int]
    """Since the collector started."""
    salt_age_seconds: dict[str, float]
    """By time zone: since the salt in use was drawn; a zone whose day has none yet is in `salts_missing`."""
    salts_locked: bool
    clock_back: bool
    """The clock was set back over a midnight; visits are counted without numbers."""
    salts_missing: tuple[str, ...] = ()
    """Time zones whose day has no salt yet, since Redis is away or unfit; visits are counted without numbers."""


async def collect(settings: Settings, arguments: list[str], stop: asyncio.Event) -> None:
    """Run the workers until `stop` is set.

    Args:
        settings: for all of them.
        arguments: of the command line, by which the workers find the same settings.
        stop: set it to drain and end.

    Raises:
        NotForgetful: the Redis that salts are to be agreed on through keeps what it is given.
        Invalid: the file of places can't be used.
    """
    no_core_dumps()
    logs.hide_tracebacks(asyncio.get_running_loop())
    places_fds = [places.hold(settings.collector.places)] if settings.collector.places else []
    salts_fd = _salt_memory(settings)
    counters_fd, caps_fd = (os.memfd_create(name, os.MFD_CLOEXEC) for name in ("counters", "caps"))
    salts = Salts(salts_fd, zones_of(settings), draws=settings.collector.salts != "redis")
    salts.renew(time.time())
    agreement = Agreement(Redis.at(settings.collector.redis), salts) if settings.collector.salts == "redis" else None
    if agreement is not None:
        await agreement.begin()
    warn_of_disks(locked=salts.locked)
    for site in settings.sites:
        if "profile" not in site.model_fields_set:
            log.warning("a site names no profile: before its pages tell of consent nothing is stored", site=site.id)
    counters = Counters(counters_fd, settings.collector.workers)
    shared_fds = (salts_fd, counters_fd, caps_fd, *places_fds)
    shared = [argument for fd in shared_fds for argument in ("--shared", str(fd))]
    workers = [
        Child(
            f"worker {n}",
            ["worker", *arguments, "--number", str(n), *shared],
            shared_fds,
            on_end=partial(counters.set_ready, n, ready=False),  # it may have been killed before it could say so
        )
        for n in range(settings.collector.workers)
    ]
    runner = await _admin(settings.collector.admin, salts, counters, workers)
    for worker in workers:
        worker.start()
    await asyncio.gather(_renew_until(stop, salts, workers), *([agreement.keep(stop)] if agreement else []))
    await asyncio.gather(*(worker.stop() for worker in workers))
    await runner.cleanup()
    if settings.collector.salts != "keep":
        salts.wipe()


def warn_of_disks(*, locked: bool, swaps: Path = memory.SWAPS) -> None:
    """Say which memory may reach a disk; it is for the operator to decide."""
    if not locked:
        log.warning("the salts could not be locked in memory and may be swapped; raise the limit of locked memory")
    if memory.swap_is_on(swaps):
        log.warning(
            "this machine swaps: the salts are locked in memory, but visitors' requests are not and may reach the disk"
            " for a while; turn swap off (swapoff -a, and /etc/fstab) or encrypt it with a key drawn at each boot"
        )


def _salt_memory(settings: Settings) -> int:
    instance = blake2b(str(settings.data.resolve()).encode(), digest_size=8).hexdigest()
    kept = _KEPT_SALTS / f"sporlos-{os.getuid()}-{instance}"
    if settings.collector.salts == "keep":
        return memory.kept_memory(kept)
    memory.forget(kept)
    return memory.new_memory()


async def _renew_until(stop: asyncio.Event, salts: Salts, workers: list[Child]) -> None:
    was_back = False
    while not stop.is_set():
        salts.renew(time.time())
        is_back = clock_is_back(salts, time.time())
        if is_back and not was_back:
            log.error(
                "the clock shows a day that is over: visits are counted without visitor numbers until it is right"
            )
        was_back = is_back
        for worker in workers:
            if worker.gave_up is not None:
                log.error("a worker can't start with these settings", worker=worker.name)
                stop.set()
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_EVERY_SECONDS)
        except TimeoutError:
            continue


def clock_is_back(salts: Salts, now: float) -> bool:
    """Whether the clock was set back over a midnight: then nobody gets a number, since one visitor could get two."""
    return any(now < salts.starts(zone) for zone in salts.zones)


async def _admin(listen: str, salts: Salts, counters: Counters, workers: list[Child]) -> web.AppRunner:
    registry = CollectorRegistry()
    registry.register(_Metrics(salts, counters, workers))

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        ready = counters.ready()
        return web.Response(text="ready\n" if ready else "not ready\n", status=200 if ready else 503)

    async def metrics(_request: web.Request) -> web.Response:
        body = generate_latest(registry)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def status(_request: web.Request) -> web.Response:
        found = _status(salts, counters, workers)
        return web.Response(body=orjson.dumps(msgspec.to_builtins(found)), content_type="application/json")

    app = web.Application()
    app.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", metrics),
            web.get("/status", status),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    address = Address(listen)
    await web.TCPSite(runner, address.host, address.port).start()
    return runner


def _status(salts: Salts, counters: Counters, workers: list[Child]) -> CollectorStatus:
    return CollectorStatus(
        ready=counters.ready(),
        workers={worker.name: worker.pid for worker in workers if worker.pid is not None},
        restarts=sum(worker.restarts for worker in workers),
        outcomes={str(outcome): events for outcome, events in counters.outcomes().items() if events},
        salt_age_seconds=_salt_ages(salts),
        salts_locked=salts.locked,
        clock_back=clock_is_back(salts, time.time()),
        salts_missing=tuple(zone for zone in salts.zones if not salts.drawn(zone)),
    )


def _salt_ages(salts: Salts) -> dict[str, float]:
    now = time.time()
    return {zone: now - salts.drawn(zone) for zone in salts.zones if salts.drawn(zone)}


class _Metrics(MetricSource):
    """Reads the shared page when somebody asks."""

    def __init__(self, salts: Salts, counters: Counters, workers: list[Child]) -> None:
        self._salts = salts
        self._counters = counters
        self._workers = workers

    def collect(self) -> list[Metric]:
        events = CounterMetricFamily("sporlos_events", "Events received, by how they ended", labels=["outcome"])
        for outcome in Outcome:
            events.add_metric([outcome], self._counters.outcomes()[outcome])
        stored, failed = self._counters.requests()
        requests = CounterMetricFamily("sporlos_requests", "Requests with events, by answer", labels=["answer"])
        requests.add_metric(["stored"], stored)
        requests.add_metric(["unavailable"], failed)
        restarts = CounterMetricFamily("sporlos_worker_restarts", "Workers that died and were started again")
        restarts.add_metric([], sum(worker.restarts for worker in self._workers))
        age = GaugeMetricFamily("sporlos_salt_age_seconds", "Since the salt in use was drawn", labels=["time_zone"])
        for zone, seconds in _salt_ages(self._salts).items():
            age.add_metric([zone], seconds)
        missing = GaugeMetricFamily("sporlos_salt_missing", "1 while the day has no salt yet", labels=["time_zone"])
        for zone in self._salts.zones:
            missing.add_metric([zone], not self._salts.drawn(zone))
        back = GaugeMetricFamily("sporlos_clock_back", "1 while the clock shows a time before the day of the salt")
        back.add_metric([], clock_is_back(self._salts, time.time()))
        return [events, requests, restarts, age, missing, back]
