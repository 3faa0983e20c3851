"""An attacker who has been told what everybody else did in eight weeks, and looks for one visitor-day in the releases.

Enters: a shop, how many visitors it has a day. Leaves: every number that its ledger may publish, with what it would be
without the one and what he would add; sums are those of rows, bounded as the product bounds them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from pipeline.audiences.noise import scale, threshold
from pipeline.audiences.public import public_keys
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import K_RELEASE, TABLES
from tests.pipeline.audiences.reference import Cell as Place
from tests.pipeline.audiences.reference import contributions_of
from tests.pipeline.closing.shops import OSLO, SUMMER
from tests.pipeline.closing.simulated import shop_of
from tests.promises.p5_laplace import Cell

WEEKS, HIS_WEEK, HIS_DAY = 8, 4, 2
_MONDAY = SUMMER - timedelta(days=SUMMER.weekday())
Sums = Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Known:
    """What he has been told, and what he looks for."""

    shop: Advertiser
    weeks: Sequence[Sums]
    """Everybody else's exact sums; he may have them from the dashboards."""
    days: Sequence[Sums]
    """What each visitor-day of one day would add to its week; the fullest comes first."""

    def numbers(self, his: Sums) -> Counter[tuple[str, Cell]]:
        """All that can be published, by table; numbers that are alike are counted."""
        return Counter(
            number
            for nth, sums in enumerate(self.weeks)
            for number in _numbers(self.shop, sums, his if nth == HIS_WEEK else {})
        )


@cache
def known(shop: Advertiser, visitors: int, days: int = 7) -> Known:
    """Eight weeks of so many days each."""
    weeks: list[Counter[Place]] = [Counter() for _ in range(WEEKS)]
    added: list[Sums] = []
    for nth, sums in enumerate(weeks):
        for day in range(days):
            date = _MONDAY + timedelta(weeks=nth, days=day)
            rows = shop_of(visitors, 1000 * nth + day, date, orders=max(1, visitors // 20), products=30)
            if (nth, day) == (HIS_WEEK, HIS_DAY):
                added = sorted(_of_each(rows, shop), key=len, reverse=True)
                sums.subtract(added[0])
            sums.update(contributions_of(rows, shop, OSLO))
    return Known(shop, weeks, added)


def _of_each(rows: Sequence[dict[str, Any]], shop: Advertiser) -> Iterator[Sums]:
    for visitor in sorted({one["visitor"] for one in rows} - {0}):
        yield contributions_of([one for one in rows if one["visitor"] == visitor], shop, OSLO)


def _numbers(shop: Advertiser, sums: Sums, his: Sums) -> Iterator[tuple[str, Cell]]:
    public = public_keys(shop)
    for name, table in TABLES.items():
        most = shop.revenue_cap if name == "revenue" else table.most
        own, wide = public[name], _scale(name, most)
        lowest = K_RELEASE if own is not None else max(K_RELEASE, _threshold(name, most))
        for key in {key for of, key in (*sums, *his) if of == name} if own is None else own:
            cell = Cell(wide, sums.get((name, key), 0), his.get((name, key), 0), lowest, own is not None)
            if cell.exists(there=False) or cell.exists(there=True):
                yield name, cell


@cache
def _scale(name: str, most: int) -> float:
    return scale(TABLES[name], most)


@cache
def _threshold(name: str, most: int) -> int:
    return threshold(TABLES[name], most)
