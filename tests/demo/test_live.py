"""Live visitors against a collector that is there, away, or asks for patience."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from demo import live

CROWD = 50_000_000  # some hundred visits a second, so that no test waits for one


@dataclass
class Collector:
    """The network's other end: answers what it is told to, and remembers when it was asked."""

    answers: list[web.Response] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 10

    async def receive(self, request: web.Request) -> web.Response:
        """Take one hit."""
        self.bodies.append(await request.read())
        self.times.append(asyncio.get_running_loop().time())
        if len(self.bodies) >= self.wanted:
            self.enough.set()
        return self.answers.pop(0) if self.answers else web.Response(status=202)

    def server(self, port: int) -> TestServer:
        """It, listening on that port."""
        app = web.Application()
        app.add_routes([web.post("/e", self.receive)])
        return TestServer(app, host="127.0.0.1", port=port)


@asynccontextmanager
async def visitors(port: int) -> AsyncIterator[asyncio.Task[None]]:
    """A crowd on its way to the collector at that port."""
    rng = random.Random(5)
    going = asyncio.create_task(live.run(f"http://127.0.0.1:{port}/e", "http://shop", "demo.shop", rng, CROWD))
    try:
        yield going
    finally:
        going.cancel()
        with suppress(asyncio.CancelledError):
            await going


async def test_hits_arrive_as_time_passes() -> None:
    """Bodies reach the collector, and cancelling ends the run."""
    collector, port = Collector(), unused_port()
    async with collector.server(port), visitors(port) as going:
        async with asyncio.timeout(20):
            await collector.enough.wait()
    assert going.cancelled()
    assert all(body.startswith(b'{"s":"demo.shop"') for body in collector.bodies)


async def test_a_collector_that_comes_back_is_served() -> None:
    """While nothing listens the visitors wait; once it listens they come."""
    collector, port = Collector(), unused_port()
    async with visitors(port) as going:
        done, _ = await asyncio.wait([going], timeout=0.3)
        assert not done
        async with collector.server(port), asyncio.timeout(20):
            await collector.enough.wait()


async def test_the_collectors_wish_to_wait_is_granted() -> None:
    """A 503 with Retry-After is waited out, and the same hit is sent again."""
    collector, port = Collector(wanted=2), unused_port()
    collector.answers.append(web.Response(status=503, headers={"Retry-After": "1"}))
    async with collector.server(port), visitors(port), asyncio.timeout(20):
        await collector.enough.wait()
    assert collector.times[1] - collector.times[0] >= 0.99
    assert collector.bodies[0] == collector.bodies[1]


async def test_a_refusal_is_final() -> None:
    """A hit that the collector does not want is not sent again."""
    collector, port = Collector(wanted=2), unused_port()
    collector.answers.append(web.Response(status=400))
    async with collector.server(port), visitors(port), asyncio.timeout(20):
        await collector.enough.wait()
    assert collector.bodies[0] != collector.bodies[1]
