"""P5: the noise costs what it claims, by an audit from outside; builds in which it doesn't are caught by the same."""

import ast
import inspect
import os
from collections.abc import Sequence
from dataclasses import replace

import pytest
from scipy.stats import binomtest

from pipeline.audiences import noise
from pipeline.audiences.noise import mechanism, noised, scale
from pipeline.audiences.tables import TABLES, WEEKS_EPSILON, Table
from tests.promises import p5_audit as audit
from tests.promises.p5_audit import MISTAKEN, SLACK, Finding, Noised, Seen, most_of
from tests.promises.p5_laplace import pmf

LONG = bool(os.environ.get("SPORLOS_LONG"))
pytestmark = pytest.mark.timeout(1800 if LONG else 300)
INTEREST, CONVERSION = TABLES["interest"], TABLES["conversion"]
each_table = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
audited_tables = pytest.mark.parametrize(
    "table", TABLES.values() if LONG else (INTEREST,), ids=lambda table: table.name
)
"""It takes many runs to tell a small ε from twice as much: the other tables have theirs in the long variant."""


def known(build: Noised, table: Table, count: int) -> Finding:
    """Public keys; one visitor-day more has as many cells as it may, each as full as it may be."""
    most = most_of(table)
    worlds = [audit.runs(build, table, most, [10 + add] * table.cells, count) for add in (most, 0)]
    return audit.audited(*worlds, audit.events_of([10] * table.cells, most))


@audited_tables
def test_noise_over_known_keys_costs_what_it_claims(table: Table) -> None:
    """By 10⁵ runs, and the audit is no blind one: it comes near."""
    found = known(noised, table, 100_000)
    found.tell(table.name, table.epsilon)
    assert found.least <= SLACK * table.epsilon
    assert found.likely > table.epsilon / 2


@audited_tables
def test_twice_the_price_is_noticed(table: Table) -> None:
    """A scale that was halved exceeds the claim by more than one audit in a million would say by mistake."""
    found = known(audit.with_half_the_scale(noised), table, 20_000 if table is INTEREST else 200_000)
    assert found.least > SLACK * table.epsilon


def test_a_cap_that_the_noise_does_not_know_is_noticed() -> None:
    """Money of up to 1,000 behind noise that is made for 1."""
    assert known(audit.without_cap(noised), TABLES["revenue"], 2_000).least > SLACK * TABLES["revenue"].epsilon


@each_table
def test_the_noise_is_as_wide_as_it_should_be(table: Table) -> None:
    """By how far from the sum it is on average, which tells ε within 3.5 %, and by how often each number comes."""
    most, count = most_of(table), 30_000
    (drawn,) = zip(*audit.runs(noised, table, most, [0], count), strict=True)
    numbers = [number for number in drawn if number is not None]
    average = sum(map(abs, numbers)) / count
    assert table.cells * most / average == pytest.approx(table.epsilon, rel=0.035)
    for number in (0, 1, -1, round(scale(table, most)), -round(3 * scale(table, most))):
        probability = float(pmf(scale(table, most), number))
        assert binomtest(numbers.count(number), count, probability).pvalue > MISTAKEN, number


@each_table
def test_keys_that_nobody_had_get_noise_too(table: Table) -> None:
    """All that are public are there, and none of them is known to be nought."""
    keys = {(f"{nth}",) for nth in range(1000)}
    drawn = noised(table, most_of(table), {("7",): 1}, keys).cells
    assert drawn.keys() == keys
    assert sum(number != 0 for number in drawn.values()) > 800


def together(build: Noised, count: int) -> Finding:
    """Two tables that have the same scale; one visitor-day is in four cells of the first and in none of the second.

    What tells of him is the difference of the two, cell by cell: it has no noise at all where both got the same.
    """
    worlds = [
        [
            [one - other for one, other in zip(first, second, strict=True) if one is not None and other is not None]
            for first, second in zip(
                audit.runs(build, INTEREST, 1, [10 + add] * 4, count),
                audit.runs(build, CONVERSION, 1, [10] * 4, count),
                strict=True,
            )
        ]
        for add in (1, 0)
    ]
    return audit.audited(*worlds, [lambda seen: seen == [1] * 4, *audit.events_of([0] * 4, 1)])


