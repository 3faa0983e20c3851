"""Batches as they lie in a spool's file, sealed or not.

Enters: an open file. Leaves: which of them go together, and those as a `Shipment` that nothing has been decided of.
Nothing is written.
"""

from dataclasses import dataclass

from pipeline.spool.contents import together
from pipeline.spool.file import SpoolFile
from pipeline.spool.shipment import EVENTS, Piece, Shipment

SHIPMENT_EVENTS = 50_000
_SHIPMENT_BYTES = 16 * 1024 * 1024
"""Both far below one ClickHouse block: a shipment split into blocks could be stored in part."""


@dataclass(frozen=True, slots=True)
class Span:
    """Batches of one format that go together, as the file numbers them."""

    first: int
    last: int


def next_span(file: SpoolFile, after: int, until: int) -> Span | None:
    """As many of the batches behind `after`, and none behind `until`, as make one shipment."""
    first = last = first_format = events = size = 0
    asked = "SELECT seq, format, events, length(body) FROM batches WHERE seq > ? AND seq <= ? ORDER BY seq"
    for seq, row_format, count, length in file.db.execute(asked, (after, until)):
        first, first_format = first or seq, first_format or row_format
        over = events and (events + count > SHIPMENT_EVENTS or size + length > _SHIPMENT_BYTES)
        if over or row_format != first_format:
            break
        last, events, size = seq, events + count, size + length
    return Span(first, last) if first else None


def is_described(file: SpoolFile, span: Span) -> bool:
    """Whether it stands beside each batch what it holds; a worker of an older version has written none of that."""
    asked = "SELECT 1 FROM batches WHERE seq BETWEEN ? AND ? AND seq NOT IN (SELECT seq FROM contents) LIMIT 1"
    return file.db.execute(asked, (span.first, span.last)).fetchone() is None


def unsettled(file: SpoolFile, number: int, span: Span, *, sealed_before: bool) -> Shipment:
    """These batches as a shipment that nothing has been decided of."""
    seqs = (span.first, span.last)
    asked = "SELECT body, events FROM batches WHERE seq BETWEEN ? AND ? ORDER BY seq"
    bodies = file.db.execute(asked, seqs).fetchall()
    asked = "SELECT columns FROM formats JOIN batches USING (format) WHERE seq BETWEEN ? AND ?"  # all have the same
    (columns,) = file.db.execute(asked, seqs).fetchone()
    asked = "SELECT oldest, first_day, ids, rows FROM contents WHERE seq BETWEEN ? AND ? ORDER BY seq"
    contents, lines = together(file.db.execute(asked, seqs)), sum(events for _, events in bodies)
    return Shipment(
        number=number,
        table=EVENTS,
        columns=tuple(columns.split(",")),
        body=b"".join(body for body, _ in bodies),
        first_batch=file.batch(span.first),
        last_batch=file.batch(span.last),
        sealed_before=sealed_before,
        whole=Piece(0, lines),
        unsettled=contents,
        gaps=contents.rows.total() < lines,
    )
