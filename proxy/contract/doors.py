"""Every route of the collector: what goes in, what is answered, and when. A test holds it against `routes.py`.

Leaves: one `Door` a method and path, in the order in which they are read about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.outcome import Outcome
from pipeline.recommendations import cards
from proxy import reply
from proxy.contract import shapes
from proxy.decode import ga4, limits, pixel, plausible, server

NATIVE, PLAUSIBLE, GOOGLE, SERVER = "The script", "Plausible", "Google's Measurement Protocol", "The shop's own server"
PIXEL, SCRIPT, CHOICE = "A page without scripts", "The script itself", "The visitor's choice"
RECOMMENDED = "What others looked at"
JSON, TEXT, NDJSON, FORM = "application/json", "text/plain", "application/x-ndjson", "application/x-www-form-urlencoded"

_TOLD = tuple(word for word in reply.STATUS if word is not Outcome.UNKNOWN_SENDER)
"""What a browser may hear."""
_TEXT = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One status.

    Attributes:
        says: when it is given.
        content: its type; empty: there is no body.
        schema: of the body.
        headers: name → what it says.
    """

    says: str
    content: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one path.

    Attributes:
        chapter: whose it is.
        bodies: content type → schema of what is sent; the type is not looked at, so any other does as well.
        query: name → schema of a parameter.
        required: parameters that must be there.
        most: bytes of a body.
        answers: status → answer.
    """

    chapter: str
    method: str
    path: str
    says: str
    answers: Mapping[int, Answer]
    bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    most: int = 0
    by_token: bool = False


def doors() -> tuple[Door, ...]:
    """All of them, with the script where it lies if nobody moves it."""
    return (
        *_of_browsers(),
        *_of_servers(),
        *(_script(method, path, says) for path, says in _SCRIPTS.items() for method in ("GET", "HEAD")),
        *(_recommended(method, path, says) for path, says in _FILES.items() for method in ("GET", "HEAD")),
        Door(CHOICE, "GET", "/opt-out", "The page by which a visitor asks not to be counted.", {200: _PAGE}),
        Door(
            CHOICE,
            "POST",
            "/opt-out",
            "One of its two buttons.",
            {
                303: Answer(
                    "Done.", headers={"Location": "The page.", "Set-Cookie": "`sporlos_opt_out=1`, or its end."}
                ),
                400: Answer("It was none of the two.", _PAGE.content, _TEXT),
                403: Answer("Another site's form sent it.", _PAGE.content, _TEXT),
            },
            bodies={FORM: {"type": "object", "properties": {"count": {"enum": ["no", "yes"]}}, "required": ["count"]}},
            most=limits.BODY_BYTES,
        ),
    )


def _of_browsers() -> tuple[Door, ...]:
    taken = {202: Answer("Taken, or refused for a reason that is about the visitor."), **_refusals(_TOLD), 503: _FULL}
    dropped = {"x-plausible-dropped": "How many sites were not told of it, if any."}
    of_plausible = {
        202: Answer("Taken, or refused; a header says of how many sites.", headers=dropped),
        400: _refusals((Outcome.MALFORMED,))[400],
        503: _FULL,
    }
    native_body, plausible_body = shapes.native_body(), shapes.ref(plausible.PlausibleEvent)
    image = Answer("An image, whatever became of the event.", "image/gif", {"type": "string", "format": "binary"})
    addresses = dict.fromkeys(("u", "r"), _TEXT | {"maxLength": limits.URL_CHARACTERS})
    return (
        Door(
            NATIVE,
            "POST",
            "/e",
            "Up to fifty events of one page. Beside the script, wherever that lies.",
            taken,
            bodies={TEXT: native_body, JSON: native_body},
            most=limits.BODY_BYTES,
        ),
        Door(NATIVE, "OPTIONS", "/e", _PREFLIGHT, {204: _ALLOWED}),
        Door(
            PLAUSIBLE,
            "POST",
            "/api/event",
            "One event, of one site or of up to five.",
            of_plausible,
            bodies={TEXT: plausible_body, JSON: plausible_body},
            most=limits.BODY_BYTES,
        ),
        Door(PLAUSIBLE, "OPTIONS", "/api/event", _PREFLIGHT, {204: _ALLOWED}),
        Door(
            PIXEL,
            "GET",
            "/e.gif",
            "One page view: `s` the site, `u` the page (else the header `Referer`), `r` where the visitor came from.",
            {200: image, 503: _FULL},
            query={"s": _TEXT | {"maxLength": pixel.SITE_CHARACTERS}, **addresses},
            required=("s",),
        ),
    )


def _of_servers() -> tuple[Door, ...]:
    words = {"type": "string", "enum": [*map(str, Outcome), "accepted"]}
    result = {"type": "object", "properties": {"outcome": words, "why": _TEXT}, "required": ["outcome"]}
    results = _object(results={"type": "array", "items": result})
    message = _object(fieldPath=_TEXT, description=_TEXT, validationCode=_TEXT)
    messages = _object(validationMessages={"type": "array", "items": message})
    google_body = shapes.ref(ga4.GoogleBody)
    refused = _refusals((Outcome.MALFORMED, Outcome.TOO_LARGE, Outcome.UNKNOWN_SENDER), why=_TEXT)
    return (
        Door(
            SERVER,
            "POST",
            "/v1/events",
            "Up to a thousand events: a JSON array, or one event a line (NDJSON).",
            {200: Answer("A result an event, in the order sent.", JSON, results), **refused, 503: _FULL},
            bodies={JSON: shapes.server_body(), NDJSON: _TEXT},
            most=server.BODY_BYTES,
            by_token=True,
        ),
        *(
            Door(
                GOOGLE,
                "POST",
                path,
                says,
                answers,
                bodies={JSON: google_body},
                query={"measurement_id": _TEXT, "api_secret": _TEXT},
                required=("measurement_id", "api_secret"),
                most=ga4.BODY_BYTES,
            )
            for path, says, answers in (
                ("/mp/collect", "Up to 25 events.", {204: Answer("Whatever became of them."), 503: _FULL}),
                (
                    "/debug/mp/collect",
                    "The same, to be told what is wrong with it. Nothing is counted.",
                    {
                        200: Answer("What is wrong.", JSON, messages),
                        **_refusals((Outcome.MALFORMED, Outcome.TOO_LARGE)),
                    },
                ),
            )
        ),
    )


def _refusals(words: tuple[Outcome, ...], **more: Mapping[str, Any]) -> dict[int, Answer]:
    """Status → answer, of refusals that are told."""
    statuses: dict[int, list[str]] = {}
    for word in words:
        statuses.setdefault(reply.STATUS[word], []).append(word)
    return {
        status: Answer(
            f"Nothing was taken: {' or '.join(f'`{word}`' for word in alike)}.",
            JSON,
            _object(refused={"type": "string", "enum": alike}, **more),
        )
        for status, alike in sorted(statuses.items())
    }


def _object(**fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}


def _script(method: str, path: str, says: str) -> Door:
    script = Answer("The same bytes for everyone.", "text/javascript" if method == "GET" else "", _TEXT)
    return Door(SCRIPT, method, path, says, {200: script})


def _recommended(method: str, path: str, says: str) -> Door:
    card = {"type": "object", "properties": dict.fromkeys(("id", "name", "link", "image"), _TEXT), "required": ["id"]}
    each = {"type": "array", "items": card, "maxItems": cards.MOST}
    lists = ("viewed_together", "bought_together", "popular")
    said = _object(product=_TEXT, **dict.fromkeys(lists, each)) if "{" in path else _object(popular=each)
    kept = {"Cache-Control": "An hour.", "ETag": "For `If-None-Match`."}
    return Door(
        RECOMMENDED,
        method,
        path,
        says,
        {
            200: Answer("The same for everyone.", JSON if method == "GET" else "", said, kept),
            304: Answer("It is the one that `If-None-Match` names.", headers=kept),
            404: Answer("Nothing is published of it.", headers={"Cache-Control": "Ten minutes."}),
        },
        query={"s": _TEXT},
        required=("s",),
    )


_FULL = Answer(
    "Nothing could be stored; try again.", headers={"Retry-After": f"{reply.RETRY_AFTER_SECONDS}, in seconds."}
)
_PAGE = Answer("The page.", "text/html", _TEXT)
_PREFLIGHT = "Before a POST with a content type of its own."
_ALLOWED = Answer("Any page may.", headers={"Access-Control-Allow-Methods": "`POST, OPTIONS`"})
_SCRIPTS = {
    "/s.js": "To be kept for an hour. Name and path are the operator's to change.",
    "/s.{version}.js": "Just these bytes, to be kept for a year; for a tag with `integrity`.",
}
_FILES = {
    "/r/{product}.json": "What others looked at or bought besides a product; `s` the site, whose settings want it.",
    "/r.json": "What is popular now.",
}
