"""`sporlos status`: does it add up? Enters: what the two sides say of themselves. Leaves: a table and an exit code."""

import time
from functools import partial

import aiohttp
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from dashboards.premises import Status
from pipeline.store.database import StoreError
from proxy.collector import CollectorStatus
from proxy.office import NoAnswer, ask, desk
from proxy.settings import Settings

_WIDE = 160
_HEADINGS = ("day", "site", "received", "stored", "duplicate", "quarantined", "waiting", "refused", "missing")


async def show(settings: Settings) -> int:
    """Print the status. 0: all is accounted for and running; 1: not."""
    console = Console()
    if not console.is_terminal:  # a pipe has no width: in eighty columns the table is folded, which no program can read
        console = Console(width=_WIDE)
    say = partial(console.print, markup=False, soft_wrap=True)  # `[clickhouse]` is no style, and a line stays one
    collector = await _collector(settings)
    say(_collector_line(collector))
    try:
        office, running = await _office(settings)
    except (StoreError, NoAnswer, aiohttp.ClientError) as error:
        say(f"back office: {error}", style="red")
        return 1
    say(_office_line(office, running=running))
    console.print(_table(office))
    missing = office.missing
    say("every event is accounted for" if not missing else f"{missing} events are not accounted for")
    return 1 if missing or collector is None or not running else 0


async def _collector(settings: Settings) -> CollectorStatus | None:
    try:
        url = f"http://{settings.collector.admin}/status"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return msgspec.json.decode(await answer.read(), type=CollectorStatus)
    except (aiohttp.ClientError, OSError):
        return None


async def _office(settings: Settings) -> tuple[Status, bool]:
    async with desk(settings) as here:
        return await ask(here.session, "/status", Status), here.running


def _collector_line(found: CollectorStatus | None) -> str:
    if found is None:
        return "collector: not running"
    ages = ", ".join(f"{zone} {_duration(age)}" for zone, age in found.salt_age_seconds.items())
    state = "ready" if found.ready else "not ready"
    state += ", THE CLOCK WAS SET BACK: nobody is given a visitor number" if found.clock_back else ""
    state += f"; no salt yet for {', '.join(found.salts_missing)}: counting only" if found.salts_missing else ""
    return f"collector: {state}, {len(found.workers)} workers, {found.restarts} restarts; salt's age: {ages}"


def _office_line(found: Status, *, running: bool) -> str:
    last = f"{_duration(time.time() - found.last_shipment)} ago" if found.last_shipment else "none since the start"
    state = f"running; last shipment: {last}" if running else "not running"
    trouble = "".join(f"; trouble: {one}" for one in (found.trouble, found.upkeep_trouble, found.left_behind) if one)
    trouble += "" if found.promise_kept else '; ROWS ARE KEPT LONGER THAN 48 HOURS: "anonymised" is not true'
    oldest = f"; the oldest event waits {_duration(time.time() - found.oldest_waiting)}" if found.oldest_waiting else ""
    return f"back office: {state}{oldest}{trouble}"


def _table(found: Status) -> Table:
    table = Table(box=box.SIMPLE)  # nine columns, in a window of a hundred
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=heading not in {"site", "refused"})
    for account in found.accounts:
        refused = ", ".join(f"{events} {reason}" for reason, events in sorted(account.refused.items()))
        # of a closed day the rows are gone; what it was counted from is known
        stored = f"{account.stored} counted" if account.closed else str(account.stored)
        table.add_row(
            account.day,
            account.site or "(unknown)",
            str(account.received),
            stored,
            *map(str, (account.duplicate, account.quarantined, account.waiting)),
            refused or "0",
            str(account.missing),
        )
    return table


def _duration(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {whole % 60:02} s"
