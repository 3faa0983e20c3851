"""The local socket by which commands ask, at whatever path. Enters: its path. Leaves: a name that the system takes.

Source: unix(7), the address of a socket has 108 bytes; proc(5), an open folder has a short name, too.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MOST_BYTES = 107
_OPEN_FOLDERS = Path("/proc/self/fd")


@contextmanager
def reach(socket: Path) -> Iterator[str]:
    """A name of the socket to bind or to connect to, good as long as the block lasts.

    Raises:
        OSError: its folder can't be opened.
    """
    is_short = len(os.fsencode(socket)) <= _MOST_BYTES
    if is_short or not socket.parent.is_dir() or not _OPEN_FOLDERS.is_dir():
        yield str(socket)
        return
    folder = os.open(socket.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"{_OPEN_FOLDERS}/{folder}/{socket.name}"
    finally:
        os.close(folder)
