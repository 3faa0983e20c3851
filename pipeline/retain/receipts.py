"""What was dropped, when: a chain of receipts of which none can be changed or taken out without its showing.

Enters: what is about to be dropped. Leaves: a line of `receipts`, and whether the chain holds. A receipt is written
before the drop, so that a kill between the two leaves a receipt too early and never a drop without one.

The hash of a receipt is the SHA-256 of a JSON array, without blanks, in UTF-8: number, at, what, span, rows, bytes,
previous, as `sporlos receipts list --json` shows them. `previous` is the hash of the receipt before; the first has 64
zeroes. So anybody can reckon it again; `../chain.py` says what a chain can't show.
"""

from collections.abc import Iterable
from importlib import resources

import msgspec

from pipeline.chain import Chain, hash_of, place_after, stamp
from pipeline.store.database import Store, StoreError

_LATEST = 8


class Receipt(msgspec.Struct, frozen=True):
    """That `rows` rows of `span` of the table `what` were dropped."""

    number: int
    """From 1, without a gap."""
    at: str
    """When it was written, just before the drop: ISO 8601, UTC, three decimals."""
    what: str
    span: str
    """The day, month or year; `waiting` has what it waited for before it, `set aside` is said after it, and `not begun`
    of a day that was still to come."""
    rows: int
    bytes: int
    previous: str
    hash: str = ""

    def digest(self) -> str:
        """What `hash` must be."""
        said = (self.number, self.at, self.what, self.span, self.rows, self.bytes, self.previous)
        return hash_of(said)


RECEIPTS = Chain(
    name="chain",
    table="receipts",
    columns=("number", "at", "what", "span", "rows", "bytes", "previous", "hash"),
    line=Receipt,
    read=resources.files("pipeline.retain").joinpath("receipts.sql").read_text(encoding="utf-8"),
    page_lines=1000,
    prefix="receipt",
)


def next_after(last: Receipt | None, now: float, what: str, span: str, rows: int, size: int) -> Receipt:
    """The receipt that follows `last`, or the first one. `now`: seconds since 1970; `size`: bytes."""
    number, previous = place_after(last)
    receipt = Receipt(number, stamp(now), what, span, rows, size, previous)
    return msgspec.structs.replace(receipt, hash=receipt.digest())


def latest(store: Store) -> list[Receipt]:
    """The last few receipts, in their order.

    Raises:
        StoreError: they can't be read.
    """
    return RECEIPTS.latest(store, _LATEST)


def write(store: Store, receipt: Receipt) -> None:
    """Put a receipt into the store, once, and see that it is there.

    Raises:
        StoreError: it is not known to be there, or another one is; nothing may be dropped on it.
    """
    there = RECEIPTS.write(store, [receipt])
    if not there:
        raise StoreError(f"receipt {receipt.number} does not arrive")
    if there != [receipt]:
        raise StoreError(f"receipt {receipt.number} is there and says something else")


def announced(receipts: Iterable[Receipt], what: str, span: str, carried_out: int) -> tuple[bool, int, int]:
    """What the end of the chain says of a span that may still be there: whether anything, rows, bytes.

    Args:
        receipts: the last ones, in their order.
        what: the table.
        span: the span.
        carried_out: the number up to which the drops are known to have been done.
    """
    rows = size = 0
    found = False
    for receipt in reversed([receipt for receipt in receipts if receipt.number > carried_out]):
        if (receipt.what, receipt.span) != (what, span):
            break
        found, rows, size = True, rows + receipt.rows, size + receipt.bytes
    return found, rows, size
