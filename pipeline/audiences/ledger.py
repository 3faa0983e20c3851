"""What was released: a chain of lines, a table of a week each, in which nothing can be changed without its showing.

Enters: tables with their noise. Leaves: the same, week by week, byte for byte, for as long as the ledger is there: it
is the truth that exports are made of, and what says that a week's ε is spent.

The hash of a line is the SHA-256 of a JSON array, without blanks, in UTF-8: number, at, site, week, table, most, ε, δ,
scale, threshold, the SHA-256 of the text of its cells, previous. `previous` is the hash of the line before; the first
has 64 zeroes. As with receipts, lines cut off at the end show only to who has noted a hash of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from importlib import resources

import msgspec

from pipeline.audiences.released import Released, Week
from pipeline.audiences.tables import WEEKS_EPSILON, Key
from pipeline.store.database import Store, StoreError

FIRST_PREVIOUS = "0" * 64
PAGE = 100
"""Lines that are read at once; one may have a megabyte of cells."""

_COLUMNS = (
    "number", "at", "site", "week", "release_table", "most", "epsilon", "delta", "scale", "threshold", "cells",
    "cells_hash", "previous", "hash",
)  # fmt: skip
_READ = resources.files("pipeline.audiences").joinpath("ledger.sql").read_text(encoding="utf-8")
_TOKENS_A_LINE = 3
_ALWAYS = date(1970, 1, 1)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[tuple[str, ...], int]]).decode


class Line(msgspec.Struct, frozen=True):
    """One table of one week."""

    number: int
    """From 1, without a gap, over all shops."""
    at: str
    """ISO 8601, UTC, three decimals."""
    site: str
    week: str
    """Its Monday, ISO 8601."""
    table: str
    most: int
    """What a visitor-day added to a cell at most."""
    epsilon: float
    delta: float
    scale: float
    threshold: int
    cells: str
    """JSON: `[[["60316","mobile"],103],…]`, in the order of keys."""
    cells_hash: str
    previous: str
    hash: str = ""

    def digest(self) -> str:
        """What `hash` must be."""
        said = msgspec.structs.astuple(self)
        return sha256(_encode((*said[: _COLUMNS.index("cells")], self.cells_hash, self.previous))).hexdigest()

    def released(self, shared: dict[Key, Key] | None = None) -> Released:
        """The table, as exports take it; `shared`: keys that other weeks have, too, so that each is there once."""
        known: dict[Key, Key] = {} if shared is None else shared
        cells = {known.setdefault(key, key): number for key, number in _decode(self.cells)}
        return Released(self.table, cells, self.epsilon, self.delta, self.scale, self.threshold)


class Verdict(msgspec.Struct, frozen=True):
    """Whether the ledger holds."""

    lines: int
    """How many hold, from the first on."""
    head: str
    """The hash of the last of them: who notes it can tell later whether the end was cut off."""
    broken: int = 0
    """The first number that doesn't hold; 0: all do."""
    why: str = ""


def lines_after(
    last: Line | None, now: float, site: str, monday: date, tables: Sequence[tuple[Released, int]]
) -> list[Line]:
    """The lines of a week that follow `last`, or are the first.

    Args:
        last: the line that stands at the end now.
        now: seconds since 1970.
        site: the shop's id.
        monday: the week's.
        tables: each with what a visitor-day added to a cell at most.
    """
    at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    lines: list[Line] = []
    for table, most in tables:
        number, previous = (last.number + 1, last.hash) if last else (1, FIRST_PREVIOUS)
        cells = _encode([[key, count] for key, count in sorted(table.cells.items())]).decode()
        bounds = (most, table.epsilon, table.delta, table.scale, table.threshold)
        line = Line(number, at, site, monday.isoformat(), table.table, *bounds, cells, _hash_of(cells), previous)
        last = msgspec.structs.replace(line, hash=line.digest())
        lines.append(last)
    return lines


def write(store: Store, lines: Sequence[Line]) -> bool:
    """Put a week's lines into the store, in one part; whether they are what stands there now.

    The token is the first number's: of two who release at once one finds the other's lines in the place. The engine may
    remember a token whose rows a kill took away, so there is more than one.

    Raises:
        StoreError: it is not known whether they are there; the next look at the ledger says it.
    """
    body = b"\n".join(map(_row_of, lines)) + b"\n"
    for attempt in range(_TOKENS_A_LINE):
        store.insert("releases", _COLUMNS, body, f"release-{lines[0].number}-{attempt}")
        there = [line for line in page(store, lines[0].number) if line.number <= lines[-1].number]
        if there:
            return there == list(lines)
    raise StoreError(f"line {lines[0].number} of the ledger does not arrive")


