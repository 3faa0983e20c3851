"""P5: where keys aren't public, what only one has stays unseen: by OpenDP's thresholds, exact probabilities, an audit.

OpenDP 0.16 shows what reaches the threshold, and reckons δ for what exceeds it: https://github.com/opendp/opendp/issues/2922.
So a threshold of ours is OpenDP's, exceeded.
"""

import os

import opendp.prelude as dp
import pytest

from pipeline.audiences.noise import noised, scale, threshold
from pipeline.audiences.tables import DELTA, TABLES, Table
from tests.promises import p5_audit as audit
from tests.promises.p5_audit import SLACK, Finding, Noised, most_of
from tests.promises.p5_laplace import at_least

LONG = bool(os.environ.get("SPORLOS_LONG"))
pytestmark = pytest.mark.timeout(1800 if LONG else 300)
INTEREST, REVENUE = TABLES["interest"], TABLES["revenue"]
each_table = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))


def deltas_of(table: Table, most: int, at_least: int) -> float:
    """δ of a threshold, asked of OpenDP and not of the product."""
    dp.enable_features("contrib")
    keyed = dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T="i64"))
    moved = dp.l01inf_distance(dp.absolute_distance(T="i64"))
    made = dp.m.make_laplace_threshold(keyed, moved, table.cells * most / table.epsilon, at_least)
    return float(made.map((table.cells, table.cells * most, most))[1])


@each_table
def test_thresholds_are_as_opendp_has_them(table: Table) -> None:
    """What exceeds the smallest whose δ is small enough, and the ledger's line tells that δ as it is."""
    most = most_of(table)
    exceeded = threshold(table, most) - 1
    assert deltas_of(table, most, exceeded) <= DELTA < deltas_of(table, most, exceeded - 1)
    line = noised(table, most, {}, None)
    assert (line.threshold, line.delta) == (exceeded + 1, deltas_of(table, most, exceeded))
    assert noised(table, most, {}, {("a",)}).threshold == 0


@each_table
def test_keys_of_one_alone_are_shown_once_in_a_million(table: Table) -> None:
    """By the exact probabilities: any of his cells, as full as they may be; one lower would be too often."""
    most, wide = most_of(table), scale(table, most_of(table))
    any_shown = lambda lowest: 1 - (1 - at_least(wide, lowest - most)) ** table.cells  # noqa: E731 - asked twice
    found = threshold(table, most)
    assert any_shown(found) <= DELTA
    assert any_shown(found - 1) > DELTA


def at_the_threshold(build: Noised, table: Table, count: int) -> Finding:
    """Sums of which about every second passes, and one visitor-day more."""
    most, middle = most_of(table), threshold(table, most_of(table))
    worlds = [audit.runs(build, table, most, [middle + add] * table.cells, count, public=False) for add in (most, 0)]
    return audit.audited(*worlds, audit.events_of([middle] * table.cells, most), DELTA)


def alone(build: Noised, table: Table, count: int) -> Finding:
    """Keys that nobody else has: that any of them is there at all tells of him."""
    most = most_of(table)
    worlds = [audit.runs(build, table, most, [cell] * table.cells, count, public=False) for cell in (most, 0)]
    return audit.audited(*worlds, [lambda seen: any(number is not None for number in seen)], DELTA)


@pytest.mark.parametrize("table", TABLES.values() if LONG else (INTEREST,), ids=lambda table: table.name)
def test_noise_at_a_threshold_costs_what_it_claims(table: Table) -> None:
    """Whether a cell is there is a part of what an attacker sees."""
    found = at_the_threshold(noised, table, 100_000 if LONG else 20_000)
    found.tell(table.name, table.epsilon)
    assert found.least <= SLACK * table.epsilon
    assert found.likely > table.epsilon / 2
    broken = at_the_threshold(audit.with_half_the_scale(noised), table, 20_000 if table is INTEREST else 200_000)
    assert broken.least > SLACK * table.epsilon


@each_table
def test_a_key_of_one_alone_is_not_seen(table: Table) -> None:
    """In thousands of weeks; without the threshold he is found in the first."""
    assert alone(noised, table, 100_000 if LONG else 2_000).least <= SLACK * table.epsilon
    assert alone(audit.without_threshold(noised), table, 2_000).least > SLACK * table.epsilon
