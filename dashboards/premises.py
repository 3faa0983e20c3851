"""Where the back office finds things, and what it says of itself: for its process, and for commands where none runs.

Enters: places. Leaves: an open store, and what became of the events of the latest days.
"""

import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from dashboards.advertisers import Declared
from dashboards.office import Shop
from pipeline.retain.retention import PROMISED, Limits, fit_tables
from pipeline.ship.shipper import Shipped
from pipeline.spool.keeping import kept_at
from pipeline.spool.spool import Spool, SpoolError, spools
from pipeline.spool.waiting import Waiting
from pipeline.status import DayAccount, all_kept_since, read_accounts
from pipeline.store.address import PLAIN, Access, left_behind
from pipeline.store.database import Store
from pipeline.upkeep import Kept

log = structlog.get_logger("sporlos.backoffice")


@dataclass(frozen=True, slots=True)
class Premises:
    """Where the back office finds and puts things."""

    data: Path
    spool: Path
    time_zone: str
    host: str
    port: int
    store_url: str
    memory_mebibytes: int
    secure_cookie: bool
    shops: tuple[Shop, ...]
    store_access: Access = PLAIN
    retention: Limits = PROMISED
    declared: tuple[Declared, ...] = ()
    """The shops that have exports on."""
    recommending: tuple[Declared, ...] = ()
    """The shops that publish what others looked at."""

    @property
    def socket(self) -> Path:
        """The local socket for commands."""
        return self.data / "backoffice.sock"

    @property
    def zones(self) -> dict[str, str]:
        """Site → the name of its time zone."""
        return {shop.id: shop.time_zone for shop in self.shops}

    @property
    def accounts(self) -> Path:
        """The file of users and tokens."""
        return self.data / "backoffice.sqlite"


class Status(msgspec.Struct, frozen=True):
    """What `sporlos status` shows of this side."""

    accounts: list[DayAccount]
    shipments: int = 0
    last_shipment: float = 0.0
    """Seconds since 1970; 0: none since the start."""
    trouble: str = ""
    """Why the latest attempt to ship failed, or why a spool can't be read; empty: all is well."""
    waiting_bytes: int = 0
    oldest_waiting: float = 0.0
    """When the oldest of the events that wait came, seconds since 1970; 0: none waits."""
    counted_at: float = 0.0
    """The moment that all of this is about, seconds since 1970."""
    upkeep_trouble: str = ""
    """Why days could not be closed or dropped; empty: all is well."""
    promise_kept: bool = True
    """Whether rows are deleted within 48 hours."""
    left_behind: str = ""
    """What has to be said of an embedded store that isn't used any more; empty: there is none."""

    @property
    def missing(self) -> int:
        """Events that are not accounted for, over all days and sites; those that are there twice count as well."""
        return sum(abs(account.missing) for account in self.accounts)


def open_store(premises: Premises) -> Store:
    """The store, with its tables as this version wants them.

    Raises:
        StoreInUse: a back office is running on the same folder.
        StoreUnfit: the server is not what is needed.
        StoreError: the store can't be opened or brought up to date.
    """
    if said := left_behind(premises.store_url, premises.data):
        log.error("a store was left behind", reason=said)
    store = Store(premises.store_url, premises.data, premises.memory_mebibytes, premises.store_access)
    try:
        store.check()  # before anything is changed there
        applied = store.migrate()
        store.check_tables()
        applied += fit_tables(store, premises.retention)
    except BaseException:
        store.close()
        raise
    if applied:
        log.info("store brought up to date", changes="; ".join(applied))
    return store


def let_go(premises: Premises) -> None:
    """Let rows go whose time is over in a spool. Before the store is opened, which for days may not be possible."""
    kept = kept_at(time.time(), premises.zones.values(), premises.retention.keep_seconds)
    for path in spools(premises.spool):
        with suppress(SpoolError), closing(Spool(path)) as spool:  # why it can't be read, the shipper will say
            gone = spool.expire(kept)
            spool.tidy()
            if gone:
                log.error("rows could not be shipped before their time was over; they are gone", rows=gone)


def read_status(premises: Premises, store: Store, shipped: Shipped, kept: Kept) -> Status:
    """What became of the events of the latest days; nothing may be shipping meanwhile.

    Raises:
        StoreError: the store can't be asked.
    """
    now = time.time()
    zones = {premises.time_zone, *premises.zones.values()}
    since = all_kept_since(now, zones, premises.retention.events_hours)
    waiting, troubles = [], [shipped.trouble] if shipped.trouble else []
    for path in spools(premises.spool):
        try:
            waiting.append(_waiting_in(path))
        except SpoolError as error:  # its events are missing from the account, and here it says why
            said = f"{path.name}: {error}"
            troubles += [] if said in troubles else [said]
    oldest = [spool.oldest for spool in waiting if spool.oldest is not None]
    return Status(
        accounts=read_accounts(store, waiting, since),
        shipments=shipped.shipments,
        last_shipment=shipped.last_at,
        trouble="; ".join(troubles),
        waiting_bytes=sum(spool.bytes for spool in waiting),
        oldest_waiting=min(oldest, default=0.0),
        counted_at=now,
        upkeep_trouble=kept.trouble,
        promise_kept=premises.retention.promise_kept,
        left_behind=left_behind(premises.store_url, premises.data),
    )


def _waiting_in(path: Path) -> Waiting:
    spool = Spool(path)
    try:
        return spool.waiting()
    finally:
        spool.close()


def waiting_days(premises: Premises) -> set[tuple[str, str]]:
    """The (site, day) of which a spool still holds events; what can't be read holds nothing up."""
    days: set[tuple[str, str]] = set()
    for path in spools(premises.spool):
        with suppress(SpoolError):
            days |= _waiting_in(path).events.keys()
    return days
