"""The way in: one request, from the socket to the answer.

`collect` is the whole of it; each line names the file that it goes to. What is personal lives from `arrive` to `forget`
in this call's memory, and what leaves `forget` is all that the spool ever sees.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from zlib import error as ZlibError  # noqa: N812 - the module's name for it is lower case

from aiohttp import StreamReader, http_exceptions, web

from pipeline.event import encode
from pipeline.outcome import Counted, Outcome, Tally
from proxy import logs, reply
from proxy.accept import GroupCommit
from proxy.admit import Door, drop_event, drop_page
from proxy.arrival import Arrival, RawPage
from proxy.counters import Counters
from proxy.decode import limits, native, pixel, plausible
from proxy.privacy.address import Network, client_address
from proxy.privacy.forget import Lookups, Rules, forget
from proxy.privacy.rate import RateLimit
from proxy.privacy.salts import Salts

Decoded = tuple[tuple[RawPage, ...], tuple[Outcome, ...]]

_BODY_SECONDS = 10.0
_PREFETCH = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


@dataclass(frozen=True, slots=True)
class Collector:
    """What one worker holds, all of it made before the port opens."""

    worker: int
    doors: Mapping[str, Door]
    time_zone: str
    """Whose day counts for what no site can be named for."""
    forwarded_header: str
    trusted_proxies: tuple[Network, ...]
    rules: Rules
    lookups: Lookups
    is_robot: Callable[[str], bool]
    rate: RateLimit
    salts: Salts
    commit: GroupCommit
    counters: Counters
    script: bytes
    now: Callable[[], float] = field(default=time.time)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any request: find its route. A fault of ours is a 500 without a word about the request."""
        try:
            return await self._route(request)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - the last stop before aiohttp's own, which would log the address
            logs.fault("request failed", error)
            return web.Response(status=500)

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        methods = _ROUTES.get(request.path)
        if methods is None:
            return reply.not_found()
        answer = methods.get(request.method)
        return await answer(self, request) if answer is not None else reply.not_allowed()

    async def native(self, request: web.BaseRequest) -> web.Response:
        """`POST /e`."""
        return await self._post(request, native.decode, reply.accepted)

    async def plausible(self, request: web.BaseRequest) -> web.Response:
        """`POST /api/event`."""
        return await self._post(request, plausible.decode, reply.accepted_plausible)

    async def pixel(self, request: web.BaseRequest) -> web.Response:
        """`GET /e.gif`: the image, whatever became of the event, unless nothing could be stored."""
        decoded = pixel.decode(request.query, request.headers.get("Referer", ""))
        outcomes = await self.collect(self._arrive(request), decoded)
        return reply.unavailable() if outcomes is None else reply.image()

    async def beacon(self, _request: web.BaseRequest) -> web.Response:
        """`GET /s.js`."""
        return reply.script(self.script)

    async def preflight(self, _request: web.BaseRequest) -> web.Response:
        """`OPTIONS` before a POST with a content type of its own."""
        return reply.preflight()

    async def _post(
        self,
        request: web.BaseRequest,
        decode: Callable[[bytes], Decoded],
        answer: Callable[[list[Outcome]], web.Response],
    ) -> web.Response:
        body = await read_body(request)
        arrival = self._arrive(request)  # after the body: a slow one may take us over a midnight, into another salt
        decoded = ((), (body,)) if isinstance(body, Outcome) else decode(body)
        outcomes = await self.collect(arrival, decoded)
        return reply.unavailable() if outcomes is None else answer(outcomes)

    async def collect(self, arrival: Arrival, decoded: Decoded) -> list[Outcome] | None:
        """Admit, forget, accept; how each event ended, or None if it could not be stored."""
        pages, unreadable = decoded
        tally: Tally = Counter()
        rows: list[bytes] = []
        for outcome in unreadable:
            tally[Counted("", self.salts.day(self.time_zone, arrival.now), "", outcome)] += 1
        for page in pages:
            door = self.doors.get(page.site)
            admitted = self._admit(page, arrival, door, tally)  # admit.py
            if door is not None and admitted.events:
                events = self.salts.under(  # privacy/salts.py lends the salt, privacy/forget.py uses it
                    door.shop.time_zone,
                    arrival.now,
                    partial(forget, admitted, arrival, door.shop, lookups=self.lookups, rules=self.rules),
                )
                rows += map(encode, events)  # pipeline/event.py
        stored = await self.commit.accept(rows, tally)  # accept.py: fsynced when it returns
        return self._count(tally, stored=stored)

    def _admit(self, page: RawPage, arrival: Arrival, door: Door | None, tally: Tally) -> RawPage:
        """The page with the events that may come in; the others are counted, and so are these."""
        site, zone = ("", self.time_zone) if door is None else (door.shop.id, door.shop.time_zone)
        day = self.salts.day(zone, arrival.now)
        dropped = drop_page(page, arrival, door, self.is_robot) or self._over_limit(page, arrival)
        kept = []
        for event in page.events:
            known = door is not None and event.name in door.names
            outcome = dropped or (drop_event(event, door) if door is not None else None)
            # the sender's own words are not echoed, not even as a label
            tally[Counted(site, day, event.name if known else "", outcome or Outcome.STORED)] += 1
            if outcome is None:
                kept.append(event)
        page.events = tuple(kept)
        return page

    def _arrive(self, request: web.BaseRequest) -> Arrival:
        return arrive(request, self.forwarded_header, self.trusted_proxies, self.now())

    def _over_limit(self, page: RawPage, arrival: Arrival) -> Outcome | None:
        within = self.rate.allows(arrival.address, len(page.events), arrival.now)  # privacy/rate.py
        return None if within else Outcome.RATE_LIMITED

    def _count(self, tally: Tally, *, stored: bool) -> list[Outcome] | None:
        self.counters.add_request(self.worker, failed=not stored)
        outcomes: list[Outcome] = []
        for counted, events in tally.items():
            self.counters.add(self.worker, counted.outcome if stored else Outcome.SPOOL_FULL, events)
            outcomes += [counted.outcome] * events
        return outcomes if stored else None


