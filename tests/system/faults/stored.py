"""What has come to the test server, and what is left in the spools. Enters: a server, a folder. Leaves: numbers."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.clickhouse_server.away import Away
from tests.system.product import ask

_LEFT = "batches contents tally notes shipments settled pieces quarantine".split()


def rows(server: Away, sql: str) -> list[list[Any]]:
    """What it answers."""
    wanted = "/?database=sporlos&default_format=JSONCompactEachRow&output_format_json_quote_64bit_integers=0"
    reply = ask(server.port, "POST", wanted, body=sql)
    assert reply.status == 200, reply
    return [json.loads(line) for line in reply.body.splitlines()]


def count(server: Away) -> int:
    """Rows of `events`."""
    return int(rows(server, "SELECT count() FROM events")[0][0])


def numbers(server: Away) -> Counter[int]:
    """How often each event is stored, by its number."""
    return Counter(dict(rows(server, "SELECT intDiv(value, 100), count() FROM events GROUP BY ALL")))


def tally(server: Away) -> Counter[str]:
    """How many events ended how."""
    return Counter(dict(rows(server, "SELECT outcome, sum(events) FROM tally GROUP BY outcome")))


def spools_seen(server: Away) -> int:
    """How many spools rows have come from: the upper bits of a batch's number."""
    return int(rows(server, "SELECT uniqExact(bitShiftRight(batch, 40)) FROM events")[0][0])


def quarantined(server: Away) -> list[int]:
    """The numbers of the rows that were set aside."""
    found = rows(server, "SELECT quarantine.columns, quarantine.row FROM quarantine")
    return sorted(json.loads(row)[columns.split(",").index("value")] // 100 for columns, row in found)


def left(folder: Path) -> dict[str, int]:
    """What is in the spools that has not been shipped, by file and table; nothing may be writing."""
    found = {}
    for file in sorted(folder.glob("*.sqlite")):
        with closing(sqlite3.connect(file)) as spool:
            for table in _LEFT:
                (lines,) = spool.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - one of these
                if lines:
                    found[f"{file.name}: {table}"] = lines
    return found
