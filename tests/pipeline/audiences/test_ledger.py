"""The ledger: what was released stays as it was, and every change of it is found."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences import ledger
from pipeline.audiences.ledger import LEDGER, Line, affordable, lines_after
from pipeline.audiences.released import Released, Week
from pipeline.audiences.tables import TABLES
from pipeline.chain import FIRST_PREVIOUS, Verdict
from pipeline.store.database import Store, StoreError
from tests.pipeline.apart import database_apart
from tests.pipeline.mortal import Mortal

NOW = 1_779_000_000.123
MONDAY = date(2026, 5, 11)
_words = st.text(max_size=6)
_cells = st.dictionaries(st.tuples(_words, _words), st.integers(-(2**40), 2**40), max_size=4)
WEEKS = st.lists(st.tuples(st.sampled_from(["a.no", "b.no"]), _cells, st.floats(0, 4e9)), min_size=1, max_size=5)


def table(name: str, cells: dict[tuple[str, ...], int], epsilon: float = 0.2) -> Released:
    """One table of a week."""
    return Released(name, cells, epsilon, 9.5e-7, 20.0, 291)


def chain_of(weeks: list[tuple[str, dict[tuple[str, ...], int], float]]) -> list[Line]:
    """Two lines a week, each of a shop and week of its own."""
    made: list[Line] = []
    for number, (site, cells, now) in enumerate(weeks):
        tables = [(table("interest", cells), 1), (table("revenue", {("direct",): number}), 2000)]
        monday = MONDAY + timedelta(days=7 * number)
        made += lines_after(made[-1] if made else None, now, site, monday, tables)
    return made


@pytest.fixture(scope="module")
def forgeable(store: Store) -> Iterator[Store]:
    """A store whose ledger may be forged."""
    with database_apart(store, "ledger_apart") as opened:
        yield opened


@pytest.fixture
def apart(forgeable: Store) -> Store:
    """The same, with nothing released."""
    forgeable.command("TRUNCATE TABLE releases")
    return forgeable


def put(store: Store, weeks: int) -> list[Line]:
    """Some weeks of two shops, written; the latest first for one of them."""
    lines: list[Line] = []
    for number in range(weeks):
        site, monday = f"{'ab'[number % 2]}.no", MONDAY - timedelta(days=7 * number)
        tables = [
            (table("interest", {("60316", "mobile"): number, ("æ\n\"'", ""): -3}), 1),
            (table("revenue", {}), 2000),
        ]
        own = lines_after(ledger.last(store), NOW + number, site, monday, tables)
        assert ledger.write(store, own)
        lines += own
    return lines


def test_a_hash_is_reckoned_as_the_description_says() -> None:
    """By anybody, with nothing of ours."""
    [line] = lines_after(
        None, 1_779_000_000.1234, "x.no", MONDAY, [(table("interest", {("b", "c"): 7, ("a", "d"): -1}), 1)]
    )
    cells = '[[["a","d"],-1],[["b","c"],7]]'
    assert line.cells == cells
    said = '[1,"2026-05-17T06:40:00.123Z","x.no","2026-05-11","interest",1,0.2,9.5e-7,20.0,291,"%s","%s"]'
    assert line.hash == sha256((said % (sha256(cells.encode()).hexdigest(), "0" * 64)).encode()).hexdigest()


@given(WEEKS)
def test_a_ledger_as_it_is_written_holds(weeks: list[tuple[str, dict[tuple[str, ...], int], float]]) -> None:
    """Whatever was released; its last hash is the one to note, and what is read is what was written."""
    lines = chain_of(weeks)
    assert LEDGER.examine(lines) == Verdict(len(lines), lines[-1].hash)
    assert LEDGER.examine(lines, noted=lines[0].hash).broken == 0
    assert [line.released().cells for line in lines[::2]] == [cells for _, cells, _ in weeks]


@given(WEEKS, st.data())
def test_a_line_that_was_changed_is_the_first_that_does_not_hold(
    weeks: list[tuple[str, dict[tuple[str, ...], int], float]], data: st.DataObject
) -> None:
    """Any word of it; the forger's own hash over it doesn't help unless he writes all that follow."""
    lines = chain_of(weeks)
    at = data.draw(st.integers(0, len(lines) - 1))
    fields = [field for field in Line.__struct_fields__ if field != "number"]
    field = data.draw(st.sampled_from(fields))
    old = getattr(lines[at], field)
    forged = msgspec.structs.replace(lines[at], **{field: old + ("x" if isinstance(old, str) else 1)})
    verdict = LEDGER.examine([*lines[:at], forged, *lines[at + 1 :]])
    assert (verdict.broken, verdict.lines) == (at + 1, at)
    if at + 1 < len(lines) and field == "delta":
        forged = msgspec.structs.replace(forged, hash=forged.digest())
        assert LEDGER.examine([*lines[:at], forged, *lines[at + 1 :]]).broken == at + 2


@given(WEEKS, st.data())
def test_a_line_that_is_missing_or_doubled_is_found(
    weeks: list[tuple[str, dict[tuple[str, ...], int], float]], data: st.DataObject
) -> None:
    """Its number says which; the last one is missed by who has noted its hash."""
    lines = chain_of(weeks)
    at = data.draw(st.integers(0, len(lines) - 1))
    without = [*lines[:at], *lines[at + 1 :]]
    assert LEDGER.examine(without, noted=lines[-1].hash).broken == at + 1
    assert LEDGER.examine(without).broken == (at + 1 if at + 1 < len(lines) else 0)
    assert LEDGER.examine([*lines[: at + 1], *lines[at:]]).broken == at + 1


def test_a_ledger_that_spent_too_much_does_not_hold() -> None:
    """A week's lines may cost 2.0 for a visitor-day, and not a thousandth more; each week and shop has its own."""
    tables = [(table(name, {}, one.epsilon), 1) for name, one in TABLES.items()]
    lines = lines_after(None, NOW, "x.no", MONDAY, tables)
    other = lines_after(lines[-1], NOW, "y.no", MONDAY, tables)
    next_week = lines_after(other[-1], NOW, "x.no", MONDAY + timedelta(days=7), tables)
    assert LEDGER.examine([*lines, *other, *next_week]).broken == 0
    again = lines_after(next_week[-1], NOW, "x.no", MONDAY, [(table("interest", {}, 0.001), 1)])
    verdict = LEDGER.examine([*lines, *other, *next_week, *again])
    assert (verdict.broken, verdict.why) == (19, "x.no has spent more than ε = 2.0 on 2026-05-11")


