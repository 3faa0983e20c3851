"""What a shop's own server reports: purchases, refunds, and what its visitors have agreed to.

Enters: the body of `POST /v1/events`, a JSON array or one event a line (NDJSON). Leaves: in the order sent, a page with
one event, or why there is none, in a word and a sentence of ours that repeats nothing of what was sent.

A field that is none of ours is refused, not dropped: whoever sends `transacton_id`, or an e-mail address, had better be
told. Of an item, whose keys are GA4's, what is not kept is dropped, as on the page: shops send their items as they are.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

import msgspec

from pipeline.event import PAGE_VIEW
from pipeline.outcome import Outcome
from proxy.arrival import Arrival, RawEvent, RawPage
from proxy.decode import limits, scalars
from proxy.privacy.address import parse
from proxy.privacy.coarse import currency

BODY_BYTES = 1024 * 1024
"""A thousand purchases of two or three products each; a browser's limit would stop at sixty."""
EVENTS = 1000

_Scalar = str | bool | int | float | None
_Agent = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Visitor(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who visits, as his browser told the shop's server."""

    address: limits.Text
    """His IP address; forgotten as a browser's own is."""
    user_agent: _Agent
    """His browser's header `User-Agent`."""
    language: limits.Text = ""
    """His browser's header `Accept-Language`."""
    objects: bool = False
    """`Sec-GPC: 1` or `DNT: 1` was sent."""


class ServerEvent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One thing that happened, as the shop's server knows it."""

    name: limits.Name
    """One of GA4's that are known here, or one of the site's own."""
    id: limits.Identifier = ""
    """The same when the event is sent again: the second is a `duplicate`."""
    at: str | int | float | None = None
    """When it was: ISO 8601 with an offset, or seconds since 1970; if left out, now. Its day must not be over."""
    url: limits.Url = ""
    """The page, on one of the site's origins; needed for a `page_view` only."""
    referrer: limits.Url = ""
    """Where the visitor came from."""
    consent: Literal["", "off", "count", "measure"] = ""
    """What the visitor has agreed to; if left out, what the site's country has before consent."""
    visitor: Visitor | None = None
    """For server-side tagging, where the token may name visitors; without it an event has no visitor number."""
    items: list[limits.Item] = []
    """Products; more than 30, or 100 of a purchase or a refund, are cut off."""
    currency: limits.Text = ""
    """ISO 4217; needed where there is an amount."""
    value: limits.Money | limits.Text = 0.0
    """What it is worth, in major units, delivery and all."""
    transaction_id: limits.Identifier = ""
    """Number of the order; the same order from page and server is one."""
    search_term: limits.Text = ""
    """What was searched for."""
    props: dict[limits.Text, _Scalar] = {}
    """Properties that the site's settings declare for this event; others are dropped."""
    engaged_ms: limits.Count = 0
    """Milliseconds of attention."""
    scroll: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """Percent of the page that was seen."""


_EXPECTED = {
    "name": "a text of 1 to 60 characters",
    "id": "a text of at most 200 characters, or a whole number",
    "at": "ISO 8601 with an offset, or seconds since 1970",
    "url": "a text of at most 2,000 characters",
    "referrer": "a text of at most 2,000 characters",
    "consent": "off, count or measure",
    "visitor": "an object with address and user_agent",
    "visitor.address": "an IP address",
    "visitor.user_agent": "a text of 1 to 1,000 characters",
    "visitor.language": "a text of at most 200 characters",
    "visitor.objects": "true or false",
    "items": "a list of objects with GA4's keys",
    "currency": "a code of ISO 4217",
    "value": "a number of major units, from -1e9 to 1e9",
    "transaction_id": "a text of at most 200 characters, or a whole number",
    "search_term": "a text of at most 200 characters",
    "props": "an object of texts, numbers, true and false",
    "engaged_ms": "a whole number of milliseconds",
    "scroll": "a whole number from 0 to 100",
}
_WHERE = re.compile(r" - at (?:`key` in )?`\$\.(\w+(?:\.\w+)?)[^`]*`$")
"""Where msgspec found the fault; the names in it are ours, since others are refused as unknown."""


class Fault(NamedTuple):
    """Why an event, or the whole body, can't be read."""

    outcome: Outcome
    why: str
    """For who wrote the sender. Nothing of what was sent is in it."""


Read = Iterator[RawPage | Fault] | Fault
"""An answer an event, each read when it is asked for; a single fault where not even events can be told apart."""

UNREAD = f"the body is larger than {BODY_BYTES:,} bytes, came too slowly, or did not come whole"

_events = msgspec.json.Decoder(list[msgspec.Raw]).decode
_event = msgspec.json.Decoder(ServerEvent).decode
_one = msgspec.json.Decoder(msgspec.Raw).decode


def decode(body: bytes, site: str, now: float, *, names_visitors: bool) -> Read:
    """Each event with a page of its own, or why not.

    Read one by one: a thousand with all their items take longer than visitors should wait.

    Args:
        body: as it came.
        site: whose server it is.
        now: seconds since 1970.
        names_visitors: whether it may tell of visitors.
    """
    raws = _apart(body)
    if isinstance(raws, Fault):
        return raws
    return (_page(raw, site, now, names_visitors=names_visitors) for raw in raws)


def _apart(body: bytes) -> Sequence[msgspec.Raw | bytes] | Fault:
    body = body.strip()
    try:
        # a single event may be written over several lines
        raws: Sequence[msgspec.Raw | bytes] = [_one(body)] if body.startswith(b"{") else _events(body)
    except limits.UNREADABLE:
        if not body.startswith(b"{"):
            return Fault(Outcome.MALFORMED, "expected a JSON array of events, or one event a line")
        raws = [line for line in body.split(b"\n") if line.strip()]
    if len(raws) > EVENTS:  # not the first thousand: an answer an event could then be far longer than what was sent
        return Fault(Outcome.TOO_LARGE, f"more than {EVENTS:,} events")
    return raws


def _page(raw: msgspec.Raw | bytes, site: str, now: float, *, names_visitors: bool) -> RawPage | Fault:
    try:
        sent = _event(raw)
    except limits.UNREADABLE as error:
        return Fault(Outcome.MALFORMED, _sentence(str(error)))
    value, age_ms = scalars.number(sent.value), _age_ms(sent.at, now)
    visitor = None if sent.visitor is None else _arrival(sent.visitor, now)
    items = tuple([item.raw() for item in sent.items[: limits.most_items(sent.name)]])
    has_amount = bool(value) or any(item.price for item in items)
    wrong = {
        _unlike("value"): value is None,
        # an amount in no currency belongs to no sum
        _unlike("currency"): not currency(sent.currency) and (has_amount or sent.currency),
        _unlike("at"): age_ms is None,
        "at: more than five minutes ahead; a number means seconds": age_ms is not None and age_ms < -limits.AGE_MS,
        "url: missing, and a page_view is of a page": sent.name == PAGE_VIEW and not sent.url,
        "visitor: this token may not tell of visitors (names_visitors)": visitor is not None and not names_visitors,
        _unlike("visitor.address"): visitor is not None and visitor.address is None,
    }
    if why := next((why for why, is_so in wrong.items() if is_so), ""):
        return Fault(Outcome.MALFORMED, why)
    event = RawEvent(
        name=sent.name,
        id=str(sent.id),
        age_ms=max(age_ms or 0, 0),
        items=items,
        value=value or 0.0,
        currency=sent.currency,
        order=str(sent.transaction_id),
        search_term=sent.search_term,
        engaged_ms=sent.engaged_ms,
        scroll=sent.scroll,
        props=scalars.texts(sent.props),
    )
    return RawPage(site=site, url=sent.url, referrer=sent.referrer, mode=sent.consent, visitor=visitor, events=(event,))


def _arrival(visitor: Visitor, now: float) -> Arrival:
    return Arrival(
        address=parse(visitor.address),
        user_agent=visitor.user_agent,
        language=visitor.language,
        objects=visitor.objects,
        by_server=True,
        now=now,
    )


def _age_ms(at: str | float | None, now: float) -> int | None:
    """How long ago; None: it is no moment, or one of no known offset."""
    if at is None:
        return 0
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
        if moment is not None and moment.tzinfo is None:
            return None
        return round((now - (float(at) if moment is None else moment.timestamp())) * 1000)
    except (ValueError, OverflowError):
        return None


def _unlike(field: str) -> str:
    return f"{field}: expected {_EXPECTED[field]}"


def _sentence(error: str) -> str:
    """What msgspec says, in words of ours: its own may name a key that was sent, and a key can be anything."""
    if error.startswith("Object contains unknown field"):
        return f"a field that is none of {', '.join(_EXPECTED)}"
    if error.startswith("Object missing required field"):
        return _unlike("visitor") if "$.visitor" in error else "name: missing"
    found = _WHERE.search(error)
    fields = [found[1], found[1].partition(".")[0]] if found else []  # of an item's price: `items`
    return next((_unlike(field) for field in fields if field in _EXPECTED), "expected a JSON object")
