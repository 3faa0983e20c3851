"""A disk that is full or read-only: nothing is lost, it is said in words, and it goes on without a restart."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.spool.spool import Spool, SpoolError, SpoolFull
from pipeline.store.database import Store
from proxy.accept import GroupCommit
from proxy.ledger import Ledger
from tests.pipeline.test_ship import counted, row, shipper, stored, tally_of

_MOUNT = shutil.which("mount")


def _mount(folder: Path, *options: str) -> None:
    told = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if told.returncode:
        said = f"no disk of our own can be mounted: {told.stderr.strip()}"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    if _MOUNT is None or os.geteuid():
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    _mount(folder, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 14, 1 << 9, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return ballast


async def test_full_disk_is_said_at_both_ends_and_all_goes_on_when_there_is_room(store: Store, disk: Path) -> None:
    """Visitors get no for an answer, the shipper keeps what there is; both go on, and each row is stored once."""
    site, spool, working = "fulldisk.no", Spool(disk / "worker-0.sqlite"), shipper(store, disk)
    commit = GroupCommit(spool)
    ballast, accepted = fill(disk), 0
    answers = []
    for number in range(1, 200):
        ledger = Ledger()
        ledger.tally.update(tally_of(site, 1))
        answers.append(await commit.accept([row(site, number)], ledger))
        accepted += answers[-1]
        if answers[-3:] == [False] * 3:
            break
    assert answers[-3:] == [False] * 3
    assert accepted == sum(answers)
    with pytest.raises(SpoolFull, match="the disk is full: free some space; visitors get 503 until then"):
        spool.append([row(site, 0)], tally_of(site, 1))
    with suppress(SpoolError):  # what its log has room for may still get through
        working.round()
    ballast.unlink()
    assert spool.waiting().events.total() + len(stored(store, site)) == accepted
    ledger = Ledger()
    ledger.tally.update(tally_of(site, 1))
    assert await commit.accept([row(site, 999)], ledger)
    working.round()
    assert stored(store, site) == [*(number for number, yes in enumerate(answers, 1) if yes), 999]
    assert counted(store, site) == len(answers) + 1
    assert working.done.trouble == ""
    await commit.drain()
    spool.close()


def test_shipper_on_a_full_disk_keeps_a_shipment_and_brings_it_later(store: Store, disk: Path) -> None:
    """It can't even write down what it would send: nothing is sent, the reason is told, and the next round ships."""
    site, spool, working = "fullship.no", Spool(disk / "worker-0.sqlite"), shipper(store, disk)
    spool.append([row(site, number) for number in range(1, 300)], tally_of(site, 299))
    spool.tidy()  # the log is empty: there is no room in it that could be used again
    ballast = fill(disk)
    for _ in range(2):
        with pytest.raises(SpoolError, match=r"worker-0\.sqlite: the disk is full"):
            working.round()
        assert "free some space" in working.done.trouble
    assert stored(store, site) == []
    ballast.unlink()
    working.round()
    assert stored(store, site) == [*range(1, 300)]
    assert (counted(store, site), working.done.trouble) == (299, "")
    spool.close()


def test_read_only_disk_is_said_and_all_goes_on_when_it_can_be_written(store: Store, disk: Path) -> None:
    """A worker can't open its spool, the shipper neither; then both can, without having been started anew."""
    site, spool, working = "readonly.no", Spool(disk / "worker-0.sqlite"), shipper(store, disk)
    spool.append([row(site, 1)], tally_of(site, 1))
    spool.close()
    _mount(disk, "-o", "remount,ro")
    for _ in range(2):
        with pytest.raises(SpoolError, match="the disk is read-only: make it writable"):
            working.round()
        with pytest.raises(SpoolError, match="the disk is read-only"):
            Spool(disk / "worker-1.sqlite")
    assert "read-only" in working.done.trouble
    _mount(disk, "-o", "remount,rw")
    working.round()
    assert stored(store, site) == [1]
    assert working.done.trouble == ""
