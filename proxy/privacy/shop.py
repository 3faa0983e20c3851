"""What the room is told before anybody visits: of a shop, of the world, of the operator's choices. All of it frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from proxy.privacy.coarse import Agent, Area
from proxy.privacy.modes import Mode
from proxy.privacy.routes import Route
from proxy.privacy.sensitive import Marked


@dataclass(frozen=True, slots=True)
class Lookups:
    """What the room must know about the world, from tables in memory; none of it asks anybody."""

    area: Callable[[str], Area]
    """Country and region of a truncated address (`193.212.4.0/24`)."""
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
    before_consent: Mode
    """What is done with a page that says nothing of consent."""
    props: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Event name → properties that it may carry."""
    hops: frozenset[str] = frozenset()
    """Registrable hosts that its visitors only pass through, paying."""
    routes: tuple[Route, ...] = ()
    sensitive: Marked = field(default_factory=Marked)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decided for all sites."""

    truncated_input: bool = False
    """The visitor number is made from the /24 or /48 instead of the whole address."""
