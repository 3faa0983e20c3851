"""`sporlos close`: a day becomes counts now, and not when its time comes. Leaves: a line a site, and an exit code."""

import sys
from datetime import date

import aiohttp
import msgspec

from dashboards.commands import Closing
from pipeline.store.database import StoreError
from proxy.office import desk
from proxy.settings import Settings


async def close(settings: Settings, day: date, sites: list[str]) -> int:
    """Close a day of these sites. 0: done; 1: not of all of them, and why."""
    failed = 0
    try:
        async with desk(settings) as here:
            for site in sites:
                sys.stderr.write(f"{site}: counting {day} …\n")
                async with here.session.post("/close", params={"site": site, "day": day.isoformat()}) as answer:
                    failed += _tell(site, answer.status, await answer.read())
    except (StoreError, aiohttp.ClientError) as error:
        sys.stderr.write(f"not closed: {error}\n")
        return 1
    return 1 if failed else 0


def _tell(site: str, status: int, said: bytes) -> int:
    if status != 200:  # noqa: PLR2004 - done
        sys.stderr.write(f"{site}: not closed: {said.decode()}\n")
        return 1
    closed = msgspec.json.decode(said, type=Closing)
    sys.stdout.write(f"{site}: {closed.day} is closed, counted from {closed.rows} rows\n")
    return 0
