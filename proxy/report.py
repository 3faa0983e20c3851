"""`sporlos status`: does it add up? Enters: what the two sides say of themselves. Leaves: a table and an exit code."""

import asyncio
import time

import aiohttp
import msgspec
from rich.console import Console
from rich.table import Table

from dashboards.premises import Status, open_store, read_status
from pipeline.ship import Shipped
from pipeline.store import StoreError
from proxy.collector import CollectorStatus
from proxy.serving import premises
from proxy.settings import Settings


async def show(settings: Settings) -> int:
    """Print the status. 0: all is accounted for and running; 1: not."""
    console = Console()
    collector = await _collector(settings)
    try:
        office, running = await _office(settings)
    except StoreError as error:
        console.print(f"back office: {error}", style="red")
        return 1
    console.print(_collector_line(collector))
    console.print(_office_line(office, running=running))
    console.print(_table(office))
    missing = sum(abs(account.missing) for account in office.accounts)
    console.print("every event is accounted for" if not missing else f"{missing} events are not accounted for")
    return 1 if missing or collector is None or not running else 0


async def _collector(settings: Settings) -> CollectorStatus | None:
    try:
        url = f"http://{settings.collector.admin}/status"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return msgspec.json.decode(await answer.read(), type=CollectorStatus)
    except (aiohttp.ClientError, OSError):
        return None


async def _office(settings: Settings) -> tuple[Status, bool]:
    place = premises(settings)
    if place.socket.exists():
        try:
            connector = aiohttp.UnixConnector(path=str(place.socket))
            url = "http://backoffice/status"
            async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as answer:
                return msgspec.json.decode(await answer.read(), type=Status), True
        except (aiohttp.ClientError, OSError):
            pass  # it was killed and left its socket: nobody has the store, so open it ourselves
    store = await asyncio.to_thread(open_store, place)
    try:
        return read_status(place, store, Shipped()), False
    finally:
        store.close()


def _collector_line(found: CollectorStatus | None) -> str:
    if found is None:
        return "collector: not running"
    ages = ", ".join(f"{zone} {_duration(age)}" for zone, age in found.salt_age_seconds.items())
    state = "ready" if found.ready else "not ready"
    state += ", THE CLOCK WAS SET BACK: nobody is given a visitor number" if found.clock_back else ""
    state += f"; no salt yet for {', '.join(found.salts_missing)}: counting only" if found.salts_missing else ""
    return f"collector: {state}, {len(found.workers)} workers, {found.restarts} restarts; salt's age: {ages}"


def _office_line(found: Status, *, running: bool) -> str:
    if not running:
        return "back office: not running"
    last = f"{_duration(time.time() - found.last_shipment)} ago" if found.last_shipment else "none since the start"
    trouble = f"; trouble: {found.trouble}" if found.trouble else ""
    return f"back office: running; last shipment: {last}{trouble}"


def _table(found: Status) -> Table:
    table = Table("day", "site", "received", "stored", "waiting", "refused", "missing")
    for account in found.accounts:
        refused = ", ".join(f"{events} {reason}" for reason, events in sorted(account.refused.items()))
        numbers = (account.received, account.stored, account.waiting)
        table.add_row(
            account.day, account.site or "(unknown)", *map(str, numbers), refused or "0", str(account.missing)
        )
    return table


def _duration(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {whole % 60:02} s"
