"""Google Analytics' Measurement Protocol (GA4), so that a shop's server can report here what it reports there.

Enters: the query and the body of `POST /mp/collect`. Leaves: pages with their events, or refusals. `ga4_debug.py` says
in Google's words what is wrong with a request.
Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference

Read by nobody, so that nothing of it can be stored: `client_id`, `user_id`, `app_instance_id`, `user_properties`,
`user_data`, `ip_override`, `user_location`, `device`, `session_id`. The request comes from a server: its address and
agent are no visitor's, so its events have no visitor number, no country, no device, whatever was agreed to.
Consent: the protocol's own words (`ad_user_data`, `ad_personalization`, `non_personalized_ads`) are about advertising
and open nothing here. A site that does nothing before consent counts an event only with Consent Mode's
`"consent": {"analytics_storage": "GRANTED"}`, which Google's server ignores.
"""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from pipeline.event import EVENT_NAMES, PAGE_VIEW
from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import limits, scalars
from proxy.privacy.modes import Mode
from proxy.site import Site

BODY_BYTES = 130 * 1024
"""As Google has it: more than a browser may send, since twenty-five orders may come at once."""
EVENTS = 25
_DAY_MS = 24 * 3600 * 1000
_MODES = {True: "count", False: "server"}
"""Whether counting was agreed to → what the page says of consent; `server` is no word of `privacy/modes.py`, so it
allows what the site's profile allows, and counting at most."""

_NO_PROPERTY = frozenset(
    """page_location page_referrer page_title items value currency transaction_id search_term engagement_time_msec
    timestamp_micros session_id session_number ga_session_id ga_session_number client_id user_id user_data
    user_properties language screen_resolution debug_mode""".split()
)
"""Parameters that are read as something else, or by nobody, even where a site declares a property of that name."""


class Stream(NamedTuple):
    """What a measurement id means here."""

    site: str
    secret_sha256: str
    names: frozenset[str]
    """Events that the site knows."""
    origins: frozenset[str]
    """Where its pages live."""
    time_zone: str
    asks: bool
    """Nothing is counted before somebody has agreed."""


class Fault(NamedTuple):
    """What is wrong with a request, or with one event of it."""

    path: str
    """The field, as Google writes it."""
    code: str
    """One of Google's `ValidationCode`s."""
    says: str
    outcome: Outcome


class Sent(NamedTuple):
    """One event that could be read, and where it happened."""

    url: str
    referrer: str
    event: RawEvent
    items: int
    """How many products were sent, read or not."""


class GoogleBody(msgspec.Struct):
    """A request, read event by event: what can be read is kept."""

    events: msgspec.Raw
    """What happened: a list of up to 25, or a single one."""
    timestamp_micros: Any = None
    """When, for the events that don't say."""
    consent: Any = None
    """`{"analytics_storage": "GRANTED"}` opens a site that counts nothing before consent; other words don't."""


class GoogleEvent(msgspec.Struct):
    """One thing that happened."""

    name: limits.Name
    """One of GA4's that are known here, or one of the site's own."""
    params: dict[str, Any] | None = None
    """What there is to say of it."""
    timestamp_micros: Any = None
    """When, in microseconds since 1970; the site's day must not be over."""


class GoogleParams(msgspec.Struct):
    """The parameters that are read; others are the site's own properties, or nobody's. Only `items` have a shape."""

    page_location: Any = None
    """Address of the page, on one of the site's origins; needed for a `page_view` only."""
    page_referrer: Any = None
    """Where the visitor came from."""
    items: list[limits.Item] | None = None
    """Products; more than 30, or 100 of a purchase or a refund, are cut off."""
    value: Any = None
    """What it is worth, in major units, as a number or a text."""
    currency: Any = None
    """Of `value` and of the items' prices: ISO 4217."""
    transaction_id: Any = None
    """Number of the order; the same order from page and server is one."""
    search_term: Any = None
    """What was searched for."""
    engagement_time_msec: Any = None
    """Milliseconds of attention."""
    timestamp_micros: Any = None
    """When it was, if the event itself doesn't say."""


class Request(NamedTuple):
    """A body, event by event."""

    events: tuple[Sent | Fault, ...]
    agreed: bool
    """Somebody has agreed to being counted."""


_body = msgspec.json.Decoder(GoogleBody).decode
_events = msgspec.json.Decoder(list[msgspec.Raw]).decode
_event = msgspec.json.Decoder(GoogleEvent).decode


def streams_of(sites: Iterable[Site]) -> dict[str, Stream]:
    """Measurement id → what it means, from the settings."""
    return {
        measurement_id: Stream(
            site=site.id,
            secret_sha256=secret_sha256,
            names=EVENT_NAMES | frozenset(site.events),
            origins=frozenset(site.origins),
            time_zone=site.time_zone,
            asks=site.before_consent is Mode.OFF,
        )
        for site in sites
        for measurement_id, secret_sha256 in site.ga4.items()
    }


def stream_of(query: Mapping[str, str], known: Mapping[str, Stream]) -> Stream | None:
    """The stream that the query names, if its secret is the right one."""
    stream = known.get(query.get("measurement_id", ""))
    digest = sha256(query.get("api_secret", "").encode(errors="replace")).hexdigest()
    return stream if stream is not None and hmac.compare_digest(digest, stream.secret_sha256) else None


