"""May this come in? Enters: an arrival and a decoded page. Leaves: one word that says why not, or how it comes in.

The order is that of the words: what is wrong with the sender's set-up comes first, since that is what an integrator
must be told; what the visitor wants comes next; whether it is a robot comes last. The latter two are told to nobody:
an answer that only some get would tell them what they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline.outcome import Outcome
from proxy.arrival import Arrival, RawEvent, RawPage
from proxy.decode import limits
from proxy.origin import origin_of
from proxy.privacy.caps import Caps
from proxy.privacy.modes import Mode, mode_of
from proxy.privacy.rate import RateLimit
from proxy.privacy.reading import Reading
from proxy.privacy.routes import route_of
from proxy.privacy.sensitive import Marked
from proxy.privacy.shop import Lookups, Shop
from proxy.privacy.source import HOPS
from proxy.site import Site

LAYERS = (
    Outcome.ROBOT,
    Outcome.AUTOMATION,
    Outcome.PREFETCH,
    Outcome.REFERRER_SPAM,
    Outcome.MISSING_HEADERS,
    Outcome.RATE_ANOMALY,
)
"""What gives a robot away, each by its own word; the last one shows only when the visitor's number is known."""


class Pass(NamedTuple):
    """How a page comes in."""

    mode: Mode
    marked: str
    """The layer that takes the sender for a robot, where the operator wants him counted; else empty."""


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of one site at the door."""

    shop: Shop
    origins: frozenset[str]
    names: frozenset[str]
    reading: Reading


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks out for robots and floods, at every door."""

    is_robot: Callable[[str], bool]
    is_referrer_spam: Callable[[str], bool]
    rate: RateLimit
    marks: Mapping[Outcome, bool]
    """Layer → whether its finds are counted and marked instead of refused."""


def door_of(site: Site, time_zone: str, lookups: Lookups, names: frozenset[str], caps: Caps) -> Door:
    """The door of a site from the settings."""
    hosts = (urlsplit(origin).hostname or "" for origin in site.origins)
    shop = Shop(
        id=site.id,
        time_zone=time_zone,
        own_hosts=frozenset(lookups.registrable(host) for host in hosts),
        before_consent=site.before_consent,
        props={name: frozenset(props) for name, props in site.events.items()},
        hops=HOPS | {lookups.registrable(host) for host in site.hops},
        routes=tuple(map(route_of, site.routes)),
        sensitive=Marked(site.sensitive_groups, site.sensitive),
    )
    return Door(
        shop=shop,
        origins=frozenset(site.origins),
        names=names | frozenset(site.events),
        reading=Reading(shop, lookups, caps),
    )


def admit(page: RawPage, arrival: Arrival, door: Door, watch: Watch) -> Outcome | Pass:
    """How a page comes in, or why none of its events does."""
    fault = _fault(page, arrival, door)
    if fault is not None:
        return fault
    if arrival.opted_out:
        return Outcome.OPTED_OUT
    mode = mode_of(page.mode, door.shop.before_consent, objects=arrival.objects)
    if mode is Mode.OFF:
        return Outcome.NOT_CONSENTED
    layer = _layer(page, arrival, door, watch)
    if layer is not None and not watch.marks[layer]:
        return layer
    within = watch.rate.allows(arrival.address, len(page.events), arrival.now)
    return Pass(mode, layer or "") if within else Outcome.RATE_LIMITED


def drop_event(event: RawEvent, door: Door, *, by_server: bool) -> Outcome | None:
    """Why one event is refused, if it is. A page has no refunds: anybody could take any sum off the revenue."""
    is_known = event.name in door.names and (by_server or event.name != "refund")
    return None if is_known else Outcome.UNKNOWN_EVENT


def drop_late(event: RawEvent, now: float, day_starts: float) -> Outcome | None:
    """Why one event of a shop's server is refused: its local day is over, and that day's salt is gone."""
    return Outcome.EXPIRED if now - event.age_ms / 1000 < day_starts - limits.LATE_SECONDS else None


def _fault(page: RawPage, arrival: Arrival, door: Door) -> Outcome | None:
    """What is wrong with the sender's set-up, which he is told."""
    # what a shop's server tells need not have happened on a page: an order by telephone, a subscription
    is_somewhere = page.url or not arrival.by_server
    if is_somewhere and origin_of(page.url) not in door.origins:
        return Outcome.WRONG_ORIGIN
    if arrival.origin and arrival.origin not in door.origins:
        return Outcome.WRONG_ORIGIN
    return (
        Outcome.UNKNOWN_EVENT
        if all(drop_event(event, door, by_server=arrival.by_server) for event in page.events)
        else None
    )


def _layer(page: RawPage, arrival: Arrival, door: Door, watch: Watch) -> Outcome | None:
    """The first layer that takes the sender for a robot: the surest ones first."""
    if arrival.by_server and arrival.address is None:
        return None  # a program, and one that the shop has let in: its token is the pass
    if watch.is_robot(arrival.user_agent):
        return Outcome.ROBOT
    if page.automated:
        return Outcome.AUTOMATION
    if arrival.purpose:
        return Outcome.PREFETCH
    if page.referrer and watch.is_referrer_spam(door.reading.referrer_of(page.referrer)):
        return Outcome.REFERRER_SPAM
    return Outcome.MISSING_HEADERS if arrival.bare else None
