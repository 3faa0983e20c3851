"""The spool against a list: what was appended comes out once and in order, whatever is closed or killed in between."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.outcome import Counted, Outcome, Tally
from pipeline.spool import EVENTS, TALLY, Shipment, Spool, SpoolFull, spools

ROOT = Path(__file__).parents[2]
DAY = "2026-05-12"


def rows_of(first: int, count: int) -> list[bytes]:
    """Rows as `encode` gives them, of one site and day, numbered."""
    return [b'["shop.no","%s",%d' % (DAY.encode(), number) for number in range(first, first + count)]


def counted(stored: int, robots: int = 0) -> Tally:
    """So many stored and so many refused."""
    found: Tally = Counter()
    found[Counted("shop.no", DAY, "page_view", Outcome.STORED)] += stored
    found[Counted("shop.no", DAY, "page_view", Outcome.ROBOT)] += robots
    return +found


def numbers_in(shipment: Shipment) -> list[int]:
    """The numbers of its rows; each has a batch that lies in the shipment."""
    rows = [msgspec.json.decode(line) for line in shipment.body.splitlines()]
    assert all(shipment.first_batch <= row[-1] <= shipment.last_batch for row in rows)
    return [row[2] for row in rows]


class SpoolModel(RuleBasedStateMachine):
    """Two lists and a tally, and beside them a spool with its writer and its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.writer, self.reader = (Spool(self.folder / "worker-0.sqlite") for _ in range(2))
        self.waiting: list[int] = []
        self.arrived: list[int] = []
        self.tally: Tally = Counter()
        self.counted: Tally = Counter()
        self.taken: Shipment | None = None
        self.tokens: dict[str, bytes] = {}

    @rule(count=st.integers(0, 3), robots=st.integers(0, 2))
    def append(self, count: int, robots: int) -> None:
        """A batch comes in."""
        first = len(self.arrived) + len(self.waiting)
        self.writer.append(rows_of(first, count), counted(count, robots))
        self.waiting += range(first, first + count)
        self.tally += counted(count, robots)

    @rule()
    def take(self) -> None:
        """The shipper looks for a shipment; one that it has not acknowledged is the same again."""
        again, self.taken = self.taken, self.reader.take()
        if again is not None:
            assert self.taken is not None
            assert (self.taken.body, self.taken.token, self.taken.sealed_before) == (again.body, again.token, True)
        elif self.taken is None:
            assert (self.waiting, self.tally) == ([], Counter())
        if self.taken is not None:
            assert self.tokens.setdefault(self.taken.token, self.taken.body) == self.taken.body

    @precondition(lambda self: self.taken is not None)
    @rule()
    def acknowledge(self) -> None:
        """The other side has it."""
        assert self.taken is not None
        if self.taken.table == EVENTS:
            numbers = numbers_in(self.taken)
            assert numbers == self.waiting[: len(numbers)]
            self.arrived += numbers
            del self.waiting[: len(numbers)]
        else:
            for *key, events, _batch in map(msgspec.json.decode, self.taken.body.splitlines()):
                self.counted[Counted(*key)] += events
                self.tally[Counted(*key)] -= events
            self.tally = +self.tally
        self.reader.acknowledge(self.taken)
        self.taken = None

    @rule(writer=st.booleans())
    def crash(self, writer: bool) -> None:  # noqa: FBT001 - which of the two
        """One of the two is closed without a word, and opened again."""
        if writer:
            self.writer.close()
            self.writer = Spool(self.folder / "worker-0.sqlite")
        else:
            self.reader.close()
            self.reader = Spool(self.folder / "worker-0.sqlite")

    @rule()
    def tidy(self) -> None:
        """The log is cut off."""
        self.reader.tidy()

    @invariant()
    def nothing_is_lost_or_there_twice(self) -> None:
        """What was appended has arrived or waits, in order."""
        waiting = self.reader.waiting()
        assert waiting.events == Counter({("shop.no", DAY): len(self.waiting)} if self.waiting else {})
        assert waiting.tally == self.tally
        assert self.arrived + self.waiting == list(range(len(self.arrived) + len(self.waiting)))

    def teardown(self) -> None:
        """The files go."""
        self.writer.close()
        self.reader.close()
        shutil.rmtree(self.folder)


