"""Weeks of visits that never happened, counted as if they had, so that a new demo has a past.

Enters: settings, in a folder where there has been no demo. Leaves: days and weeks of the demo's site, closed, and the
weeks' releases in the ledger.

The product has no door by which a past could come in, and rows older than two days don't stay. So the visits are made
in a store of this module's own, which lets them stay, and are counted, closed and released there by the code that does
it for every shop. What is carried over into the real store, before the back office opens it, are counts, and releases
that stand in its ledger after whatever stands there. Nothing is written of another site than the demo's, nor where that
has a past.
"""

import asyncio
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from dashboards.advertisers import Advertisers
from dashboards.premises import open_store
from demo import history
from pipeline.audiences import ledger
from pipeline.audiences.release import release_due
from pipeline.audiences.shop import Advertiser
from pipeline.closing.day import close_day
from pipeline.closing.due import close_due, midnight
from pipeline.ship.shipper import Shipper
from pipeline.store.address import EMBEDDED
from pipeline.store.database import Store, StoreError
from proxy.serving import premises
from proxy.settings import Settings
from proxy.site import DEMO_SITE

GROWTH = 1.05
"""A day's visitors over those of the day before: the shop does well."""
_CARRIED = {
    "daily": "true",
    "weekly": "true",
    "waiting": "grain = 'month' OR until >= {open:Date}",
    "contributions": "day >= {open:Date}",
    "tally": "true",
    "closings": "true",
}
"""Table → which rows. Last what says that the others hold: killed before, nothing has been said."""
_ROWS = "SELECT formatRowNoNewline('JSONCompactEachRow', *) FROM {table} WHERE site = {{site:String}} AND ({which})"
_COLUMNS = """
    SELECT name FROM system.columns
    WHERE database = currentDatabase() AND table = {table:String}
    ORDER BY position
"""
_HAS_PAST = "SELECT count() FROM closings WHERE site = {site:String}"
_TELL_EVERY_DAYS = 7
_WEEK_CLOSES = timedelta(hours=3)
"""After its end: a week waits two hours for what comes late."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A past."""

    rows: dict[str, str]
    """Of each table, lines of `JSONCompactEachRow`."""
    ledger: tuple[ledger.Line, ...]
    """The weeks that are released."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Whose past, and how much of it."""

    settings: Settings
    shop: Advertiser
    zone: str
    days: list[date]


def days(now: float, time_zone: str, weeks: int) -> list[date]:
    """So many whole weeks before this one, and of this one what is older than yesterday: of that there will be rows."""
    today = datetime.fromtimestamp(now, ZoneInfo(time_zone)).date()
    first = today - timedelta(days=today.weekday(), weeks=weeks)
    return [first + timedelta(days=day) for day in range((today - first).days - 1)]


async def make(settings: Settings, now: float, stop: asyncio.Event, tell: Callable[[str], None]) -> None:
    """Make it, unless it is there or `stop` is set.

    Args:
        settings: with the demo's site, whose files are there.
        now: seconds since 1970.
        stop: set when there is no time any more; then nothing has been made.
        tell: says how far it is.

    Raises:
        StoreError: there is no past, or it isn't known.
        OSError: as above.
    """
    zone = next(site.time_zone for site in settings.sites if site.id == DEMO_SITE)
    if await asyncio.to_thread(_is_there, settings):
        return
    shop = Advertisers(premises(settings).declared)[DEMO_SITE]
    scratch = settings.data / "demo" / "past"
    shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
    apart = settings.model_copy(update={"data": scratch})
    try:
        counted = await _counted(_Plan(apart, shop, zone, days(now, zone, settings.demo.weeks)), stop, tell)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if counted is not None:
        await asyncio.to_thread(_carry_over, settings, counted)


def _is_there(settings: Settings) -> bool:
    """Asked before a minute is spent: whether the store can be had, too."""
    store = open_store(premises(settings))
    try:
        return bool(store.query(_HAS_PAST, {"site": DEMO_SITE}).rows[0][0])
    finally:
        store.close()


