"""The script's own dialect: one page, up to fifty events.

Enters: the body of `POST /e`. Leaves: the page, or the one word that says why not, with how many events that are.

The script sends values as the page has them, which keeps it small: what isn't of the right type is put right here. What
is well typed already takes a shorter way.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from pipeline.event import PAGE_VIEW
from pipeline.outcome import Outcome
from proxy.arrival import RawEvent, RawPage
from proxy.decode import limits, scalars
from proxy.decode.extra import extra
from proxy.decode.product import Product

MOST_VALUE = 1e9
_Ms = Annotated[float, msgspec.Meta(ge=0, le=2.0**31 - 1)]
_Age = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
_Percent = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]
"""As measured: whoever pulls a page beyond its end sees more than all of it."""


class GoodEvent(msgspec.Struct):
    """As a data layer should have it: read in one go."""

    n: limits.Name
    """Name: one of GA4's that are known here, or one of the site's own."""
    i: limits.Text | float = ""
    """A random text or number, the same when the event is sent again: a retry within an hour is one event."""
    t: _Age = 0
    """Milliseconds between the event and the sending, with either sign; more than five minutes are five."""
    currency: limits.Text = ""
    """Of `v` and of the items' prices: ISO 4217."""
    v: limits.Money = 0.0
    """What it is worth, in major units, delivery and all."""
    value: limits.Money = 0.0
    """The same as `v`, by GA4's name."""
    ms: _Ms = 0
    """Milliseconds of attention."""
    sd: _Percent = 0
    """Percent of the page that was seen."""
    o: limits.Identifier = ""
    """Number of the order; the same order from page and server is one."""
    transaction_id: limits.Identifier = ""
    """The same as `o`, by GA4's name."""
    q: limits.Text = ""
    """What was searched for."""
    search_term: limits.Text = ""
    """The same as `q`, by GA4's name."""
    props: dict[limits.Text, limits.Text] = {}
    """Properties that the site's settings declare for this event; others are dropped."""
    items: list[limits.GoodItem] = []
    """Products; more than 30, or 100 of a purchase or a refund, are cut off."""
    # these need a second look
    item_list_name: None = None
    p: None = None


class AnyEvent(msgspec.Struct):
    """With whatever a data layer calls an item, a sum or a term."""

    n: limits.Name
    i: limits.Text | float = ""
    t: _Age = 0
    currency: limits.Loose = None
    v: limits.Loose = None
    value: limits.Loose = None
    ms: _Ms | None = None
    sd: _Percent | None = None
    o: limits.Loose = None
    transaction_id: limits.Loose = None
    q: limits.Loose = None
    search_term: limits.Loose = None
    props: Mapping[str, Any] | list[str] | None = None
    items: list[msgspec.Raw] | None = None
    item_list_name: limits.Loose = None
    """Name of the list, of items that name none."""
    p: Any = None
    """The script's alone: what there is to say of `-click`, `-download` and `-vitals`."""


class _Page(msgspec.Struct, kw_only=True):
    s: limits.Text = ""
    """Id of the site; if left out, the host of `u`."""
    u: str
    """Address of the page, on one of the site's origins; cut after 2,000 characters."""
    r: str = ""
    """Where the visitor came from; cut after 2,000 characters."""
    q: limits.Text = ""
    """Parameter of `u` that holds what was searched for: a page view of it is a search, too."""
    w: Annotated[float, msgspec.Meta(ge=0, le=65535)] = 0
    """Width of the window; kept in eight steps."""
    m: limits.Text = ""
    """What the visitor has agreed to: `off`, `count` or `measure`; if left out, what the country has before consent;
    any other word (the script says `denied`) is a refusal: counting at most, where that is done before consent."""
    a: bool = False
    """The browser says that a program drives it."""


class GoodPage(_Page):
    """What a page has to say."""

    e: Annotated[list[GoodEvent], msgspec.Meta(min_length=1, max_length=limits.EVENTS)]
    """What happened on the page."""


class AnyPage(_Page):
    """Read event by event: what can be read is kept."""

    e: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1)]


_good_page = msgspec.json.Decoder(GoodPage).decode
_any_page = msgspec.json.Decoder(AnyPage).decode
_any_event = msgspec.json.Decoder(AnyEvent).decode
_product = msgspec.json.Decoder(Product).decode


