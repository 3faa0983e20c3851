"""What advertising has cost, as a shop writes it down: a CSV file.

Enters: its text. Leaves: spending by week and channel, and every fault with its line.

    week,channel,amount,impressions
    2026-W48,paid_search,12500,310000
    2026-11-23,paid_social,8000.50,

`week` is an ISO 8601 week, or the date of its Monday. `channel` is the shop's own word for where the money went: small
letters, digits and `_`, since it becomes a column's name in tools that take no other. `amount` is in the shop's
currency. `impressions` may be missing.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pipeline.audiences.shop import Spent

COLUMNS = ("week", "channel", "amount", "impressions")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WEEK = re.compile(r"(\d{4})-?W(\d\d)")
_AMOUNT = re.compile(r"\d{1,12}(?:[.,]\d{1,4})?")
_COUNT = re.compile(r"\d{1,12}")
_MOST_BYTES = 10_000_000
"""Ten years of weeks of a hundred channels are two."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that has to be mended in the file."""

    line: int
    """From 1; 0: the file as a whole."""
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}" if self.line else self.why


class Spending(NamedTuple):
    """What a file says; with faults, only what is not among them."""

    spent: tuple[Spent, ...]
    faults: tuple[Fault, ...]


def spending_of(path: Path) -> Spending:
    """What the file says; one that can't be read is a fault like any other."""
    try:
        with path.open("rb") as file:
            body = file.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            return _refused(0, f"larger than {_MOST_BYTES} bytes: spending by week isn't")
        return spending(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _refused(0, "not text in UTF-8")
    except OSError as error:
        return _refused(0, f"can't be read: {error.strerror}")


def spending(text: str) -> Spending:
    """What a file's text says.

    Commas, or semicolons as a Norwegian Excel writes them, or tabs: whichever its first line has most of.

    Args:
        text: Without a byte order mark.
    """
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if tuple(columns) not in (COLUMNS, COLUMNS[:-1]):
            return _refused(1, f"expected the columns {', '.join(COLUMNS[:-1])} and, if known, {COLUMNS[-1]}")
        found = list(_lines(((reader.line_num, cells) for cells in reader), len(columns)))
    except csv.Error as error:
        return _refused(reader.line_num, str(error))
    spent = tuple(line for line in found if isinstance(line, Spent))
    return Spending(spent, tuple(line for line in found if isinstance(line, Fault)))


def _refused(line: int, why: str) -> Spending:
    return Spending((), (Fault(line, why),))


def _lines(rows: Iterable[tuple[int, list[str]]], columns: int) -> Iterator[Spent | Fault]:
    seen: dict[tuple[date, str], int] = {}
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != columns:
            yield Fault(number, f"expected {columns} cells, found {len(cells)}")
            continue
        line = _spent(number, *(cell.strip() for cell in cells))
        if isinstance(line, Spent) and (first := seen.setdefault((line.monday, line.channel), number)) != number:
            line = Fault(number, f"this week of {line.channel} stands in line {first} already")
        yield line


def _spent(number: int, week: str, channel: str, amount: str, impressions: str = "") -> Spent | Fault:
    monday = _monday(week)
    if monday is None:
        return Fault(number, "expected a week like 2026-W48, or the date of its Monday")
    if not _CHANNEL.fullmatch(channel):
        return Fault(number, "expected a channel of small letters, digits and _, for example paid_search")
    if not _AMOUNT.fullmatch(amount):
        return Fault(number, "expected an amount like 12500 or 8000.50, without blanks or a currency")
    if impressions and not _COUNT.fullmatch(impressions):
        return Fault(number, "expected impressions as a whole number, or nothing")
    return Spent(monday, channel, float(amount.replace(",", ".")), int(impressions or 0))


def _monday(week: str) -> date | None:
    try:
        if found := _WEEK.fullmatch(week):
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        day = date.fromisoformat(week)
    except ValueError:
        return None
    return day if day.isoweekday() == 1 else None
