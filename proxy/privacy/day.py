"""The local calendar day. Enters: a moment and a time zone. Leaves: which day it is there, when it began and ends."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Day(NamedTuple):
    """One day of a time zone."""

    ordinal: int
    """Proleptic Gregorian."""
    starts: float
    """Its first second, seconds since 1970."""
    ends: float
    """The next day's first: 23 and 25 hours later when the clocks change."""


def day_of(now: float, zone: ZoneInfo) -> Day:
    """The day that holds a moment."""
    day = datetime.fromtimestamp(now, zone).date()
    starts = datetime.combine(day, time(), zone).timestamp()
    ends = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
    return Day(day.toordinal(), starts, ends)


def iso(ordinal: int) -> str:
    """The day as ISO 8601 writes it."""
    return date.fromordinal(ordinal).isoformat()
