"""Take, settle, deliver: what lies in the spools comes to ClickHouse once, whatever is killed in between.

Enters: spool files. Leaves: rows in `events`, `quarantine`, `tally` and `notes`. Something is deleted here only after
it is known to be there, or when its time is over. What fails is tried again for ever, at growing distances.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from pipeline.outcome import Outcome
from pipeline.ship.ahead import Lookout, Seen
from pipeline.ship.deliver import deliver
from pipeline.ship.rest import Rests
from pipeline.ship.settle import settle, settle_again
from pipeline.spool.keeping import KEEP_SECONDS, Kept, kept_at
from pipeline.spool.shipment import EVENTS, NOTES, QUARANTINE, TALLY, Shipment
from pipeline.spool.spool import Spool, SpoolError, spools
from pipeline.store.database import Store, StoreError

_PAUSE_SECONDS = 0.4
"""Between two rounds: a shipment makes a part, and a part every few milliseconds would drown the merges."""
_TIDY_AFTER_SECONDS = 60.0
_NONE: Mapping[Path, str] = {}

log = structlog.get_logger("sporlos.ship")


@dataclass(frozen=True, slots=True)
class Shipped:
    """What the shipper has done since it started."""

    shipments: int = 0
    rows: int = 0
    duplicates: int = 0
    quarantined: int = 0
    expired: int = 0
    failures: int = 0
    last_at: float = 0.0
    """Seconds since 1970; 0: nothing yet."""
    trouble: str = ""
    """Why the latest attempt failed; empty when it didn't."""


