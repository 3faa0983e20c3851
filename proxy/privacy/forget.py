"""The only maker of an `Event`: read it as the list of what is kept of a visit.

Enters: an `Arrival`, a `RawPage`, the day's salt. Leaves: events in which nobody can be found without the salt, and
nobody at all once the salt is wiped. The same in gives the same out; what is remembered are results, never what they
were made from.
"""

from typing import Any, NamedTuple

from pipeline.event import EVENT_PROPS, PAGE_VIEW, Event, VisitorNumber
from pipeline.outcome import Note
from proxy.arrival import Arrival, RawEvent, RawPage
from proxy.privacy import coarse, identity
from proxy.privacy.address import truncated
from proxy.privacy.items import columns_of
from proxy.privacy.modes import Mode
from proxy.privacy.reading import Browser, PageWords, Place, Reading, Remarks, noted
from proxy.privacy.salts import DaySalt
from proxy.privacy.sensitive import SENSITIVE
from proxy.privacy.shop import Rules
from proxy.privacy.source import WITHIN

_NOBODY = VisitorNumber(0)
_MOST_PROPS = 20
_REFUND = "refund"
_OF_AN_ORDER = frozenset({"purchase", _REFUND})
_DAY_MS = 24 * 3600 * 1000
_NO_PLACE = Place("", "", "")
_NO_BROWSER = Browser(coarse.Agent("", "", ""), "")

_OfPage = tuple[
    str, str, VisitorNumber, str, str, str, str, str, str, str, str, int, str, str,
    str, str, str, str, str, str, str, int,
]  # fmt: skip


class Forgotten(NamedTuple):
    """What is left of one page of one visitor."""

    events: list[Event]
    remarks: Remarks
    """What the operator should know of it: fields and words of ours, nothing of the visitor."""
    visitor: VisitorNumber


def forget(
    page: RawPage, arrival: Arrival, mode: Mode, reading: Reading, day: DaySalt, rules: Rules, marked: str = ""
) -> Forgotten:
    """The page's events, without the person.

    Args:
        page: with the events that were admitted.
        arrival: the request that they came in.
        mode: `COUNT` or `MEASURE`, see `modes.py`.
        reading: of the shop whose page it is.
        day: what the salts lend at `arrival.now`.
        rules: the operator's.
        marked: the layer that takes the sender for a robot, if he is to be counted all the same.
    """
    words = reading.on(day.day).page(page.url, page.referrer)
    if arrival.by_server and arrival.address is None and words.source.channel == "direct":
        # a server that does not say how somebody came does not say that he came by himself
        words = words._replace(source=WITHIN)
    measured = mode is Mode.MEASURE and arrival.address is not None
    visitor, salt = _visitor(arrival, reading, day, rules) if measured else (_NOBODY, day.salt)
    # a tuple and not a dict of names: it is half of what a page of one event costs
    continued = salt is not None and salt is day.previous
    of_page = _of_page(page, arrival, reading, day, visitor, words, marked, continued=continued)
    remarks = list(words.remarks)
    # an id that two visitors' pages both send is not one event; and who has no number must not get one by an id that
    # his page sends again and again: pages and networks keep it apart
    apart = str(visitor) if visitor else f"{of_page[3]} {of_page[4]}"
    events = [
        Event(*of_page, *_of_event(raw, arrival, reading, day, salt, visitor, apart, words, remarks))
        for raw in page.events
    ]
    return Forgotten(events, tuple(remarks), visitor)


def _of_page(
    page: RawPage,
    arrival: Arrival,
    reading: Reading,
    day: DaySalt,
    visitor: VisitorNumber,
    words: PageWords,
    marked: str,
    *,
    continued: bool,
) -> _OfPage:
    """The columns from `site` to `continued`."""
    network, country, region = reading.place(truncated(arrival.address)) if arrival.address is not None else _NO_PLACE
    # where no browser came along (a shop's server reports), none is made up
    agent, language = reading.browser(arrival.user_agent, arrival.language) if arrival.user_agent else _NO_BROWSER
    source = words.source
    return (
        reading.shop.id,
        day.day,
        visitor,
        _path(page, words, reading),
        network,
        country,
        region,
        agent.device,
        agent.browser,
        agent.os,
        language,
        # in `count` nothing that was read on the device is used, even if the page sent it
        coarse.viewport(page.viewport) if visitor else 0,
        source.channel,
        source.source,
        source.medium,
        source.campaign,
        source.content,
        source.term,
        source.referrer,
        source.paid_by,
        marked,
        int(continued),
    )


