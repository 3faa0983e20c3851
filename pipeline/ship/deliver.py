"""One shipment into the store, each of its rows once, whatever is killed in between; what is poison goes aside.

Enters: a settled shipment. Leaves: its rows in their table, or in the quarantine; the spool knows each step.

Why a token alone is not enough: ClickHouse writes its deduplication log before it moves the new part into place. A kill
between the two leaves a log that claims rows which are gone, and a plain retry would be dropped as a duplicate. So what
may have been sent before is sent again under its token, then looked for by its batch numbers, and only rows that are
really missing are sent under the next token. Parts are all or nothing, and a partition holds whole days. So counting by
day tells what is missing: a piece's rows of a day are all there if there are more than the pieces before have brought.

A shipment that the store refuses is halved until what is refused stands alone. Each half has a token of its own. What
is refused for a table's sake (a column that isn't there) would be refused of every row: that waits for the operator, as
does a shipment with more poison than `_MOST_REFUSED`, which is no accident of a row.
"""

from collections import Counter
from dataclasses import dataclass, field

import structlog

from pipeline.spool.contents import Head, head_of
from pipeline.spool.keeping import Kept
from pipeline.spool.shipment import EVENTS, Piece, Shipment, joined
from pipeline.spool.spool import Spool
from pipeline.store.database import Store, StoreError, StoreRefused

_TOKENS_A_PIECE = 5
_MOST_REFUSED = 1000

log = structlog.get_logger("sporlos.ship")


@dataclass(slots=True)
class _Underway:
    """A shipment, and how far it has come."""

    shipment: Shipment
    pieces: list[Piece]
    """Not delivered yet; the first one is on its way."""
    aside: set[int] = field(default_factory=set)
    """Lines that went into quarantine just now."""


def deliver(store: Store, spool: Spool, shipment: Shipment, kept: Kept, now: float, *, doubtful: bool) -> int:
    """Bring a settled shipment to its table and let the spool forget it; how many of its rows went into quarantine.

    Args:
        doubtful: an earlier sending of its pieces may have got through.

    Raises:
        StoreError: it is not known whether all of it is there.
        SpoolError: a step could not be written down; the next delivery repeats it.
    """
    underway = _Underway(shipment, list(shipment.pieces))
    pieces = underway.pieces
    while pieces:
        piece = pieces[0]
        body = shipment.body_of(piece)
        try:
            _send(store, underway, body, kept, doubtful=doubtful)
        except StoreRefused as error:
            said = _speakable(error, underway)
            if body.count(b"\n") > 1:
                spool.split(shipment, piece)
                pieces[:1] = piece.halves()
                continue
            line = _only_line(shipment, piece)
            spool.set_aside(shipment, piece, line, said, now)
            underway.aside.add(line)
        else:
            if len(pieces) > 1:  # of the last one the acknowledgement tells
                spool.delivered(shipment, piece)
        del pieces[0]
    spool.acknowledge(shipment)
    if underway.aside:
        log.error("rows that the store refuses are in the quarantine", rows=len(underway.aside), token=shipment.token)
    return len(underway.aside)


def _send(store: Store, underway: _Underway, body: bytes, kept: Kept, *, doubtful: bool) -> None:
    """The first piece."""
    shipment = underway.shipment
    for attempt in range(_TOKENS_A_PIECE):
        if not body:
            return
        token = f"{shipment.token_of(underway.pieces[0])}-{attempt}"
        store.insert(shipment.table, shipment.columns, body, token)
        if not doubtful:
            return
        body = _missing(store, underway, kept)
        if body:
            log.warning("rows claimed by the deduplication log were not there; sent again", token=token)
    raise StoreError(f"shipment {shipment.token} does not arrive")


def _only_line(shipment: Shipment, piece: Piece) -> int:
    lines = enumerate(shipment.lines()[piece.first : piece.end], piece.first)
    return next(number for number, line in lines if line)


def _speakable(error: StoreRefused, underway: _Underway) -> str:
    """Why, or the error that it is if it isn't for a row's sake. It quotes no row."""
    shipment = underway.shipment
    if shipment.table != EVENTS or not error.of_rows:
        raise StoreError(f"the store refuses the table {shipment.table}, not a row of it ({error})") from None
    if shipment.refused + len(underway.aside) >= _MOST_REFUSED:
        raise StoreError(f"the store refuses over {_MOST_REFUSED} rows of one shipment ({error})") from None
    return str(error)


def _missing(store: Store, underway: _Underway, kept: Kept) -> bytes:
    """The first piece's lines of days of which the store holds no more than what the pieces before have brought.

    Rows that may have left by their age are neither looked for nor missed.
    """
    shipment, piece = underway.shipment, underway.pieces[0]
    aged, since = "ts" in shipment.columns, int(1000 * kept.surely_since)
    answer = store.query(
        f"SELECT toString(day), count() FROM {shipment.table}"  # noqa: S608 - one of our four table names
        " WHERE batch BETWEEN {first:UInt64} AND {last:UInt64}"
        + (" AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')" if aged else "")
        + " GROUP BY ALL",
        {"first": shipment.first_batch, "last": shipment.last_batch} | ({"since": since} if aged else {}),
    )
    found = Counter({str(day): int(rows) for day, rows in answer.rows})
    lines = shipment.lines()
    heads = [head_of(line, shipment.columns) if line else None for line in lines]

    def is_looked_for(head: Head | None) -> bool:
        if head is None or not aged:
            return head is not None
        return head.ts is not None and int(1000 * head.ts) >= since and head.day >= kept.first_day

    elsewhere = {number for other in underway.pieces for number in range(other.first, other.end)} | underway.aside
    before = Counter(
        head.day for number, head in enumerate(heads) if head and number not in elsewhere and is_looked_for(head)
    )
    return joined(
        lines[number]
        for number in range(piece.first, piece.end)
        if (head := heads[number]) and is_looked_for(head) and found[head.day] <= before[head.day]
    )
