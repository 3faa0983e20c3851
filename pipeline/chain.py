"""A chain of hashed lines in a table: none can be changed or taken out without its showing.

Enters: lines, each with the hash of the one before. Leaves: the same lines, and a verdict whether the chain holds.

The hash of a line is the SHA-256 of a JSON array, without blanks, in UTF-8; the line says what stands in it, `number`
and `previous` among it. `previous` is the hash of the line before; the first has 64 zeroes. So anybody can reckon it
again. Lines cut off at the end leave a chain that holds: that shows only to who has noted a hash of them earlier.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar, Generic, Protocol, TypeVar

import msgspec

from pipeline.store.database import Store

FIRST_PREVIOUS = "0" * 64
CHANGED = "what it says was changed"

_TOKENS = 3

_encode = msgspec.json.Encoder().encode


class Hashed(Protocol):
    """A line; its fields stand in the order of its table's columns."""

    __struct_fields__: ClassVar[tuple[str, ...]]

    @property
    def number(self) -> int:
        """From 1, without a gap."""

    @property
    def at(self) -> str:
        """When it was written, as `stamp` has it."""

    @property
    def previous(self) -> str:
        """The hash of the line before."""

    @property
    def hash(self) -> str:
        """Of this one."""

    def digest(self) -> str:
        """What `hash` must be."""


Line = TypeVar("Line", bound=Hashed)


class Verdict(msgspec.Struct, frozen=True):
    """Whether a chain holds."""

    lines: int
    """How many hold, from the first on."""
    head: str
    """The hash of the last of them: who notes it can tell later whether the end was cut off."""
    broken: int = 0
    """The first number that doesn't hold; 0: all do."""
    why: str = ""


def stamp(now: float) -> str:
    """ISO 8601, UTC, three decimals. `now`: seconds since 1970."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def place_after(last: Hashed | None) -> tuple[int, str]:
    """`number` and `previous` of the line that follows `last`, or of the first one."""
    return (last.number + 1, last.hash) if last else (1, FIRST_PREVIOUS)


def hash_of(said: Sequence[object]) -> str:
    """The hash of a line that says this."""
    return sha256(_encode(said)).hexdigest()


def _all_is_well(_line: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Chain(Generic[Line]):
    """One chain, and how it is kept."""

    name: str
    """As a verdict says it."""
    table: str
    columns: tuple[str, ...]
    line: Callable[..., Line]
    """Makes one of a row that was read."""
    read: str
    """The SQL of a page: numbers that are at least `from`, in their order, `most` of them, with ties."""
    page_lines: int
    """Lines that are read at once."""
    prefix: str
    """How the tokens of its inserts begin."""
    whole: Mapping[str, str] = field(default_factory=dict)
    """What else `read` asks for, so that it is the whole chain."""
    own_faults: Callable[[], Callable[[Line], str]] = lambda: _all_is_well
    """Begins a walk: what it gives is told each line that follows the one before, and says what else is wrong."""

    def examine(self, lines: Iterable[Line], noted: str = "") -> Verdict:
        """Walk lines up to the first fault. `noted`: a hash that somebody wrote down once and that must be in them."""
        count, head, seen = 0, FIRST_PREVIOUS, noted in ("", FIRST_PREVIOUS)
        own_fault = self.own_faults()
        for line in lines:
            number = count + 1
            if line.number > number:
                return Verdict(count, head, number, f"number {number} is missing")
            if why := _fault(line, number, head) or own_fault(line):
                return Verdict(count, head, line.number, why)
            count, head = number, line.hash
            seen = seen or head == noted
        if not seen:
            why = f"the hash that was noted is not in the {self.name}: its end was cut off"
            return Verdict(count, head, count + 1, why)
        return Verdict(count, head)

    def verify(self, store: Store, noted: str = "") -> Verdict:
        """The same of the store's chain, a page in memory at a time.

        Raises:
            StoreError: the chain can't be read.
        """
        return self.examine(self.walk(store), noted)

    def walk(self, store: Store, **narrowed: str) -> Iterator[Line]:
        """All lines in their order, a page in memory at a time. `narrowed`: other words for what is in `whole`.

        Raises:
            StoreError: they can't be read.
        """
        first = 0
        while lines := self.page(store, first, **narrowed):
            yield from lines
            first = lines[-1].number + 1

    def page(self, store: Store, first: int, **narrowed: str) -> list[Line]:
        """The next `page_lines` lines, from number `first` on.

        Raises:
            StoreError: they can't be read.
        """
        asked = {**self.whole, **narrowed, "from": first, "most": self.page_lines}
        return [self.line(*row) for row in store.query(self.read, asked).rows]

    def latest(self, store: Store, most: int) -> list[Line]:
        """The last lines, so many, in their order.

        Raises:
            StoreError: they can't be read.
        """
        last = int(store.query(f"SELECT max(number) FROM {self.table}").rows[0][0])  # noqa: S608 - named in our code
        return self.page(store, max(0, last - most + 1))

    def write(self, store: Store, lines: Sequence[Line]) -> list[Line]:
        """Put lines that follow each other into the store, once, in one part; what stands in their place now, if any.

        The token is the first number's: what an earlier sending brings late, after its connection was cut, can't become
        a second line of one number, and of two who write at once one finds the other's lines. The engine may remember a
        token whose rows a kill took away, so there is more than one.

        Raises:
            StoreError: it is not known whether they are there.
        """
        first, body = lines[0].number, b"\n".join(map(_row_of, lines)) + b"\n"
        for attempt in range(_TOKENS):
            store.insert(self.table, self.columns, body, f"{self.prefix}-{first}-{attempt}")
            if there := [line for line in self.page(store, first) if line.number <= lines[-1].number]:
                return there
        return []


def _fault(line: Hashed, number: int, previous: str) -> str:
    if line.number < number:
        return f"number {line.number} is not one of its own"
    if line.previous != previous:
        return "it does not follow the one before"
    return "" if line.hash == line.digest() else CHANGED


def _row_of(line: Hashed) -> bytes:
    said = {name: getattr(line, name) for name in line.__struct_fields__}
    said["at"] = line.at.replace("T", " ").removesuffix("Z")
    return _encode(list(said.values()))
