"""A product whose clock the test moves: a midnight and a half hour pass at once, and nothing sleeps through them.

Debian's `faketime` answers every question for the wall clock; the clock that time-outs run by is left alone.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

NOON = datetime.now(ZoneInfo("Europe/Oslo")).replace(hour=12, minute=0, second=0, microsecond=0)
"""Of today, in the time zone that a test's shops have: the engine itself does not see the moved clock."""
_LIBRARY = "faketime/libfaketimeMT.so.1"
_SHARED = Path("/dev/shm")  # noqa: S108 - where faketime leaves two files for each process that is killed


class Clock:
    """One wall clock for every process that was started under it.

    Args:
        folder: where the shift is written that they all read.
        library: of faketime.
    """

    def __init__(self, folder: Path, library: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "clock"
        self.under = (
            "env",
            f"LD_PRELOAD={library}",
            f"FAKETIME_TIMESTAMP_FILE={self._file}",
            "FAKETIME_NO_CACHE=1",
            "DONT_FAKE_MONOTONIC=1",
        )
        """What a command is to be started under."""

    def set(self, local: str, zone: str = "Europe/Oslo") -> None:
        """It is now this local time, ISO 8601, in every process at once."""
        self.set_to(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp())

    def set_to(self, seconds: float) -> None:
        """It is now so many seconds after 1970."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{seconds - time.time():+.3f}\n", encoding="utf-8")
        written.replace(self._file)  # at once: a process may be reading it


@contextmanager
def clock_in(folder: Path) -> Iterator[Clock]:
    """A clock for a test; where faketime isn't installed the test is skipped, in CI it fails."""
    found = [file for top in ("/usr/lib", "/usr/lib64") for file in Path(top).glob(f"*/{_LIBRARY}")]
    found += [file for top in ("/usr/lib", "/usr/lib64") if (file := Path(top, _LIBRARY)).exists()]
    if not found:
        if os.environ.get("CI"):
            pytest.fail("faketime is missing")
        pytest.skip("faketime is missing")
    try:
        yield Clock(folder, found[0])
    finally:
        _tidy()


def _tidy() -> None:
    """Remove what belongs to processes that are gone: one that is given the same number later would not start."""
    for file in (*_SHARED.glob("faketime_shm_*"), *_SHARED.glob("sem.faketime_sem_*")):
        if not Path("/proc", file.name.rpartition("_")[2]).exists():
            file.unlink(missing_ok=True)
