"""May this come in? Enters: an arrival and a decoded page. Leaves: one word that says why not, or nothing.

The order is that of the words: what is wrong with the sender's set-up comes first, since that is what an integrator
must be told; whether it is a robot comes last, since that is told to nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.outcome import Outcome
from proxy.arrival import Arrival, RawEvent, RawPage
from proxy.origin import origin_of
from proxy.privacy.forget import Shop
from proxy.settings import Site


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of one site at the door."""

    shop: Shop
    origins: frozenset[str]
    names: frozenset[str]


def door_of(site: Site, time_zone: str, registrable: Callable[[str], str], names: frozenset[str]) -> Door:
    """The door of a site from the settings."""
    hosts = (urlsplit(origin).hostname or "" for origin in site.origins)
    return Door(
        shop=Shop(
            id=site.id,
            time_zone=time_zone,
            own_hosts=frozenset(registrable(host) for host in hosts),
            measures_before_consent=site.before_consent == "measure",
            props={name: frozenset(props) for name, props in site.events.items()},
        ),
        origins=frozenset(site.origins),
        names=names | frozenset(site.events),
    )


def drop_page(page: RawPage, arrival: Arrival, door: Door | None, is_robot: Callable[[str], bool]) -> Outcome | None:
    """Why all events of a page are refused, if they are."""
    if door is None:
        return Outcome.UNKNOWN_SITE
    if origin_of(page.url) not in door.origins or (arrival.origin and arrival.origin not in door.origins):
        return Outcome.WRONG_ORIGIN
    if all(drop_event(event, door) for event in page.events):
        # told before the robot is recognised: an answer that only robots don't get would tell them what they are
        return Outcome.UNKNOWN_EVENT
    if arrival.purpose:
        return Outcome.PREFETCH
    if is_robot(arrival.user_agent):
        return Outcome.ROBOT
    return None


def drop_event(event: RawEvent, door: Door) -> Outcome | None:
    """Why one event is refused, if it is."""
    return None if event.name in door.names else Outcome.UNKNOWN_EVENT
