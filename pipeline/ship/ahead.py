"""While a shipment is on its way, the next one is read, and the store is asked what it has of it.

Enters: a settled shipment, and what it held. Leaves: the next one, of which nothing has been written down yet, and
what of it is in the store already. Sending leaves the interpreter to others, so with a second core this takes no time.

It decides nothing. What comes next is sealed and settled when the one before has arrived, as if nobody had looked. Only
that one can have changed what was seen, so where the two share an id, the store has to be asked again.
"""

from array import array
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline.ship.settle import known_of
from pipeline.spool.contents import Contents
from pipeline.spool.shipment import Shipment
from pipeline.spool.spool import Spool, SpoolError
from pipeline.store.database import Store, StoreError


@dataclass(frozen=True, slots=True)
class Seen:
    """What comes next."""

    shipment: Shipment | None = None
    here: Collection[tuple[str, int]] | None = None
    """Those of its events that the store has, by site and id; `None`: it has to be asked."""

    def here_of(self, shipment: Shipment) -> Collection[tuple[str, int]] | None:
        """The same, if that is the shipment which was seen."""
        seen = self.shipment
        is_it = seen is not None and (seen.first_batch, seen.last_batch) == (shipment.first_batch, shipment.last_batch)
        return self.here if is_it else None


class Lookout:
    """Looks ahead in one thread, with a connection of its own to each spool."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "lookout")
        self._open: dict[Path, Spool] = {}

    def look(self, path: Path, underway: Shipment, held: Contents, until: int) -> Future[Seen]:
        """Begin to look behind a shipment that is about to be sent.

        Args:
            held: what it held before it was settled.
            until: the last batch that may go.
        """
        return self._thread.submit(self._look, path, underway, held, until)

    def _look(self, path: Path, underway: Shipment, held: Contents, until: int) -> Seen:
        try:
            spool = self._open.get(path) or self._open.setdefault(path, Spool(path))
            shipment = spool.peek(underway, until)
        except SpoolError:  # whoever takes it will say so
            self.forget(path)
            return Seen()
        if shipment is None or shipment.unsettled is None:
            return Seen()
        contents = shipment.unsettled
        if not _ids(contents).isdisjoint(_ids(held)):
            return Seen(shipment)
        try:
            return Seen(shipment, known_of(self._store, contents))
        except StoreError:
            return Seen(shipment)

    def forget(self, path: Path) -> None:
        """Close that file; nobody may be looking."""
        spool = self._open.pop(path, None)
        if spool is not None:
            spool.close()

    def close(self) -> None:
        """Close them all."""
        self._thread.shutdown()
        for path in [*self._open]:
            self.forget(path)


def _ids(contents: Contents) -> set[int]:
    return set(array("Q", contents.ids)) - {0}