TestSpoolModel = SpoolModel.TestCase
TestSpoolModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """As small as a spool can be."""
    return Spool(tmp_path / "worker-0.sqlite", limit_bytes=1)


def fill(spool: Spool, rows: list[bytes], tally: Tally) -> int:
    """Append the same until it is full; how often that went well."""
    for appended in range(10_000):
        try:
            spool.append(rows, tally)
        except SpoolFull:
            return appended
    pytest.fail("it is never full")


def test_a_full_spool_takes_nothing_and_then_again(spool: Spool) -> None:
    """What doesn't fit is refused whole, with its tally; after a shipment there is room."""
    long_row = rows_of(0, 1)[0] + b',"%s"' % (b"x" * 20_000)
    appended = fill(spool, [long_row], counted(1))
    assert appended > 3
    assert spool.waiting().events.total() == spool.waiting().tally.total() == appended
    shipment = spool.take()
    assert shipment is not None
    assert shipment.body.count(b"\n") == appended
    spool.acknowledge(shipment)
    spool.append([long_row], counted(1))
    assert spool.waiting().events.total() == 1


def test_even_a_full_spool_gives_away_what_it_holds(spool: Spool) -> None:
    """Sealing a shipment and its tally needs a little room, and has it."""
    fill(spool, rows_of(0, 50), counted(50, robots=1))
    tables = []
    while shipment := spool.take():
        tables.append(shipment.table)
        spool.acknowledge(shipment)
    assert tables[-1] == TALLY
    assert set(tables[:-1]) == {EVENTS}
    assert spool.waiting().tally == Counter()


def test_a_row_that_was_shipped_is_nowhere_in_the_files(tmp_path: Path) -> None:
    """Neither in a free page nor in the log: what is deleted is gone."""
    spool = Spool(tmp_path / "worker-0.sqlite")
    mark = b"marker-4711"
    spool.append([b'["shop.no","%s","%s"' % (DAY.encode(), mark)], counted(1))

    def holders() -> list[str]:
        return [file.name for file in tmp_path.iterdir() if mark in file.read_bytes()]

    assert holders()
    shipment = spool.take()
    assert shipment is not None
    spool.acknowledge(shipment)
    spool.tidy()
    assert holders() == []


def test_a_spool_made_anew_has_other_numbers(tmp_path: Path) -> None:
    """Its rows are not taken for those of a file of the same name."""
    tokens = []
    for name in ("a", "b"):
        spool = Spool(tmp_path / name)
        spool.append(rows_of(0, 1), counted(1))
        shipment = spool.take()
        assert shipment is not None
        tokens.append(shipment.token)
    assert tokens[0] != tokens[1]


def test_the_spools_of_a_folder_are_found_in_order(tmp_path: Path) -> None:
    """And only they, not the files that SQLite keeps beside them."""
    for name in ("worker-1", "worker-0"):
        Spool(tmp_path / f"{name}.sqlite").append(rows_of(0, 1), counted(1))
    assert [file.name for file in spools(tmp_path)] == ["worker-0.sqlite", "worker-1.sqlite"]


APPENDER = """
import sys
from collections import Counter
from pathlib import Path
from pipeline.spool import Spool
spool = Spool(Path(sys.argv[1]))
for number in range(10_000):
    spool.append([b'["shop.no","2026-05-12",%d' % number], Counter())
    print(number, flush=True)
"""


def test_what_was_acknowledged_before_a_kill_is_there(tmp_path: Path) -> None:
    """Killed in the middle of appending, the file holds each row that was answered for, and at most one more."""
    process = subprocess.Popen(
        [sys.executable, "-c", APPENDER, str(tmp_path / "a.sqlite")], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    answered = [int(process.stdout.readline()) for _ in range(50)]
    os.kill(process.pid, signal.SIGKILL)
    answered += map(int, process.stdout.read().split())
    process.wait()
    process.stdout.close()
    shipment = Spool(tmp_path / "a.sqlite").take()
    assert shipment is not None
    assert numbers_in(shipment)[: len(answered)] == answered
    assert len(numbers_in(shipment)) <= len(answered) + 1
