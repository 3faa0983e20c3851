"""What the pages need to know. Enters: what `sporlos backoffice` has opened; leaves: one frozen value."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from dashboards.accounts import Accounts
from dashboards.outgoing import Outgoing
from pipeline.retain.retention import PROMISED, Limits
from pipeline.store.database import Store


@dataclass(frozen=True, slots=True)
class Shop:
    """One site whose numbers are shown."""

    id: str
    time_zone: str
    """IANA name; decides where a day begins."""
    script_tag: str = ""
    """What to paste into the shop's pages, shown while no event has come; empty: not known here."""
    retention: Limits = PROMISED
    """How long rows about single visits are kept."""
    pinned_tag: str = ""
    """The same for pages that check what they load."""
    opt_out: str = ""
    """Address of the page where a visitor asks not to be counted."""
    recommends: bool = False
    """Whether what others looked at is published for its pages."""

    @property
    def promise_kept(self) -> bool:
        """Whether they are deleted as soon as the shop says that they are."""
        return self.retention.promise_kept

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that the web application is given; it opens nothing itself."""

    store: Store
    accounts: Accounts
    sites: tuple[Shop, ...]
    secure_cookie: bool
    """Send the session cookie over TLS only."""
    registry: CollectorRegistry
    ready: Callable[[], bool]
    cache: Path
    """Folder for the chart library, made once from the installed package."""
    outgoing: Outgoing
    """Files for advertisers, of the shops that have exports on."""
    clock: Callable[[], float] = time.time

    def shop(self, site: str) -> Shop | None:
        """The site of that name, if it is one of ours."""
        return next((shop for shop in self.sites if shop.id == site), None)
