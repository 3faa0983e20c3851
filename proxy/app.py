"""The way in: one request, from the socket to the answer.

`collect` is the whole of it; each line names the file that it goes to. What is personal lives from `arrive` to `forget`
in this call's memory, and what leaves `forget` is all that the spool ever sees.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from zlib import error as ZlibError  # noqa: N812 - the module's name for it is lower case
from zoneinfo import ZoneInfo

from aiohttp import StreamReader, http_exceptions, web

from pipeline.event import Event, encode
from pipeline.outcome import Outcome, Tally
from proxy import logs, optout, reply
from proxy.accept import GroupCommit
from proxy.admit import Door, Pass, Watch, admit, drop_event
from proxy.arrival import Arrival, RawPage
from proxy.counters import Counters
from proxy.decode import limits, native, pixel, plausible
from proxy.ledger import Ledger
from proxy.privacy.address import Network, client_address
from proxy.privacy.forget import Forgotten, forget
from proxy.privacy.rate import Pace
from proxy.privacy.salts import Salts
from proxy.privacy.shop import Rules, Shop

Decoded = tuple[tuple[RawPage, ...], tuple[Outcome, ...]]

_BODY_SECONDS = 10.0
_PREFETCH = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_EVERY_BROWSER_SENDS = ("Accept-Language", "Accept-Encoding")


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
    watch: Watch
    pace: Pace
    salts: Salts
    commit: GroupCommit
    counters: Counters
    script: bytes
    is_secure: bool
    """Browsers reach the collector by HTTPS."""
    now: Callable[[], float] = field(default=time.time)
    notes_salts: bool = True
    """Whether the operator is told when a day's salt was drawn; the demo's past is no day of his."""
    _salts_noted: set[tuple[str, str]] = field(default_factory=set, init=False)
    """Shops and days."""

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

    async def opt_out(self, request: web.BaseRequest) -> web.Response:
        """`GET /opt-out`, and `POST` from its two buttons."""
        if request.method != "POST":
            return optout.page()
        body = await read_body(request)
        return optout.answer(request.headers, b"" if isinstance(body, Outcome) else body, secure=self.is_secure)

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
        ledger = Ledger()  # ledger.py
        rows: list[bytes] = []
        for outcome in unreadable:
            ledger.unplaced(self._day(self.time_zone, arrival), outcome)
        for page in pages:
            door = self.doors.get(page.site)
            if door is None:
                ledger.unplaced(self._day(self.time_zone, arrival), Outcome.UNKNOWN_SITE, len(page.events))
                continue
            passed = admit(page, arrival, door, self.watch)  # admit.py
            if isinstance(passed, Pass) and self._let_in(page, arrival, door, ledger):
                forgotten = self.salts.under(  # privacy/salts.py lends the salt, privacy/forget.py uses it
                    door.shop.time_zone,
                    arrival.now,
                    partial(forget, page, arrival, passed.mode, door.reading, rules=self.rules, marked=passed.marked),
                )
                rows += map(encode, self._keep(forgotten, arrival, door, ledger))  # pipeline/event.py
            elif isinstance(passed, Outcome):
                names = [event.name for event in page.events]
                ledger.refused(door, self._day(door.shop.time_zone, arrival), names, passed)
        stored = await self.commit.accept(rows, ledger)  # accept.py: fsynced when it returns
        return self._count(ledger.tally, stored=stored)

    def _day(self, zone: str, arrival: Arrival) -> str:
        return self.salts.day(zone, arrival.now)

    def _let_in(self, page: RawPage, arrival: Arrival, door: Door, ledger: Ledger) -> bool:
        """Leave those events of the page that the site knows; whether there are any."""
        strange = [event.name for event in page.events if drop_event(event, door)]
        if strange:
            ledger.refused(door, self._day(door.shop.time_zone, arrival), strange, Outcome.UNKNOWN_EVENT)
            page.events = tuple(event for event in page.events if event.name in door.names)
        return bool(page.events)

    def _keep(self, forgotten: Forgotten, arrival: Arrival, door: Door, ledger: Ledger) -> list[Event]:
        """The last layer against robots: who is faster than a person is refused or marked."""
        events = forgotten.events
        if not self.pace.allows(forgotten.visitor, len(events), arrival.now):  # privacy/rate.py
            if not self.watch.marks[Outcome.RATE_ANOMALY]:
                ledger.refused(door, events[0].day, [event.name for event in events], Outcome.RATE_ANOMALY)
                return []
            events = [event.marked_as(Outcome.RATE_ANOMALY) for event in events]
        ledger.kept(events, forgotten.remarks)
        self._note_salt(door.shop, events[0].day, ledger)
        return events

    def _note_salt(self, shop: Shop, day: str, ledger: Ledger) -> None:
        if not self.notes_salts or (shop.id, day) in self._salts_noted:
            return
        drawn = datetime.fromtimestamp(self.salts.drawn(shop.time_zone), ZoneInfo(shop.time_zone))
        if drawn.date().isoformat() == day:
            self._salts_noted.add((shop.id, day))
            ledger.salt(shop.id, day, drawn.strftime("%H:%M:%S"))

    def _arrive(self, request: web.BaseRequest) -> Arrival:
        return arrive(request, self.forwarded_header, self.trusted_proxies, self.now())

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
        # each may come in several lines, and a proxy may have split the cookies
        objects="1" in (*headers.getall("Sec-GPC", ()), *headers.getall("DNT", ())),
        opted_out=any(optout.has_opted_out(cookies) for cookies in headers.getall("Cookie", ())),
        bare=not all(name in headers for name in _EVERY_BROWSER_SENDS),
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
    "/opt-out": {"GET": Collector.opt_out, "POST": Collector.opt_out},
    "/s.js": {"GET": Collector.beacon, "HEAD": Collector.beacon},
}