class Shipper:
    """Ships every spool of a folder, oldest rows first, until it is told to stop.

    Args:
        zones: the sites' time zones, by which a day's rows leave `events`; none: they leave by their own age only.
        keep_seconds: how long after its moment a row may be here or there.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        clock: Callable[[], float],
        zones: Collection[str] = (),
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._zones, self._keep_seconds = zones, keep_seconds
        self._open: dict[Path, Spool] = {}
        self._lookout, self._seen = Lookout(store), Seen()
        self._rests: Rests[Path] = Rests()
        """Of spools that can't be read or written. One of them must not slow the others."""
        self._between_shipments = threading.Lock()
        self._tidied_at = 0.0
        self.done = Shipped()

    def run(self, stop: threading.Event) -> None:
        """Ship until `stop` is set, then once more: what was acknowledged before the end is in the store after it."""
        store_rests: Rests[None] = Rests()
        while not stop.is_set():
            pause = _PAUSE_SECONDS
            try:
                self.round(self._rests.resting(self._clock()))
                store_rests.end(None)
            except StoreError as error:
                pause = store_rests.begin(None, self._clock())
                log.warning("shipping failed, will retry", reason=str(error), retry_seconds=round(pause, 1))
            except SpoolError:
                store_rests.end(None)  # all others have been shipped
            stop.wait(pause)
        try:
            self.round()
        except (StoreError, SpoolError) as error:
            log.warning("could not ship before the end; it stays in the spool", reason=str(error))
        self._lookout.close()
        for spool in self._open.values():
            with suppress(SpoolError):  # it is done at the next start
                spool.tidy()
            spool.close()

    def round(self, resting: Mapping[Path, str] = _NONE) -> int:
        """Ship all that waits now; the number of lines.

        Args:
            resting: spools to leave out, with what is wrong with them.

        Raises:
            StoreError: the store did not take a shipment; it stays in the spool.
            SpoolError: a spool can't be read or written.
        """
        try:
            lines = self._round(resting)
        except (StoreError, SpoolError) as error:
            self.done = replace(self.done, failures=self.done.failures + 1, trouble=str(error))
            raise
        self.done = replace(self.done, trouble=next(iter(resting.values()), ""))
        return lines

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Between two shipments: what is both in a spool and in the store can only be a sealed shipment."""
        with self._between_shipments:
            yield

    def _round(self, resting: Collection[Path]) -> int:
        lines = 0
        faults: dict[Path, str] = {}
        # what is settled goes first: until it has arrived, the store can't say that another spool holds the same again
        steps: list[Callable[[Path, Spool], int]] = [self._finish, self._ship]
        if self._clock() - self._tidied_at >= _TIDY_AFTER_SECONDS:
            self._tidied_at = self._clock()
            steps.insert(0, self._tidy)  # all spools, before shipping: for days it may be that nothing can be shipped
        for step in steps:
            for path in spools(self._folder):
                if path in resting or path in faults:
                    continue
                try:
                    lines += step(path, self._open.get(path) or self._open.setdefault(path, Spool(path)))
                except SpoolError as error:  # one broken file must not hold up the others
                    faults[path] = f"{path.name}: {error}"
                    pause = self._rests.begin(path, self._clock(), faults[path])
                    log.warning(
                        "a spool can't be shipped, will retry", reason=faults[path], retry_seconds=round(pause, 1)
                    )
                    self._let_go(path)
        for path in self._open:
            self._rests.end(path)
        if faults:
            raise SpoolError(next(iter(faults.values())))
        return lines

    def _tidy(self, _path: Path, spool: Spool) -> int:
        self._expire(spool)
        spool.tidy()
        return 0

    def _finish(self, path: Path, spool: Spool) -> int:
        return self._ship_one(path, spool, (), 0) if spool.is_under_way() else 0

    def _ship(self, path: Path, spool: Spool) -> int:
        """What is there now. Under load there is always something new: that waits for the next round.

        Else the other spools, the tally and the end of this process would wait for a quiet moment.
        """
        until, lines = spool.latest(), 0
        self._seen = Seen()
        while shipped := self._ship_one(path, spool, (QUARANTINE, EVENTS), until):
            lines += shipped
        return lines + sum(self._ship_one(path, spool, (table,), until) for table in (TALLY, NOTES))

    def _ship_one(self, path: Path, spool: Spool, tables: Collection[str], until: int) -> int:
        with self._between_shipments:
            shipment = spool.take(tables, until, self._seen.shipment)
            if shipment is None:
                return 0
            doubtful = shipment.sealed_before and shipment.unsettled is None  # else nothing of it has been sent
            looking = []
            if shipment.unsettled is not None:
                held, shipment = shipment.unsettled, self._settle(spool, shipment)
                self._seen = Seen()
                if spool.goes_on(shipment, until):
                    looking = [self._lookout.look(path, shipment, held, until)]
            elif shipment.table == EVENTS:
                shipment = self._settle_again(spool, shipment)
            now = self._clock()
            try:
                quarantined = deliver(self._store, spool, shipment, self._kept(), now, doubtful=doubtful)
            finally:
                wait(looking)
            for look in looking:
                self._seen = look.result()
        done = self.done
        self.done = replace(
            done,
            shipments=done.shipments + 1,
            rows=done.rows + shipment.going - quarantined,
            quarantined=done.quarantined + quarantined,
            last_at=now,
            trouble="",
        )
        return shipment.whole.end

    def _settle(self, spool: Spool, shipment: Shipment) -> Shipment:
        """Counted when it is written down: the delivery may be another attempt's."""
        left_out = settle(self._store, shipment, self._kept(), self._seen.here_of(shipment))
        settled = spool.settle(shipment, left_out, self._clock())
        self._count(left_out)
        return settled

    def _settle_again(self, spool: Spool, shipment: Shipment) -> Shipment:
        """While its spool could not be read, another one may have brought what it holds."""
        left_out = settle_again(self._store, shipment)
        if not left_out:
            return shipment
        shipment = spool.leave_out(shipment, left_out, self._clock())
        self._count(left_out)
        return shipment

    def _count(self, left_out: Mapping[int, Outcome]) -> None:
        found, done = Counter(left_out.values()), self.done
        self.done = replace(
            done,
            duplicates=done.duplicates + found[Outcome.DUPLICATE],
            expired=done.expired + found[Outcome.EXPIRED],
        )
        self._tell_expired(found[Outcome.EXPIRED])

    def _expire(self, spool: Spool) -> None:
        with self._between_shipments:
            gone = spool.expire(self._kept())
        self.done = replace(self.done, expired=self.done.expired + gone)
        self._tell_expired(gone)

    def _tell_expired(self, rows: int) -> None:
        if rows:
            log.error("rows could not be shipped before their time was over; they are gone", rows=rows)

    def _kept(self) -> Kept:
        return kept_at(self._clock(), self._zones, self._keep_seconds)

    def _let_go(self, path: Path) -> None:
        """Opened anew in the next round: what failed may have been the disk, or another file may lie there by then."""
        self._lookout.forget(path)
        spool = self._open.pop(path, None)
        if spool is not None:
            spool.close()
