"""Rows that are about to leave, and what is left and said of them."""

import json
from collections import Counter
from datetime import date

from pipeline.event import COLUMNS
from pipeline.retain.receipts import Receipt
from pipeline.retain.retention import Limits, day_leaves_at
from pipeline.store.database import Store
from tests.pipeline.test_ship import DAYS, row

TODAY, YESTERDAY = DAYS
ZONE = ["UTC"]
TABLES = ("events", "quarantine", "drafts", "waiting", "daily", "weekly", "tally", "notes", "closings")


def leaves(day: str) -> float:
    """When a day's rows do."""
    return day_leaves_at(date.fromisoformat(day), ZONE, Limits().events_hours)


LATER = leaves(TODAY)


def emptied(store: Store) -> Store:
    """The store, without a row or a receipt."""
    for table in (*TABLES, "receipts"):
        store.command(f"TRUNCATE TABLE {table}")
    return store


def put_events(store: Store, day: str, rows: int, token: str, batch: int = 1) -> None:
    """Rows of a day, as the shipper brings them."""
    lines = [row("shop.no", number, day) + b",%d]" % batch for number in range(rows)]
    store.insert("events", [*COLUMNS, "batch"], b"\n".join(lines), token)


def put(store: Store, table: str, token: str, **said: object) -> None:
    """One row; what isn't said is empty."""
    store.insert(table, list(said), json.dumps(list(said.values())).encode(), token)


def fill(store: Store, number: int) -> Counter[tuple[str, str]]:
    """Something that is old enough on the third day, by table and span; what is dropped last is of a month of its own.

    A new process takes the last receipt for an open one, if its span is there again: see `retention.py`.
    """
    month = f"{2000 + number // 12}-{number % 12 + 1:02}"
    put_events(store, YESTERDAY, 3, f"{number} yesterday")
    put_events(store, TODAY, 5, f"{number} today")
    put(store, "daily", f"{number} daily", site="shop.no", grain="day", day=f"{month}-07", dim="all", value="")
    return Counter(
        {
            ("events", YESTERDAY): 3,
            ("events", TODAY): 5,
            ("daily", month): 1,
        }
    )


def rows_in(receipts: list[Receipt]) -> Counter[tuple[str, str]]:
    """Rows that are said to have been dropped."""
    total: Counter[tuple[str, str]] = Counter()
    for receipt in receipts:
        total[receipt.what, receipt.span] += receipt.rows
    return total


def left(store: Store) -> int:
    """Rows in the tables that are dropped from."""
    return sum(store.query(f"SELECT count() FROM {table}").rows[0][0] for table in TABLES)  # noqa: S608 - as above
