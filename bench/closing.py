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
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import resources
from pathlib import Path

from dashboards.office import Shop
from dashboards.panels import PANELS, ask, gather
from dashboards.panels.cells import Cells
from dashboards.period import Window
from pipeline.closing.day import close_day
from pipeline.store.database import Store

_EVENTS = 10_000_000
_PIECE = 500_000
_DAYS = 60
_ROUNDS = 9
_SITE, _SMALL = "bench", "sixty"
_ASKED_EACH_TIME = ("live", "pulse")
_ON_THE_PAGE = [name for name in PANELS if name not in _ASKED_EACH_TIME]
_YARDSTICK = """SELECT toDate(ts), uniq(visitor), count() FROM kept WHERE site = {site:String} GROUP BY 1"""
_KEPT = ("CREATE TABLE kept AS events", "ALTER TABLE kept REMOVE TTL")
"""What a shop would have that keeps its rows: the same table, but for the 48 hours."""
_MERGED = ("OPTIMIZE TABLE daily FINAL", "OPTIMIZE TABLE closings FINAL")
"""Counts come once a day, and within days the engine merges them to a part or two a month. Here sixty come at once, in
as many parts as it hasn't got to yet: of fifty of them a page takes nearly twice as long as of three."""
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


def fill(store: Store, site: str, day: date, events: int, table: str = "events") -> None:
    """Make a day of so many events."""
    sql = resources.files("bench").joinpath("closing.sql").read_text(encoding="utf-8")
    sql = sql.replace("INSERT INTO events\n", f"INSERT INTO {table}\n")
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    for first in range(0, events, _PIECE):
        count = min(_PIECE, events - first)
        store.command(sql, {"site": site, "day": day.isoformat(), "start": start, "from": first, "count": count})
        _say(f"\r  {day}: {first + count:,} of {events:,} events made", end="")


def closing(store: Store, day: date, events: int) -> None:
    """Time and memory of closing, and the disk of what is left."""
    fill(store, _SITE, day, events)
    _say("")
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
    """Pages of all panels: of sixty closed days, by one query over the same events kept as rows; and of an open day."""
    _make_sixty_days(store, day, events // _DAYS)
    midnight, shop = datetime(day.year, day.month, day.day, tzinfo=UTC), Shop(_SMALL, "UTC")
    later, evening = (midnight + timedelta(days=3)).timestamp(), (midnight + timedelta(hours=23)).timestamp()
    closed = Window(shop, day - timedelta(days=_DAYS - 1), day, midnight + timedelta(days=1))
    opened = Window(shop, day, day, midnight + timedelta(days=1))

    def yardstick() -> None:
        store.query(_YARDSTICK, {"site": _SMALL})

    yardstick()
    first = _seconds(partial(_page, store, closed, later)) / _seconds(yardstick)
    pairs = [(_spent(partial(_page, store, closed, later)), _spent(yardstick)) for _ in range(_ROUNDS)]
    by_clock, by_processor = ([mine[of] / theirs[of] for mine, theirs in pairs] for of in (0, 1))
    _say(
        f"page of {_DAYS} closed days ÷ one query over their {events:,} rows: {_ratio(by_clock)}"
        f" ({_median_ms(mine for (mine, _), _ in pairs)} ms; goal ≤ 0.5)"
    )
    _say(f"  by the processor's time, which a machine with other work tells better: {_ratio(by_processor)}")
    _say(f"  the first of a process, with a cold engine: {first:.2f}")
    again = _median_ms(_seconds(partial(_ask, store, closed, later, _ASKED_EACH_TIME)) for _ in range(_ROUNDS))
    _say(f"  asked again while nothing has changed: {again} ms")
    _page(store, opened, evening)
    fetched = _median_ms(
        _seconds(partial(gather, store, _ON_THE_PAGE, opened, evening), time.process_time) for _ in range(_ROUNDS)
    )
    drawn = _median_ms(_seconds(partial(_page, store, opened, evening)) for _ in range(_ROUNDS))
    _say(
        f"page of an open day of {events // _DAYS:,} events: {drawn} ms"
        f" (of it {fetched} ms of processor to count them; goal ≤ 500)"
    )


def _make_sixty_days(store: Store, last: date, events: int) -> None:
    """Days that are alike: counts of one of them hold for all, but each has its rows."""
    fill(store, _SMALL, last, events)
    close_day(store, _SMALL, "UTC", last, time.time())
    for statement in _KEPT:
        store.command(statement)
    for back in range(_DAYS):
        fill(store, _SMALL, last - timedelta(days=back), events, "kept")
        if back:
            names = {"site": _SMALL, "day": last.isoformat(), "back": back}
            store.command(_REPEATED, names)
            store.command(_REPEATED_CLOSING, names)
    _say("")
    for statement in _MERGED:
        store.command(statement)


def _page(store: Store, window: Window, now: float) -> None:
    _ask(store, window, now, _ON_THE_PAGE, gather(store, _ON_THE_PAGE, window, now))


def _ask(store: Store, window: Window, now: float, panels: Iterable[str], cells: Cells | None = None) -> None:
    for name in panels:
        ask(store, name, window, now, cells)


def _seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    work()
    return clock() - began


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    began = time.process_time()
    by_clock = _seconds(work)
    return by_clock, time.process_time() - began


def _ratio(pairs: Sequence[float]) -> str:
    return f"{statistics.median(pairs):.2f} ({min(pairs):.2f} to {max(pairs):.2f})"


def _median_ms(seconds: Iterable[float]) -> str:
    return f"{1000 * statistics.median(seconds):.0f}"


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
