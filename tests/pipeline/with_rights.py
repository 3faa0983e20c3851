"""The product at work with the rights of one of a server's users: a process of its own, since the engine has one user.

    python -m tests.pipeline.with_rights FOLDER USER ACT

Enters: a data folder, a user of `schema/grants.sql` (or `all`), what to do. Leaves: an exit code, and where something
was not allowed, the engine's words for it. The engine itself decides: it is told of the rights by a file, as those of
the one user that an embedded engine has.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from dashboards.office import Shop
from dashboards.panels import PANELS
from dashboards.premises import Premises, open_store, read_status
from dashboards.web.app import make_app
from pipeline.audiences.shop import Advertiser
from pipeline.closing.due import close_due, ends, midnight
from pipeline.retain.partitions import TABLES
from pipeline.retain.receipts import RECEIPTS
from pipeline.schema import grants
from pipeline.ship.shipper import Shipper
from pipeline.spool.spool import Spool
from pipeline.store.connection import Embedded, Remote
from pipeline.store.database import Store, StoreError
from pipeline.store.engine import Engine
from pipeline.upkeep import Upkeep
from tests.dashboards.shop import TODAY, Bench, at, event, log_in, put, put_notes, put_tally
from tests.pipeline.test_quarantine import poison
from tests.pipeline.test_ship import NOW as REAL_NOW
from tests.pipeline.test_ship import row, tally_of

SITE, ZONE = "rights.shop", "Europe/Oslo"
YESTERDAY = TODAY - timedelta(days=1)
_YEARS_SECONDS = 4 * 366 * 86400.0
_NOT_ALLOWED = "Code: 497."
_EMBEDDED_USER = "default"
_OF_AN_EMBEDDED_ONE = ("GRANT SHOW DATABASES ON default.*", "GRANT FILE ON *.*")
"""Where its connections begin, and how rows come to it; of a server nobody needs them."""


def users_file(user: str) -> str:
    """The engine's file of users, with the one that it has."""
    statements = (re.fullmatch(rf"(GRANT .+) TO {user}", statement) for statement in grants())
    given = (*_OF_AN_EMBEDDED_ONE, *(found[1] for found in statements if found))
    rights = "".join(f"<query>{right}</query>" for right in given)
    limited = f"<grants>{rights}</grants>" if user != "all" else ""
    return (
        f"<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><{_EMBEDDED_USER}><password/>"
        f"<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>{limited}"
        f"</{_EMBEDDED_USER}></users></clickhouse>"
    )


def let_only(user: str, folder: Path) -> None:
    """From now on an engine opened in this process gives its user no other rights."""
    file = folder / "users.xml"
    file.write_text(users_file(user), encoding="utf-8")
    said = f"<clickhouse><users_config>{file}</users_config></clickhouse>"
    Engine.configuration = property(lambda _: said)  # type: ignore[assignment,method-assign]
    Embedded.listed = Remote.listed  # type: ignore[assignment,method-assign]  # as a server is asked


def premises(folder: Path) -> Premises:
    """An office with one shop."""
    shops = (Shop(SITE, ZONE),)
    return Premises(folder, folder / "spool", ZONE, "127.0.0.1", 0, "chdb", 512, secure_cookie=False, shops=shops)


def make(folder: Path) -> None:
    """What an operator does: an empty database."""
    Store("chdb", folder, 512).close()


def work(folder: Path) -> None:
    """Everything that a back office does with the store: bring up to date, ship, set aside, close, release, drop."""
    place = premises(folder)
    store = open_store(place)
    place.spool.mkdir(exist_ok=True)
    spool = Spool(place.spool / "worker-0.sqlite")
    spool.append([row(SITE, 1), poison(SITE, 2), row(SITE, 1)], tally_of(SITE, 3))
    shipper = Shipper(store, place.spool, lambda: REAL_NOW)
    shipper.round()
    assert (shipper.done.quarantined, shipper.done.duplicates) == (1, 1)
    put(store, [event(SITE, at("12:00", YESTERDAY), entry=1, visitor=7)])
    monday = YESTERDAY - timedelta(days=YESTERDAY.weekday())
    closes = [ends("day", YESTERDAY, ZONE), ends("week", monday, ZONE), ends("month", monday.replace(day=1), ZONE)]
    closed = []
    shops = {SITE: Advertiser(SITE, frozenset({"campaigns"}))}
    released = 0
    for moment in (*closes, closes[0] + _YEARS_SECONDS):
        clock = partial(float, moment + 7200)
        kept = Upkeep(store, place.zones, place.retention, clock, time_zone=ZONE, advertisers=shops).round()
        assert kept.trouble == ""
        closed.append(kept.closed)
        released += kept.released
    assert all(closed[:3])
    assert released > 0
    assert kept.dropped > 0
    assert RECEIPTS.verify(store).broken == 0
    read_status(place, store, shipper.done, kept)
    spool.close()
    store.close()


def fill(folder: Path) -> None:
    """A closed day, an open one, and what was noted of them, for somebody to look at."""
    store = open_store(premises(folder))
    for day in (YESTERDAY, TODAY):
        put(store, [event(SITE, at("12:00", day), entry=1, visitor=7)])
        put_tally(store, [(SITE, day, "page_view", "stored", 1)])
        put_notes(store, [(SITE, day, "path", "redacted", 1)])
    assert len(list(close_due(store, {SITE: ZONE}, midnight(TODAY, ZONE), frozenset))) == 1
    store.close()


def look(folder: Path) -> None:
    """Every page and panel, of today, of a month, and compared."""
    store = Store("chdb", folder, 512)
    asyncio.run(_look(Bench(store, folder, (Shop(SITE, ZONE),))))
    store.close()


async def _look(bench: Bench) -> None:
    month = {"from": (TODAY - timedelta(days=29)).isoformat(), "to": TODAY.isoformat()}
    async with TestClient(TestServer(make_app(bench.office)), cookie_jar=CookieJar(unsafe=True)) as client:
        await log_in(bench, client)  # type: ignore[arg-type]  # it can all that is asked of a session
        paths = ["/", "/account", "/api/dashboard", "/metrics", *(f"/api/panels/{panel}" for panel in PANELS)]
        for days in ({}, month, {"from": YESTERDAY.isoformat(), "to": YESTERDAY.isoformat()}):
            for path in paths:
                async with client.get(path, params={"site": SITE, **days}) as answer:
                    assert answer.status == 200, f"{path}: {await answer.text()}"
            bench.pass_time(minutes=1)


def peek(folder: Path) -> None:
    """Say of every table which of reading, inserting and deleting is allowed."""
    store = Store("chdb", folder, 512)
    for table in (*TABLES, "receipts", "releases"):
        tries = {
            "SELECT": f"SELECT count() FROM (SELECT * FROM {table})",  # noqa: S608 - our own names
            "INSERT": f"INSERT INTO {table} SELECT * FROM {table} WHERE 0",  # noqa: S608 - as above
            "ALTER DELETE": f"ALTER TABLE {table} DELETE WHERE 0",
        }
        sys.stdout.write(f"{table}: {', '.join(word for word, sql in tries.items() if _may(store, sql))}\n")
    store.close()


def _may(store: Store, sql: str) -> bool:
    try:
        store.command(sql)
    except StoreError as error:
        if _NOT_ALLOWED not in str(error):
            raise
        return False
    return True


ACTS: dict[str, Callable[[Path], None]] = {"make": make, "work": work, "fill": fill, "look": look, "peek": peek}

if __name__ == "__main__":
    let_only(sys.argv[2], Path(sys.argv[1]))
    ACTS[sys.argv[3]](Path(sys.argv[1]))