def test_each_table_has_noise_of_its_own() -> None:
    """Taking one from the other tells no more than each tells by itself."""
    assert together(noised, 5_000).least <= SLACK * (INTEREST.epsilon + CONVERSION.epsilon)


def test_noise_that_is_used_twice_is_noticed() -> None:
    """For a second table: the difference of the two is exact then."""
    assert together(audit.reusing_noise(noised), 2_000).least > SLACK * (INTEREST.epsilon + CONVERSION.epsilon)


def apart(build: Noised, count: int) -> Finding:
    """Two cells of a table; one visitor-day is in the first."""
    worlds = [
        [
            [one - other]
            for one, other in (audit.runs(build, INTEREST, 1, cells, 1)[0] for _ in range(count))
            if one is not None and other is not None
        ]
        for cells in ([11, 10], [10, 10])
    ]
    return audit.audited(*worlds, [lambda seen: seen == [1], *audit.events_of([0], 1)])


def test_each_cell_has_noise_of_its_own() -> None:
    """Run by run, and not all at once: the difference of two cells tells no more than the table may."""
    assert apart(noised, 20_000 if LONG else 500).least <= SLACK * INTEREST.epsilon


def test_noise_that_cells_share_is_noticed() -> None:
    """One draw for a whole table: the difference of two cells is exact then."""
    assert apart(audit.sharing_noise(noised), 500).least > SLACK * INTEREST.epsilon


def fine(seen: Seen) -> bool:
    """Whether a number is one that 1 + noise can't be, when both are rounded to 64 bits."""
    return any(number is not None and number * 2.0**53 % 1 != 0 for number in seen)


def rounded(build: Noised, count: int) -> Finding:
    """Mironov's attack: of floating-point numbers the smallest bits tell what noise was added to."""
    worlds = [audit.runs(build, INTEREST, 1, [add], count) for add in (1, 0)]
    return audit.audited(*worlds, [fine])


def test_a_sampler_of_floating_point_is_noticed() -> None:
    """One look at the last bits tells whether somebody was there: https://doi.org/10.1145/2382196.2382264."""
    assert rounded(audit.with_floats(noised), 2_000).least > SLACK * INTEREST.epsilon
    assert rounded(noised, 2_000).likely == 0


@each_table
@pytest.mark.parametrize("public", [True, False], ids=["known", "unknown"])
def test_the_sampler_is_one_of_integers(table: Table, public: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    """By the mechanism's own word on what it takes and gives, and by what comes out."""
    said = str(mechanism(table, most_of(table), public))
    assert "i64" in said
    assert "f64" not in said
    assert "f32" not in said
    drawn = noised(table, most_of(table), {("a",): 10**6}, {("a",), ("b",)} if public else None)
    assert {type(number) for number in drawn.cells.values()} == {int}


def test_nothing_else_draws() -> None:
    """`noise.py` imports no source of chance: what is random in it comes from OpenDP."""
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(inspect.getsource(noise)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not imported & {"random", "secrets", "numpy", "os", "hashlib", "uuid", "scipy"}
    assert "opendp.prelude" in imported


def test_a_week_costs_no_more_than_it_may() -> None:
    """All tables together, and each by the map of the very mechanism that is used."""
    costs = [
        mechanism(table, most_of(table), public=True).map(table.cells * most_of(table)) for table in TABLES.values()
    ]
    assert all(cost <= table.epsilon for cost, table in zip(costs, TABLES.values(), strict=True))
    assert sum(costs) <= WEEKS_EPSILON + 1e-12


@pytest.mark.skipif(not LONG, reason="SPORLOS_LONG=1: runs that are made one by one take minutes")
@pytest.mark.parametrize("build", [noised, audit.with_half_the_scale(noised)], ids=["as it is", "half the scale"])
def test_the_audit_of_runs_one_by_one(build: Noised) -> None:
    """10⁵ runs of the mechanism itself, each by itself, say the same as all of them at once."""
    table = INTEREST if build is noised else replace(INTEREST, epsilon=2 * INTEREST.epsilon)
    run = mechanism(table, 1, public=True)
    worlds: list[Sequence[Seen]] = [[run([10 + add] * 4) for _ in range(100_000)] for add in (1, 0)]
    found = audit.audited(*worlds, audit.events_of([10] * 4, 1))
    found.tell(table.name, INTEREST.epsilon)
    assert (found.least <= SLACK * INTEREST.epsilon) == (build is noised)
