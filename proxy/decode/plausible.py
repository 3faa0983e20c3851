"""Plausible's event API, its core fields, so that its trackers and shop plug-ins work unchanged.

Enters: the body of `POST /api/event`. Leaves: one page a domain in `d`, or a refusal.
Source: https://plausible.io/docs/events-api, and the short keys of its tracker (`n u d r p $`).
"""

from typing import Annotated

import msgspec

from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import limits

_SITES = 5
_NAMES = {
    "pageview": "page_view",
    "Outbound Link: Click": "click",
    "File Download": "file_download",
    "404": "page_not_found",
}

_Amount = limits.Money | limits.Text
_Value = limits.Text | bool | int | float | None


class _Revenue(msgspec.Struct):
    amount: _Amount = 0.0
    currency: limits.Text = ""


class _Body(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(max_length=60)] = ""
    n: Annotated[str, msgspec.Meta(max_length=60)] = ""
    url: limits.Url = ""
    u: limits.Url = ""
    domain: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    d: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    referrer: limits.Url | None = None
    r: limits.Url | None = None
    props: dict[limits.Text, _Value] | limits.Url | None = None
    p: dict[limits.Text, _Value] | limits.Url | None = None
    revenue: _Revenue | None = None
    revenue_short: _Revenue | None = msgspec.field(name="$", default=None)


_body = msgspec.json.Decoder(_Body).decode
_props = msgspec.json.Decoder(dict[limits.Text, _Value]).decode


def decode(body: bytes) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """One page a domain; the same event on each."""
    try:
        sent = _body(body)
        event = _raw_event(sent)
    except limits.UNREADABLE:
        return (), (Outcome.MALFORMED,)
    domains = [domain.strip() for domain in (sent.domain or sent.d).split(",") if domain.strip()]
    domains = list(dict.fromkeys(domains))  # a shop that is named twice has not been visited twice
    url = sent.url or sent.u
    if not event.name or not url or not domains:
        return (), (Outcome.MALFORMED,)
    pages = tuple(
        RawPage(site=domain, url=url, referrer=sent.referrer or sent.r or "", events=(event,))
        for domain in domains[:_SITES]
    )
    return pages, (Outcome.TOO_LARGE,) * (len(domains) - len(pages))


def _raw_event(sent: _Body) -> RawEvent:
    name = sent.name or sent.n
    revenue = sent.revenue or sent.revenue_short or _Revenue()
    props = sent.props or sent.p or {}
    if isinstance(props, str):  # older trackers send the object as text
        props = _props(props)
    return RawEvent(
        name=_NAMES.get(name, name),
        value=float(revenue.amount),
        currency=revenue.currency,
        props={key: _text(value) for key, value in props.items() if value is not None},
    )


def _text(value: _Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
