"""Plausible's event API, whole, so that its trackers and shop plug-ins work unchanged.

Enters: the body of `POST /api/event`. Leaves: one page a domain in `d`, or refusals.
Sources: https://plausible.io/docs/events-api for the long keys; for the short ones, what its trackers send and what its
server takes (`n u d r p m $ h sd e`), which is more than is written down.

Left out are `i` (whether an event is an interaction: here each is, but views, engagement and web vitals) and `v` (the
tracker's version). There is no word of consent in this dialect, so the site's profile decides.
"""

from collections.abc import Container
from typing import Any

import msgspec

from pipeline.event import EVENT_NAMES, PAGE_VIEW
from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawItem, RawPage
from proxy.decode import limits, scalars

_SITES, DOMAINS_CHARACTERS = 5, 1000
_WIDEST = 65_535
_DAY_MS = 24 * 3600 * 1000
_ENGAGEMENT = "engagement"
_NAMES = {
    "pageview": PAGE_VIEW,
    "Outbound Link: Click": "click",
    "Cloaked Link: Click": "click",
    "File Download": "file_download",
    "Form: Submission": "form_submit",
    "WP Form Completions": "form_submit",
    "404": "page_not_found",
    "WP Search Queries": "search",
    "Woo Add to Cart": "add_to_cart",
    "Woo Remove from Cart": "remove_from_cart",
    "Woo Start Checkout": "begin_checkout",
    "Woo Complete Purchase": "purchase",
}
"""What its tracker and its plug-in for WordPress and WooCommerce send by themselves."""
_TRADE = EVENT_NAMES - {PAGE_VIEW, _ENGAGEMENT, "click", "web_vitals"}
"""Names that a shop has chosen for the same thing, but for how they are written: `Purchase`, `Add to Cart`."""
_AUTOMATIC = frozenset({"click", "file_download", "form_submit", "page_not_found"})
"""Their properties are full addresses, of which a host or a kind of file is kept."""


class PlausibleEvent(msgspec.Struct):
    """What is of use; of two spellings the short one goes first, as with Plausible."""

    n: str | int = ""
    """Name of the event; `pageview`, `engagement`, and what its trackers and plug-ins call the others."""
    name: str | int = ""
    """The same as `n`."""
    u: str = ""
    """Address of the page, on one of the site's origins."""
    url: str = ""
    """The same as `u`."""
    d: str | None = None
    """Id of the site, or several, parted by commas; if left out, the host of `u`."""
    domain: str | None = None
    """The same as `d`."""
    r: Any = None
    """Where the visitor came from."""
    referrer: Any = None
    """The same as `r`."""
    m: Any = None
    """Properties: an object, or the same as text."""
    meta: Any = None
    """The same as `m`."""
    p: Any = None
    """The same as `m`."""
    props: Any = None
    """The same as `m`."""
    revenue: Any = None
    """`amount` and `currency`: an object, or the same as text."""
    revenue_short: Any = msgspec.field(name="$", default=None)
    """The same as `revenue`."""
    h: Any = None
    """1: the page's path stands behind `#`."""
    hash_mode: Any = msgspec.field(name="hashMode", default=None)
    """The same as `h`."""
    w: Any = None
    """Width of the window; kept in eight steps."""
    screen_width: Any = None
    """The same as `w`."""
    sd: Any = None
    """Percent of the page that was seen; of `engagement`."""
    e: Any = None
    """Milliseconds of attention; of `engagement`."""


_body = msgspec.json.Decoder(PlausibleEvent).decode
_object = msgspec.json.Decoder(dict[str, Any]).decode


