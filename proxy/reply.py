"""Outcome to HTTP answer. Enters: how the events of a request ended. Leaves: bytes that say nothing about the visitor.

Byte for byte the same for a robot, a visitor who objects and one who agrees. What an integrator got wrong is said.
"""

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
_STATUS = {
    Outcome.MALFORMED: 400,
    Outcome.TOO_LARGE: 413,
    Outcome.UNKNOWN_SITE: 404,
    Outcome.WRONG_ORIGIN: 403,
    Outcome.UNKNOWN_EVENT: 400,
}
"""Refusals that are told, since they are about the page's set-up and not about the visitor."""


def accepted(outcomes: list[Outcome]) -> web.Response:
    """202, unless every event failed for a reason that may be told: then that reason."""
    if outcomes and all(outcome in _STATUS for outcome in outcomes):
        return refused(outcomes[0])
    return web.Response(status=202, headers=_ACCEPTED)


def accepted_plausible(outcomes: list[Outcome]) -> web.Response:
    """Plausible's way: 202 and a header that counts what was dropped; 400 only for what can't be read."""
    if outcomes == [Outcome.MALFORMED]:
        return refused(Outcome.MALFORMED)
    dropped = sum(outcome in _STATUS for outcome in outcomes)
    return web.Response(status=202, headers=_OPEN | ({"x-plausible-dropped": str(dropped)} if dropped else {}))


def refused(outcome: Outcome) -> web.Response:
    """One word, as JSON."""
    return web.Response(
        status=_STATUS[outcome],
        body=orjson.dumps({"refused": outcome}),
        content_type="application/json",
        headers=_OPEN,
    )


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


def script(body: bytes) -> web.Response:
    """The same bytes for everyone, for an hour."""
    headers = _OPEN | {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=body, content_type="text/javascript", charset="utf-8", headers=headers)


def not_found() -> web.Response:
    """No such route."""
    return web.Response(status=404, headers=_OPEN)


def not_allowed() -> web.Response:
    """The route is there, the method isn't."""
    return web.Response(status=405, headers=_OPEN)
