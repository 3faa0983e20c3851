"""A long list of numbers in a query: 50,000 senders' ids take longer to be sent as text than to be answered.

Enters: a column, and eight bytes a number. Leaves: SQL that is true where the column has one of them, and seldom
elsewhere: whoever asks compares the numbers again.
"""

import base64
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile

ID_BYTES = 8
_TEXT_BYTES = 3


@contextmanager
def in_a_file(column: str, ids: bytes) -> Iterator[str]:
    """Exactly, as long as the file is there: for an engine in this process, which reads it as fast as its own."""
    with NamedTemporaryFile(suffix=".ids") as file:
        file.write(ids)
        file.flush()
        path = file.name.replace("\\", "\\\\").replace("'", "\\'")
        yield f"{column} IN (SELECT id FROM file('{path}', 'RowBinary', 'id UInt64'))"  # noqa: S608 - ours


def in_text(column: str, ids: bytes) -> str:
    """By the lowest three bytes: 200 kB of text for the largest shipment, where a query may have 256."""
    lowest = bytearray(len(ids) // ID_BYTES * _TEXT_BYTES)
    for byte in range(_TEXT_BYTES):
        place = byte if sys.byteorder == "little" else ID_BYTES - 1 - byte
        lowest[byte::_TEXT_BYTES] = ids[place::ID_BYTES]
    text = base64.b64encode(lowest).decode()
    number = f"reinterpretAsUInt32(substring(base64Decode('{text}'), number * {_TEXT_BYTES} + 1, {_TEXT_BYTES}))"
    listed = f"SELECT {number} FROM numbers({len(ids) // ID_BYTES})"  # noqa: S608 - ours
    return f"toUInt32(bitAnd({column}, {(1 << 8 * _TEXT_BYTES) - 1})) IN ({listed})"
