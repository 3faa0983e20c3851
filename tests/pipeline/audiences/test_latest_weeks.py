"""Tiers are reckoned from the latest weeks alone where those decide: they are the ones that all weeks give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences import tiers as reckoned
from pipeline.audiences.readings import Reading, views
from pipeline.audiences.released import Released, Week
from pipeline.audiences.tables import DEVICES, K_RELEASE, STEPS, TABLES
from pipeline.audiences.tiers import KINDS, TOO_FEW, Tier, settled, tiers

WEEKS, PRODUCTS = 30, 12
_MONDAY = date(2026, 1, 5)

_readings = st.one_of(
    st.none(),
    st.builds(
        Reading, value=st.floats(0, 4), spread=st.sampled_from([0, 0.001, 0.05, 0.3]), clear=st.booleans(),
        number=st.just(60),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """A week that says the same of each kind."""

    said: Reading | None

    def reading(self, product: str, kind: int) -> Reading | None:
        """It."""
        del product, kind
        return self.said


@given(st.lists(_readings, min_size=1, max_size=12), st.sampled_from(range(len(KINDS))))
def test_step_of_the_latest_weeks_is_that_of_all(readings: Sequence[Reading | None], kind: int) -> None:
    """Whatever they say."""
    latest = reckoned._enough([Look(one) for one in readings], "p", kind)  # type: ignore[misc]
    assert latest == readings[len(readings) - len(latest) :]
    assert settled(latest, KINDS[kind]) == settled(readings, KINDS[kind])


@pytest.mark.parametrize("seed", range(6))
def test_tiers_are_those_of_all_weeks(seed: int) -> None:
    """Of a shop whose products come and go around every edge."""
    chance = Random(seed)
    weeks = [_week(at, chance) for at in range(WEEKS)]
    names = [f"p{number}" for number in range(PRODUCTS)]
    looks = views(weeks)
    seen = {name for look in looks for name, pair in look.now.seen.pairs.items() if sum(pair) >= K_RELEASE}
    for name, found in tiers(weeks, names).items():
        told = []
        for at, kind in enumerate(KINDS):
            all_weeks = [look.reading(name, at) for look in looks]
            step, last = settled(all_weeks, kind), all_weeks[-1]
            told.append(Tier(TOO_FEW) if step is None or last is None else Tier(kind.words[step], last.number))
        assert found == (tuple(told) if name in seen else (Tier(TOO_FEW),) * len(KINDS))


def test_few_weeks_are_looked_at_where_numbers_are_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two years of a best-seller cost no more than its last week; what stays in doubt is followed back."""
    asked: list[int] = []
    monkeypatch.setattr(reckoned, "_decides", _counting(reckoned._decides, asked))
    clear, doubtful = Reading(1.0, 0.001, clear=True, number=60), Reading(2.5**0.5, 0.2, clear=True, number=60)
    reckoned._enough([Look(clear)] * 104, "p", 0)  # type: ignore[list-item]
    assert len(asked) == 1
    assert len(reckoned._enough([Look(doubtful)] * 104, "p", 0)) == 104  # type: ignore[list-item]


def _counting(decides: object, asked: list[int]) -> object:
    def counted(*arguments: object) -> bool:
        asked.append(1)
        return decides(*arguments)  # type: ignore[operator, no-any-return]

    return counted


def _week(at: int, chance: Random) -> Week:
    tables = {}
    for name, words in (("interest", DEVICES), ("conversion", STEPS)):
        table = TABLES[name]
        scale = table.cells * table.most / table.epsilon
        cells = {
            (f"p{number}", word): round(chance.gauss(30 * (1 + number), 10 + 2 * scale))
            for number in range(PRODUCTS)
            for word in words
        }
        tables[name] = Released(name, cells, table.epsilon, 0.0, scale, 0)
    return Week("latest.shop", _MONDAY + timedelta(weeks=at), tables)
