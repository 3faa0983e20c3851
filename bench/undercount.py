"""What `visitor_input = "truncated"` costs: visitors who are no longer told apart. `python -m bench.undercount`.

Enters: nothing; a shop's days are drawn from seeds. Leaves: a table of how many different numbers the product's own
`visitor_number` gives to so many visitors, from whole addresses and from their /24 or /48. A visitor is one browser on
one device in one network: that a number changes when a phone leaves the house is no matter of the input.

The model, so that it can be doubted part by part:

- Networks are Norway's in the registries' table, each address equally likely. Not all of them have customers: 2.5
  million lines, about one a household, and 5.5 million phones fill those that they are in to seven tenths (a guess).
  The fewer networks, the higher the price: a shop of one town, whose customers share few, pays more.
- A fixed line has one IPv4 address, or a /56 of IPv6 (RIPE-690: /56 or /48) and in it an address for each device.
  One visitor in twenty shares the line of an earlier one, as families do; one in ten sits behind one of 20,000
  addresses of workplaces, schools and hotels.
- On a mobile network an IPv4 address is shared by 64 phones, which leaves each about a thousand ports (RFC 7422 reckons
  like this); 16 and 256 are shown, too. Of IPv6 a phone has a /64, and 65,536 of those lie in a /48.
- Three visitors in ten come over a mobile network: six in ten of Norway's page views are a phone's, half of them
  (a guess) at home.
- Browsers and releases have their shares of Norway's page views, caniuse-lite 1.0.30001828 (StatCounter's, CC BY 4.0).
  What it doesn't tell: point releases go by their order in top-user-agents 2.1.138, the k-th getting 1/k; systems under
  a desktop browser are guessed, and browsers on Android are as new as on the desktop. Browsers inside other apps often
  name the phone's model; they are left out, so the price is rather overstated.
- All come over IPv4, or all over IPv6. A collector that has both lies in between.
"""

import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import product

import iptocc

from proxy.privacy.address import Address, truncate
from proxy.privacy.identity import visitor_number

_SEEDS = range(9)
_DAYS = (2_000, 20_000)
_LINES, _PHONES = 2_500_000, 5_500_000
_FILLED = 0.7
_LINES_A_NETWORK = 256
_ON_MOBILE_NETWORK, _WITH_FAMILY, _AT_WORK = 0.3, 0.05, 0.1
_WORKPLACES = 20_000

Visit = tuple[Address, str]


@dataclass(frozen=True, slots=True)
class Family:
    """A browser: the systems it is on and its releases, with their weights, which multiply."""

    systems: dict[str, float]
    releases: dict[str, float]


_CHROME = {"155": 6.7, "154": 6.2, "156": 2.0, "153": 0.9, "152": 0.7, "140": 0.5, "146": 0.3, "144": 0.3, "151": 0.3,
           "150": 0.2, "138": 0.2, "148": 0.1, "149": 0.1, "145": 0.1, "142": 0.1, "141": 0.1, "109": 0.1}  # fmt: skip