def decode(body: bytes, sites: Container[str] = frozenset()) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """One page a domain; the same event on each.

    Args:
        body: as it came.
        sites: ids of sites that are not to be taken for another spelling: Plausible takes `www.` off a domain.
    """
    try:
        sent = _body(body)
    except limits.UNREADABLE:
        return (), (Outcome.MALFORMED,)
    url = sent.u or sent.url
    domains = _domains(sent, url, sites)
    event = _raw_event(sent)
    if event is None or not url or not domains:
        return (), (Outcome.MALFORMED,)
    if len(url) > limits.URL_CHARACTERS:
        return (), (Outcome.TOO_LARGE,) * len(domains)
    url = scalars.routed(url) if (sent.h or sent.hash_mode) in (1, "1") else url
    referrer = scalars.text(sent.r or sent.referrer)
    viewport = limits.width_bucket(scalars.whole(sent.w or sent.screen_width, _WIDEST) or 0)
    pages = tuple(
        RawPage(site=domain, url=url, referrer=referrer, viewport=viewport, events=(event,))
        for domain in domains[:_SITES]
    )
    return pages, (Outcome.TOO_LARGE,) * (len(domains) - len(pages))


def _domains(sent: PlausibleEvent, url: str, sites: Container[str]) -> list[str]:
    """The sites that it is for, each once; where none is named, the one whose page it is."""
    named = sent.d if sent.d is not None else sent.domain
    if named is not None and len(named) > DOMAINS_CHARACTERS:
        return []
    said = named.split(",") if named is not None else [scalars.host_of(url)]
    found = (domain.strip().lower() for domain in said)
    # a shop that is named twice has not been visited twice
    return list(dict.fromkeys(each if each in sites else each.removeprefix("www.") for each in found if each))


def _raw_event(sent: PlausibleEvent) -> RawEvent | None:
    """The event, or None if it can't be read."""
    said = str(sent.n or sent.name)
    name, props = _name(said), scalars.texts(_read(sent.m or sent.meta or sent.p or sent.props))
    revenue = _read(sent.revenue or sent.revenue_short)
    value = scalars.number(revenue.get("amount"))
    engaged_ms, scroll = scalars.whole(sent.e, _DAY_MS), scalars.whole(sent.sd, 100)
    # an order whose sum can't be read is told about, not counted as an order of nothing
    if not said or value is None or (name == _ENGAGEMENT and engaged_ms is None and scroll is None):
        return None
    measured = name == _ENGAGEMENT
    order = props.pop("transaction_id", "") if name in ("purchase", "refund") else ""
    return RawEvent(
        name=name,
        value=value,
        currency=scalars.text(revenue.get("currency")),
        order=order,
        search_term=props.pop("search_query", "") if name == "search" else "",
        engaged_ms=engaged_ms or 0 if measured else 0,
        scroll=scroll or 0 if measured else 0,
        items=_items(name, props),
        props=_props(name, props),
    )


def _name(said: str) -> str:
    trade = said.lower().replace(" ", "_")
    return _NAMES.get(said) or (trade if trade in _TRADE else said)


def _read(found: Any) -> dict[str, Any]:  # noqa: ANN401 - an object, the same as text (older trackers), or anything
    """An object; empty where it is none, which costs the event no more than its properties."""
    if isinstance(found, str):
        try:
            return _object(found)
        except limits.UNREADABLE:
            return {}
    return found if isinstance(found, dict) else {}


def _items(name: str, props: dict[str, str]) -> tuple[RawItem, ...]:
    """The product that WooCommerce's plug-in tells in properties."""
    if name not in ("add_to_cart", "remove_from_cart") or "product_id" not in props:
        return ()
    named = {
        "item_id": props.pop("product_id"),
        "item_name": props.pop("product_name", ""),
        "price": props.pop("price", ""),
        "quantity": props.pop("quantity", "1"),
    }
    return (msgspec.convert(named, limits.Item).raw(),)


def _props(name: str, props: dict[str, str]) -> dict[str, str]:
    if name not in _AUTOMATIC:
        return props
    props.pop("path", None)  # the page's own, which its address says
    url = props.pop("url", "")
    host, extension = scalars.host_of(url), scalars.extension_of(url)
    if name == "click" and host:
        return props | {"link_domain": host}
    return props | {"file_extension": extension} if name == "file_download" and extension else props
