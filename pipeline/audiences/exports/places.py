"""How well an area, a time of day, a device sells, against the shop as a whole.

Enters: weeks as the ledger has them. Leaves: factors near 1. Pure.

A factor is the share of visits with an order here, over that share in the shop; 1.2: a fifth more. It is reckoned from
the latest eight weeks together, since a small shop's week alone is mostly noise. It is drawn towards 1 as far as noise
and chance may have made it (the linear Bayes estimate, Bühlmann, "Experience Rating and Credibility", ASTIN Bulletin 4,
1967), and never leaves 1 ± 50 %.
"""

from collections.abc import Mapping, Sequence
from math import log

import iso3166

from pipeline import regions
from pipeline.audiences.exports.sums import NOTHING, Expected, Sum, at, expected, recent, totals
from pipeline.audiences.released import Week
from pipeline.audiences.tables import Key

MOST = 0.5
"""How far a factor may be from 1."""
SPREAD = 0.25
"""How far true factors are taken to lie apart (standard deviation): the less, the nearer to 1 all of them are."""
TOO_FEW = "too few visitors to say"
AREA, DAYPART, DEVICE, _DEED = range(4)
"""Columns of the table `places`."""
_GOOGLES_COUNTRIES = 2000

Factors = Mapping[str, float]
"""Word of one column → factor; only of those that may be said."""


def factors(weeks: Sequence[Week], *columns: int) -> dict[Key, float]:
    """Of the words in these columns of `places` together the factors that may be said."""
    latest = recent(weeks)
    whole = totals(latest, "places", at(_DEED))
    parts = totals(latest, "places", at(_DEED, *columns))
    found = {
        key[1:]: _factor(visits, parts.get(("purchase", *key[1:]), NOTHING), whole)
        for key, visits in parts.items()
        if key[0] == "visit"
    }
    return {words: number for words, number in found.items() if number is not None}


def _factor(visits: Sum, orders: Sum, whole: Mapping[Key, Sum]) -> float | None:
    all_visits, all_orders = (whole.get((deed,), NOTHING) for deed in ("visit", "purchase"))
    if not (visits.known and all_visits.known and all_orders.known):
        return None
    return min(1 + MOST, max(1 - MOST, shrunk(orders, expected(visits, all_orders, all_visits))))


def shrunk(observed: Sum, usual: Expected) -> float:
    """Observed ÷ usual, drawn towards 1 by the share of its variance that noise and chance make up."""
    true = (SPREAD * usual.number) ** 2
    return 1 + true / (true + by_chance(observed, usual)) * (observed.number / usual.number - 1)


def by_chance(observed: Sum, usual: Expected) -> float:
    """The variance of the two's difference, if nothing is special: of both's noise, and of a Poisson count."""
    return observed.variance + usual.variance + usual.number


def tempered(*columns: Factors) -> list[dict[str, float]]:
    """The same factors, all drawn towards 1 alike, so that those which apply at once stay within 1 ± 50 % together."""
    high = sum(log(max(1.0, *column.values(), 1.0)) for column in columns)
    low = sum(log(min(1.0, *column.values(), 1.0)) for column in columns)
    power = min(1.0, log(1 + MOST) / high if high else 1.0, log(1 - MOST) / low if low else 1.0)
    return [{word: number**power for word, number in column.items()} for column in columns]


def towards_one(number: float) -> int:
    """A factor in whole percent more or less than 1; what is cut off is never in its favour."""
    return int((number - 1) * 100 + (1e-9 if number > 1 else -1e-9))


def location(area: str) -> tuple[str, str]:
    """Google's number and a name for an area, as events have it; without a number where it is no country.

    Google numbers countries 2000 + ISO 3166-1's number (Norway: 2578). Regions have numbers of Google's own, which no
    list that comes along has: they go by name, spelt like Google's canonical ones, "own name, and that of its parent
    and country" (https://developers.google.com/ad-manager/api/geotargets). Google Ads Editor takes a name in this
    column and has whoever imports it "resolve the location before posting", where Google calls it otherwise
    (`Stockholm County, Sweden`): https://support.google.com/google-ads/editor/answer/33114.
    """
    country, region = iso3166.countries_by_alpha2.get(area.partition("-")[0]), regions.names().get(area)
    if country is not None and region is not None:
        return "", f"{region}, {country.apolitical_name}"
    if country is not None and country.alpha2 == area:
        return str(_GOOGLES_COUNTRIES + int(country.numeric)), country.apolitical_name
    return "", area
