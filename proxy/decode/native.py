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


class _Page(msgspec.Struct):
    s: limits.Text
    u: limits.Url
    e: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]
    r: limits.Url = ""
    w: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    m: limits.Text = ""


_page = msgspec.json.Decoder(_Page).decode
_event = msgspec.json.Decoder(_Event).decode


def decode(body: bytes) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """Pages, and one refusal an event that could not be read; what could be read is kept."""
    try:
        page = _page(body)
    except limits.UNREADABLE:
        return (), (Outcome.MALFORMED,)
    events: list[RawEvent] = []
    refused = [Outcome.TOO_LARGE] * (len(page.e) - limits.EVENTS)
    for raw in page.e[: limits.EVENTS]:
        try:
            events.append(_raw_event(_event(raw)))
        except limits.UNREADABLE:
            refused.append(Outcome.MALFORMED)
    raw_page = RawPage(site=page.s, url=page.u, referrer=page.r, viewport=page.w, mode=page.m, events=tuple(events))
    return (raw_page,), tuple(refused)


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
