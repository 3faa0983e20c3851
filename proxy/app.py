"""The way in: one request, from the socket to the answer.

`collect` is the whole of it; each line names the file that it goes to. What is personal lives from `arrive` to `forget`
in this call's memory, and what leaves `forget` is all that the spool ever sees.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from zlib import error as ZlibError  # noqa: N812 - the module's name for it is lower case
from zoneinfo import ZoneInfo

from aiohttp import HttpVersion11, StreamReader, http_exceptions, web

from pipeline.event import Event, encode
from pipeline.outcome import Outcome
from proxy import optout
from proxy.accept import GroupCommit
from proxy.admit import Door, Pass, Watch, admit, drop_event, drop_late
from proxy.arrival import Arrival, RawPage
from proxy.beacon.script import Script
from proxy.counters import Counters
from proxy.decode import limits
from proxy.ledger import Ledger
from proxy.privacy.address import Network, client_address
from proxy.privacy.day import day_of
from proxy.privacy.forget import Forgotten, forget
from proxy.privacy.rate import Pace
from proxy.privacy.salts import Salts
from proxy.privacy.shop import Rules, Shop
from proxy.senders import Said

Decoded = tuple[tuple[RawPage, ...], tuple[Outcome, ...]]

_BODY_SECONDS = 10.0
_PREFETCH = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_EVERY_BROWSER_SENDS = ("Accept-Language", "Accept-Encoding")
AT_A_STRETCH = 50
"""A shop's server may bring a thousand events: visitors' requests must not wait until all are read and forgotten."""


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
    script: Script
    is_secure: bool
    """Browsers reach the collector by HTTPS."""
    now: Callable[[], float] = field(default=time.time)
    notes_salts: bool = True
    """Whether the operator is told when a day's salt was drawn; the demo's past is no day of his."""
    _salts_noted: set[tuple[str, str]] = field(default_factory=set, init=False)
    """Shops and days."""
    _said: Said = field(default_factory=Said, init=False)

    async def collect(self, arrival: Arrival, decoded: Decoded, site: str = "") -> list[Outcome] | None:
        """Admit, forget, accept; how each event ended, or None if it could not be stored.

        Args:
            arrival: the request.
            decoded: pages, and one refusal for each event that could not be read.
            site: whose server it is that sends this, where that is known: what can't be read is counted there.

        Returns:
            First the unreadable events, then page by page; of one page the refused ones first.
        """
        pages, unreadable = decoded
        ledger = Ledger()  # ledger.py
        rows: list[bytes] = []
        zone = self.doors[site].shop.time_zone if site else self.time_zone
        for outcome, alike in groupby(unreadable):  # a small body may hold 30,000 of them, one after the other
            ledger.unplaced(self._day(zone, arrival), outcome, sum(1 for _ in alike), site)
        for count, page in enumerate(pages, 1):
            came, door = page.visitor or arrival, self.doors.get(page.site)
            if door is None:
                ledger.unplaced(self._day(self.time_zone, arrival), Outcome.UNKNOWN_SITE, len(page.events))
                continue
            passed = admit(page, came, door, self.watch)  # admit.py
            if isinstance(passed, Pass) and self._let_in(page, came, door, ledger):
                forgotten = self.salts.under(  # privacy/salts.py lends the salt, privacy/forget.py uses it
                    door.shop.time_zone,
                    came.now,
                    partial(forget, page, came, passed.mode, door.reading, rules=self.rules, marked=passed.marked),
                )
                rows += map(encode, self._keep(forgotten, came, door, ledger))  # pipeline/event.py
            elif isinstance(passed, Outcome):
                names = [event.name for event in page.events]
                ledger.refused(door, self._day(door.shop.time_zone, came), names, passed)
            if count % AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        stored = await self.commit.accept(rows, ledger)  # accept.py: fsynced when it returns
        return self._count(ledger, stored=stored)

    def _day(self, zone: str, arrival: Arrival) -> str:
        return self.salts.day(zone, arrival.now)

    def _let_in(self, page: RawPage, arrival: Arrival, door: Door, ledger: Ledger) -> bool:
        """Leave those events of the page that the site knows, and whose day it still is; whether there are any."""
        strange = [event for event in page.events if drop_event(event, door, by_server=arrival.by_server)]
        if strange:
            names = [event.name for event in strange]
            ledger.refused(door, self._day(door.shop.time_zone, arrival), names, Outcome.UNKNOWN_EVENT)
            page.events = tuple(event for event in page.events if event not in strange)
        if arrival.by_server:  # a browser's are five minutes old at most
            self._leave_the_late(page, arrival, door, ledger)
        return bool(page.events)

    def _leave_the_late(self, page: RawPage, arrival: Arrival, door: Door, ledger: Ledger) -> None:
        starts = day_of(arrival.now, ZoneInfo(door.shop.time_zone)).starts
        late = [event for event in page.events if drop_late(event, arrival.now, starts)]
        names = [event.name for event in late]
        ledger.refused(door, self._day(door.shop.time_zone, arrival), names, Outcome.EXPIRED)
        page.events = tuple(event for event in page.events if event not in late)

    def _keep(self, forgotten: Forgotten, arrival: Arrival, door: Door, ledger: Ledger) -> list[Event]:
        """The last layer against robots: who is faster than a person is refused or marked."""
        events = forgotten.events
        if not self.pace.allows(forgotten.visitor, len(events), arrival.now):  # privacy/rate.py
            if not self.watch.marks[Outcome.RATE_ANOMALY]:
                ledger.refused(door, events[0].day, [event.name for event in events], Outcome.RATE_ANOMALY)
                return []
            events = [event.marked_as(Outcome.RATE_ANOMALY) for event in events]
        if arrival.by_server and not (events := self._unsaid(events, door, ledger)):
            return []
        ledger.kept(events, forgotten.remarks)
        self._note_salt(door.shop, events[0].day, ledger)
        return events

    def _unsaid(self, events: list[Event], door: Door, ledger: Ledger) -> list[Event]:
        """Those that the shop's server has not reported before; it is told of the others."""
        unsaid = []
        for event in events:
            saying = (event.site, event.day, event.event_id)
            if event.event_id and (saying in ledger.said or saying in self._said):
                ledger.refused(door, event.day, (event.name,), Outcome.DUPLICATE)
                continue
            if event.event_id:
                ledger.said.add(saying)
            unsaid.append(event)
        return unsaid

    def _note_salt(self, shop: Shop, day: str, ledger: Ledger) -> None:
        if not self.notes_salts or (shop.id, day) in self._salts_noted:
            return
        drawn = datetime.fromtimestamp(self.salts.drawn(shop.time_zone), ZoneInfo(shop.time_zone))
        if drawn.date().isoformat() == day:
            self._salts_noted.add((shop.id, day))
            ledger.salt(shop.id, day, drawn.strftime("%H:%M:%S"))

    def arrive(self, request: web.BaseRequest) -> Arrival:
        """What a visitor's request says of him."""
        return arrive(request, self.forwarded_header, self.trusted_proxies, self.now())

    def _count(self, ledger: Ledger, *, stored: bool) -> list[Outcome] | None:
        self.counters.add_request(self.worker, failed=not stored)
        for counted, events in ledger.tally.items():
            self.counters.add(self.worker, counted.outcome if stored else Outcome.SPOOL_FULL, events)
        if stored and ledger.said:  # not before: who is told of a duplicate need not send again
            self._said.add(ledger.said)
        return ledger.outcomes if stored else None


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


async def read_body(request: web.BaseRequest, most: int = limits.BODY_BYTES) -> bytes | Outcome:
    """The body of at most so many bytes, or why there is none: it is too large, too slow, or broken on its way."""
    if (request.content_length or 0) > most:
        return Outcome.TOO_LARGE
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")  # curl, and so PHP, would wait a second for it
        request.writer.output_size = 0
    content = request.content
    try:
        if content.is_eof():  # it came together with the headers, as a browser's does: no need for a clock
            body = content.read_nowait()
        else:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read_until_too_large(content, most)
    except (http_exceptions.HttpProcessingError, web.RequestPayloadError, ZlibError, TimeoutError, ValueError):
        return Outcome.MALFORMED
    return body if len(body) <= most else Outcome.TOO_LARGE


async def _read_until_too_large(content: StreamReader, most: int) -> bytes:
    body = bytearray()
    while len(body) <= most and (chunk := await content.readany()):
        body += chunk
    return bytes(body)
