"""The only maker of an `Event`: read it as the list of what is kept of a visit.

Enters: an `Arrival`, a `RawPage`, the day's salt. Leaves: events in which nobody can be found without the salt, and
nobody at all once the salt is wiped. Pure: the same in gives the same out, nothing is written or remembered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from pipeline.event import PAGE_VIEW, Event, VisitorNumber
from proxy.arrival import Arrival, RawEvent, RawItem, RawPage
from proxy.privacy import coarse, identity
from proxy.privacy.address import Address, Network, truncated
from proxy.privacy.coarse import Agent
from proxy.privacy.memo import remembered
from proxy.privacy.redact import clean
from proxy.privacy.salts import DaySalt
from proxy.privacy.scrub import Location, locate
from proxy.privacy.source import Source, source_of

_NOBODY = VisitorNumber(0)
_MOST_PROPS = 20


@dataclass(frozen=True, slots=True)
class Lookups:
    """What the room must know about the world, from tables in memory; none of it asks anybody."""

    country: Callable[[str], str]
    """ISO 3166-1 alpha-2 of a truncated address (`193.212.4.0/24`), or empty."""
    agent: Callable[[str], Agent]
    registrable: Callable[[str], str]
    """The part of a host name that somebody registered."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A site, as far as it matters for forgetting."""

    id: str
    time_zone: str
    own_hosts: frozenset[str]
    """Registrable hosts of its pages."""
    measures_before_consent: bool
    props: Mapping[str, frozenset[str]]
    """Event name → properties that it may carry."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decided for all sites."""

    truncated_input: bool = False
    """The visitor number is made from the /24 or /48 instead of the whole address."""


class _Shared(NamedTuple):
    """What all events of one page have in common: made once, however many there are."""

    visitor: VisitorNumber
    network: str
    country: str
    agent: Agent
    language: str
    viewport: int
    location: Location
    source: Source


def forget(page: RawPage, arrival: Arrival, shop: Shop, day: DaySalt, lookups: Lookups, rules: Rules) -> list[Event]:
    """The page's events, without the person."""
    shared = _shared(page, arrival, shop, day, lookups, rules)
    return [_event(raw, arrival, shop, day, shared) for raw in page.events]


def measures(page: RawPage, arrival: Arrival, shop: Shop) -> bool:
    """Whether a number may be given: consent said so, or the site's country allows it, and nobody objected."""
    if arrival.objects:
        return False
    return page.mode == "measure" or (not page.mode and shop.measures_before_consent)


def _shared(page: RawPage, arrival: Arrival, shop: Shop, day: DaySalt, lookups: Lookups, rules: Rules) -> _Shared:
    address = arrival.address
    network, network_text = (None, "") if address is None else truncated(address)
    measured = measures(page, arrival, shop) and address is not None
    location = locate(page.url)
    return _Shared(
        visitor=_visitor(address, network, arrival, shop, day, rules) if measured else _NOBODY,
        network=network_text,
        # the country is looked up on what is left of the address, never on the whole of it
        country=lookups.country(network_text) if network_text else "",
        agent=lookups.agent(arrival.user_agent),
        language=coarse.language(arrival.language),
        # in `count` nothing that was read on the device is used, even if the page sent it
        viewport=coarse.viewport(page.viewport) if measured else 0,
        location=location,
        source=source_of(location, page.referrer, shop.own_hosts, lookups.registrable),
    )


def _visitor(
    address: Address | None, network: Network | None, arrival: Arrival, shop: Shop, day: DaySalt, rules: Rules
) -> VisitorNumber:
    origin = network if rules.truncated_input else address
    if day.salt is None or origin is None:
        return _NOBODY
    if day.previous is not None and day.visits is not None:
        yesterdays = identity.visitor_number(day.previous, shop.id, origin, arrival.user_agent)
        # a visit that was open at midnight keeps its number: no row ever holds the old and the new one
        if day.visits.is_open(yesterdays, arrival.now):
            day.visits.see(yesterdays, arrival.now)
            return yesterdays
    number = identity.visitor_number(day.salt, shop.id, origin, arrival.user_agent)
    if day.visits is not None and day.previous is None:
        day.visits.see(number, arrival.now)
    return number


def _event(raw: RawEvent, arrival: Arrival, shop: Shop, day: DaySalt, shared: _Shared) -> Event:
    # never before the salt's day: a row's number and its day belong together
    ts = max(arrival.now - raw.age_ms / 1000, day.starts)
    source = shared.source
    currency = coarse.currency(raw.currency)
    measured = shared.visitor != _NOBODY
    return Event(
        site=shop.id,
        day=day.day,
        ts=f"{ts:.3f}",
        name=raw.name,
        event_id=identity.event_id(day.salt, shop.id, raw.id) if day.salt is not None else 0,
        visitor=shared.visitor,
        entry=int(source.entry and raw.name == PAGE_VIEW),
        path=shared.location.path,
        network=shared.network,
        country=shared.country,
        region="",
        device=shared.agent.device,
        browser=shared.agent.browser,
        os=shared.agent.os,
        language=shared.language,
        viewport=shared.viewport,
        channel=source.channel,
        source=source.source,
        medium=source.medium,
        campaign=source.campaign,
        content=source.content,
        term=source.term,
        referrer=source.referrer,
        paid_by=source.paid_by,
        **_items(raw.items, currency),
        value=coarse.minor_units(raw.value, currency),
        currency=currency,
        order_key=identity.order_key(day.salt, shop.id, raw.order) if day.salt is not None else 0,
        search_term=clean(raw.search_term, 100).lower(),
        engaged_ms=min(raw.engaged_ms, 24 * 3600 * 1000) if measured else 0,
        scroll=min(raw.scroll, 100) if measured else 0,
        props=_props(raw, shop),
    )


class _Items(TypedDict, total=False):
    item_id: tuple[str, ...]
    item_name: tuple[str, ...]
    item_brand: tuple[str, ...]
    item_variant: tuple[str, ...]
    item_category: tuple[str, ...]
    item_list: tuple[str, ...]
    item_index: tuple[int, ...]
    item_price: tuple[int, ...]
    item_quantity: tuple[int, ...]


@remembered(most=20_000)
def _words(*texts: str) -> tuple[str, ...]:
    """What a shop calls an item, cleaned; a catalogue says the same again and again."""
    *words, category = texts
    return *(clean(word, 100) for word in words), clean(category)


def _items(items: tuple[RawItem, ...], currency: str) -> _Items:
    if not items:
        return {}
    described = [
        _words(item.id, item.name, item.brand, item.variant, item.list, " / ".join(filter(None, item.categories)))
        for item in items
    ]
    ids, names, brands, variants, lists, categories = zip(*described, strict=True)
    return {
        "item_id": ids,
        "item_name": names,
        "item_brand": brands,
        "item_variant": variants,
        "item_category": categories,
        "item_list": lists,
        "item_index": tuple(item.index for item in items),
        "item_price": tuple(coarse.minor_units(item.price, currency) for item in items),
        "item_quantity": tuple(item.quantity for item in items),
    }


def _props(raw: RawEvent, shop: Shop) -> dict[str, str]:
    allowed = shop.props.get(raw.name)
    if not allowed or not raw.props:
        return {}
    return {name: clean(value, 100) for name, value in list(raw.props.items())[:_MOST_PROPS] if name in allowed}
