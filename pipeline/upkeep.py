"""What has to be done whether or not anybody looks: days are closed, and what has had its time is dropped.

Enters: the store, the shops' time zones, the time. Leaves: counts, and fewer rows. A pass a minute; each can be killed
anywhere, and the next goes on. Dropping doesn't wait for closing: the 48 hours are promised, the counts only wanted.
"""

import threading
from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import structlog

from pipeline.audiences.release import NotReleased, Why, release_due
from pipeline.audiences.shop import Advertiser
from pipeline.closing.day import Closed
from pipeline.closing.due import close_due, close_now
from pipeline.imports.cells import ImportedDay
from pipeline.imports.keep import keep_day, remove
from pipeline.imports.standing import WRITES, Import, Rules, standing
from pipeline.retain.retention import Limits, Retention
from pipeline.store.database import Store, StoreError

_EVERY_SECONDS = 60.0

log = structlog.get_logger("sporlos.upkeep")


@dataclass(frozen=True, slots=True)
class Kept:
    """What upkeep has done since it started."""

    closed: int = 0
    """Days, weeks and months."""
    released: int = 0
    """Weeks, for exports."""
    dropped: int = 0
    """Partitions."""
    last_at: float = 0.0
    """When the latest whole pass ended, seconds since 1970; 0: none has."""
    trouble: str = ""
    """Why the latest pass was not whole; empty if it was."""


class Upkeep:
    """Closes and drops, a pass a minute, until it is told to stop.

    Args:
        store: whose days are closed.
        zones: site → IANA name of its time zone.
        limits: how long what is kept.
        clock: seconds since 1970.
        waiting: the (site, day) of which a spool still holds events.
        between_shipments: nothing is shipped within: what comes for a day while it is dropped would have no receipt.
        time_zone: of shops that are in `zones` no more, so that their last days are counted.
        advertisers: site → the shop, of those that have exports.
        publish: makes anew what rests on closed days and weeks; says what of it failed.
    """

    def __init__(
        self,
        store: Store,
        zones: Mapping[str, str],
        limits: Limits,
        clock: Callable[[], float],
        waiting: Callable[[], Container[tuple[str, str]]] = frozenset,
        between_shipments: Callable[[], AbstractContextManager[None]] = nullcontext,
        time_zone: str = "",
        advertisers: Mapping[str, Advertiser] = MappingProxyType({}),
        publish: Callable[[], list[str]] = list,
    ) -> None:
        self._store = store
        self._zones, self._time_zone = zones, time_zone
        self._limits = limits
        self._retention = Retention(store, zones.values(), limits)
        self._clock = clock
        self._waiting = waiting
        self._between_shipments = between_shipments
        self._advertisers = advertisers
        self._refused: frozenset[NotReleased] = frozenset()
        self._publish = publish
        self._one_at_a_time = threading.Lock()
        self.done = Kept()

    def run(self, stop: threading.Event) -> None:
        """One pass after the other."""
        while not stop.is_set():
            self.round()
            stop.wait(_EVERY_SECONDS)

    def close(self, site: str, day: date) -> Closed:
        """Close a day now that is over, again if it has been.

        Raises:
            NotNow: it is not over, or its rows are not all there; the message says which.
            StoreError: not closed.
        """
        with self._one_at_a_time:
            advertiser = self._advertisers.get(site)
            return close_now(self._store, self._zones, site, day, self._clock(), self._limits.keep_seconds, advertiser)

    def knows(self, site: str) -> bool:
        """Whether it is one of the settings' sites."""
        return site in self._zones

    def import_day(self, imported: ImportedDay, *, only_say: bool = False) -> Import:
        """Keep what another tool counted of a day, if nothing speaks against it; `only_say`: how that would end.

        Raises:
            StoreError: not imported.
        """
        with self._one_at_a_time:
            now = self._clock()
            verdict = standing(self._store, imported, Rules(self._zones, self._limits, now))
            if verdict in WRITES and not only_say:
                keep_day(self._store, imported, now)
            return verdict

    def remove_import(self, site: str, source: str) -> int:
        """Take out all that was imported from one tool; how many days those were.

        Raises:
            StoreError: not all of it is gone.
        """
        with self._one_at_a_time:
            return remove(self._store, site, source)

    def round(self) -> Kept:
        """One pass; what fails is told in `trouble`, and tried again by the next."""
        with self._one_at_a_time:
            parts = (self._close, self._release, self._drop)
            troubles = [*(trouble for part in parts for trouble in self._attempt(part)), *self._publish()]
            last_at = self.done.last_at if troubles else self._clock()
            self.done = replace(self.done, last_at=last_at, trouble="; ".join(troubles))
            return self.done

    def _close(self) -> None:
        now, keep_seconds = self._clock(), self._limits.keep_seconds
        zone, shops = self._time_zone, self._advertisers
        for _ in close_due(self._store, self._zones, now, self._waiting, keep_seconds, zone, shops):
            self.done = replace(self.done, closed=self.done.closed + 1)
            self._drop()  # a large day may take longer to count than another has left

    def _release(self) -> None:
        refused = set()
        for one in release_due(self._store, self._advertisers, self._clock()):
            if isinstance(one, NotReleased):
                refused.add(one)
                # said once, for it is tried again each minute; and that a week goes on needn't be said at all
                if one.why is not Why.OPEN and one not in self._refused:
                    log.info("not released", site=one.site, week=one.monday.isoformat(), reason=one.why.value)
                continue
            log.info("released", site=one.site, week=one.name, tables=len(one.tables))
            self.done = replace(self.done, released=self.done.released + 1)
        self._refused = frozenset(refused)

    def _drop(self) -> None:
        with self._between_shipments():
            dropped = self._retention.round(self._clock())
        self.done = replace(self.done, dropped=self.done.dropped + len(dropped))

    @staticmethod
    def _attempt(part: Callable[[], None]) -> list[str]:
        try:
            part()
        except StoreError as error:
            log.warning("upkeep is not whole, will go on in a minute", reason=str(error))
            return [str(error)]
        return []
