"""What closing costs and what it saves: a day of many events, its disk before and after, sixty days on a dashboard.

`script/bench closing [EVENTS]`; ten million events take some minutes, and the memory that is printed is the whole
process's at its peak, engine and all.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

from dashboards.office import Shop
from dashboards.panels import DIMENSIONS, PANELS, ask
from dashboards.panels.cells import count
from dashboards.period import Window
from pipeline.closing.day import close_day
from pipeline.store.database import Store

_EVENTS = 10_000_000
_PIECE = 500_000
_DAYS = 60
_ROUNDS = 5
_SITE, _SMALL = "bench", "sixty"
_NOT_ON_THE_PAGE = frozenset({"live", "pulse"})
_YARDSTICK = """SELECT toDate(ts), uniq(visitor), count() FROM events WHERE site = {site:String} GROUP BY 1"""
_DAY_BYTES = (
    "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'events' AND partition = {day:String}"
)
_COUNT_BYTES = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table IN ('daily', 'waiting')"
_REPEATED = """
    INSERT INTO daily SELECT * REPLACE (subtractDays(day, {back:UInt16}) AS day)
    FROM daily WHERE site = {site:String} AND grain = 'day' AND daily.day = {day:Date}
"""
_REPEATED_CLOSING = """
    INSERT INTO closings SELECT * REPLACE (subtractDays(day, {back:UInt16}) AS day)
    FROM closings WHERE site = {site:String} AND grain = 'day' AND closings.day = {day:Date}
"""


def fill(store: Store, site: str, day: date, events: int) -> None:
    """Make a day of so many events."""
    sql = resources.files("bench").joinpath("closing.sql").read_text(encoding="utf-8")
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    for first in range(0, events, _PIECE):
        names = {
            "site": site,
            "day": day.isoformat(),
            "start": start,
            "from": first,
            "count": min(_PIECE, events - first),
        }
        store.command(sql, names)
        _say(f"\r  {first + names['count']:,} of {events:,} events made", end="")
    _say("")


def closing(store: Store, day: date, events: int) -> None:
    """Time and memory of closing, and the disk of what is left."""
    fill(store, _SITE, day, events)
    before = _peak_mebibytes()
    began = time.perf_counter()
    close_day(store, _SITE, "UTC", day, time.time())
    took = time.perf_counter() - began
    _say(f"closing {events:,} events: {took:.0f} s, {events / took:,.0f} events/s, peak {_peak_mebibytes():,} MiB")
    _say(f"  (peak before: {before:,} MiB; goal: within 2,048 MiB)")
    store.command("OPTIMIZE TABLE daily FINAL")
    store.command("OPTIMIZE TABLE waiting FINAL")
    rows = int(store.query(_DAY_BYTES, {"day": day.isoformat()}).rows[0][0])
    counts = int(store.query(_COUNT_BYTES).rows[0][0])
    _say(f"disk of the closed day ÷ its rows: {counts / rows:.4f} ({counts:,} ÷ {rows:,} bytes; goal ≤ 0.1)")


def dashboard(store: Store, day: date, events: int) -> None:
    """A page of all panels over sixty closed days, by one query over as many events kept as rows."""
    fill(store, _SMALL, day, events // _DAYS)
    close_day(store, _SMALL, "UTC", day, time.time())
    for back in range(1, _DAYS):
        names = {"site": _SMALL, "day": day.isoformat(), "back": back}
        store.command(_REPEATED, names)
        store.command(_REPEATED_CLOSING, names)
    now = (datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=3)).timestamp()
    shop = Shop(_SMALL, "UTC")
    window = Window(shop, day - timedelta(days=_DAYS - 1), day, datetime.fromtimestamp(now, UTC))
    panels = [name for name in PANELS if name not in _NOT_ON_THE_PAGE]

    def page() -> None:
        cells = count(store, window, now, {dim for name in panels for dim in DIMENSIONS[name]})
        for name in panels:
            ask(store, name, window, now, cells)

    def yardstick() -> None:
        store.query(_YARDSTICK, {"site": _SITE})

    page()
    yardstick()
    pairs = [(_seconds(page), _seconds(yardstick)) for _ in range(_ROUNDS)]
    ratios = [mine / theirs for mine, theirs in pairs]
    _say(
        f"page of {_DAYS} closed days ÷ one query over {events:,} rows: {statistics.median(ratios):.2f}"
        f" ({min(ratios):.2f} to {max(ratios):.2f}; {1000 * statistics.median(p for p, _ in pairs):.0f} ms; goal ≤ 0.5)"
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def main() -> None:
    """Measure and print."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else _EVENTS
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with tempfile.TemporaryDirectory(prefix="sporlos-bench-") as name:
        store = Store("chdb", Path(name), 1024)
        store.migrate()
        closing(store, yesterday, events)
        dashboard(store, yesterday, events)
        store.close()


if __name__ == "__main__":
    os.umask(0o077)
    main()
