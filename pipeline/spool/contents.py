"""What rows are about, as far as the spool must know it: site, day, moment and the sender's id.

Enters: lines as the collector wrote them, of this version's columns or an older one's. Leaves: `Head`, of one line, and
`Contents`, of a batch, which is written beside it, so that nobody has to read 50,000 rows to say what they are.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from re import compile as pattern
from typing import Any, NamedTuple

import msgspec

from pipeline.event import COLUMNS

ID_BYTES = 8

_BEGINNING = pattern(rb'\["([^"\\]{0,200})","(\d{4}-\d\d-\d\d)"')
"""Of a line that is no JSON as a whole."""


class Head(NamedTuple):
    """Of one line. What can't be read is empty, `None` or 0."""

    site: str
    day: str
    name: str
    ts: float | None
    """Seconds since 1970."""
    event_id: int


@dataclass(frozen=True, slots=True)
class Contents:
    """Of a batch, or of several."""

    oldest: float | None
    """Of the rows' moments, seconds since 1970."""
    first_day: str
    ids: bytes
    """Eight bytes a line, in order: the sender's ids, 0 where it sent none."""
    rows: Counter[tuple[str, str]]
    """By (site, day)."""


_WANTED = ("site", "day", "ts", "name", "event_id")
_Line = msgspec.defstruct(
    "_Line",
    # what lies between is skipped, and what comes after isn't looked at
    [
        (column, str if column in _WANTED[:-1] else int if column == "event_id" else msgspec.Raw)
        for column in [*COLUMNS][: max(map([*COLUMNS].index, _WANTED)) + 1]
    ],
    array_like=True,
    gc=False,
)
_COLUMNS = tuple(COLUMNS)
_NOTHING = Head("", "", "", None, 0)
_lines = msgspec.json.Decoder(_Line).decode_lines


def contents_of(lines: bytes, columns: Sequence[str]) -> Contents:
    """Of whole lines of `JSONCompactEachRow`. This is on the way of every visitor: a microsecond a row."""
    if tuple(columns[: len(COLUMNS)]) == _COLUMNS and b"\n\n" not in lines:
        try:
            found: list[Any] = _lines(lines)
            return _contents(
                [(row.site, row.day) for row in found],
                [float(row.ts) for row in found],
                array("Q", [row.event_id for row in found]),
            )
        except (msgspec.MsgspecError, ValueError, OverflowError):
            pass  # one of them is no row of ours; the others are
    heads = [head_of(line, columns) for line in lines_of(lines)]
    return _contents(
        [(head.site, head.day) for head in heads],
        [head.ts for head in heads if head.ts is not None],
        array("Q", [head.event_id for head in heads]),
    )


def lines_of(body: bytes) -> list[bytes]:
    """Without their ends. Only a line feed ends one: what is no row of ours may hold anything else."""
    return body.split(b"\n")[:-1]


def head_of(line: bytes, columns: Sequence[str]) -> Head:
    """Of one line, whatever it is."""
    try:
        row = dict(zip(columns, msgspec.json.decode(line, type=list), strict=True))
        ts, event_id = float(row["ts"]) if "ts" in row else None, int(row.get("event_id", 0))
        known = event_id if 0 <= event_id < 1 << 8 * ID_BYTES else 0
        return Head(str(row["site"]), str(row["day"]), str(row.get("name", "")), ts, known)
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError):
        begins = _BEGINNING.match(line)
        return Head(begins[1].decode(errors="replace"), begins[2].decode(), "", None, 0) if begins else _NOTHING


def together(batches: Iterable[tuple[float | None, str, bytes, str]]) -> Contents:
    """Of several batches, in order, each as a row of the table `contents`."""
    moments, days, ids, texts = [list(column) for column in zip(*batches, strict=True)] or ([], [], [], [])
    rows: Counter[tuple[str, str]] = Counter()
    for text, times in Counter(texts).items():  # most of them are the same
        for site, day, number in msgspec.json.decode(text):
            rows[site, day] += times * number
    oldest = min((moment for moment in moments if moment is not None), default=None)
    return Contents(oldest, min(days, default=""), b"".join(ids), rows)


def _contents(rows: Sequence[tuple[str, str]], moments: Sequence[float], ids: "array[int]") -> Contents:
    counted = Counter(rows)
    return Contents(min(moments, default=None), min((day for _, day in counted), default=""), ids.tobytes(), counted)
