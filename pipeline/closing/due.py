"""What can be closed now. Enters: the shops' time zones and the time. Leaves: closings, done one after the other.

A day is closed when it is over and the spools hold nothing of it, or two hours later in any case. What comes afterwards
makes its rows more than were counted, and it is closed again, and its week and month after it.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from pipeline.closing.day import Closed, close_day
from pipeline.closing.span import close_month, close_week
from pipeline.store.database import Store

_GRACE_SECONDS = 2 * 3600.0
"""How long a day waits for events that are still in a spool."""
_SETTLED = timedelta(days=70)
"""Weeks and months that began earlier are not looked at: nothing can come any more, and old closings leave by
the year."""

# stored by the tally: where the rows are fewer, some have left already, and counting the rest would be a lie
_DAYS = """
    SELECT rows.site, rows.day, rows.events, told.stored, closed.rests_on, closed.run
    FROM (SELECT site, day, count() AS events FROM events GROUP BY site, day) AS rows
    LEFT JOIN (SELECT site, day, sum(events) AS stored FROM tally WHERE outcome = 'stored' GROUP BY site, day) AS told
        ON told.site = rows.site AND told.day = rows.day
    LEFT JOIN
        (SELECT site, day, argMax(closings.rests_on, closings.run) AS rests_on, max(closings.run) AS run
            FROM closings WHERE grain = 'day' GROUP BY site, day) AS closed
        ON closed.site = rows.site AND closed.day = rows.day
    ORDER BY rows.day, rows.site
"""
_SPANS = """
    SELECT below.site, below.span
    FROM
    (
        SELECT site, if({grain:String} = 'week', toMonday(day), toStartOfMonth(day)) AS span,
            sipHash64(arraySort(groupArray((day, run)))) AS rests_on
        FROM (SELECT site, day, max(closings.run) AS run FROM closings WHERE grain = {below:String} GROUP BY site, day)
        GROUP BY site, span
    ) AS below
    LEFT JOIN
        (SELECT site, day AS span, argMax(closings.rests_on, closings.run) AS rests_on
            FROM closings WHERE grain = {grain:String} GROUP BY site, day) AS closed
        ON closed.site = below.site AND closed.span = below.span
    WHERE below.rests_on != closed.rests_on AND below.span >= {since:Date}
    ORDER BY below.span, below.site
"""

log = structlog.get_logger("sporlos.closing")


def close_due(
    store: Store,
    zones: Mapping[str, str],
    now: float,
    waiting: Callable[[], Container[tuple[str, str]]],
) -> Iterator[Closed]:
    """Close every day, week and month that can be; each is done when it is yielded.

    Args:
        store: with the rows of the open days.
        zones: site → IANA name of its time zone.
        now: seconds since 1970.
        waiting: tells the (site, day) of which a spool still holds events; asked only if a day has just ended.

    Raises:
        StoreError: the rest is closed another time.
    """
    for site, day, again in _days(store, zones, now, waiting):
        closed = close_day(store, site, zones[site], day, now)
        log.info("day closed", site=site, day=day.isoformat(), rows=closed.rests_on, again=again)
        yield closed
    for grain, below, close in (("week", "day", close_week), ("month", "week", close_month)):
        since = (datetime.fromtimestamp(now, ZoneInfo("UTC")).date() - _SETTLED).isoformat()
        for site, first in store.query(_SPANS, {"grain": grain, "below": below, "since": since}).rows:
            if site in zones and now >= ends(grain, first, zones[site]) + _GRACE_SECONDS:
                yield close(store, site, first, now)
                log.info("closed", site=site, grain=grain, first=first.isoformat())


class NotNow(ValueError):
    """A day can't be closed at the moment; the message says why, in one line."""


def close_now(store: Store, zones: Mapping[str, str], site: str, day: date, now: float) -> Closed:
    """Close a day that is over, whether or not it is due.

    Raises:
        NotNow: it is not over, or its rows are not all there.
        StoreError: not closed.
    """
    if site not in zones:
        raise NotNow(f"{site} is not a site of these settings; known: {', '.join(zones)}")
    if now < ends("day", day, zones[site]):
        raise NotNow(f"{day} is not over yet in {zones[site]}")
    here = {(row[0], row[1]): (row[2], row[3]) for row in store.query(_DAYS).rows}
    rows, told = here.get((site, day), (0, 0))
    if not rows or rows < told:
        raise NotNow(
            f"the rows of {day} are {'gone' if not rows else 'no longer all there'}; what was counted of it stands"
        )
    return close_day(store, site, zones[site], day, now)


def _days(
    store: Store, zones: Mapping[str, str], now: float, waiting: Callable[[], Container[tuple[str, str]]]
) -> Iterator[tuple[str, date, bool]]:
    held: Container[tuple[str, str]] | None = None
    for site, day, rows, told, counted, run in store.query(_DAYS).rows:
        over = now - ends("day", day, zones[site]) if site in zones else -1.0
        if over < 0 or (run and rows == counted):
            continue
        if rows < told:
            if not run:
                log.error("a day can't be closed: some of its rows are gone", site=site, day=day.isoformat())
            continue
        if not run and over < _GRACE_SECONDS:
            held = waiting() if held is None else held
            if (site, day.isoformat()) in held:
                continue
        yield site, day, bool(run)


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
