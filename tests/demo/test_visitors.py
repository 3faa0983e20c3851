"""The simulated visitors: pure, in time order, in their promised shares."""

import ipaddress
import random
import re
from collections import Counter
from functools import cache

import iptocc
import orjson
from crawleruseragents import is_crawler

from demo.people import COUNTRIES, DEVICES, SOURCES
from demo.visitors import Hit, visits
from demo.walk import walk
from pipeline.event import EVENT_NAMES

SHOP = "http://127.0.0.1:8090"
MIDNIGHT = 1_794_956_400.0  # 18 November 2026, 00:00 in Oslo
DAY = 86_400


def simulate(seed: int, hours: float = 24) -> list[Hit]:
    """Some hours of a busy day."""
    rng = random.Random(seed)
    return list(visits(rng, MIDNIGHT, MIDNIGHT + hours * 3600, 6_000, SHOP, site="demo.shop"))


@cache
def a_day() -> list[tuple[Hit, dict]]:
    """One day, with its bodies read."""
    return [(hit, orjson.loads(hit.body)) for hit in simulate(1)]


def said(name: str) -> list[dict]:
    """All events of one name on that day."""
    return [event for _, body in a_day() for event in body["e"] if event["n"] == name]


def is_robot(hit: Hit) -> bool:
    """Whether the hit says so itself."""
    return bool(is_crawler(hit.headers["User-Agent"]))


def test_a_seed_decides_everything() -> None:
    """The same seed gives the same hits to the byte, another seed others."""
    assert simulate(7, 3) == simulate(7, 3)
    assert simulate(7, 3) != simulate(8, 3)


def test_hits_come_in_time_order_within_the_span() -> None:
    """No hit is earlier than the one before it, before the start, or at the end."""
    times = [hit.at for hit, _ in a_day()]
    assert times == sorted(times)
    assert times[0] >= MIDNIGHT
    assert times[-1] < MIDNIGHT + DAY


def test_every_address_is_the_shops() -> None:
    """Each page is one of the shop's, told to its site, with names that the collector knows."""
    assert {body["s"] for _, body in a_day()} == {"demo.shop"}
    assert all(body["u"].startswith(SHOP + "/") for _, body in a_day())
    assert {event["n"] for _, body in a_day() for event in body["e"]} <= EVENT_NAMES


def test_a_day_has_its_rhythm() -> None:
    """The evening is the busiest, lunch a smaller peak, and the night quiet but never dead."""
    views = Counter(int((hit.at - MIDNIGHT) // 3600) for hit, body in a_day() if body["e"][0]["n"] == "page_view")
    assert max(views, key=views.__getitem__) in (20, 21)
    assert views[12] > views[9]
    assert 0 < min(views[hour] for hour in range(24)) < views[20] / 8


def test_as_many_come_as_were_asked_for() -> None:
    """The number of people on a day is the one given, give or take a twentieth."""
    people = {(hit.headers["X-Forwarded-For"], hit.headers["User-Agent"]) for hit, _ in a_day() if not is_robot(hit)}
    assert abs(len(people) / 6_000 - 1) < 0.1


def test_two_or_three_in_a_hundred_visits_buy() -> None:
    """Orders are 2 to 3.5 % of the visits, each with its number, value and items."""
    came = [body for hit, body in a_day() if not is_robot(hit) and not body["r"].startswith(SHOP)]
    begun = [body for body in came if body["e"][0]["n"] == "page_view" and "/kvittering/" not in body["u"]]
    orders = said("purchase")
    assert 0.02 < len(orders) / len(begun) < 0.035
    assert len({order["o"] for order in orders}) == len(orders)
    assert all(order["v"] == sum(i["price"] * i["quantity"] for i in order["items"]) for order in orders)


def test_the_funnel_narrows() -> None:
    """Fewer fill a cart than look, fewer check out, fewer pay."""
    steps = [len(said(name)) for name in ("page_view", "view_item", "add_to_cart", "begin_checkout", "purchase")]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] > 50


def test_most_are_measured_and_the_rest_says_less() -> None:
    """About 85 % of the people are measured; the others send no width and no engagement."""
    people = {hit.headers["X-Forwarded-For"]: body["m"] for hit, body in a_day() if not is_robot(hit)}
    assert abs(Counter(people.values())["measure"] / len(people) - 0.85) < 0.03
    counted = [body for _, body in a_day() if body["m"] == "count"]
    assert all("w" not in body for body in counted)
    assert {event["n"] for body in counted for event in body["e"]}.isdisjoint({"engagement"})


def test_one_hit_in_twenty_is_a_robots() -> None:
    """Robots of several kinds make about 5 % of the hits."""
    robots = [hit for hit, _ in a_day() if is_robot(hit)]
    assert 0.03 < len(robots) / len(a_day()) < 0.07
    assert len({hit.headers["User-Agent"] for hit in robots}) == 5


def test_addresses_are_of_the_country_they_stand_for() -> None:
    """Every network lies in its country at both ends, and most visitors are Norwegian."""
    for country in COUNTRIES:
        for network in map(ipaddress.ip_network, country.networks):
            assert {iptocc.country_code(str(network[0])), iptocc.country_code(str(network[-1]))} == {country.code}
    people = {hit.headers["X-Forwarded-For"] for hit, _ in a_day() if not is_robot(hit)}
    codes = Counter(iptocc.country_code(address) for address in people)
    assert codes.keys() == {country.code for country in COUNTRIES}
    assert 0.8 < codes["NO"] / len(people) < 0.95


def test_sources_have_their_shares() -> None:
    """Each source appears, paid ones with a click id of their own, and no device is missing."""
    landed = [body for hit, body in a_day() if not is_robot(hit) and not body["r"].startswith(SHOP)]
    ids = re.findall(r"(?:gclid|fbclid)=(\w+)", " ".join(body["u"] for body in landed if len(body["e"][0]) == 2))
    assert len(ids) == len(set(ids)) > 500
    assert {source.referrer for source in SOURCES} <= {body["r"] for body in landed}
    agents = {hit.headers["User-Agent"] for hit, _ in a_day()}
    assert {device.user_agent for device in DEVICES} <= agents
    assert not any(is_crawler(device.user_agent) for device in DEVICES)


def test_many_see_one_page_only() -> None:
    """Between a third and a half of the walks end where they began."""
    rng = random.Random(3)
    lengths = Counter(len(list(walk(rng, rng.choice(SOURCES)))) for _ in range(4_000))
    assert 0.33 < lengths[1] / 4_000 < 0.5
    assert max(lengths) < 40
