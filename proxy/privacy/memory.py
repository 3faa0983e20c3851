"""Where the salts' page lies: in memory that ends with the collector, or in a file of a tmpfs that outlives a restart.

Leaves: a file descriptor that the collector's workers inherit. No disk is involved either way; that is checked.
"""

import os
import stat
from pathlib import Path

SWAPS = Path("/proc/swaps")
_PRIVATE = 0o600


class NotInMemory(OSError):
    """The file for kept salts is not one that lives in memory and is nobody else's."""


def new_memory() -> int:
    """Memory without a name that is gone with the last process that holds it."""
    return os.memfd_create("salts", os.MFD_CLOEXEC)


def kept_memory(file: Path) -> int:
    """A file on a tmpfs, 0600, so that a restart within the day goes on counting the same visitors.

    Raises:
        NotInMemory: the folder is on a disk, where overwritten bytes can be found again, or the file is not private.
        OSError: it can't be opened, or is a link to somewhere else.
    """
    if filesystem_of(file.parent) not in ("tmpfs", "ramfs"):
        raise NotInMemory(f"{file.parent} is not a tmpfs; salts are kept in memory only")
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _PRIVATE)
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        os.close(fd)
        raise NotInMemory(f"{file} is not a private file of this user; remove it")
    return fd


def forget(file: Path) -> None:
    """Overwrite and remove a file that an earlier start kept, when it is not to be kept any more."""
    try:
        fd = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    os.pwrite(fd, bytes(os.fstat(fd).st_size), 0)
    os.close(fd)
    file.unlink()


def swap_is_on(table: Path = SWAPS) -> bool:
    """Whether the kernel may write memory to a disk: the salts are locked, a request that is being read is not."""
    try:
        return len(table.read_text(encoding="utf-8").splitlines()) > 1  # the first line is the heading
    except OSError:  # a kernel without swap has no such table
        return False


def filesystem_of(folder: Path) -> str:
    """The type of the file system that holds a folder, as the kernel names it."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2] == wanted:
            return after.split()[0]
    return ""
