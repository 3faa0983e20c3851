"""What can be closed now. Enters: the shops' time zones and the time. Leaves: closings, done one after the other.

A day is closed when it is over and the spools hold nothing of it, or two hours later in any case. What comes afterwards
makes its rows more than were counted, and it is closed again, and its week and month after it. A closing of a day that
is not over is of a clock that was ahead: it is taken back, else the day would seem to be counted when it is.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

import structlog

from pipeline.audiences.shop import Advertiser
from pipeline.closing.day import Closed, close_day, commit, next_run, statement, sweep
from pipeline.closing.span import BELOW, close_month, close_week
from pipeline.retain.retention import PROMISED
from pipeline.store.database import Store, StoreError

_GRACE_SECONDS = 2 * 3600.0
"""How long a day waits for events that are still in a spool."""
_SETTLED = timedelta(days=70)
"""Weeks and months that began earlier are not looked at: nothing can come any more, and old closings leave by
the year."""


log = structlog.get_logger("sporlos.closing")


def close_due(
    store: Store,
    zones: Mapping[str, str],
    now: float,
    waiting: Callable[[], Container[tuple[str, str]]],
    keep_seconds: float = PROMISED.keep_seconds,
    time_zone: str = "",
    advertisers: Mapping[str, Advertiser] = MappingProxyType({}),
) -> Iterator[Closed]:
    """Close every day, week and month that can be; each is done when it is yielded.

    Args:
        store: with the rows of the open days.
        zones: site → IANA name of its time zone.
        now: seconds since 1970.
        waiting: tells the (site, day) of which a spool still holds events; asked only if a day has just ended.
        keep_seconds: how long after its beginning all rows of a day are there.
        time_zone: of sites that are in `zones` no more, so that their last days are counted; none: those are not.
        advertisers: site → the shop, of those that have exports.

    Raises:
        StoreError: one of them at least is not closed; the others are.
    """
    troubles: list[StoreError] = []
    for site, day, zone in _days(store, zones, now, waiting, keep_seconds, time_zone):
        if site not in zones:
            log.warning("counted by `time_zone`: the site is not in the settings", site=site, day=day.isoformat())
        close: Callable[..., Closed] = close_day if now >= ends("day", day, zone) else _take_back
        if close is close_day and site in advertisers:
            close = partial(close_day, advertiser=advertisers[site])
        yield from _attempt(partial(close, store, site, zone, day, now), troubles)
    since = (datetime.fromtimestamp(now, ZoneInfo("UTC")).date() - _SETTLED).isoformat()
    for grain, close_span in (("week", close_week), ("month", close_month)):
        names = {"grain": grain, "below": BELOW[grain], "since": since}
        for site, first in store.query(statement("spans"), names).rows:
            zone = zones.get(site, time_zone)
            if zone and now >= ends(grain, first, zone) + _GRACE_SECONDS:
                yield from _attempt(partial(close_span, store, site, first, now), troubles)
    for site, grain, first, run in store.query(statement("left_over"), {"since": since}).rows:
        sweep(store, Closed(site, grain, first, run, 0))
    if troubles:
        raise troubles[0]


def _attempt(close: Callable[[], Closed], troubles: list[StoreError]) -> Iterator[Closed]:
    """What one shop's day is stopped by must not stop another's: its rows leave as soon."""
    try:
        closed = close()
    except StoreError as error:
        troubles.append(error)
        log.warning("not closed, will be tried again", reason=str(error))
        return
    log.info("closed", site=closed.site, grain=closed.grain, first=closed.first.isoformat(), run=closed.run)
    yield closed


class NotNow(ValueError):
    """A day can't be closed at the moment; the message says why, in one line."""


def close_now(
    store: Store,
    zones: Mapping[str, str],
    site: str,
    day: date,
    now: float,
    keep_seconds: float = PROMISED.keep_seconds,
    advertiser: Advertiser | None = None,
) -> Closed:
    """Close a day that is over, whether or not it is due. Arguments as of `close_due`.

    Raises:
        NotNow: it is not over, or its rows are not all there.
        StoreError: not closed.
    """
    if site not in zones:
        raise NotNow(f"{site} is not a site of these settings; known: {', '.join(zones)}")
    if now < ends("day", day, zones[site]):
        raise NotNow(f"{day} is not over yet in {zones[site]}")
    here = {(row[0], row[1]): (row[2], row[3]) for row in store.query(statement("days")).rows}
    rows, told = here.get((site, day), (0, 0))
    if not rows or (rows < told and _leaving(day, zones[site], now, keep_seconds)):
        gone = "no longer all" if rows else "not"
        raise NotNow(f"the rows of {day} are {gone} there; if it has been counted, that stands")
    return close_day(store, site, zones[site], day, now, advertiser=advertiser)


def _days(
    store: Store,
    zones: Mapping[str, str],
    now: float,
    waiting: Callable[[], Container[tuple[str, str]]],
    keep_seconds: float,
    time_zone: str,
) -> Iterator[tuple[str, date, str]]:
    held: Container[tuple[str, str]] | None = None
    for site, day, rows, told, counted, run in store.query(statement("days")).rows:
        zone = zones.get(site, time_zone)
        if not zone:
            continue
        over = now - ends("day", day, zone)
        if over < 0:
            if run and counted and site in zones:  # else it may have been over in a zone that nobody knows any more
                yield site, day, zone
            continue
        if run and rows <= counted:
            continue
        if rows < told:
            log.error("a day's rows are not all there", site=site, day=day.isoformat(), rows=rows, stored=told)
            if _leaving(day, zone, now, keep_seconds):
                continue  # to count what is left would be a lie; earlier nothing can have left by its age
        if not run and over < _GRACE_SECONDS:
            held = waiting() if held is None else held
            if (site, day.isoformat()) in held:
                continue
        yield site, day, zone


def _take_back(store: Store, site: str, _zone: str, day: date, now: float) -> Closed:
    """Whatever was counted of a day that is not over: from now on it was counted from no row."""
    log.error("a day was closed before it was over; was a clock ahead?", site=site, day=day.isoformat())
    nothing = Closed(site, "day", day, next_run(store, now), 0)
    commit(store, nothing, now)
    sweep(store, nothing)
    return nothing


def _leaving(day: date, zone: str, now: float, keep_seconds: float) -> bool:
    """Whether the first rows of the day have had their time."""
    return now >= midnight(day, zone) + keep_seconds


def ends(grain: str, first: date, zone: str) -> float:
    """When a day, a week, or the last week of a month ends, seconds since 1970."""
    if grain == "day":
        return midnight(first + timedelta(days=1), zone)
    if grain == "week":
        return midnight(first + timedelta(days=7), zone)
    next_month = (first + timedelta(days=32)).replace(day=1)
    last_monday = next_month - timedelta(days=1)
    last_monday -= timedelta(days=last_monday.weekday())
    return midnight(last_monday + timedelta(days=7), zone)


def midnight(day: date, zone: str) -> float:
    """The day's first second there, seconds since 1970."""
    return datetime.combine(day, time(), ZoneInfo(zone)).timestamp()