def arrive(
    request: web.BaseRequest, forwarded_header: str, trusted_proxies: tuple[Network, ...], now: float
) -> Arrival:
    """What the request says of its sender."""
    headers = request.headers
    return Arrival(
        address=client_address(request.remote or "", headers.getall(forwarded_header, ()), trusted_proxies),
        user_agent=headers.get("User-Agent", "")[:1000],
        language=headers.get("Accept-Language", "")[:200],
        origin=headers.get("Origin", "").lower(),
        purpose=next((headers[name] for name in _PREFETCH if name in headers), ""),
        objects=headers.get("Sec-GPC") == "1" or headers.get("DNT") == "1",
        now=now,
    )


async def read_body(request: web.BaseRequest) -> bytes | Outcome:
    """The body, or why there is none: it is too large, too slow, or broken on its way."""
    if (request.content_length or 0) > limits.BODY_BYTES:
        return Outcome.TOO_LARGE
    content = request.content
    try:
        if content.is_eof():  # it came together with the headers, as a browser's does: no need for a clock
            body = content.read_nowait()
        else:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read_until_too_large(content)
    except (http_exceptions.HttpProcessingError, web.RequestPayloadError, ZlibError, TimeoutError, ValueError):
        return Outcome.MALFORMED
    return body if len(body) <= limits.BODY_BYTES else Outcome.TOO_LARGE


async def _read_until_too_large(content: StreamReader) -> bytes:
    body = bytearray()
    while len(body) <= limits.BODY_BYTES and (chunk := await content.readany()):
        body += chunk
    return bytes(body)


_ROUTES: Mapping[str, Mapping[str, Callable[[Collector, web.BaseRequest], Awaitable[web.Response]]]] = {
    "/e": {"POST": Collector.native, "OPTIONS": Collector.preflight},
    "/api/event": {"POST": Collector.plausible, "OPTIONS": Collector.preflight},
    "/e.gif": {"GET": Collector.pixel},
    "/s.js": {"GET": Collector.beacon, "HEAD": Collector.beacon},
}