def _of_event(
    raw: RawEvent,
    arrival: Arrival,
    reading: Reading,
    day: DaySalt,
    salt: memoryview | None,
    visitor: VisitorNumber,
    apart: str,
    words: PageWords,
    remarks: list[tuple[str, Note]],
) -> tuple[Any, ...]:
    """The columns from `ts` to the products."""
    shop = reading.shop.id
    # Google's Measurement Protocol sends no id with a retry, and a refund twice would be taken off twice
    own_id = raw.id or (f"{raw.order} {raw.value}" if raw.name == _REFUND and raw.order else "")
    currency = coarse.currency(raw.currency)
    return (
        # never before the salt's day: a row's number and its day belong together
        f"{max(arrival.now - raw.age_ms / 1000, day.starts):.3f}",
        raw.name,
        identity.event_id(salt, shop, f"{own_id} {raw.name} {apart}") if own_id and salt is not None else 0,
        int(words.source.entry and raw.name == PAGE_VIEW),
        coarse.minor_units(raw.value, currency) if raw.value else 0,
        currency,
        identity.order_key(salt, shop, raw.order) if raw.name in _OF_AN_ORDER and salt is not None else 0,
        noted(reading.search(raw.search_term), remarks) if raw.search_term else "",
        # time and depth are read on the device, too
        min(raw.engaged_ms, _DAY_MS) if visitor else 0,
        min(raw.scroll, 100) if visitor else 0,
        _props(raw, reading, remarks) if raw.props and (visitor or raw.name != "web_vitals") else {},
        *(columns_of(raw.items, currency, reading, remarks) if raw.items else ()),
    )


def _visitor(arrival: Arrival, reading: Reading, day: DaySalt, rules: Rules) -> tuple[VisitorNumber, memoryview | None]:
    """The visitor's number and the salt that it is made with, for whatever else of the visit is hashed."""
    address, shop = arrival.address, reading.shop.id
    if day.salt is None or address is None:
        return _NOBODY, day.salt
    origin = truncated(address).encode() if rules.truncated_input else address.packed
    if day.previous is not None and day.visits is not None:
        yesterdays = identity.visitor_number(day.previous, shop, origin, arrival.user_agent)
        # a visit that was open at midnight keeps its number: no row ever holds the old and the new one, and no order
        # or event number that today's salt has made stands beside the old one
        if day.visits.is_open(yesterdays, arrival.now):
            day.visits.see(yesterdays, arrival.now)
            return yesterdays, day.previous
    number = identity.visitor_number(day.salt, shop, origin, arrival.user_agent)
    if day.visits is not None and day.previous is None:
        day.visits.see(number, arrival.now)
    return number, day.salt


def _path(page: RawPage, words: PageWords, reading: Reading) -> str:
    """Of the page of a sensitive product not even the address, which names the product."""
    shown = (item for event in page.events if event.name == "view_item" for item in event.items)
    return f"/{SENSITIVE}" if reading.hides(words.path, shown) else words.path


def _props(raw: RawEvent, reading: Reading, remarks: list[tuple[str, Note]]) -> dict[str, str]:
    allowed = reading.shop.props.get(raw.name, frozenset()) | EVENT_PROPS.get(raw.name, frozenset())
    sent = list(raw.props.items())[:_MOST_PROPS]
    # dropped without a trace of its name, which is the sender's word and not ours
    remarks += [(raw.name, Note.UNDECLARED) for name, _ in sent if name not in allowed]
    return {name: noted(reading.prop(value), remarks) for name, value in sent if name in allowed}
