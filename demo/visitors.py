"""The demo shop's visitors, as the requests their browsers would send, in time order.

Enters: a seeded `random.Random`, a span of time, how many come on a day. Leaves: `Hit`s.
Pure: the same seed gives the same hits, whether they become a day's history or are sent as time passes.
"""

import heapq
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import orjson

from demo.people import SOURCES, Person, Source, choose, draw_person, draw_robot
from demo.walk import Said, Step, crawl, walk

ROBOTS = 0.05
"""The share of visits that are robots'."""

_RETURNS = 0.12
_REMEMBERED = 400
_ENGAGED_FROM_SECONDS = 3
_BEFORE_LEAVING = 0.1
_TIME_ZONE = ZoneInfo("Europe/Oslo")
_DAY_SECONDS = 86_400

# by the hour of the shop's clock: quiet nights, a rise at lunch, the evening's peak from eight to ten
_RHYTHM = (
    22,
    14,
    10,
    9,
    10,
    16,
    34,
    60,
    82,
    96,
    108,
    128,
    132,
    112,
    104,
    108,
    118,
    124,
    130,
    152,
    186,
    192,
    140,
    68,
)
_PEAK = max(_RHYTHM)
PEAK_OVER_MEAN = _PEAK * len(_RHYTHM) / sum(_RHYTHM)
"""How much busier the busiest hour is than the day's mean."""

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Hit:
    """One request to the collector: when (seconds since 1970), what, and the headers that matter."""

    at: float
    body: bytes
    headers: dict[str, str]


def visits(rng: random.Random, start: float, end: float, visitors_a_day: int, shop: str, *, site: str) -> Iterator[Hit]:
    """All hits from `start` up to, not including, `end`.

    Args:
        rng: decides everything.
        start: seconds since 1970.
        end: seconds since 1970, or infinity.
        visitors_a_day: how many come on a whole day; some of them come twice.
        shop: the shop's base address, `http://127.0.0.1:8090`.
        site: the site's id in the collector's settings.
    """
    due: list[tuple[float, int, Hit]] = []
    number = count()  # hits cannot be compared: those of one moment keep their order
    regulars: deque[Person] = deque(maxlen=_REMEMBERED)
    for begins in _arrivals(rng, start, end, visitors_a_day / (1 - _RETURNS)):
        while due and due[0][0] <= begins:
            yield heapq.heappop(due)[2]
        for hit in _visit(rng, begins, regulars, _Place(shop, site)):
            if hit.at < end:
                heapq.heappush(due, (hit.at, next(number), hit))
    while due:
        yield heapq.heappop(due)[2]


def _arrivals(rng: random.Random, start: float, end: float, a_day: float) -> Iterator[float]:
    """A Poisson process that follows the rhythm: drawn at the peak's rate, and thinned elsewhere."""
    a_second = a_day * PEAK_OVER_MEAN / _DAY_SECONDS
    at, hour_ends, chance = start, start, 0.0
    while (at := at + rng.expovariate(a_second)) < end:
        if at >= hour_ends:
            local = datetime.fromtimestamp(at, _TIME_ZONE)
            hour_ends = (local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)).timestamp()
            chance = _RHYTHM[local.hour] / _PEAK
        if rng.random() < chance:
            yield at


def _visit(rng: random.Random, at: float, regulars: deque[Person], place: "_Place") -> Iterator[Hit]:
    """One visit's hits, in time order."""
    if rng.random() < ROBOTS:
        return _hits(rng, at, _Browser(draw_robot(rng), place), crawl(rng))
    if regulars and rng.random() < _RETURNS:
        person, source = rng.choice(regulars), SOURCES[0]
    else:
        person, source = draw_person(rng), choose(rng, SOURCES)
        regulars.append(person)
    return _hits(rng, at, _Browser(person, place), walk(rng, source), source)


@dataclass(frozen=True, slots=True)
class _Place:
    """The shop's base address, and the site's id."""

    shop: str
    site: str


@dataclass(frozen=True, slots=True)
class _Browser:
    """Someone's browser with the script in it."""

    person: Person
    place: _Place

    def headers(self) -> dict[str, str]:
        return {
            "User-Agent": self.person.user_agent,
            "X-Forwarded-For": self.person.address,
            "Accept-Language": self.person.language,
            "Origin": self.place.shop,
            "Content-Type": "text/plain;charset=UTF-8",
        }

    def body(self, rng: random.Random, page: tuple[str, str], said: tuple[Said, ...]) -> bytes:
        """The native body, as the script on the page writes it; `page` is its address and its referrer."""
        body: dict[str, object] = {"s": self.place.site, "u": page[0], "r": page[1]}
        body["m"] = "measure" if self.person.measured else "count"
        if self.person.measured:
            body["w"] = self.person.width
        body["e"] = [{**event, "i": _random_text(rng, 12)} for event in said]
        return orjson.dumps(body)


def _hits(
    rng: random.Random, at: float, browser: _Browser, steps: Iterator[Step], source: Source = SOURCES[0]
) -> Iterator[Hit]:
    headers = browser.headers()
    referrer = source.referrer
    query = source.query.replace("@", _click_id(rng)) if "@" in source.query else source.query
    for step in steps:
        url = browser.place.shop + _joined(step.path, query)
        page = (url, referrer if step.referrer is None else step.referrer)
        left = at + step.seconds
        yield Hit(at, browser.body(rng, page, step.loaded), headers)
        if step.done:
            yield Hit(left - _BEFORE_LEAVING, browser.body(rng, page, step.done), headers)
        engaged: Said = {"n": "engagement", "ms": round(step.seconds * 1_000), "sd": step.depth}
        if browser.person.measured and step.seconds >= _ENGAGED_FROM_SECONDS:
            yield Hit(left, browser.body(rng, page, (engaged,)), headers)
        referrer, query, at = url, "", left + rng.uniform(0.3, 1.5)


def _joined(path: str, query: str) -> str:
    if not query:
        return path
    return f"{path}{'&' if '?' in path else '?'}{query}"


def _random_text(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(_BASE36, k=length))


def _click_id(rng: random.Random) -> str:
    """What an advertising network hangs on an address; the collector must forget it."""
    return "Cj0K" + _random_text(rng, 40)
