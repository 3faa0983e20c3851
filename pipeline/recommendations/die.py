"""The die that counts are rounded by, before anything is said of them.

Enters: the folder of all files. Leaves: a secret number, the same until the file is lost.

Everyone may read what is recommended, and anyone can make visits. With k = 10 alone, who makes nine and waits would see
the tenth. So a count is rounded down to tens, and where the steps begin is thrown for each cell: from the cell's name
and this number, hence the same however often a file is made anew, and told by nothing that leaves the house. It is the
statistical offices' random rounding: https://sdctools.github.io/HandbookSDC/05-frequency-tables.html, 5.5.
"""

from pathlib import Path
from secrets import token_bytes
from typing import NamedTuple

_FILE = "recommendations.key"
_BYTES = 16


class Die(NamedTuple):
    """The two halves of the secret, as the engine's hash takes them."""

    first: int
    second: int


def die_of(data: Path) -> Die:
    """The die of this folder; a new one, if there is none, or none that is whole.

    Raises:
        OSError: it can't be kept.
    """
    path = data / _FILE
    secret = path.read_bytes() if path.exists() else b""
    if len(secret) != _BYTES:  # there is none, or a power cut has emptied it
        secret = token_bytes(_BYTES)
        data.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(0o600)
        fresh.write_bytes(secret)
        fresh.replace(path)
    return Die(int.from_bytes(secret[:8]), int.from_bytes(secret[8:]))