_OPERA = {"136": 4.0, "137": 2.0, "138": 1.0, "95": 0.6, "135": 0.3, "102": 0.2, "103": 0.1, "139": 0.1}
_ON_PHONES = {
    "Safari": Family({"iPhone": 1.0}, {
        "26.6.1": 6.7, "26.6": 3.3, "26.6.2": 2.2, "27.0": 4.4, "18.7.5": 2.3, "18.5": 1.2, "26.5.2": 1.4, "26.5": 0.7,
        "16.6": 0.5, "26.3": 0.5, "26.2": 0.4, "15.8": 0.3, "26.4": 0.3, "18.3": 0.3, "17.6": 0.3, "27.2": 0.3,
        "18.4": 0.2, "18.2": 0.2, "26.1": 0.2, "26.0": 0.2, "18.1": 0.1, "17.5": 0.1, "18.0": 0.1, "17.4": 0.1}),
    "Chrome": Family({"Android": 18.0 / sum(_CHROME.values())}, _CHROME),
    "Opera": Family({"Android": 9.5 / sum(_OPERA.values())}, _OPERA),
    "Samsung": Family({"Android": 1.0}, {"30": 2.4, "29": 0.1}),
    "Firefox": Family({"Android": 0.3}, {"158": 0.5, "157": 0.5}),
}  # fmt: skip
_ON_DESKS = {
    "Chrome": Family({"Windows": 0.7, "Macintosh": 0.2, "CrOS": 0.05, "Linux": 0.05}, _CHROME),
    "Edge": Family({"Windows": 0.9, "Macintosh": 0.1}, {"155": 3.0, "154": 2.1, "156": 1.1, "153": 0.3}),
    "Opera": Family({"Windows": 0.85, "Macintosh": 0.15}, _OPERA),
    "Safari": Family({"Macintosh": 1.0}, {
        "26.6.2": 1.2, "26.6.1": 0.6, "26.6": 0.4, "27.0": 0.8, "26.5.2": 0.3, "26.5": 0.2, "17.1": 0.2, "16.6": 0.2,
        "26.3": 0.1, "17.6": 0.1, "15.6": 0.1, "17.5": 0.1, "26.2": 0.1, "26.4": 0.1, "18.5": 0.1, "18.3": 0.1}),
    "Firefox": Family({"Windows": 0.7, "Macintosh": 0.15, "Linux": 0.15}, {
        "157": 0.5, "158": 0.5, "156": 0.1, "159": 0.1, "115": 0.1}),
}  # fmt: skip


class Browsers:
    """User agents by their weights, as names: the hash sees no more in the real ones than which are the same."""

    def __init__(self, families: dict[str, Family]) -> None:
        weights = {
            f"{name} {release} ({system})": by_system * by_release
            for name, family in families.items()
            for (system, by_system), (release, by_release) in product(family.systems.items(), family.releases.items())
        }
        self._names, self._weights = list(weights), list(weights.values())
        self.weight = sum(self._weights)

    def draw(self, rng: random.Random, many: int) -> list[str]:
        """So many."""
        return rng.choices(self._names, self._weights, k=many)


@dataclass(frozen=True, slots=True)
class Addresses:
    """How addresses of one protocol are given out in Norway."""

    kind: type[IPv4Address | IPv6Address]
    blocks: Sequence[int]
    """First addresses of Norwegian blocks, all of one size."""
    block_bits: int
    network_bits: int
    """What a /24 or /48 leaves for what is below."""
    line_shift: int
    phone_bits: int
    phone_shift: int
    own_bits: int
    """That each device chooses by itself."""

    def networks(self, rng: random.Random, customers: float, a_network: int) -> list[int]:
        """As many as so many customers fill."""
        many = round(customers / a_network / _FILLED)
        below = self.block_bits - self.network_bits
        return [rng.choice(self.blocks) + (rng.getrandbits(below) << self.network_bits) for _ in range(many)]

    def fixed(self, rng: random.Random, many: int) -> list[Address]:
        """Addresses of visitors on fixed lines."""
        networks = self.networks(rng, _LINES, _LINES_A_NETWORK)
        lines = [self._line(rng, networks) for _ in range(_WORKPLACES)]  # homes come behind them
        drawn = []
        for _ in range(many):
            chance = rng.random()
            if chance < _AT_WORK:
                line = lines[rng.randrange(_WORKPLACES)]
            elif chance < _AT_WORK + _WITH_FAMILY and len(lines) > _WORKPLACES:
                line = lines[rng.randrange(_WORKPLACES, len(lines))]
            else:
                line = self._line(rng, networks)
                lines.append(line)
            drawn.append(self.kind(line + rng.getrandbits(self.own_bits)))
        return drawn

    def _line(self, rng: random.Random, networks: list[int]) -> int:
        return rng.choice(networks) + (rng.randrange(_LINES_A_NETWORK) << self.line_shift)

    def mobile(self, rng: random.Random, many: int, sharing: int) -> list[Address]:
        """Addresses of visitors on mobile networks, each shared by so many phones."""
        networks = self.networks(rng, _PHONES, sharing << self.phone_bits)
        places = ((rng.choice(networks), rng.getrandbits(self.phone_bits) << self.phone_shift) for _ in range(many))
        return [self.kind(network + phone + rng.getrandbits(self.own_bits)) for network, phone in places]


