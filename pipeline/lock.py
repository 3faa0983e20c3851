"""One process at a time. Enters: a file; leaves: a lock that goes with the process, however it ends."""

import fcntl
from pathlib import Path
from typing import BinaryIO


class Taken(Exception):
    """Another process holds the lock."""


def take(file: Path) -> BinaryIO:
    """Hold the lock of a file until what is returned is closed.

    Raises:
        Taken: somebody else does.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = file.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Taken(str(file)) from None
    return lock
