"""Who comes to the demo shop: devices, networks, sources and robots, each with its share of the visits.

Enters: a seeded `random.Random`. Leaves: a `Person`, or a `Source`. The addresses are drawn inside public
ranges of each country and never leave the machine: they travel in a header from the simulation to the collector.
"""

import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

MEASURED = 0.85
"""The share of people who allow to be measured; the rest is only counted."""

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {_SAFARI}"
_IPAD = f"Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) {_SAFARI}"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64"
_SAMSUNG = "AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0"
_ROBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible;"


@dataclass(frozen=True, slots=True)
class Device:
    """A browser on a machine, and the width buckets its windows have."""

    share: float
    user_agent: str
    widths: tuple[int, ...]


DEVICES = (
    Device(27, f"{_IPHONE} Version/26.1 Mobile/15E148 Safari/604.1", (360,)),
    Device(19, f"{_ANDROID} {_CHROME} Mobile Safari/537.36", (320, 360)),
    Device(17, f"{_WINDOWS}) {_CHROME} Safari/537.36", (1280, 1536, 1920)),
    Device(8, f"{_WINDOWS}) {_CHROME} Safari/537.36 Edg/142.0.0.0", (1280, 1536)),
    Device(7, f"{_MAC} {_SAFARI} Version/26.1 Safari/605.1.15", (1280, 1536)),
    Device(6, f"{_MAC} {_CHROME} Safari/537.36", (1280, 1536)),
    Device(4, f"{_ANDROID} {_SAMSUNG} Mobile Safari/537.36", (360,)),
    Device(4, f"{_IPAD} Version/26.1 Mobile/15E148 Safari/604.1", (768, 1024)),
    Device(3, f"{_WINDOWS}; rv:145.0) Gecko/20100101 Firefox/145.0", (1280, 1920)),
    Device(2, f"{_IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1", (360,)),
    Device(1.5, f"{_LINUX}) {_CHROME} Safari/537.36", (1536, 1920)),
    Device(1, "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", (360,)),
    Device(0.5, f"{_LINUX}; rv:145.0) Gecko/20100101 Firefox/145.0", (1920,)),
)


@dataclass(frozen=True, slots=True)
class Country:
    """Where people sit: their networks, and what their browsers ask for."""

    share: float
    code: str
    language: str
    networks: tuple[str, ...]


_NORWAY = (
    "84.208.0.0/14 88.88.0.0/14 92.220.0.0/16 2.148.0.0/15 80.212.0.0/16 46.15.0.0/16 81.166.0.0/16"
    " 2a01:79c::/32 2001:4640::/32 2a02:fe0::/32"
)

COUNTRIES = (
    Country(88, "NO", "nb-NO,nb;q=0.9,no;q=0.8,en;q=0.6", tuple(_NORWAY.split())),
    Country(4, "SE", "sv-SE,sv;q=0.9,en;q=0.7", ("90.224.0.0/14", "78.64.0.0/14")),
    Country(3, "DK", "da-DK,da;q=0.9,en;q=0.7", ("80.62.0.0/16", "87.48.0.0/14")),
    Country(2, "DE", "de-DE,de;q=0.9,en;q=0.6", ("87.128.0.0/12", "91.0.0.0/12")),
    Country(1.5, "PL", "pl-PL,pl;q=0.9,en;q=0.5", ("83.0.0.0/12", "79.184.0.0/14")),
    Country(1.5, "GB", "en-GB,en;q=0.9", ("86.128.0.0/12", "81.128.0.0/13")),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a visit comes from, and the kind of page it begins on. In `query` an `@` becomes a fresh click id."""

    share: float
    name: str
    referrer: str = ""
    query: str = ""
    lands: str = "front"


_GOOGLE, _GOOGLE_ADS = "https://www.google.com/", "utm_source=google&utm_medium=cpc&gclid=@&utm_campaign="
_FACEBOOK_ADS = "utm_source=facebook&utm_medium=paid_social&fbclid=@&utm_campaign="
_NEWSLETTER = "utm_source=nyhetsbrev&utm_medium=email&utm_campaign="

SOURCES = (
    Source(26, "direct"),
    Source(27, "google", _GOOGLE, lands="product"),
    Source(12, "google ads", _GOOGLE, f"{_GOOGLE_ADS}julegaver", "category"),
    Source(5, "google ads", _GOOGLE, f"{_GOOGLE_ADS}lego_hoest", "product"),
    Source(8, "facebook", "https://l.facebook.com/", f"{_FACEBOOK_ADS}adventskalender", "product"),
    Source(4, "facebook", "https://m.facebook.com/", "fbclid=@"),
    Source(5, "bing", "https://www.bing.com/", lands="product"),
    Source(7, "newsletter", "", f"{_NEWSLETTER}ukens_leker", "category"),
    Source(4, "prisjakt", "https://www.prisjakt.no/", lands="product"),
    Source(2, "klarna", "https://app.klarna.com/"),
)

ROBOTS = (
    (f"{_ROBOT} Googlebot/2.1; +http://www.google.com/bot.html) Chrome/142.0.0.0 Safari/537.36", "66.249.64.0/19"),
    (f"{_ROBOT} bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/136.0.0.0 Safari/537.36", "157.55.39.0/24"),
    (f"{_ROBOT} GPTBot/1.2; +https://openai.com/gptbot)", "20.171.206.0/24"),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "54.36.148.0/23"),
    ("curl/8.5.0", "91.0.0.0/12"),
)
"""User agent and network of what comes without a person behind it."""


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated visitor, or a robot: what a request of theirs would show."""

    address: str
    user_agent: str
    language: str
    width: int
    measured: bool
    robot: bool = False


_Shared = TypeVar("_Shared", Device, Country, Source)


def choose(rng: random.Random, among: Sequence[_Shared]) -> _Shared:
    """One of them, by their shares."""
    return rng.choices(among, [each.share for each in among])[0]


def draw_person(rng: random.Random) -> Person:
    """Someone with a device, on a network of some country."""
    device, country = choose(rng, DEVICES), choose(rng, COUNTRIES)
    return Person(
        address=_address(rng, rng.choice(country.networks)),
        user_agent=device.user_agent,
        language=country.language,
        width=rng.choice(device.widths),
        measured=rng.random() < MEASURED,
    )


def draw_robot(rng: random.Random) -> Person:
    """A crawler that runs scripts, or a tool that posts."""
    user_agent, network = rng.choice(ROBOTS)
    return Person(_address(rng, network), user_agent, "en", 0, measured=False, robot=True)


def _address(rng: random.Random, network: str) -> str:
    inside = ipaddress.ip_network(network)
    return str(inside[rng.randrange(1, inside.num_addresses - 1)])
