"""Where the salts' page may lie: in memory only, and in nobody else's file."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy.privacy import memory
from proxy.privacy.memory import NotInMemory, filesystem_of, kept_memory, new_memory
from proxy.privacy.salts import Salts
from tests.proxy.visit import NOON, OSLO, at, number_of

SHM = Path("/dev/shm")  # noqa: S108 - the folder that the product keeps salts in, if it is told to


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory."""
    made = SHM / f"sporlos-test-{secrets.token_hex(8)}"
    made.mkdir(mode=0o700)
    yield made
    shutil.rmtree(made)


def open_to_all(file: Path) -> None:
    """Anyone may read it."""
    file.touch(0o600)
    file.chmod(0o644)


def link(file: Path) -> None:
    """A link to a private file."""
    target = file.with_name("target")
    target.touch(0o600)
    file.symlink_to(target)


def fifo(file: Path) -> None:
    """A pipe with a name."""
    os.mkfifo(file, 0o600)


@pytest.mark.parametrize("made", [open_to_all, link, fifo, Path.mkdir], ids=lambda made: made.__name__)
def test_what_is_no_private_file_is_refused(folder: Path, made: Callable[[Path], None]) -> None:
    """A salt is not written where another may look."""
    made(folder / "salts")
    with pytest.raises(OSError, match="salts"):
        kept_memory(folder / "salts")


def test_a_file_of_somebody_else_is_refused(folder: Path) -> None:
    """Its owner could read it whenever he likes."""
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    (folder / "salts").touch(0o600)
    os.chown(folder / "salts", 12345, 12345)
    with pytest.raises(NotInMemory):
        kept_memory(folder / "salts")


def test_a_folder_that_is_not_in_memory_is_refused_before_anything_is_made() -> None:
    """On a disk, overwritten bytes can be found again."""
    elsewhere = next(place for place in map(Path, ("/", "/proc")) if filesystem_of(place) not in ("tmpfs", "ramfs"))
    file = elsewhere / f"salts-{secrets.token_hex(8)}"
    with pytest.raises(NotInMemory, match="tmpfs"):
        kept_memory(file)
    assert not file.exists()


def test_a_kept_file_is_private_from_its_first_moment(folder: Path) -> None:
    """Whatever the process's umask is."""
    before = os.umask(0)
    try:
        os.close(kept_memory(folder / "salts"))
    finally:
        os.umask(before)
    assert (folder / "salts").stat().st_mode & 0o777 == 0o600


def test_a_kept_page_continues_its_day_after_a_restart(folder: Path) -> None:
    """Same visitor, same number, as long as it is the same day."""
    first = Salts(kept_memory(folder / "salts"), [OSLO])
    before = number_of(first, NOON)
    again = Salts(kept_memory(folder / "salts"), [OSLO])
    assert number_of(again, NOON + 3600) == before


def test_a_kept_page_does_not_outlive_its_day(folder: Path) -> None:
    """Opened after the night, it holds yesterday's salt no more."""
    first = Salts(kept_memory(folder / "salts"), [OSLO])
    before = number_of(first, NOON)
    old = first.under(OSLO, NOON, lambda day: bytes(day.salt))
    again = Salts(kept_memory(folder / "salts"), [OSLO])
    assert number_of(again, at("2026-05-13T09:00")) != before
    assert old not in (folder / "salts").read_bytes()


def test_a_kept_page_of_other_zones_begins_anew(folder: Path) -> None:
    """A salt of one zone is never used for the days of another."""
    first = Salts(kept_memory(folder / "salts"), [OSLO])
    old = first.under(OSLO, NOON, lambda day: bytes(day.salt))
    again = Salts(kept_memory(folder / "salts"), ["America/New_York", OSLO])
    assert again.under("America/New_York", NOON, lambda day: bytes(day.salt)) != old
    assert again.under(OSLO, NOON, lambda day: bytes(day.salt)) != old


def test_new_memory_has_no_name_and_is_not_inherited() -> None:
    """It ends with the processes that were given it."""
    fd = new_memory()
    assert not os.get_inheritable(fd)
    assert os.fstat(fd).st_nlink == 0
    os.close(fd)


def test_a_salt_that_was_kept_is_overwritten_when_it_is_to_be_forgotten(tmp_path: Path) -> None:
    """Also in the file that somebody still has open."""
    file = tmp_path / "salts"
    file.write_bytes(b"salt" * 16)
    with file.open("rb") as still_open:
        memory.forget(file)
        assert still_open.read() == bytes(64)
    assert not file.exists()
    memory.forget(file)