def test_the_tables_cost_what_they_may() -> None:
    """Two exactly, which binary fractions don't add up to."""
    assert affordable(one.epsilon for one in TABLES.values())
    assert not affordable([*(one.epsilon for one in TABLES.values()), 1e-9])
    assert affordable([0.1] * 20)


def test_what_is_read_is_what_was_written(apart: Store) -> None:
    """Of each shop its own weeks, the oldest first, whatever was released before or after; the same each time."""
    assert ledger.weeks(apart, "a.no") == ()
    assert ledger.last(apart) is None
    lines = put(apart, 5)
    weeks = ledger.weeks(apart, "a.no")
    assert [week.name for week in weeks] == ["2026-W16", "2026-W18", "2026-W20"]
    interest, revenue = lines[0].released(), lines[1].released()
    assert weeks[2] == Week("a.no", MONDAY, {"interest": interest, "revenue": revenue})
    assert list(weeks[2].tables["interest"].cells.items()) == [(("60316", "mobile"), 0), (("æ\n\"'", ""), -3)]
    assert ledger.weeks(apart, "a.no", date(2026, 4, 27)) == weeks[1:]
    put(apart, 1)
    assert ledger.weeks(apart, "a.no")[:2] == weeks[:2]
    assert ledger.released(apart) == {(line.site, date.fromisoformat(line.week)) for line in lines}
    assert ledger.last(apart) == LEDGER.page(apart, 12)[0]


def test_a_line_that_is_there_in_parts_or_changed_shows(apart: Store) -> None:
    """Read page by page from the store; and a hash that somebody noted tells of an end that was cut off."""
    lines = put(apart, 4)
    in_threes = replace(LEDGER, page_lines=3)
    assert in_threes.verify(apart) == Verdict(8, lines[-1].hash)
    apart.command("ALTER TABLE releases DELETE WHERE number = 8 SETTINGS mutations_sync = 1")
    assert in_threes.verify(apart).broken == 0
    assert in_threes.verify(apart, noted=lines[-1].hash).broken == 8
    apart.command("ALTER TABLE releases UPDATE cells = '[]' WHERE number = 5 SETTINGS mutations_sync = 1")
    assert in_threes.verify(apart) == Verdict(4, lines[3].hash, 5, "what it says was changed")
    apart.command("ALTER TABLE releases DELETE WHERE number = 2 SETTINGS mutations_sync = 1")
    assert in_threes.verify(apart) == Verdict(1, lines[0].hash, 2, "number 2 is missing")
    apart.command("TRUNCATE TABLE releases")
    assert in_threes.verify(apart) == Verdict(0, FIRST_PREVIOUS)


def test_a_number_that_stands_twice_at_a_pages_end_is_seen(apart: Store) -> None:
    """The next page begins after it."""
    lines = put(apart, 2)
    apart.command("INSERT INTO releases SELECT * FROM releases WHERE number = 2")
    assert replace(LEDGER, page_lines=2).verify(apart) == Verdict(2, lines[1].hash, 2, "number 2 is not one of its own")


def test_of_two_for_one_place_the_second_is_told(apart: Store) -> None:
    """By the token the engine takes one; the other sees lines that are not its own."""
    tables = [(table("interest", {}), 1)]
    mine, other = (lines_after(None, NOW, site, MONDAY, tables) for site in ("mine.no", "other.no"))
    assert ledger.write(apart, other)
    assert not ledger.write(apart, mine)
    assert LEDGER.page(apart, 0) == other


def test_what_does_not_arrive_is_an_error(apart: Store) -> None:
    """A store that takes lines and has none of them: nothing is said to be released."""

    class Forgetful(Mortal):
        def insert(self, *_: object, **__: object) -> None:
            """Nothing."""

    lines = lines_after(None, NOW, "x.no", MONDAY, [(table("interest", {}), 1)])
    with pytest.raises(StoreError, match="line 1 of the ledger does not arrive"):
        ledger.write(Forgetful(apart), lines)


def test_a_token_whose_rows_a_kill_took_away_is_not_the_end(apart: Store) -> None:
    """The engine remembers it; the next one brings the lines."""
    lines = lines_after(None, NOW, "x.no", MONDAY, [(table("interest", {}), 1)])
    assert ledger.write(apart, lines)
    apart.command("ALTER TABLE releases DELETE WHERE number = 1 SETTINGS mutations_sync = 1")
    assert ledger.write(apart, lines)
    assert LEDGER.page(apart, 0) == lines