def decode(body: bytes) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    """Pages, and one refusal an event that could not be read; what could be read is kept."""
    try:
        page = _good_page(body)
    except limits.UNREADABLE:
        return _decode_what_can_be_read(body)
    return (_raw_page(page, [_as_it_is(event) for event in page.e]),), ()


def _decode_what_can_be_read(body: bytes) -> tuple[tuple[RawPage, ...], tuple[Outcome, ...]]:
    try:
        page = _any_page(body)
    except limits.UNREADABLE:
        return (), (Outcome.MALFORMED,)
    events: list[RawEvent] = []
    refused = [Outcome.TOO_LARGE] * (len(page.e) - limits.EVENTS)
    for raw in page.e[: limits.EVENTS]:
        try:
            events.append(_put_right(_any_event(raw)))
        except limits.UNREADABLE:
            refused.append(Outcome.MALFORMED)
    return (_raw_page(page, events),), tuple(refused)


def _raw_page(page: _Page, events: Sequence[RawEvent]) -> RawPage:
    url = page.u[: limits.URL_CHARACTERS]
    if url.partition("#")[2].startswith(("/", "!/")):  # else it is a place on the page, or what somebody put there
        url = scalars.routed(url)
    return RawPage(
        site=page.s or scalars.host_of(url),
        url=url,
        referrer=page.r[: limits.URL_CHARACTERS],
        viewport=limits.width_bucket(page.w),
        mode=page.m,
        automated=page.a,
        events=(*events, *_searched(url, page.q, events)) if page.q else tuple(events),
    )


def _searched(url: str, parameter: str, events: Sequence[RawEvent]) -> list[RawEvent]:
    """A view of a page of results is a search, for what stands in this parameter of its address."""
    try:
        terms = parse_qs(urlsplit(url).query).get(parameter, ())
    except ValueError:
        return []
    views = [event for event in events if event.name == PAGE_VIEW]
    return [
        RawEvent("search", f"{view.id} search" if view.id else "", view.age_ms, search_term=term)
        for view in views[:1]
        for term in terms[:1]
    ]


def _as_it_is(event: GoodEvent) -> RawEvent:
    name, props = event.n, event.props
    if name[0] == "-":
        name, props = extra(name, None) or (name, props)
    return RawEvent(
        name,
        event.i if type(event.i) is str else repr(event.i),
        limits.clamp_age_ms(round(event.t)),
        tuple([item.raw() for item in event.items[: limits.most_items(event.n)]]),
        event.v or event.value,
        event.currency,
        str(event.o or event.transaction_id),
        event.q or event.search_term,
        round(event.ms),
        min(max(round(event.sd), 0), 100),
        props,
    )


def _put_right(event: AnyEvent) -> RawEvent:
    """The same of a looser event.

    Raises:
        ValueError: its sum is no number: an order of nothing would be wrong, too.
    """
    name, props = extra(event.n, event.p) or (event.n, _props(event.props or {}))
    products = _products(event)
    items = tuple([product.raw() for product in products[: limits.most_items(name)]])
    for item in items:
        item.list = item.list or limits.text(event.item_list_name)
    currencies = [limits.text(event.currency), *(product.currency() for product in products[:1])]
    return RawEvent(
        name,
        event.i if type(event.i) is str else repr(event.i),
        limits.clamp_age_ms(round(event.t)),
        items,
        _sum(event.value if event.v is None else event.v),
        next(filter(None, currencies), ""),
        limits.text(event.transaction_id if event.o is None else event.o),
        limits.text(event.search_term if event.q is None else event.q),
        round(event.ms or 0),
        min(max(round(event.sd or 0), 0), 100),
        props,
    )


def _props(found: Mapping[str, Any] | list[str]) -> dict[str, str]:
    """The script sends each as `name,value`, which can hold nothing but a text."""
    if isinstance(found, list):
        found = dict(each.partition(",")[::2] for each in found)
    return scalars.texts(found)


def _products(event: AnyEvent) -> list[Product]:
    """Those that can be read: a purchase is not lost over one of them."""
    products: list[Product] = []
    for raw in event.items or ():
        try:
            products.append(_product(raw))
        except limits.UNREADABLE:
            continue
    return products


def _sum(said: limits.Loose) -> float:
    read = limits.measure(said)
    if read is None or abs(read) > MOST_VALUE:
        raise ValueError
    return read
