"""Sums get noise, once: the only place where it is drawn, and none of it is of our own making.

Enters: the sums of a table's week, over visitor-days. Leaves: `Released`, which may leave the house by `AUDIENCES.md`.

Both mechanisms are OpenDP's discrete Laplace: integers in, integers out, sampled exactly, so that no gap between
floating-point numbers tells what was added to (Mironov, "On Significance of the Least Significant Bits For Differential
Privacy", CCS 2012). Each is asked what it costs before it is used.
https://docs.opendp.org/en/stable/api/python/opendp.measurements.html
"""

import json
import math
from bisect import bisect_left
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any, Protocol

from pipeline.audiences.released import Released
from pipeline.audiences.tables import DELTA, Key, Table


class NoNoise(RuntimeError):
    """OpenDP isn't installed, or a mechanism costs more than its table may: nothing is released then."""


class Mechanism(Protocol):
    """OpenDP's `Measurement`, as far as it is used here."""

    def __call__(self, sums: object, /) -> Any:  # noqa: ANN401 - what went in, with noise
        """The noise is drawn here."""

    def map(self, moved: object, /) -> Any:  # noqa: ANN401 - ε, or ε and δ
        """What it costs, if one visitor-day can move the sums so far."""


def noised(table: Table, most: int, sums: Mapping[Key, int], public: Collection[Key] | None) -> Released:
    """The week's sums of a table, with noise drawn for them here and now: two calls give two answers.

    Args:
        table: Says how many cells a visitor-day counts in, and what the table costs.
        most: What a visitor-day adds to one cell at most: the table's, of `revenue` times the shop's cap.
        sums: Over visitor-days, each bounded as `table` and `most` say.
        public: All keys there are: each gets noise, also those that nobody had. None: only keys that somebody had are
            known, and those whose noisy sum stays under a threshold are left out.

    Raises:
        ValueError: A sum's key isn't among the public ones.
        NoNoise: OpenDP isn't there, or doesn't vouch for what the table claims.
    """
    chosen = mechanism(table, most, public is not None)
    delta = _vouched(table, most, chosen, public is not None)
    if public is None:
        drawn = chosen({json.dumps(key): number for key, number in sums.items()})
        cells = {tuple(json.loads(word)): number for word, number in drawn.items()}
        return _released(table, most, cells, delta, threshold(table, most))
    keys = sorted(set(public))
    if strangers := len(sums.keys() - set(keys)):
        raise ValueError(f"{table.name} has sums of {strangers} keys that are not public")
    cells = dict(zip(keys, chosen([sums.get(key, 0) for key in keys]), strict=True))
    return _released(table, most, cells, delta, 0)


def mechanism(table: Table, most: int, public: bool) -> Mechanism:  # noqa: FBT001 - two mechanisms, by what they need
    """The very mechanism that `noised` uses.

    Of public keys it takes and gives a list of integers; else a dictionary from a key, written as JSON, to its integer.
    """
    return _laplace(scale(table, most)) if public else _cutting(scale(table, most), threshold(table, most))


def scale(table: Table, most: int) -> float:
    """Cells x most ÷ ε, in units of the sums; a hair more where the mechanism's own map would say more than ε.

    Raises:
        ValueError: `most` is not a positive number.
    """
    if most < 1:
        raise ValueError(f"a visitor-day adds at least 1 to a cell, not {most}")
    sought = table.cells * most / table.epsilon
    while _laplace(sought).map(table.cells * most) > table.epsilon:  # OpenDP rounds up, the quotient above may be down
        sought = math.nextafter(sought, math.inf)
    return sought


def threshold(table: Table, most: int) -> int:
    """What exceeds the smallest with which OpenDP says δ ≤ `DELTA`, the chance that a key of one visitor-day shows.

    One more than that, since OpenDP (0.16) shows what reaches a threshold and reckons δ for what exceeds it:
    https://github.com/opendp/opendp/issues/2922.
    """
    wide = scale(table, most)
    # exp(-100) is far below any δ; and under what one visitor-day alone can be, a threshold cuts off nothing
    return 1 + bisect_left(
        range(most + math.ceil(100 * wide)),
        True,  # noqa: FBT003 - the first that is safe
        lo=most,
        key=lambda at_least: _cutting(wide, at_least).map(_moved(table, most))[1] <= DELTA,
    )


def _vouched(table: Table, most: int, chosen: Mechanism, public: bool) -> float:  # noqa: FBT001 - as `mechanism`
    """The mechanism's δ, if it costs no more than it may."""
    cost, delta = (chosen.map(table.cells * most), 0.0) if public else chosen.map(_moved(table, most))
    if not public:
        delta = _cutting(scale(table, most), threshold(table, most) - 1).map(_moved(table, most))[1]  # see `threshold`
    if cost > table.epsilon or delta > DELTA:
        raise NoNoise(f"{table.name} may cost ε = {table.epsilon} and δ = {DELTA}; OpenDP says {cost} and {delta}")
    return float(delta)


def _moved(table: Table, most: int) -> tuple[int, int, int]:
    """How far one visitor-day moves a table: in how many cells, in sum, in each."""
    return table.cells, table.cells * most, most


def _released(table: Table, most: int, cells: Mapping[Key, int], delta: float, at_least: int) -> Released:
    # In the order of keys: that of a hash map is another one with each run
    return Released(table.name, dict(sorted(cells.items())), table.epsilon, delta, scale(table, most), at_least)


def _laplace(wide: float) -> Mechanism:
    dp = _opendp()
    made: Mechanism = dp.m.make_laplace(dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64"), wide)
    return made


def _cutting(wide: float, at_least: int) -> Mechanism:
    dp = _opendp()
    keyed = dp.map_domain(dp.atom_domain(T="String"), dp.atom_domain(T="i64"))
    moved = dp.l01inf_distance(dp.absolute_distance(T="i64"))
    made: Mechanism = dp.m.make_laplace_threshold(keyed, moved, wide, at_least)
    return made


def _opendp() -> ModuleType:
    """Imported where it is used: only a shop with exports needs it, and it is large."""
    try:
        import opendp.prelude as dp  # noqa: PLC0415 - the extra `audiences`
    except ImportError:
        raise NoNoise("exports need OpenDP: pip install 'sporlos[audiences]'") from None
    dp.enable_features("contrib")
    return dp
