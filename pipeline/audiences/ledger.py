"""What was released: a chain of lines, a table of a week each, in which nothing can be changed without its showing.

Enters: tables with their noise. Leaves: the same, week by week, byte for byte, for as long as the ledger is there: it
is the truth that exports are made of, and what says that a week's ε is spent.

The hash of a line is the SHA-256 of a JSON array, without blanks, in UTF-8: number, at, site, week, table, most, ε, δ,
scale, threshold, the SHA-256 of the text of its cells, previous. `previous` is the hash of the line before; the first
has 64 zeroes. As with receipts, lines cut off at the end show only to who has noted a hash of them: see `../chain.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from importlib import resources

import msgspec

from pipeline.audiences.released import Released, Week
from pipeline.audiences.tables import WEEKS_EPSILON, Key
from pipeline.chain import CHANGED, Chain, hash_of, place_after, stamp
from pipeline.store.database import Store, StoreError

_COLUMNS = (
    "number", "at", "site", "week", "release_table", "most", "epsilon", "delta", "scale", "threshold", "cells",
    "cells_hash", "previous", "hash",
)  # fmt: skip
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
        return hash_of((*said[: _COLUMNS.index("cells")], self.cells_hash, self.previous))

    def released(self, shared: dict[Key, Key] | None = None) -> Released:
        """The table, as exports take it; `shared`: keys that other weeks have, too, so that each is there once."""
        known: dict[Key, Key] = {} if shared is None else shared
        cells = {known.setdefault(key, key): number for key, number in _decode(self.cells)}
        return Released(self.table, cells, self.epsilon, self.delta, self.scale, self.threshold)


def affordable(epsilons: Iterable[float]) -> bool:
    """Whether a week may cost so much for a visitor-day; added up as the decimals that they were written as."""
    return sum((Decimal(repr(one)) for one in epsilons), Decimal(0)) <= Decimal(repr(WEEKS_EPSILON))


def _own_faults() -> Callable[[Line], str]:
    """Cells that are not the ones of the line's hash, and a week that goes over its budget."""
    spent: dict[tuple[str, str], list[float]] = {}

    def fault(line: Line) -> str:
        if line.cells_hash != _hash_of_cells(line.cells):
            return CHANGED
        of_week = spent.setdefault((line.site, line.week), [])
        of_week.append(line.epsilon)
        return "" if affordable(of_week) else f"{line.site} has spent more than ε = {WEEKS_EPSILON} on {line.week}"

    return fault


def _hash_of_cells(cells: str) -> str:
    return sha256(cells.encode()).hexdigest()


LEDGER = Chain(
    name="ledger",
    table="releases",
    columns=_COLUMNS,
    line=Line,
    read=resources.files("pipeline.audiences").joinpath("ledger.sql").read_text(encoding="utf-8"),
    page_lines=100,  # one may have a megabyte of cells
    prefix="release",
    whole={"site": "", "since": _ALWAYS.isoformat()},
    own_faults=_own_faults,
)
"""It holds if no line is missing or changed, and no week is over its budget."""


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
    at = stamp(now)
    lines: list[Line] = []
    for table, most in tables:
        number, previous = place_after(last)
        cells = _encode([[key, count] for key, count in sorted(table.cells.items())]).decode()
        bounds = (most, table.epsilon, table.delta, table.scale, table.threshold)
        line = Line(number, at, site, monday.isoformat(), table.table, *bounds, cells, _hash_of_cells(cells), previous)
        last = msgspec.structs.replace(line, hash=line.digest())
        lines.append(last)
    return lines


def write(store: Store, lines: Sequence[Line]) -> bool:
    """Put a week's lines into the store, in one part; whether they are what stands there now.

    Of two who release at once one finds the other's lines in the place.

    Raises:
        StoreError: it is not known whether they are there; the next look at the ledger says it.
    """
    there = LEDGER.write(store, lines)
    if not there:
        raise StoreError(f"line {lines[0].number} of the ledger does not arrive")
    return there == list(lines)


def last(store: Store) -> Line | None:
    """The line that the next one follows.

    Raises:
        StoreError: it can't be read.
    """
    return next(iter(LEDGER.latest(store, 1)), None)


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
    for line in LEDGER.walk(store, site=site, since=since.isoformat()):
        of_week = found.setdefault(line.week, {})
        if line.table not in of_week:  # should a table stand twice, the first is what was said
            of_week[line.table] = line.released(shared)
    return tuple(Week(site, date.fromisoformat(monday), tables) for monday, tables in sorted(found.items()))
