"""What visitors had to do with, and what with what. Enters: closed days and weeks. Leaves: products, ranked.

Counts alone are read: `weekly`'s pairs, which have ten visitors at least, and `daily`'s products. What is told of them
depends on steps of ten alone, which begin where a die says.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any

from pipeline.closing.day import K_PAIRS
from pipeline.recommendations.die import Die
from pipeline.recommendations.ranked import Near, Seen
from pipeline.store.database import Store

WEEKS = 8
"""Of pairs: fewer leave most products without any, since each pair needs ten visitors within one week."""
_HALF_LIFE_WEEKS = 2.0
_DAMPING = 0.25
"""How much a product is held back for being popular: 0 not at all, 1 wholly."""
_DAYS, _HALF_LIFE_DAYS = 14, 3.0
"""Of what is popular now: the last closed week began so long ago at most. A whole one, so that a small shop has ten."""
_LOOK_BACK_DAYS = 7 * (WEEKS + 1)

VIEWED, BOUGHT = "viewed together", "bought together"
"""As `weekly` names them."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which days and weeks are looked at."""

    site: str
    until: date
    """The latest closed day."""
    week: date | None
    """The Monday of the latest closed week; None: none is closed yet."""
    rests_on: int
    """Changes when one of the days or weeks is closed, or closed again."""

    @property
    def since(self) -> date:
        """The first day, a Monday if a week is closed."""
        return (self.week or self.until) - timedelta(weeks=WEEKS - 1)


def window_of(store: Store, site: str) -> Window | None:
    """What there is to look at; None if no day is closed.

    Raises:
        StoreError: the store can't be asked.
    """
    for until, week, weeks, rests_on in store.query(_sql("window"), {"site": site, "look_back": _LOOK_BACK_DAYS}).rows:
        return Window(site, until, week if weeks else None, rests_on)
    return None


def seen(store: Store, window: Window, die: Die) -> list[Seen]:
    """Every product of the window, the most popular now first, however few its visitors.

    Raises:
        StoreError: the store can't be asked.
    """
    week = window.week or date.min
    dates = {"since": window.since.isoformat(), "until": window.until.isoformat(), "week": week.isoformat()}
    rows = _thrown(store, "seen", die, site=window.site, days=_DAYS, half_life=_HALF_LIFE_DAYS, **dates)
    return [Seen(product, bool(by_enough), bool(lately)) for product, by_enough, lately, _ in rows]


def together(store: Store, window: Window, die: Die, pair: str, most: int) -> Near:
    """Each product's nearest others, at most `most`.

    By conditional probability with popularity damped, n(a, b) ÷ (n(a) · n(b)^0.25), of which n(a) is the same for all:
    Deshpande and Karypis, Item-based top-N recommendation algorithms, ACM TOIS 22 (2004), as a report
    https://hdl.handle.net/11299/215545. `RECOMMENDATIONS.md` says what else was tried.

    Raises:
        StoreError: the store can't be asked.
    """
    if window.week is None:
        return {}
    dates = {"since": window.since.isoformat(), "week": window.week.isoformat()}
    names = {"pair": pair, "half_life": _HALF_LIFE_WEEKS, "damping": _DAMPING, "most": most}
    rows = _thrown(store, "pairs", die, site=window.site, **names, **dates)
    return {product: tuple(others) for product, others in rows}


def _thrown(store: Store, name: str, die: Die, **names: Any) -> Any:  # noqa: ANN401 - rows of every type
    sql = _sql(name).replace("WITH\n", f"WITH\n{_sql('steps')},\n", 1)
    return store.query(sql, names | {"k": K_PAIRS, "die_1": die.first, "die_2": die.second}).rows


def _sql(name: str) -> str:
    return resources.files("pipeline.recommendations").joinpath(f"{name}.sql").read_text(encoding="utf-8")
