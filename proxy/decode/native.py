"""The script's own dialect: one page, up to fifty events.

Enters: the body of `POST /e`. Leaves: the page, or the one word that says why not, with how many events that are.
"""

from typing import Annotated

import msgspec

from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import limits


class _Event(msgspec.Struct):
    n: limits.Name
    i: limits.Text = ""
    t: int = 0
    items: list[limits.Item] = []
    currency: limits.Text = ""
    v: limits.Money = 0.0
    ms: limits.Count = 0
    sd: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    o: limits.Identifier = ""
    q: limits.Text = ""
    props: dict[limits.Text, limits.Text] = {}


class _Page(msgspec.Struct, kw_only=True):
    s: limits.Text
    u: limits.Url
    r: limits.Url = ""
    w: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    m: limits.Text = ""


class _GoodPage(_Page):
    """As the script sends it: read in one go."""

    e: Annotated[list[_Event], msgspec.Meta(min_length=1, max_length=limits.EVENTS)]


class _AnyPage(_Page):
    """Read event by event: what can be read is kept."""

    e: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]


_good_page = msgspec.json.Decoder(_GoodPage).decode
_any_page = msgspec.json.Decoder(_AnyPage).decode
_event = msgspec.json.Decoder(_Event).decode


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
    events: list[_Event] = []
    refused = [Outcome.TOO_LARGE] * (len(page.e) - limits.EVENTS)
    for raw in page.e[: limits.EVENTS]:
        try:
            events.append(_event(raw))
        except limits.UNREADABLE:
            refused.append(Outcome.MALFORMED)
    return (_raw_page(page, events),), tuple(refused)


def _raw_page(page: _Page, events: list[_Event]) -> RawPage:
    return RawPage(
        site=page.s,
        url=page.u,
        referrer=page.r,
        viewport=page.w,
        mode=page.m,
        events=tuple(map(_raw_event, events)),
    )


def _raw_event(event: _Event) -> RawEvent:
    return RawEvent(
        name=event.n,
        id=event.i,
        age_ms=limits.clamp_age_ms(event.t),
        items=tuple(item.raw() for item in event.items[: limits.most_items(event.n)]),
        value=event.v,
        currency=event.currency,
        order=str(event.o),
        search_term=event.q,
        engaged_ms=event.ms,
        scroll=event.sd,
        props=event.props,
    )
