"""Take, insert, acknowledge: what lies in the spools comes to ClickHouse once, whatever is killed in between.

Enters: spool files. Leaves: rows in `events` and `tally`. Something is deleted here only after it is known to be there.

Why a token alone is not enough: ClickHouse writes its deduplication log before it moves the new part into place. A kill
between the two leaves a log that claims rows which are gone, and a plain retry would be dropped as a duplicate. So a
shipment whose first sending was interrupted is sent again under its token, then looked for by its batch numbers, and
only rows that are really missing are sent under the next token. Parts are all or nothing, and a partition holds whole
days, so counting by day is enough to know what is missing.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from pipeline.spool import Shipment, Spool, SpoolError, spools
from pipeline.store import Store, StoreError

_PAUSE_SECONDS = 0.4
"""Between two rounds: a shipment makes a part, and a part every few milliseconds would drown the merges."""
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 0.5, 30.0
_TIDY_AFTER_SECONDS = 60.0
_TOKENS_A_SHIPMENT = 5
_EXPIRES_AFTER_SECONDS = 47 * 3600.0
"""Rows older than this may already have left by their 48 hours: they are not missed."""

log = structlog.get_logger("sporlos.ship")


@dataclass(frozen=True, slots=True)
class Shipped:
    """What the shipper has done since it started."""

    shipments: int = 0
    rows: int = 0
    failures: int = 0
    last_at: float = 0.0
    """Seconds since 1970; 0: nothing yet."""
    trouble: str = ""
    """Why the latest attempt failed; empty when it didn't."""


class Shipper:
    """Ships every spool of a folder, oldest rows first, until it is told to stop."""

    def __init__(self, store: Store, folder: Path, clock: Callable[[], float]) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._open: dict[Path, Spool] = {}
        self._doubtful: set[str] = set()
        self._between_shipments = threading.Lock()
        self._tidied_at = clock()
        self.done = Shipped()

    def run(self, stop: threading.Event) -> None:
        """Ship until `stop` is set, then once more: what was acknowledged before the end is in the store after it."""
        delay = _FIRST_RETRY_SECONDS
        while not stop.is_set():
            try:
                self.round()
                delay = _FIRST_RETRY_SECONDS
                stop.wait(_PAUSE_SECONDS)
            except (StoreError, SpoolError) as error:
                self._note_failure(error)
                log.warning("shipping failed, will retry", reason=str(error), retry_seconds=round(delay, 1))
                stop.wait(delay * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
                delay = min(delay * 2, _LONGEST_RETRY_SECONDS)
        try:
            self.round()
        except (StoreError, SpoolError) as error:
            log.warning("could not ship before the end; it stays in the spool", reason=str(error))
        for spool in self._open.values():
            spool.close()

    def round(self) -> int:
        """Ship all that waits now; the number of rows.

        Raises:
            StoreError: the store did not take a shipment; it stays in the spool.
            SpoolError: a spool can't be read.
        """
        rows = 0
        unreadable: SpoolError | None = None
        for path in spools(self._folder):
            try:
                spool = self._open.get(path) or self._open.setdefault(path, Spool(path))
                while shipped := self._ship_one(spool):
                    rows += shipped
            except SpoolError as error:  # one broken file must not hold up the others
                unreadable = SpoolError(f"{path.name}: {error}")
        self._tidy()
        if unreadable is not None:
            raise unreadable
        return rows

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Between two shipments: what is both in a spool and in the store can only be a sealed shipment."""
        with self._between_shipments:
            yield

    def _ship_one(self, spool: Spool) -> int:
        with self._between_shipments:
            shipment = spool.take()
            if shipment is None:
                return 0
            doubtful = shipment.sealed_before or shipment.token in self._doubtful
            self._doubtful.add(shipment.token)  # until we know better
            deliver(self._store, shipment, now=self._clock(), doubtful=doubtful)
            spool.acknowledge(shipment)
            self._doubtful.discard(shipment.token)
        rows = shipment.body.count(b"\n")
        self.done = Shipped(self.done.shipments + 1, self.done.rows + rows, self.done.failures, self._clock())
        return rows

    def _tidy(self) -> None:
        if self._clock() - self._tidied_at >= _TIDY_AFTER_SECONDS:
            for spool in self._open.values():
                spool.tidy()
            self._tidied_at = self._clock()

    def _note_failure(self, error: Exception) -> None:
        done = self.done
        self.done = Shipped(done.shipments, done.rows, done.failures + 1, done.last_at, str(error))


def deliver(store: Store, shipment: Shipment, *, now: float, doubtful: bool) -> None:
    """Put a shipment into the store exactly once. `doubtful`: an earlier sending may have got through.

    Raises:
        StoreError: it is not known whether all of it is there.
    """
    body = shipment.body
    for attempt in range(_TOKENS_A_SHIPMENT):
        store.insert(shipment.table, shipment.columns, body, f"{shipment.token}-{attempt}")
        if not doubtful:
            return
        body = _missing(store, shipment, now)
        if not body:
            return
        log.warning("rows claimed by the deduplication log were not there; sending them again", token=shipment.token)
    raise StoreError(f"shipment {shipment.token} does not arrive")


def _missing(store: Store, shipment: Shipment, now: float) -> bytes:
    """The lines of days of which the store holds nothing from this shipment."""
    answer = store.query(
        f"SELECT DISTINCT toString(day) FROM {shipment.table}"  # noqa: S608 - one of our two table names
        " WHERE batch BETWEEN {first:UInt64} AND {last:UInt64}",
        {"first": shipment.first_batch, "last": shipment.last_batch},
    )
    arrived = {row[0] for row in answer.rows}
    day = shipment.columns.index("day")
    ts = shipment.columns.index("ts") if "ts" in shipment.columns else None

    def is_missing(line: bytes) -> bool:
        row = msgspec.json.decode(line)
        expired = ts is not None and float(row[ts]) < now - _EXPIRES_AFTER_SECONDS
        return row[day] not in arrived and not expired

    return b"".join(line + b"\n" for line in shipment.body.splitlines() if is_missing(line))