def ship(settings: Settings) -> None:
    """Ship what waits, as the back office would: that closes and releases as soon as it looks, on a Monday the week.

    Raises:
        StoreError: it is not known whether all is there; what isn't waits on.
    """
    place = premises(settings)
    store = open_store(place)
    try:
        zones = set(place.zones.values())
        _ship_once(Shipper(store, place.spool, time.time, zones, place.retention.keep_seconds))
    finally:
        store.close()


def _ship_once(shipper: Shipper) -> None:
    ended = threading.Event()
    ended.set()
    shipper.run(ended)
    if shipper.done.trouble:
        raise StoreError(shipper.done.trouble)


async def _counted(plan: _Plan, stop: asyncio.Event, tell: Callable[[str], None]) -> _Counted | None:
    store = await asyncio.to_thread(_lasting_store, plan.settings)
    closing = asyncio.create_task(asyncio.sleep(0))
    try:
        for number, day in enumerate(plan.days):
            if stop.is_set():
                return None
            if number % _TELL_EVERY_DAYS == 0:
                tell(f"making a past that never was, {number} of {len(plan.days)} days …")
            crowd = _crowd(plan.settings, GROWTH ** (number - len(plan.days)))
            await history.make(crowd, midnight(day, plan.zone), midnight(day + timedelta(days=1), plan.zone))
            await closing
            # one day is counted while the visits of the next are made: of two cores, both
            closing = asyncio.create_task(asyncio.to_thread(_close, store, plan, day))
        await closing
        return await asyncio.to_thread(_released, store, plan)
    finally:
        await asyncio.wait({closing})
        store.close()


def _lasting_store(settings: Settings) -> Store:
    store = Store(EMBEDDED, settings.data, settings.clickhouse.memory_mebibytes)
    store.migrate()
    for table in ("events", "contributions"):
        store.command(f"ALTER TABLE {table} REMOVE TTL")
    return store


def _crowd(settings: Settings, share: float) -> Settings:
    """The same, with fewer visitors."""
    visitors = max(1, round(settings.demo.visitors_a_day * share))
    return settings.model_copy(update={"demo": settings.demo.model_copy(update={"visitors_a_day": visitors})})


def _close(store: Store, plan: _Plan, day: date) -> None:
    """Ship what the spool holds, of the next day some already, and count the day."""
    until_now = time.time() - midnight(plan.days[0], plan.zone)
    _ship_once(Shipper(store, plan.settings.spool, time.time, {plan.zone}, until_now + 86_400))
    close_day(store, plan.shop.site, plan.zone, day, time.time(), advertiser=plan.shop)


def _released(store: Store, plan: _Plan) -> _Counted:
    """Close and release the weeks that are whole. A week of which yesterday is the end waits for that."""
    end = midnight(plan.days[-1] + timedelta(days=1), plan.zone) + _WEEK_CLOSES.total_seconds()
    site, last = plan.shop.site, plan.days[-1]
    for _ in close_due(store, {site: plan.zone}, end, frozenset):
        pass
    for _ in release_due(store, {site: plan.shop}, end):
        pass
    names = {"site": site, "open": (last - timedelta(days=last.weekday())).isoformat()}
    rows = {
        table: "\n".join(row[0] for row in store.query(_ROWS.format(table=table, which=which), names).rows)
        for table, which in _CARRIED.items()
    }
    return _Counted(rows, tuple(ledger.LEDGER.walk(store)))


def _carry_over(settings: Settings, counted: _Counted) -> None:
    store = open_store(premises(settings))
    try:
        done = ledger.released(store)  # by one that was killed
        for monday, lines in groupby(counted.ledger, lambda line: date.fromisoformat(line.week)):
            if (DEMO_SITE, monday) not in done:
                drawn = [(line.released(), line.most) for line in lines]
                ledger.write(store, ledger.lines_after(ledger.last(store), time.time(), DEMO_SITE, monday, drawn))
        for table, rows in counted.rows.items():
            columns = [row[0] for row in store.query(_COLUMNS, {"table": table}).rows]
            if rows:
                store.insert(table, columns, f"{rows}\n".encode(), f"past-{table}-{time.time_ns()}")
    finally:
        store.close()
