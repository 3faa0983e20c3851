"""How fast rows go into a server that nobody ships to: the yardstick of catching up; a process of its own.

    python -m tests.system.faults.plain URL FOLDER ROWS

Enters: a server with so many rows of `events`. Leaves: the seconds of inserting the same lines, from memory, in bodies
as large as shipments, through the class that ships them, into a table of the same kind.
"""

import sys
import time
from pathlib import Path

from pipeline.event import COLUMNS
from pipeline.store.database import Store

_AT_ONCE = 50_000
_COLUMNS = (*COLUMNS, "batch")
_AS_SPOOLED = {"ts": "toString(toDecimal64(ts, 3))", "day": "toString(day)"}
"""The worker writes these two so."""


def bodies(store: Store, rows: int) -> list[bytes]:
    """Lines of `JSONCompactEachRow`."""
    row = ", ".join(_AS_SPOOLED.get(column, column) for column in _COLUMNS)
    line = f"formatRow('JSONCompactEachRow', {row})"
    page = f"SELECT {line} FROM events ORDER BY batch, ts, value LIMIT {_AT_ONCE} OFFSET {{offset:UInt64}}"  # noqa: S608
    # 64 bits in quotes, as the format has them by default, are a little more to read than what the worker writes
    page += " SETTINGS output_format_json_quote_64bit_integers = 0"
    return [
        "".join(line for (line,) in store.query(page, {"offset": offset}).rows).encode()
        for offset in range(0, rows, _AT_ONCE)
    ]


def main(url: str, folder: str, rows: str) -> None:
    """Print the seconds."""
    store = Store(url, Path(folder), 1024)
    lines = bodies(store, int(rows))
    store.command("CREATE TABLE plain AS events")
    began = time.perf_counter()
    for number, body in enumerate(lines):
        store.insert("plain", _COLUMNS, body, f"plain-{number}")
    seconds = time.perf_counter() - began
    arrived = store.query("SELECT count() FROM plain").rows[0][0]
    store.close()
    if arrived < int(rows):
        sys.exit(f"only {arrived} of {rows} rows arrived")
    sys.stdout.write(f"{seconds}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
