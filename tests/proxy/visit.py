"""One visit as a test wants it: every part has a usual value and can be said otherwise."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.event import Event
from proxy.arrival import Arrival, RawEvent, RawPage
from proxy.lookups import LOOKUPS
from proxy.privacy.address import client_address
from proxy.privacy.caps import Caps
from proxy.privacy.forget import Forgotten, forget
from proxy.privacy.memory import new_memory
from proxy.privacy.modes import Mode, mode_of
from proxy.privacy.reading import Reading
from proxy.privacy.salts import Salts
from proxy.privacy.shop import Lookups, Rules, Shop
from proxy.privacy.source import HOPS
from proxy.settings import Collector

OSLO = "Europe/Oslo"
SITE = "extra-leker.no"
URL = f"https://{SITE}/lego/60316"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
SHOP = Shop(
    id=SITE,
    time_zone=OSLO,
    own_hosts=frozenset({SITE}),
    before_consent=Mode.MEASURE,
    props={"page_view": frozenset({"colour"})},
    hops=HOPS,
)


def at(local: str, zone: str = OSLO) -> float:
    """Seconds since 1970 of a local time, ISO 8601."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp()


NOON = at("2026-05-12T12:00")


def make_salts(*zones: str) -> Salts:
    """Salts in fresh memory."""
    return Salts(new_memory(), zones or (OSLO,))


def arrive(now: float = NOON, peer: str = "203.0.113.77", forwarded: tuple[str, ...] = (), **said: object) -> Arrival:
    """A request of a Norwegian with Chrome, to a collector that trusts no proxy."""
    address = client_address(peer, forwarded, Collector().trusted_proxies)
    return Arrival(**{"user_agent": CHROME, "language": "nb-NO,nb;q=0.9"} | said, address=address, now=now)


def page_of(*events: RawEvent, **said: object) -> RawPage:
    """A page with these events, or one page view."""
    return RawPage(**{"site": SITE, "url": URL} | said, events=events or (RawEvent(name="page_view"),))


def reading_of(shop: Shop = SHOP, lookups: Lookups = LOOKUPS) -> Reading:
    """A shop's texts, with tables of their own."""
    return Reading(shop, lookups, Caps(new_memory(), [shop.id]))


def forgotten(
    salts: Salts,
    arrival: Arrival | None = None,
    page: RawPage | None = None,
    shop: Shop = SHOP,
    lookups: Lookups = LOOKUPS,
    rules: Rules | None = None,
) -> list[Event]:
    """What is kept of a visit."""
    return left_of(salts, arrival, page, reading_of(shop, lookups), rules).events


def left_of(
    salts: Salts,
    arrival: Arrival | None = None,
    page: RawPage | None = None,
    reading: Reading | None = None,
    rules: Rules | None = None,
) -> Forgotten:
    """The same with what there is to note, and with tables that outlast it."""
    came, read, sent = arrival or arrive(), reading or reading_of(), page or page_of()
    mode = mode_of(sent.mode, read.shop.before_consent, objects=came.objects)
    make: Callable[..., Forgotten] = lambda day: forget(sent, came, mode, read, day, rules or Rules())  # noqa: E731 - the salt is lent to it
    return salts.under(read.shop.time_zone, came.now, make)


def number_of(salts: Salts, now: float, peer: str = "203.0.113.77", **said: object) -> int:
    """The visitor number that one page view at `now` gets."""
    return forgotten(salts, arrive(now, peer), **said)[0].visitor
