"""Bid adjustments by location, hour and device: a CSV file for Google Ads Editor.

Enters: ledger weeks, what the shop declared. Leaves: bytes. Pure.

Headers and forms as Google documents them: columns https://support.google.com/google-ads/editor/answer/57747, locations
`…/33114`, schedules `…/57751`. "List each item on its own row": one for each of the shop's Google campaigns, with its
schedule and devices, then one for each location. An empty cell changes nothing. Whoever imports the file sees each
change before it is posted.
"""

from collections.abc import Iterator, Sequence

from pipeline.audiences.exports.channels import UNNAMED
from pipeline.audiences.exports.places import (
    AREA,
    DAYPART,
    DEVICE,
    TOO_FEW,
    Factors,
    factors,
    location,
    tempered,
    towards_one,
)
from pipeline.audiences.exports.sheet import FORMULA, Cell, sheet
from pipeline.audiences.exports.sums import span
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import DAYPARTS

COLUMNS = (
    *("Campaign", "ID", "Location", "Bid Modifier", "Ad Schedule"),
    *("Desktop Bid Modifier", "Mobile Bid Modifier", "Tablet Bid Modifier", "Comment"),
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """The file. Adjustments are whole percent, `-12`; those that apply to one click together stay within ± 50 %.

    A location or device that may not be said has no line or cell. Hours are another matter: an advertisement runs only
    in those that its schedule names, so a schedule names all of them, and what may not be said is at 100 %.
    """
    areas, hours, devices = tempered(*(_by(weeks, column) for column in (AREA, DAYPART, DEVICE)))
    said = f"Sporløs {span(weeks)}"
    lines: list[tuple[Cell, ...]] = []
    for campaign in _campaigns(shop):
        remark = said if areas or hours or devices else f"{TOO_FEW} ({weeks[-1].name})"
        lines.append((campaign, None, None, None, *_whole(hours, devices), remark))
        lines += (_place(campaign, area, number, said) for area, number in areas.items())
    return sheet(COLUMNS, lines)


def _by(weeks: Sequence[Week], column: int) -> Factors:
    return {word: number for (word,), number in factors(weeks, column).items() if word not in UNNAMED}


def _campaigns(shop: Advertiser) -> Iterator[str]:
    """Names of those declared of Google, once each; they are taken to be what the campaigns are called there.

    One that begins like a formula is left out: written as text, it would be another campaign's.
    """
    names = [name for source, _, name in shop.campaigns if source.lower().startswith("google")]
    yield from (name for name in dict.fromkeys(names) if name not in UNNAMED and not name.startswith(FORMULA))


def _whole(hours: Factors, devices: Factors) -> Iterator[Cell]:
    """What the row of a campaign says: its schedule, and devices. Tablets are counted with mobiles."""
    yield _schedule(hours) if hours else None
    for device in ("desktop", "mobile", "mobile"):
        yield towards_one(devices[device]) if device in devices else None


def _place(campaign: str, area: str, number: float, said: str) -> tuple[Cell, ...]:
    """A location's row. By Google's number where there is one: a name beside it could only contradict it."""
    known, name = location(area)
    place = (known, None) if known else (None, name)
    return campaign, *place, towards_one(number), None, None, None, None, f"{name}: {said}"


def _schedule(hours: Factors) -> str:
    """Six intervals a day, which is the most that Google takes (https://support.google.com/google-ads/answer/6372656)."""
    return ";".join(_interval(day, part, hours) for day in _DAYS for part in DAYPARTS)


def _interval(day: str, part: str, hours: Factors) -> str:
    first, last = part.split("-")
    return f"({day}@{100 + towards_one(hours.get(part, 1.0))}%[{first}:00-{last}:00])"