def decode(
    body: bytes, query: Mapping[str, str], known: Mapping[str, Stream], now: float
) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """Events of one page in a row are one page's; what could be read is kept.

    Args:
        body: as it came.
        query: of the request, `measurement_id` and `api_secret`.
        known: from `streams_of`.
        now: seconds since 1970, for events that tell their time.
    """
    request = read(body, now)
    if isinstance(request, Fault):
        return (), (request.outcome,)
    stream = stream_of(query, known)
    if stream is None:
        # a stranger who sends a hundred thousand is counted for as many as he could have sent
        return (), (Outcome.UNKNOWN_SITE,) * min(len(request.events), EVENTS)
    sent = [event for event in request.events if isinstance(event, Sent)]
    pages = tuple(
        RawPage(
            site=stream.site,
            url=url,
            referrer=referrer,
            mode=_MODES[request.agreed],
            events=tuple(each.event for each in events),
        )
        for (url, referrer), events in groupby(sent, key=lambda each: (each.url, each.referrer))
    )
    return pages, tuple(event.outcome for event in request.events if isinstance(event, Fault))


def read(body: bytes, now: float) -> Request | Fault:
    """Every event of a body, or what is wrong with all of it."""
    try:
        sent = _body(body)
        # a single event without a list around it is what ga4mp, on PyPI, sends of what it has postponed
        raws = _events(sent.events) if bytes(sent.events).lstrip().startswith(b"[") else [sent.events]
    except limits.UNREADABLE:
        return Fault("", "VALUE_INVALID", "The body is no JSON object with events.", Outcome.MALFORMED)
    if not raws:
        return Fault("events", "VALUE_REQUIRED", "There must be at least one event.", Outcome.MALFORMED)
    too_many = Fault("events", "EXCEEDED_MAX_ENTITIES", f"At most {EVENTS} events are read.", Outcome.TOO_LARGE)
    events = [_sent(raw, at, sent.timestamp_micros, now) for at, raw in enumerate(raws[:EVENTS])]
    consent = sent.consent if isinstance(sent.consent, dict) else {}
    agreed = str(consent.get("analytics_storage")).upper() == "GRANTED"
    return Request((*events, *[too_many] * (len(raws) - EVENTS)), agreed)


def _sent(raw: msgspec.Raw, at: int, of_all: object, now: float) -> Sent | Fault:
    """One event; `of_all`: the time of the request, for events that tell none."""
    where = f"events[{at}]"
    try:
        event = _event(raw)
    except limits.UNREADABLE:
        says = f"Event at index: [{at}] is no object with a name of 1 to 60 characters."
        return Fault("events", "NAME_INVALID", says, Outcome.MALFORMED)
    said = event.params or {}
    try:
        params = msgspec.convert(said, GoogleParams)
    except limits.UNREADABLE:
        says = f"Event at index: [{at}] has items that are no list of products."
        return Fault(f"{where}.params.items", "VALUE_INVALID", says, Outcome.MALFORMED)
    told = next((t for t in (event.timestamp_micros, params.timestamp_micros, of_all) if t is not None), None)
    age_ms = _age_ms(told, where, now)
    if isinstance(age_ms, Fault):
        return age_ms
    url = _url(params.page_location, event.name, at)
    if isinstance(url, Fault):
        return url
    value = scalars.number(params.value)
    if value is None:
        says = f"Event at index: [{at}] has a value that is no amount."
        return Fault(f"{where}.params.value", "VALUE_INVALID", says, Outcome.MALFORMED)
    items = params.items or []
    read = RawEvent(
        event.name,
        age_ms=age_ms,
        items=tuple([item.raw() for item in items[: limits.most_items(event.name)]]),
        value=value,
        currency=scalars.text(params.currency),
        order=scalars.text(params.transaction_id),
        search_term=scalars.text(params.search_term),
        engaged_ms=scalars.whole(params.engagement_time_msec, _DAY_MS) or 0,
        props=scalars.texts({name: value for name, value in said.items() if name not in _NO_PROPERTY}),
    )
    return Sent(url, scalars.text(params.page_referrer), read, len(items))


def _url(told: object, name: str, at: int) -> str | Fault:
    """Where an event was, or empty: an order by telephone was on no page. A view was on one."""
    path = f"events[{at}].params.page_location"
    if told is not None and not (isinstance(told, str) and len(told) <= limits.URL_CHARACTERS):
        says = (
            f"Event at index: [{at}] has a page_location that is no text of at most {limits.URL_CHARACTERS} characters."
        )
        outcome = Outcome.TOO_LARGE if isinstance(told, str) else Outcome.MALFORMED
        return Fault(path, "VALUE_OUT_OF_BOUNDS", says, outcome)
    if name == PAGE_VIEW and not told:
        says = f"Event at index: [{at}] is a page_view without a page_location."
        return Fault(path, "VALUE_REQUIRED", says, Outcome.MALFORMED)
    return told or ""


def _age_ms(told: object, where: str, now: float) -> int | Fault:
    """How long ago an event was, from its time in microseconds.

    Google takes three days. Here a day is closed when it is over, and a browser's clock may run ahead by no more than
    its events may be old.
    """
    if told is None:
        return 0
    try:
        age_ms = round(now * 1000 - float(told) / 1000)  # type: ignore[arg-type]  # what is no number is refused
    except (TypeError, ValueError, OverflowError):
        says = "The timestamp is no number of microseconds."
        return Fault(f"{where}.timestamp_micros", "VALUE_INVALID", says, Outcome.MALFORMED)
    if age_ms < -limits.AGE_MS:
        says = "The timestamp lies in the future."
        return Fault(f"{where}.timestamp_micros", "VALUE_OUT_OF_BOUNDS", says, Outcome.MALFORMED)
    if age_ms > _DAY_MS:
        says = "The timestamp is older than 24 hours; microseconds since 1970 are expected."
        return Fault(f"{where}.timestamp_micros", "VALUE_OUT_OF_BOUNDS", says, Outcome.EXPIRED)
    return max(age_ms, 0)
