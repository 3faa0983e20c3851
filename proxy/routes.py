"""Which dialect answers where. Enters: a request. Leaves: an answer, in the manner of whoever's dialect it is.

Each door reads its request; `Collector.collect` does the rest. The table is made at the start: where the script lies is
the operator's to choose.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from aiohttp import web

from pipeline.outcome import Outcome
from proxy import logs, optout, reply
from proxy.app import AT_A_STRETCH, Collector, Decoded, read_body
from proxy.arrival import Arrival, RawPage
from proxy.decode import ga4, ga4_debug, native, pixel, plausible, server
from proxy.recommended import Recommended
from proxy.senders import sender_of, senders_of
from proxy.settings import Settings

_Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]


class Routes:
    """The doors of one worker.

    Args:
        collector: who takes in what comes through them.
        settings: the operator's.
    """

    def __init__(self, collector: Collector, settings: Settings) -> None:
        self._collector = collector
        self._senders = senders_of(settings.sites, collector.doors)
        self._streams = ga4.streams_of(settings.sites)
        self._recommended = Recommended(settings.data, settings.sites)
        script = settings.collector.script
        beside = script.rpartition("/")[0]
        self._table: Mapping[str, Mapping[str, _Answer]] = {
            f"{beside}/e": {"POST": self._native, "OPTIONS": self._preflight},
            "/api/event": {"POST": self._plausible, "OPTIONS": self._preflight},
            "/mp/collect": {"POST": self._ga4},
            "/debug/mp/collect": {"POST": self._ga4_debug},
            "/v1/events": {"POST": self._server},
            "/e.gif": {"GET": self._pixel},
            "/opt-out": {"GET": self._opt_out, "POST": self._opt_out},
            script: {"GET": self._script, "HEAD": self._script},
            collector.script.lasting(script): {"GET": self._lasting_script, "HEAD": self._lasting_script},
        }

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any request: find its route. A fault of ours is a 500 without a word about the request."""
        try:
            return await self._answer(request)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - the last stop before aiohttp's own, which would log the address
            logs.fault("request failed", error)
            return web.Response(status=500)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        methods = self._table.get(request.path)
        if methods is None:  # looked at last: no visitor's event waits for it
            return self._recommended.answer(request) if Recommended.is_asked(request.path) else reply.not_found()
        answer = methods.get(request.method)
        return await answer(request) if answer is not None else reply.not_allowed()

    # --- by visitors' browsers

    async def _native(self, request: web.BaseRequest) -> web.Response:
        """The script's own, `e` beside it."""
        return await self._post(request, native.decode, reply.accepted)

    async def _plausible(self, request: web.BaseRequest) -> web.Response:
        decode = partial(plausible.decode, sites=self._collector.doors)
        return await self._post(request, decode, reply.accepted_plausible)

    async def _post(
        self,
        request: web.BaseRequest,
        decode: Callable[[bytes], Decoded],
        answer: Callable[[list[Outcome]], web.Response],
    ) -> web.Response:
        body = await read_body(request)
        arrival = self._collector.arrive(request)  # after the body: a slow one may take us over a midnight
        decoded = ((), (body,)) if isinstance(body, Outcome) else decode(body)
        outcomes = await self._collector.collect(arrival, decoded)
        return reply.unavailable() if outcomes is None else answer(outcomes)

    async def _pixel(self, request: web.BaseRequest) -> web.Response:
        """The image, whatever became of the event, unless nothing could be stored."""
        decoded = pixel.decode(request.query, request.headers.get("Referer", ""))
        outcomes = await self._collector.collect(self._collector.arrive(request), decoded)
        return reply.unavailable() if outcomes is None else reply.image()

    async def _script(self, request: web.BaseRequest) -> web.Response:
        return reply.script(*self._collector.script.accepted(request.headers.get("Accept-Encoding", "")))

    async def _lasting_script(self, request: web.BaseRequest) -> web.Response:
        accepted = self._collector.script.accepted(request.headers.get("Accept-Encoding", ""))
        return reply.script(*accepted, lasting=True)

    async def _opt_out(self, request: web.BaseRequest) -> web.Response:
        """The page, and its two buttons."""
        if request.method != "POST":
            return optout.page()
        body = await read_body(request)
        said = b"" if isinstance(body, Outcome) else body
        return optout.answer(request.headers, said, secure=self._collector.is_secure)

    async def _preflight(self, _request: web.BaseRequest) -> web.Response:
        """`OPTIONS` before a POST with a content type of its own. Not of a server's doors: no page may hold a token."""
        return reply.preflight()

    # --- by shops' servers

    async def _ga4(self, request: web.BaseRequest) -> web.Response:
        """204 whatever became of the events, as Google answers, unless nothing could be stored."""
        body = await read_body(request, ga4.BODY_BYTES)
        arrival = self._nobody()
        stream = ga4.stream_of(request.query, self._streams)
        if isinstance(body, Outcome):
            decoded: Decoded = ((), (body,))
        else:
            decoded = ga4.decode(body, request.query, self._streams, arrival.now)
        outcomes = await self._collector.collect(arrival, decoded, stream.site if stream is not None else "")
        return reply.unavailable() if outcomes is None else reply.nothing()

    async def _ga4_debug(self, request: web.BaseRequest) -> web.Response:
        body = await read_body(request, ga4.BODY_BYTES)
        if isinstance(body, Outcome):
            return reply.refused(body)
        return reply.validated(ga4_debug.validate(body, request.query, self._streams, self._collector.now()))

    async def _server(self, request: web.BaseRequest) -> web.Response:
        """One result an event."""
        sender = sender_of(request.headers.get("Authorization", ""), self._senders)
        if sender is None:
            await self._collector.collect(self._nobody(), ((), (Outcome.UNKNOWN_SENDER,)))
            return reply.turned_away(Outcome.UNKNOWN_SENDER, "no token, or none of this collector's")
        body = await read_body(request, server.BODY_BYTES)
        arrival, site = self._nobody(), sender.door.shop.id
        if isinstance(body, Outcome):
            read: server.Read = server.Fault(body, server.UNREAD)
        else:
            read = server.decode(body, site, arrival.now, names_visitors=sender.names_visitors)
        if isinstance(read, server.Fault):
            await self._collector.collect(arrival, ((), (read.outcome,)), site)
            return reply.turned_away(read.outcome, read.why)
        pages = []
        for count, page in enumerate(read, 1):
            pages.append(page)
            if count % AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return await self._results(arrival, site, pages)

    async def _results(self, arrival: Arrival, site: str, read: Sequence[RawPage | server.Fault]) -> web.Response:
        pages = tuple(one for one in read if isinstance(one, RawPage))
        faults = tuple(one.outcome for one in read if isinstance(one, server.Fault))
        outcomes = await self._collector.collect(arrival, (pages, faults), site)
        if outcomes is None:
            return reply.unavailable()
        ended = iter(outcomes[len(faults) :])
        return reply.results(
            reply.Result(one.outcome, one.why)
            if isinstance(one, server.Fault)
            else reply.Result(next(ended), is_of_visitor=one.visitor is not None)
            for one in read
        )

    def _nobody(self) -> Arrival:
        """A server's request: its address and its agent are no visitor's, and are not looked at."""
        return Arrival(address=None, by_server=True, now=self._collector.now())
