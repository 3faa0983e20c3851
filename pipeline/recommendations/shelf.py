"""Published files: `{data}/published/{site}/r/`, one a product. Enters: bytes. Leaves: bytes, all of one making.

`r` is a link to a folder. A new set is written beside the old one, the link is renamed over, and the old set goes:
whenever that is killed, there is one whole set. Nothing is synced, since after a power cut the files are made anew.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

FRONT = "popular.json"
"""The file that is of no product."""
_LINK, _NEW = "r", "r.new"
_TRIES = 3


def shelf(data: Path, site: str) -> Path:
    """The folder that a site's files are published in."""
    return data / "published" / site


def file_of(product: str) -> str:
    """A file's name. A hash: an id is whatever a browser or a URL said, `../..` for one, and may be long."""
    return f"{sha256(product.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"


def publish(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Let these files take the place of all that are there; how many they are.

    Raises:
        OSError: not published; what was there before still is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)  # of one that was killed, or had no room
    fresh, count = folder / f"{_LINK}.{token_hex(8)}", 0
    fresh.mkdir()
    for count, (name, body) in enumerate(files, 1):  # noqa: B007 - it is returned
        (fresh / name).write_bytes(body)
    link = folder / _NEW
    link.symlink_to(fresh.name)
    link.replace(folder / _LINK)
    _sweep(folder)
    return count


def withdraw(folder: Path) -> None:
    """Take away all that is published here."""
    (folder / _LINK).unlink(missing_ok=True)
    _sweep(folder)


def take(folder: Path, name: str) -> bytes | None:
    """What a file says; None: there is none of this name.

    Raises:
        OSError: it can't be read.
    """
    for _ in range(_TRIES):
        standing = _standing(folder)
        with suppress(FileNotFoundError):
            return (folder / standing / name).read_bytes() or None  # empty: it was lost in a power cut
        if _standing(folder) == standing:  # else it went with its set while we looked
            return None
    return None


def _standing(folder: Path) -> str:
    try:
        return (folder / _LINK).readlink().name
    except FileNotFoundError:
        return _LINK


def _sweep(folder: Path) -> None:
    standing = _standing(folder)
    for left in folder.glob(f"{_LINK}.*"):
        if left.is_symlink():
            left.unlink()
        elif left.name != standing:
            shutil.rmtree(left)
