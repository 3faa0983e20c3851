"""The spool as a file: what is in it after a kill, when it is full, and when it has been emptied."""

import os
import signal
import subprocess
import sys
import tracemalloc
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from pipeline.outcome import Counted, Outcome, Tally
from pipeline.spool import file
from pipeline.spool.shipment import EVENTS, TALLY, Shipment
from pipeline.spool.spool import Spool, SpoolFull, spools

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
    rows = [msgspec.json.decode(line) for line in shipment.body.split()]
    assert all(shipment.first_batch <= row[-1] <= shipment.last_batch for row in rows)
    return [row[2] for row in rows]


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


def ship(spool: Spool) -> None:
    """What waits is acknowledged as if it had been sent."""
    shipment = spool.take()
    assert shipment is not None
    spool.acknowledge(shipment)


def marked(number: int) -> list[bytes]:
    """A row that takes several pages of its own, and can be found in a file."""
    return [rows_of(number, 1)[0] + b',"%s"' % (b"marker-4711 " * 2000)]


def holders(folder: Path) -> list[str]:
    """The files that such a row can be found in."""
    return [one.name for one in folder.iterdir() if b"marker-4711" in one.read_bytes()]


@pytest.mark.parametrize("most", [4096, 0], ids=["small", "large"])
@pytest.mark.parametrize("again", [False, True], ids=["at once", "by the next process"])
def test_a_row_that_was_shipped_is_nowhere_in_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, *, again: bool
) -> None:
    """Neither in a free page nor in the log, whichever way the file is cleaned; what still waits is all there."""
    monkeypatch.setattr(file, "_MADE_ANEW_PAGES", most)
    monkeypatch.setattr(file, "_OVERWRITTEN_AT_ONCE", 20)
    writer, spool = (Spool(tmp_path / "worker-0.sqlite") for _ in range(2))
    for number in range(60):
        writer.append(marked(number), counted(1))
    assert holders(tmp_path)
    ship(spool)
    writer.append(rows_of(60, 1), counted(1))
    if again:  # the one before was killed before it came to it, in the middle of it at the worst
        spool._db.execute("INSERT INTO blanks VALUES (zeroblob(20000))")
        spool.close()
        spool = Spool(tmp_path / "worker-0.sqlite")
    spool.tidy()
    assert holders(tmp_path) == []
    assert spool._db.execute("SELECT count(*) FROM blanks").fetchone()[0] == 0
    writer.append(rows_of(61, 1), counted(1))
    shipment = spool.take()
    assert shipment is not None
    assert numbers_in(shipment) == [60, 61]


def test_cleaning_again_and_again_does_not_make_the_file_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros take the free pages that there are, and no others."""
    monkeypatch.setattr(file, "_MADE_ANEW_PAGES", 0)
    spool, sizes = Spool(tmp_path / "worker-0.sqlite"), []
    for number in range(10):
        spool.append(marked(number), counted(1))
        ship(spool)
        spool.tidy()
        sizes.append((tmp_path / "worker-0.sqlite").stat().st_size)
    assert sizes[1:] == [sizes[1]] * 9


def test_a_file_that_was_large_is_small_again_when_it_is_cleaned(tmp_path: Path) -> None:
    """After the store was away for long, the disk is given back."""
    spool = Spool(tmp_path / "worker-0.sqlite")
    for number in range(60):
        spool.append(marked(number), counted(1))
    ship(spool)
    spool.tidy()
    assert (tmp_path / "worker-0.sqlite").stat().st_size < 200_000


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


def test_a_long_spool_is_counted_in_little_memory(tmp_path: Path) -> None:
    """Forty megabytes: neither what waits nor a shipment of it is held with all the rest; old batches go one by one."""
    spool = Spool(tmp_path / "worker-0.sqlite")
    long_rows = [line + b',"%s"' % (b"x" * 10_000) for line in rows_of(0, 100)]
    for _ in range(40):
        spool.append(long_rows, counted(100))
    peaks = []
    for described in (True, False):
        if not described:
            spool._db.execute("DELETE FROM contents")
        tracemalloc.start()
        assert spool.waiting().events.total() == 4000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    tracemalloc.start()
    shipment = spool.take()
    peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert shipment is not None
    assert shipment.body.count(b"\n") == 1600
    assert [peak < limit << 20 for peak, limit in zip(peaks, (1, 8, 40), strict=True)] == [True] * 3


APPENDER = """
import sys
from collections import Counter
from pathlib import Path
from pipeline.spool.spool import Spool
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
