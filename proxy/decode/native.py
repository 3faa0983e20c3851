"""The script's own dialect: one page, up to fifty events.

Enters: the body of `POST /e`. Leaves: the page, or the one word that says why not, with how many events that are.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import limits


class _Event(msgspec.Struct, kw_only=True):
    n: limits.Name
    i: limits.Text = ""
    t: int = 0
    currency: limits.Text = ""
    v: limits.Money = 0.0
    ms: limits.Count = 0
    sd: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    o: limits.Identifier = ""
    q: limits.Text = ""
    props: dict[limits.Text, limits.Text] = {}


class _GoodEvent(_Event):
    """As the script sends it."""

    items: list[limits.GoodItem] = []


class _AnyEvent(_Event):
    """With whatever a data layer calls an item."""

    items: list[limits.Item] = []


class _Page(msgspec.Struct, kw_only=True):
    s: limits.Text
    u: limits.Url
    r: limits.Url = ""
    w: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    m: limits.Text = ""
    a: bool = False


class _GoodPage(_Page):
    """As the script sends it: read in one go."""

    e: Annotated[list[_GoodEvent], msgspec.Meta(min_length=1, max_length=limits.EVENTS)]


class _AnyPage(_Page):
    """Read event by event: what can be read is kept."""

    e: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]


_good_page = msgspec.json.Decoder(_GoodPage).decode
_any_page = msgspec.json.Decoder(_AnyPage).decode
_any_event = msgspec.json.Decoder(_AnyEvent).decode


def decode(body: bytes) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """Pages, and one refusal an event that could not be read; what could be read is kept."""
    try:
        page = _good_page(body)
    except limits.UNREADABLE:
        return _decode_what_can_be_read(body)
    return (_raw_page(page, page.e),), ()


def _decode_what_can_be_read(body: bytes) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    try:
        page = _any_page(body)
    except limits.UNREADABLE:
        return (), (Outcome.MALFORMED,)
    events: list[_AnyEvent] = []
    refused = [Outcome.TOO_LARGE] * (len(page.e) - limits.EVENTS)
    for raw in page.e[: limits.EVENTS]:
        try:
            events.append(_any_event(raw))
        except limits.UNREADABLE:
            refused.append(Outcome.MALFORMED)
    return (_raw_page(page, events),), tuple(refused)


def _raw_page(page: _Page, events: Sequence[_GoodEvent | _AnyEvent]) -> RawPage:
    return RawPage(
        site=page.s,
        url=page.u,
        referrer=page.r,
        viewport=page.w,
        mode=page.m,
        automated=page.a,
        events=tuple([_raw_event(event) for event in events]),
    )


def _raw_event(event: _GoodEvent | _AnyEvent) -> RawEvent:
    return RawEvent(
        event.n,
        event.i,
        limits.clamp_age_ms(event.t),
        tuple([item.raw() for item in event.items[: limits.most_items(event.n)]]),
        event.v,
        event.currency,
        str(event.o),
        event.q,
        event.ms,
        event.sd,
        event.props,
    )
