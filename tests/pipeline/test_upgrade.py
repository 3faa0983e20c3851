"""A spool of the version before (0.1, whose tables are in `spool_of_0_1.sql`) is opened, shipped, and loses nothing."""

import secrets
import sqlite3
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from pipeline.event import COLUMNS
from pipeline.spool.spool import Spool
from pipeline.store.database import Store
from tests.pipeline.test_settle import outcomes
from tests.pipeline.test_ship import DAYS, row, shipper, stored, taken

_SCHEMA = Path(__file__).with_name("spool_of_0_1.sql").read_text(encoding="utf-8")
_COLUMNS = [name for name in COLUMNS if name != "continued"]


def old_row(site: str, number: int) -> list[object]:
    """A row as that version wrote it: it had one column less."""
    values = dict(zip(COLUMNS, msgspec.json.decode(row(site, number) + b"]"), strict=True))
    return [values[name] for name in _COLUMNS]


class OldWorker:
    """What 0.1 did with its file."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.number = secrets.randbits(24)  # the store is shared, and knows shipments by it
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(_SCHEMA)
        self.db.execute("INSERT INTO spool SELECT ? WHERE NOT EXISTS (SELECT 1 FROM spool)", (self.number,))
        columns = ",".join([*_COLUMNS, "batch"])
        self.db.execute("INSERT OR IGNORE INTO formats (columns) VALUES (?)", (columns,))
        self._format = self.db.execute("SELECT format FROM formats WHERE columns = ?", (columns,)).fetchone()[0]
        self._seq = 0

    def append(self, site: str, *numbers: int) -> None:
        """One commit."""
        self._seq += 1
        batch = self.number << 40 | self._seq
        body = b"".join(msgspec.json.encode([*old_row(site, number), batch]) + b"\n" for number in numbers)
        tally = msgspec.json.encode([(site, DAYS[0], "page_view", "stored", len(numbers))]).decode()
        intake = (self._seq, self._format, len(numbers), body, tally, "[]")
        self.db.execute("INSERT INTO intake VALUES (?, ?, ?, ?, ?, ?)", intake)

    def seal(self) -> None:
        """All that there is becomes a shipment."""
        self.db.execute("INSERT INTO shipments (target, first, last) VALUES ('events', 1, ?)", (self._seq,))


@pytest.fixture
def old(tmp_path: Path) -> OldWorker:
    """Its file, with nothing in it."""
    return OldWorker(tmp_path / "worker-0.sqlite")


def test_what_waits_is_shipped_with_the_columns_that_it_was_written_with(
    store: Store, tmp_path: Path, old: OldWorker
) -> None:
    """Rows of both versions, each with its own; a retry of an old row is recognised."""
    site = "upgraded.no"
    old.append(site, 1, 2)
    old.append(site, 3)
    old.db.close()
    spool = Spool(tmp_path / "worker-0.sqlite")
    assert spool.waiting().events == Counter({(site, DAYS[0]): 3})
    spool.append([row(site, 3), row(site, 4)], Counter())
    shipment = taken(spool)
    assert shipment.columns == (*_COLUMNS, "batch")
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 2, 3, 4]
    assert outcomes(store, site)["duplicate"] == 1
    spool.close()


@pytest.mark.parametrize("sent", [False, True], ids=["only sealed", "sent as well"])
def test_what_was_sealed_goes_as_it_may_have_been_sent(
    store: Store, tmp_path: Path, old: OldWorker, *, sent: bool
) -> None:
    """That version left out no duplicates: a shipment that may be in the store by now is the same to the byte."""
    site = f"sealed-{sent}.no".lower()
    old.append(site, 1, 2, 1)
    old.seal()
    if sent:
        (body,) = old.db.execute("SELECT body FROM batches").fetchone()
        batch = old.number << 40 | 1
        store.insert("events", [*_COLUMNS, "batch"], body, f"events-{batch:x}-{batch:x}-0")
    old.db.close()
    spool = Spool(tmp_path / "worker-0.sqlite")
    shipment = taken(spool)
    assert (shipment.unsettled, shipment.sealed_before, shipment.pieces) == (None, True, (shipment.whole,))
    shipper(store, tmp_path).round()
    assert stored(store, site) == [1, 1, 2]
    assert outcomes(store, site) == {"stored": 3}
    spool.close()


def test_a_worker_of_that_version_goes_on_writing_while_the_shipper_is_a_new_one(
    store: Store, tmp_path: Path, old: OldWorker
) -> None:
    """One is started anew after the other: nobody is told 503 for it."""
    site = "mixed.no"
    old.append(site, 1)
    working = shipper(store, tmp_path)
    working.round()
    old.append(site, 1, 2)
    spool = Spool(tmp_path / "worker-0.sqlite")
    assert spool.waiting().events == Counter({(site, DAYS[0]): 2})
    working.round()
    assert stored(store, site) == [1, 2]
    assert outcomes(store, site) == {"stored": 2, "duplicate": 1}
    spool.close()
    old.db.close()