def page(store: Store, first: int, site: str = "", since: date = _ALWAYS) -> list[Line]:
    """The next `PAGE` lines from number `first` on; of one shop, or of all; of weeks from `since` on.

    Raises:
        StoreError: they can't be read.
    """
    names = {"from": first, "site": site, "since": since.isoformat(), "most": PAGE}
    return [Line(*row) for row in store.query(_READ, names).rows]


def last(store: Store) -> Line | None:
    """The line that the next one follows.

    Raises:
        StoreError: it can't be read.
    """
    number = int(store.query("SELECT max(number) FROM releases").rows[0][0])
    return page(store, number)[0] if number else None


def released(store: Store) -> set[tuple[str, date]]:
    """The (site, Monday) of which anything has been released.

    Raises:
        StoreError: it can't be asked.
    """
    return {(site, monday) for site, monday in store.query("SELECT DISTINCT site, week FROM releases").rows}


def weeks(store: Store, site: str, since: date = _ALWAYS) -> tuple[Week, ...]:
    """What was released of a shop, the oldest week first; the same for ever. `since`: of the first week, its Monday.

    Raises:
        StoreError: it can't be read.
    """
    found: dict[str, dict[str, Released]] = {}
    shared: dict[Key, Key] = {}
    for line in _walk(store, site, since):
        of_week = found.setdefault(line.week, {})
        if line.table not in of_week:  # should a table stand twice, the first is what was said
            of_week[line.table] = line.released(shared)
    return tuple(Week(site, date.fromisoformat(monday), tables) for monday, tables in sorted(found.items()))


def verify(store: Store, noted: str = "") -> Verdict:
    """Walk the ledger up to the first fault. `noted`: a hash that somebody wrote down once and that must be in it.

    Raises:
        StoreError: it can't be read.
    """
    return examine(_walk(store), noted)


def examine(lines: Iterable[Line], noted: str = "") -> Verdict:
    """The same of lines in their order: none missing, none changed, no week over its budget."""
    count, head, seen = 0, FIRST_PREVIOUS, noted in ("", FIRST_PREVIOUS)
    spent: dict[tuple[str, str], list[float]] = {}
    for line in lines:
        if line.number > count + 1:
            return Verdict(count, head, count + 1, f"number {count + 1} is missing")
        of_week = spent.setdefault((line.site, line.week), [])
        of_week.append(line.epsilon)
        if why := _fault(line, count + 1, head, of_week):
            return Verdict(count, head, line.number, why)
        count, head = line.number, line.hash
        seen = seen or head == noted
    if not seen:
        return Verdict(count, head, count + 1, "the hash that was noted is not in the ledger: its end was cut off")
    return Verdict(count, head)


def affordable(epsilons: Iterable[float]) -> bool:
    """Whether a week may cost so much for a visitor-day; added up as the decimals that they were written as."""
    return sum((Decimal(repr(one)) for one in epsilons), Decimal(0)) <= Decimal(repr(WEEKS_EPSILON))


def _fault(line: Line, number: int, previous: str, of_week: Sequence[float]) -> str:
    if line.number < number:
        return f"number {line.number} is not one of its own"
    if line.previous != previous:
        return "it does not follow the one before"
    if line.hash != line.digest() or line.cells_hash != _hash_of(line.cells):
        return "what it says was changed"
    return "" if affordable(of_week) else f"{line.site} has spent more than ε = {WEEKS_EPSILON} on {line.week}"


def _walk(store: Store, site: str = "", since: date = _ALWAYS) -> Iterator[Line]:
    first = 0
    while lines := page(store, first, site, since):
        yield from lines
        first = lines[-1].number + 1


def _row_of(line: Line) -> bytes:
    at = line.at.replace("T", " ").removesuffix("Z")
    said = msgspec.structs.astuple(line)
    return _encode([at if name == "at" else value for name, value in zip(_COLUMNS, said, strict=True)])


def _hash_of(cells: str) -> str:
    return sha256(cells.encode()).hexdigest()
