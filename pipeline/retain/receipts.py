"""What was dropped, when: a chain of receipts of which none can be changed or taken out without its showing.

Enters: what is about to be dropped. Leaves: a line of `receipts`, and whether the chain holds. A receipt is written
before the drop, so that a kill between the two leaves a receipt too early and never a drop without one.

The hash of a receipt is the SHA-256 of a JSON array, without blanks, in UTF-8: number, at, what, span, rows, bytes,
previous, as `sporlos receipts list --json` shows them. `previous` is the hash of the receipt before; the first has 64
zeroes. So anybody can reckon it again. Lines cut off at the end leave a chain that holds: that shows only to who has
noted a hash of them earlier.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources

import msgspec

from pipeline.store.database import Store, StoreError

FIRST_PREVIOUS = "0" * 64
PAGE = 1000
"""Receipts that are read at once."""

_COLUMNS = ("number", "at", "what", "span", "rows", "bytes", "previous", "hash")
_READ = resources.files("pipeline.retain").joinpath("receipts.sql").read_text(encoding="utf-8")
_TOKENS_A_RECEIPT = 3
_LATEST = 8

_encode = msgspec.json.Encoder().encode


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
        return sha256(_encode(said)).hexdigest()


class Verdict(msgspec.Struct, frozen=True):
    """Whether a chain holds."""

    receipts: int
    """How many hold, from the first on."""
    head: str
    """The hash of the last of them: who notes it can tell later whether the end was cut off."""
    broken: int = 0
    """The first number that doesn't hold; 0: all do."""
    why: str = ""


def next_after(last: Receipt | None, now: float, what: str, span: str, rows: int, size: int) -> Receipt:
    """The receipt that follows `last`, or the first one. `now`: seconds since 1970; `size`: bytes."""
    at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    number, previous = (last.number + 1, last.hash) if last else (1, FIRST_PREVIOUS)
    receipt = Receipt(number, at, what, span, rows, size, previous)
    return msgspec.structs.replace(receipt, hash=receipt.digest())


def examine(receipts: Iterable[Receipt], noted: str = "") -> Verdict:
    """Walk a chain up to the first fault. `noted`: a hash that somebody wrote down once and that must be in it."""
    count, head, seen = 0, FIRST_PREVIOUS, noted in ("", FIRST_PREVIOUS)
    for receipt in receipts:
        number = count + 1
        if receipt.number > number:
            return Verdict(count, head, number, f"number {number} is missing")
        if why := _fault(receipt, number, head):
            return Verdict(count, head, receipt.number, why)
        count, head = number, receipt.hash
        seen = seen or head == noted
    if not seen:
        return Verdict(count, head, count + 1, "the hash that was noted is not in the chain: its end was cut off")
    return Verdict(count, head)


def _fault(receipt: Receipt, number: int, previous: str) -> str:
    if receipt.number < number:
        return f"number {receipt.number} is not one of its own"
    if receipt.previous != previous:
        return "it does not follow the one before"
    return "" if receipt.hash == receipt.digest() else "what it says was changed"


def verify(store: Store, noted: str = "") -> Verdict:
    """The same of the store's chain, a page in memory at a time.

    Raises:
        StoreError: the chain can't be read.
    """
    return examine(_walk(store), noted)


def _walk(store: Store) -> Iterator[Receipt]:
    first = 0
    while receipts := page(store, first):
        yield from receipts
        first = receipts[-1].number + 1


def page(store: Store, first: int) -> list[Receipt]:
    """The next `PAGE` receipts, from number `first` on.

    Raises:
        StoreError: they can't be read.
    """
    return [Receipt(*row) for row in store.query(_READ, {"from": first, "most": PAGE}).rows]


def latest(store: Store) -> list[Receipt]:
    """The last few receipts, in their order.

    Raises:
        StoreError: they can't be read.
    """
    last = store.query("SELECT max(number) FROM receipts").rows[0][0]
    return page(store, max(0, last - _LATEST + 1))


def write(store: Store, receipt: Receipt) -> None:
    """Put a receipt into the store, once, and see that it is there.

    The token is the number's: what an earlier sending brings late, after its connection was cut, can't become a second
    receipt of one number. The engine may remember a token whose row a kill took away, so there is more than one.

    Raises:
        StoreError: it is not known to be there, or another one is; nothing may be dropped on it.
    """
    said = msgspec.structs.astuple(receipt)
    at = receipt.at.replace("T", " ").removesuffix("Z")
    line = _encode([value if name != "at" else at for name, value in zip(_COLUMNS, said, strict=True)])
    for attempt in range(_TOKENS_A_RECEIPT):
        store.insert("receipts", _COLUMNS, line, f"receipt-{receipt.number}-{attempt}")
        there = [found for found in page(store, receipt.number) if found.number == receipt.number]
        if there == [receipt]:
            return
        if there:
            raise StoreError(f"receipt {receipt.number} is there and says something else")
    raise StoreError(f"receipt {receipt.number} does not arrive")


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