def over_ipv4() -> Addresses:
    """Blocks of a /20; one address a line, and one for several phones."""
    blocks = norwegian(f"{n >> 12}.{n >> 4 & 255}.{(n & 15) << 4}.0" for n in range(1 << 20))
    return Addresses(
        IPv4Address,
        [int(IPv4Address(block)) for block in blocks],
        block_bits=12,
        network_bits=8,
        line_shift=0,
        phone_bits=8,
        phone_shift=0,
        own_bits=0,
    )


def over_ipv6() -> Addresses:
    """Blocks of a /32 of what Europe's registry gives out; a /56 a line, a /64 a phone, interfaces at random."""
    blocks = norwegian(f"2a{n >> 16:02x}:{n & 0xFFFF:x}::" for n in range(1 << 20))
    return Addresses(
        IPv6Address,
        [int(IPv6Address(block)) for block in blocks],
        block_bits=96,
        network_bits=80,
        line_shift=72,
        phone_bits=16,
        phone_shift=64,
        own_bits=64,
    )


def norwegian(blocks: Iterable[str]) -> list[str]:
    """Those that the registries' table has in Norway."""
    asked = list(blocks)
    return [block for block, code in zip(asked, iptocc.country_code(asked), strict=True) if code == "NO"]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many visitors came, and how many different numbers they had."""

    visitors: int
    full: int
    truncated: int

    @property
    def lost(self) -> float:
        """What truncation costs, in percent of what is counted without it."""
        return 100 * (1 - self.truncated / self.full)


def count(salt: memoryview, visits: list[Visit]) -> Counted:
    """As the product counts."""
    full = {visitor_number(salt, "shop.no", address.packed, agent) for address, agent in visits}
    truncated = {visitor_number(salt, "shop.no", str(truncate(address)).encode(), agent) for address, agent in visits}
    return Counted(len(visits), len(full), len(truncated))


def day(seed: int, addresses: Addresses, visitors: int, sharing: int) -> dict[str, Counted]:
    """One day of a shop, counted by kind of network."""
    rng = random.Random(seed)  # noqa: S311 - a play, to be repeated
    salt = memoryview(rng.randbytes(32))
    phones, desks = Browsers(_ON_PHONES), Browsers(_ON_DESKS)
    outside = round(visitors * _ON_MOBILE_NETWORK)
    at_home = round(visitors * phones.weight / (phones.weight + desks.weight)) - outside
    at_desks = visitors - outside - at_home
    agents = phones.draw(rng, at_home) + desks.draw(rng, at_desks)
    rng.shuffle(agents)
    fixed = list(zip(addresses.fixed(rng, len(agents)), agents, strict=True))
    mobile = list(zip(addresses.mobile(rng, outside, sharing), phones.draw(rng, outside), strict=True))
    return {"all": count(salt, fixed + mobile), "fixed": count(salt, fixed), "mobile": count(salt, mobile)}


def show(title: str, addresses: Addresses, visitors: int, sharing: int) -> None:
    """Medians over the seeds, and the range of what is lost."""
    days = [day(seed, addresses, visitors, sharing) for seed in _SEEDS]
    for kind in days[0]:
        counted = [each[kind] for each in days]
        lost = sorted(each.lost for each in counted)
        numbers = (
            statistics.median(values)
            for values in zip(*((c.visitors, c.full, c.truncated) for c in counted), strict=True)
        )
        columns = "".join(f"{number:>11,.0f}" for number in numbers)
        print(f"{title:28}{kind:6}{columns}{statistics.median(lost):7.1f} %  {lost[0]:.1f}-{lost[-1]:.1f}")  # noqa: T201


def main() -> None:
    """Print the table."""
    print(f"{'':34}{'visitors':>11}{'full':>11}{'truncated':>11}{'lost':>9}  range of {len(_SEEDS)}")  # noqa: T201
    ipv4, ipv6 = over_ipv4(), over_ipv6()
    for visitors in _DAYS:
        for sharing in (64, 16, 256):
            show(f"IPv4, {sharing} phones an address", ipv4, visitors, sharing)
        show("IPv6", ipv6, visitors, 1)


if __name__ == "__main__":
    main()
