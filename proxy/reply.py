"""Outcome to HTTP answer. Enters: how the events of a request ended. Leaves: bytes that say nothing about the visitor.

Byte for byte the same for a robot, a visitor who objects and one who agrees. What an integrator got wrong is said.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

import orjson
from aiohttp import web
from multidict import CIMultiDict

from pipeline.outcome import Outcome

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
RETRY_AFTER_SECONDS = 2

_OPEN = {
    # anyone may ask: nothing here depends on who does, there are no cookies, and origins are checked at the door
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_ACCEPTED = CIMultiDict(_OPEN)
"""Made once: it is copied for each answer, which is cheaper than made from a dictionary."""
_PREFLIGHT = _OPEN | {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}
STATUS = {
    Outcome.MALFORMED: 400,
    Outcome.TOO_LARGE: 413,
    Outcome.UNKNOWN_SITE: 404,
    Outcome.UNKNOWN_SENDER: 401,
    Outcome.WRONG_ORIGIN: 403,
    Outcome.UNKNOWN_EVENT: 400,
}
"""Refusals that are told, since they are about the page's set-up and not about the visitor."""

_CLOSED = {"Cache-Control": "no-store"}
"""For shops' servers: no page may ask, since it would have to hold a token."""
_TOLD_OF_VISITORS = frozenset({*STATUS, Outcome.EXPIRED, Outcome.NOT_CONSENTED})
"""They rest on what the event says, and on nothing that is known or thought of its visitor."""
_WHY = {
    Outcome.UNKNOWN_EVENT: "name: not a known one, and not declared in the site's settings",
    Outcome.WRONG_ORIGIN: "url: not on one of the site's origins",
    Outcome.NOT_CONSENTED: "consent: off, or not said where the site stores nothing before it",
    Outcome.EXPIRED: "at: the site's calendar day of that moment is over",
    Outcome.DUPLICATE: "id: stored before, or earlier in this request",
}


class Result(NamedTuple):
    """How one event of a shop's server ended."""

    outcome: Outcome
    why: str = ""
    is_of_visitor: bool = False
    """The server named him. It hears what his browser would: whether the event was right, and not what he is."""


def accepted(outcomes: list[Outcome]) -> web.Response:
    """202, unless every event failed for a reason that may be told: then that reason."""
    # a body of 64 KiB may hold 30,000 events that can't be read, one after the other
    if outcomes and all(outcome in STATUS for outcome, _ in groupby(outcomes)):
        return refused(outcomes[0])
    return web.Response(status=202, headers=_ACCEPTED)


def accepted_plausible(outcomes: list[Outcome]) -> web.Response:
    """Plausible's way: 202 and a header that counts what was dropped; 400 only for what can't be read."""
    if outcomes == [Outcome.MALFORMED]:
        return refused(Outcome.MALFORMED)
    dropped = sum(outcome in STATUS for outcome in outcomes)
    return web.Response(status=202, headers=_OPEN | ({"x-plausible-dropped": str(dropped)} if dropped else {}))


def refused(outcome: Outcome) -> web.Response:
    """One word, as JSON."""
    return _json({"refused": outcome}, STATUS[outcome], _OPEN)


def turned_away(outcome: Outcome, why: str) -> web.Response:
    """Of a shop's server nothing was read: one word, and a sentence."""
    asks = {"WWW-Authenticate": "Bearer"} if outcome is Outcome.UNKNOWN_SENDER else {}
    return _json({"refused": outcome, "why": why}, STATUS[outcome], _CLOSED | asks)


def results(ended: Iterable[Result]) -> web.Response:
    """200 with a result an event, in the order sent."""
    return _json({"results": [_said_of(result) for result in ended]}, 200, _CLOSED)


def validated(messages: list[dict[str, str]]) -> web.Response:
    """What Google's debug route answers."""
    return _json({"validationMessages": messages}, 200, _CLOSED)


def nothing() -> web.Response:
    """204, whatever became of the events."""
    return web.Response(status=204, headers=_CLOSED)


def _said_of(result: Result) -> dict[str, str]:
    if result.is_of_visitor and result.outcome not in _TOLD_OF_VISITORS:
        return {"outcome": "accepted"}
    why = result.why or _WHY.get(result.outcome, "")
    return {"outcome": result.outcome} | ({"why": why} if why else {})


def _json(value: object, status: int, headers: Mapping[str, str]) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json", headers=headers)


def unavailable() -> web.Response:
    """Nothing was stored; the sender may try again."""
    headers = _OPEN | {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return web.Response(status=503, headers=headers)


def preflight() -> web.Response:
    """For trackers that send JSON with its own content type."""
    return web.Response(status=204, headers=_PREFLIGHT)


def image() -> web.Response:
    """One transparent pixel, whatever became of the event."""
    return web.Response(body=GIF, content_type="image/gif", headers=_OPEN)


def script(body: bytes, encoding: str = "", *, lasting: bool = False) -> web.Response:
    """The same bytes for everyone, for an hour; for a year at an address that only these bytes have."""
    headers = _OPEN | {
        "Cache-Control": "public, max-age=31536000, immutable" if lasting else "public, max-age=3600",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    return web.Response(body=body, content_type="text/javascript", charset="utf-8", headers=headers)


def not_found() -> web.Response:
    """No such route."""
    return web.Response(status=404, headers=_OPEN)


def not_allowed() -> web.Response:
    """The route is there, the method isn't."""
    return web.Response(status=405, headers=_OPEN)
