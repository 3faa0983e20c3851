"""What is kept of a day's cells, what waits, and what is kept of weeks and months: the rules of `CLOSING.md`, again.

Enters: cells as `reference.cells_of_day` counts them. Leaves: rows of `daily`, `weekly` and `waiting` as dicts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.pipeline.closing.reference import Key, Measures

OTHER = "(other)"
FEWEST_ORDERS = 5
FEWEST_VISITORS = 10

Hidden = Mapping[tuple[str, str], int]
"""Dimension and its value: orders that are not written."""


@dataclass(slots=True)
class Pair:
    """What `weekly` says of a cell."""

    visitors: int = 0
    visits: int = 0
    views: int = 0
    item_views: int = 0
    orders: int = 0

    def add(self, other: "Pair", visitors: int) -> None:
        """Take in another, of whose visitors only so many are new."""
        self.visitors += visitors
        self.visits += other.visits
        self.views += other.views
        self.item_views += other.item_views
        self.orders += other.orders


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a closed day leaves for its week."""

    pairs: Mapping[tuple[str, str, str], Pair]
    hidden: Hidden = field(default_factory=dict)


def daily_of(cells: Mapping[Key, Measures]) -> dict[tuple[str, str], Measures]:
    """Rows of `daily` of grain `day`, by dimension and value."""
    hidden = hidden_of(cells)
    kept: dict[tuple[str, str], Measures] = {}
    others: dict[str, Measures] = defaultdict(Measures)
    for (kind, dimension, value, _), cell in cells.items():
        if kind == "behaviour":
            bought = sum(cell.orders.values())
            told = replace(cell, orders={"": bought} if bought else {}, units=0, revenue={})
            if value in hidden[dimension]:
                _add_bought(others[dimension], told)
                told = replace(told, events=cell.views + cell.item_views, carts=0, checkouts=0, orders={})
            kept[dimension, value] = told
        elif kind == "search" and cell.visitors < FEWEST_VISITORS:
            others[dimension].events += cell.events
            others[dimension].views += cell.views
        elif kind == "funnel" and cell.visits >= FEWEST_ORDERS:
            kept[dimension, value] = Measures(
                visitors=cell.visitors, visits=cell.visits, measured_visits=cell.measured_visits
            )
        elif kind == "time":
            kept[dimension, value] = Measures(
                visitors=cell.visitors,
                visits=cell.visits,
                measured_visits=cell.measured_visits,
                views=cell.views,
                measured_views=cell.measured_views,
                events=cell.views,
            )
        elif kind in {"plain", "search"}:
            kept[dimension, value] = replace(cell)
    for dimension, other in others.items():
        if 0 < sum(other.orders.values()) < FEWEST_ORDERS or other == Measures():
            continue
        whole = kept.setdefault((dimension, OTHER), Measures())  # what was capped has that name: readers add the two up
        _add_bought(whole, other)
        whole.events += other.events
        whole.views += other.views
    return {key: replace(cell, engaged=(cell.engaged + 500) // 1000) for key, cell in kept.items()}


def hidden_of(cells: Mapping[Key, Measures]) -> dict[str, dict[str, int]]:
    """By dimension of behaviour: the values whose orders are not written, with their orders."""
    orders: dict[str, dict[str, int]] = defaultdict(dict)
    for (kind, dimension, value, _), cell in cells.items():
        if kind == "behaviour":
            orders[dimension][value] = sum(cell.orders.values())
    return {dimension: _hide(of_values) for dimension, of_values in orders.items()}


def waiting_of(cells: Mapping[Key, Measures]) -> Waiting:
    """What waits for the week: all pairs, and hidden numbers of orders."""
    pairs = {
        (pair, a, b): Pair(
            cell.visitors,
            cell.visits,
            cell.views,
            cell.item_views,
            sum(cell.orders.values()) if pair == "bought together" else 0,
        )
        for (kind, pair, a, b), cell in cells.items()
        if kind == "pair"
    }
    hidden = {
        (dimension, value): orders
        for dimension, of_values in hidden_of(cells).items()
        for value, orders in of_values.items()
        if orders
    }
    return Waiting(pairs, hidden)


def orders_of_span(waiting: Iterable[Hidden]) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """Hidden orders of a span added up: what is written, and what goes on waiting."""
    orders: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for part in waiting:
        for (dimension, value), hidden in part.items():
            orders[dimension][value] += hidden
    written: dict[tuple[str, str], int] = {}
    rest: dict[tuple[str, str], int] = {}
    for dimension, of_values in orders.items():
        hidden_values = _hide(of_values)
        for value, count in of_values.items():
            (rest if value in hidden_values else written)[dimension, value] = count
    return written, rest


def weekly_of(days: Iterable[Waiting]) -> dict[tuple[str, str, str], Pair]:
    """Rows of `weekly` of the days' pairs."""
    by_day = [day.pairs for day in days]
    whole: dict[tuple[str, str, str], Pair] = defaultdict(Pair)
    for pairs in by_day:
        for key, cell in pairs.items():
            whole[key].add(cell, cell.visitors)
    kept = {key: cell for key, cell in whole.items() if cell.visitors >= FEWEST_VISITORS}
    small = {key: (key[0], key[1], OTHER) for key in whole if key not in kept}
    gathered = _gathered(by_day, small)
    enough = {key: cell for key, cell in gathered.items() if cell.visitors >= FEWEST_VISITORS}
    smaller = {key: (key[0], OTHER, OTHER) for key, into in small.items() if into not in enough}
    last = {key: cell for key, cell in _gathered(by_day, smaller).items() if cell.visitors >= FEWEST_VISITORS}
    for part in (enough, last):
        for key, cell in part.items():
            whole_of_name = kept.setdefault(key, Pair())  # a value may be called `(other)` itself: who is in both?
            whole_of_name.add(cell, max(0, cell.visitors - whole_of_name.visitors))
    for cell in kept.values():
        if cell.orders < FEWEST_ORDERS:
            cell.orders = 0
    return kept


def _gathered(
    by_day: Iterable[Mapping[tuple[str, str, str], Pair]], into: Mapping[tuple[str, str, str], tuple[str, str, str]]
) -> dict[tuple[str, str, str], Pair]:
    """Small cells put together, with the visitors that they have had at least."""
    gathered: dict[tuple[str, str, str], Pair] = defaultdict(Pair)
    for pairs in by_day:
        largest: dict[tuple[str, str, str], int] = defaultdict(int)
        for key, cell in pairs.items():
            if key in into:
                gathered[into[key]].add(cell, 0)
                largest[into[key]] = max(largest[into[key]], cell.visitors)
        for key, visitors in largest.items():
            gathered[key].visitors += visitors
    return dict(gathered)


def _hide(orders: Mapping[str, int]) -> dict[str, int]:
    """The values with too few orders, and one more where what they have together could be subtracted."""
    hidden = {value: count for value, count in orders.items() if count < FEWEST_ORDERS}
    shown = sorted((count, value) for value, count in orders.items() if count >= FEWEST_ORDERS)
    if shown and 0 < sum(hidden.values()) < FEWEST_ORDERS:
        count, value = shown[0]
        hidden[value] = count
    return hidden


def _add_bought(cell: Measures, more: Measures) -> None:
    cell.carts += more.carts
    cell.checkouts += more.checkouts
    for currency, count in more.orders.items():
        cell.orders = cell.orders | {currency: cell.orders.get(currency, 0) + count}
