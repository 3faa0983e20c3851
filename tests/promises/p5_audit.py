"""What a mechanism costs, estimated from outside: how often something happens with and without one visitor-day.

Enters: a mechanism, two worlds that one visitor-day is apart. Leaves: an ε that it surely exceeds.

The statistic is the usual one of empirical audits (Ding et al., "Detecting Violations of Differential Privacy", CCS
2018, https://arxiv.org/abs/1805.10277; Jagielski et al., "Auditing Differentially Private Machine Learning", NeurIPS
2020, https://arxiv.org/abs/2006.07709): of an event that happens with probability p in one world and q in the other, a
mechanism of (ε, δ) has p <= e^ε q + δ, so ε >= ln((p - δ) / q). Both probabilities are bounded by Clopper and Pearson's
exact intervals, so a sound build fails once in a million runs of the tests, whatever is drawn.
"""

import math
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binomtest

from pipeline.audiences.released import Released
from pipeline.audiences.tables import Key, Table

Noised = Callable[[Table, int, Mapping[Key, int], Collection[Key] | None], Released]
"""As `pipeline.audiences.noise.noised`."""
Seen = Sequence[int | None]
"""What one run has shown of the cells that one visitor-day touches; None where a cell isn't there."""
Event = Callable[[Seen], bool]

CAP = 1000
"""Of a visitor-day's money, as settings have it unless told otherwise."""
MISTAKEN = 1e-6
"""How often a sound mechanism may be taken for a broken one, over all events of an audit."""
SLACK = 1.05
"""Of the claimed ε."""


def most_of(table: Table) -> int:
    """What a visitor-day adds to a cell of it."""
    return table.most * CAP if table.name == "revenue" else table.most


@dataclass(frozen=True, slots=True)
class Finding:
    """The worst that any event has told."""

    least: float
    """ε is larger than this, but once in a million."""
    likely: float
    """An estimate without bias, of the event that told most in other runs; infinite where one world never shows it."""

    def tell(self, name: str, claimed: float) -> None:
        """For whoever wants to see more than that it passed: `pytest -rP`."""
        sys.stdout.write(f"{name}: claimed {claimed}, at least {self.least:.4f}, likely {self.likely:.4f}\n")


def audited(with_him: Sequence[Seen], without: Sequence[Seen], events: Iterable[Event], delta: float = 0) -> Finding:
    """Compare two worlds' runs by events, each of them both ways round."""
    listed = list(events)
    ways = [(event, one, other) for event in listed for one, other in ((with_him, without), (without, with_him))]
    mistaken = MISTAKEN / (4 * len(listed))
    least = max(_finding(event, one, other, delta, mistaken).least for event, one, other in ways)
    # the worst of several estimates is too high on average: so one half of the runs chooses, the other estimates
    event, one, other = max(ways, key=lambda way: _finding(way[0], way[1][::2], way[2][::2], delta, mistaken).likely)
    return Finding(least, _finding(event, one[1::2], other[1::2], delta, mistaken).likely)


def _finding(event: Event, one: Sequence[Seen], other: Sequence[Seen], delta: float, mistaken: float) -> Finding:
    often, seldom, of, of_others = sum(map(event, one)), sum(map(event, other)), len(one), len(other)
    low = binomtest(often, of, alternative="greater").proportion_ci(1 - mistaken, method="exact").low
    high = binomtest(seldom, of_others, alternative="less").proportion_ci(1 - mistaken, method="exact").high
    p, q = often / of - delta, seldom / of_others
    return Finding(
        math.log((low - delta) / high) if low > delta else 0.0,
        0.0 if p <= 0 else math.log(p / q) if q else math.inf,
    )


def runs(
    noised: Noised, table: Table, most: int, cells: Sequence[int], count: int, *, public: bool = True
) -> list[Seen]:
    """`count` runs of a mechanism on the same sums, a cell of which may be missing where keys aren't public.

    All at once: a cell's noise is its own, so a table of `count` times as many cells is as many runs, and takes a
    fiftieth of the time. (`test_p5_noise.py` has runs one by one as well, and shows that cells are independent.)
    """
    keys = [[(f"{run:06d}", str(cell)) for cell in range(len(cells))] for run in range(count)]
    sums = {key: cell for of_run in keys for key, cell in zip(of_run, cells, strict=True) if cell or public}
    drawn = noised(table, most, sums, sums.keys() if public else None).cells
    return [[drawn.get(key) for key in of_run] for of_run in keys]


def events_of(cells: Sequence[int], most: int) -> list[Event]:
    """What tells most of a visitor-day that adds `most` to each of these cells.

    All of them at its upper end at once: there the ratio of discrete Laplace's probabilities is exactly e^ε. And their
    sum beyond the middle, which is no sharper but happens every second time, so that few runs are enough.
    """
    ends = [cell + most for cell in cells]
    middle = sum(cells) + sum(ends)
    return [
        lambda seen: all(number is not None and number >= end for number, end in zip(seen, ends, strict=True)),
        lambda seen: 2 * sum(number or 0 for number in seen) > middle,
    ]


# --- builds that break a promise, each as `noised` ---


def with_half_the_scale(noised: Noised) -> Noised:
    """Claims ε and spends twice as much."""
    return lambda table, most, sums, public: noised(replace(table, epsilon=2 * table.epsilon), most, sums, public)


def without_threshold(noised: Noised) -> Noised:
    """Takes the keys that somebody had for public ones."""
    return lambda table, most, sums, _: noised(table, most, sums, sums.keys())


def without_cap(noised: Noised) -> Noised:
    """Forgets that a visitor-day may add more than 1."""
    return lambda table, _, sums, public: noised(table, 1, sums, public)


def reusing_noise(noised: Noised) -> Noised:
    """Draws once, for the first table, and takes the same noise for the next."""
    noise: list[int] = []

    def broken(table: Table, most: int, sums: Mapping[Key, int], public: Collection[Key] | None) -> Released:
        keys = sorted(public or sums)
        if not noise:
            noise.extend(noised(table, most, {}, keys).cells.values())
        cells = {key: sums.get(key, 0) + drawn for key, drawn in zip(keys, noise, strict=True)}
        return Released(table.name, cells, table.epsilon, 0, table.cells * most / table.epsilon, 0)

    return broken


def sharing_noise(noised: Noised) -> Noised:
    """Draws once a table, for all of its cells."""

    def broken(table: Table, most: int, sums: Mapping[Key, int], public: Collection[Key] | None) -> Released:
        (drawn,) = noised(table, most, {}, [("",)]).cells.values()
        cells = {key: sums.get(key, 0) + drawn for key in public or sums}
        return Released(table.name, cells, table.epsilon, 0, table.cells * most / table.epsilon, 0)

    return broken


def with_floats(noised: Noised) -> Noised:  # noqa: ARG001 - it has a sampler of its own, which is what is wrong with it
    """Takes what numerical libraries have for Laplace, as many have done."""
    sampler = np.random.default_rng()

    def broken(table: Table, most: int, sums: Mapping[Key, int], public: Collection[Key] | None) -> Released:
        scale = table.cells * most / table.epsilon
        noise = sampler.laplace(scale=scale, size=len(sums)).tolist()
        cells = {key: sums[key] + drawn for key, drawn in zip(public or sums, noise, strict=True)}
        return Released(table.name, cells, table.epsilon, 0, scale, 0)

    return broken
