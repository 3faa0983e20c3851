"""Where the back office finds things, and what it says of itself: for its process, and for commands where none runs.

Enters: places. Leaves: an open store, and the accounts of the days whose rows are all still kept.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from dashboards.office import Shop
from pipeline.ship import Shipped
from pipeline.spool import Spool, spools
from pipeline.status import DayAccount, all_kept_since, read_accounts
from pipeline.store import Store

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

    @property
    def socket(self) -> Path:
        """The local socket for commands."""
        return self.data / "backoffice.sock"

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


def open_store(premises: Premises) -> Store:
    """The store, with its tables as this version wants them.

    Raises:
        StoreInUse: a back office is running on the same folder.
        StoreError: the store can't be opened or brought up to date.
    """
    store = Store(premises.store_url, premises.data, premises.memory_mebibytes)
    applied = store.migrate()
    if applied:
        log.info("store brought up to date", migrations=",".join(applied))
    return store


def read_status(premises: Premises, store: Store, shipped: Shipped) -> Status:
    """The accounts of the days whose rows are all still kept; nothing may be shipping meanwhile."""
    since = all_kept_since(time.time(), {premises.time_zone, *(shop.time_zone for shop in premises.shops)})
    waiting = []
    for path in spools(premises.spool):
        spool = Spool(path)
        waiting.append(spool.waiting())
        spool.close()
    return Status(
        accounts=read_accounts(store, waiting, since),
        shipments=shipped.shipments,
        last_shipment=shipped.last_at,
        trouble=shipped.trouble,
    )
