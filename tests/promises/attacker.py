"""Somebody who has the shop's order list and every published table, and wants to know of each order who bought.

Enters: orders (day, amount, products) and tables as `tests/pipeline/closing/visible.py` reads them. Leaves: what the
source, device, country … of each order's buyer can be for certain, and what is the best guess.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from tests.pipeline.closing.reference import BY, Measures
from tests.pipeline.closing.reference_kept import OTHER, Pair
from tests.pipeline.closing.reference_visits import Fact, Row, facts_of_day

DIMENSIONS = (
    "source", "channel", "campaign", "medium", "referrer", "entry", "country", "region", "device", "browser", "os",
    "language", "viewport",
)  # fmt: skip
_OF_ORIGIN = DIMENSIONS[:6]
_ENGAGEMENTS_A_VIEW = 0.9
_MOST_TO_ENUMERATE = 17

Daily = Mapping[tuple[str, str], Measures]


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A line of the shop's order list."""

    day: date
    value: int
    currency: str
    products: frozenset[str]
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class Published:
    """All that is published of a month."""

    daily: Mapping[date, Daily]
    weeks: Mapping[date, Mapping[tuple[str, str], int]] = field(default_factory=dict)
    """By Monday: orders that were too few by the day."""
    month: Mapping[tuple[str, str], int] = field(default_factory=dict)
    weekly: Mapping[date, Mapping[tuple[str, str, str], Pair]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Constraint:
    """Of these orders, at least and at most so many have the value."""

    orders: Sequence[Order]
    value: str
    least: int
    most: int


def order_list(rows: Iterable[Row]) -> tuple[list[Order], dict[Order, Fact]]:
    """What the shop knows of a day's orders; and what it must not learn of each."""
    truth: dict[Order, Fact] = {}
    for fact in facts_of_day(rows)[0]:
        row = fact.row
        if row["name"] == "purchase":
            wider = {name for category in row["item_category"] for name in (category, category.split(" / ")[0])}
            products = frozenset(row["item_id"])
            order = Order(date.fromisoformat(row["day"]), row["value"], row["currency"], products, frozenset(wider))
            truth[order] = fact
    return list(truth), truth


def value_of(fact: Fact, dimension: str) -> str:
    """What the attacker wants to know."""
    return str(getattr(fact.origin, dimension) if dimension in _OF_ORIGIN else fact.row[dimension])


def cells_of(daily: Daily, dimension: str) -> dict[str, Measures]:
    """A dimension's cells, without what was put together."""
    return {value: cell for (dim, value), cell in daily.items() if dim == dimension and value != OTHER}


def bought(cell: Measures) -> int:
    """Orders in all currencies."""
    return sum(cell.orders.values())


# --- for certain ---


def certain(published: Published, orders: Sequence[Order], dimension: str) -> dict[Order, set[str]]:
    """The values that each order's buyer can have."""
    can: dict[Order, set[str]] = {}
    constraints: list[Constraint] = []
    for day, of_day in _by_day(orders).items():
        cells = cells_of(published.daily[day], dimension)
        can |= {
            order: {value for value, cell in cells.items() if cell.visits or value == "(unknown)"} for order in of_day
        }
        constraints += _of_day(published.daily[day], of_day, cells)
        constraints += _of_what_lies_within(published.daily[day], of_day, dimension)
    constraints += _of_spans(published, orders, dimension)
    constraints += _of_pairs(published, orders, dimension)
    _propagate(can, constraints)
    return can


def _by_day(orders: Iterable[Order]) -> dict[date, list[Order]]:
    days: dict[date, list[Order]] = {}
    for order in orders:
        days.setdefault(order.day, []).append(order)
    return days


def _of_day(daily: Daily, orders: Sequence[Order], cells: Mapping[str, Measures]) -> Iterator[Constraint]:
    hidden = len(orders) - sum(bought(cell) for cell in cells.values())
    all_events_told = 0 < sum(cell.events for cell in cells.values()) == daily["all", ""].events
    for value, cell in cells.items():
        if cell.orders:
            for currency, count in cell.orders.items():
                yield Constraint([o for o in orders if currency in {"", o.currency}], value, count, count)
            yield Constraint(orders, value, bought(cell), bought(cell))
            yield from _of_revenue(orders, value, cell)
            continue
        room = hidden
        if all_events_told:
            room = min(room, cell.events - cell.views - cell.item_views - cell.carts - cell.checkouts)
        if cell.visits == cell.measured_visits:
            room = min(room, cell.measured_visits - cell.bounces)
        yield Constraint(orders, value, 0, room)


def _of_what_lies_within(daily: Daily, orders: Sequence[Order], dimension: str) -> Iterator[Constraint]:
    """What countries tell of regions, and regions of countries: the one lies within the other."""
    countries, regions = cells_of(daily, "country"), cells_of(daily, "region")
    shown = Counter({region: bought(cell) for region, cell in regions.items() if region})
    within = Counter(
        {country: sum(shown[r] for r in shown if r.startswith(country)) for country in countries if country}
    )
    if dimension == "country":
        for country, least in within.items():
            yield Constraint(orders, country, least, len(orders) - sum(within.values()) + least)
    elif dimension == "region":
        for region in shown:
            told = bought(countries.get(region[:2], Measures())) or len(orders)
            yield Constraint(orders, region, shown[region], told - within[region[:2]] + shown[region])


def _of_revenue(orders: Sequence[Order], value: str, cell: Measures) -> Iterator[Constraint]:
    """Which orders add up to what the cell took: where all ways of choosing them agree, it is known."""
    for order, share in shares_of_revenue(orders, cell).items():
        if share in {0.0, 1.0}:
            yield Constraint([order], value, int(share), int(share))


def shares_of_revenue(orders: Sequence[Order], cell: Measures) -> dict[Order, float]:
    """Of all ways to choose as many orders as the cell has with what it took: in what share of them each order is."""
    shares: dict[Order, float] = {}
    for currency, took in cell.revenue.items():
        paid = [order for order in orders if order.currency == currency]
        # where all were paid in one currency, it goes without saying which
        count = cell.orders.get(currency, cell.orders.get("", 0) if len(paid) == len(orders) else 0)
        if not took or not count or len(paid) > _MOST_TO_ENUMERATE:
            continue
        sought = (count, took)
        ways = _ways(tuple(order.value for order in paid))
        for order in paid:
            # the ways without an order are all ways, less those that it is in: 1 = x^a in both directions
            without = _without(ways, order.value, sought)
            shares[order] = 1 - without / ways[sought] if ways[sought] else 0.5
    return shares


@lru_cache(maxsize=32)
def _ways(values: tuple[int, ...]) -> Counter[tuple[int, int]]:
    """How many choices there are of so many orders with that sum."""
    ways = Counter({(0, 0): 1})
    for value in values:
        for (count, total), number in list(ways.items()):
            ways[count + 1, total + value] += number
    return ways


def _without(ways: Mapping[tuple[int, int], int], value: int, sought: tuple[int, int]) -> int:
    """The choices that leave out one order of that value: with f = g · (1 + x), g(n) = f(n) - g(n - 1)."""
    count, total = sought
    return sum((-1) ** less * ways.get((count - less, total - less * value), 0) for less in range(count + 1))


def _of_spans(published: Published, orders: Sequence[Order], dimension: str) -> Iterator[Constraint]:
    """Orders of cells that were too small by the day, as the week and the month tell of them."""
    for monday, written in published.weeks.items():
        week = [order for order in orders if 0 <= (order.day - monday).days < 7]
        for value in {value for order in week for value in cells_of(published.daily[order.day], dimension)}:
            untold = [o for o in week if not published.daily[o.day].get((dimension, value), Measures()).orders]
            count = written.get((dimension, value))
            if count is not None:
                yield Constraint(untold, value, count, count)
    for (dim, value), count in published.month.items():
        if dim == dimension:
            untold = [
                order
                for order in orders
                if not published.daily[order.day].get((dimension, value), Measures()).orders
                and not any(
                    (dimension, value) in written and 0 <= (order.day - monday).days < 7
                    for monday, written in published.weeks.items()
                )
            ]
            yield Constraint(untold, value, count, count)


def _of_pairs(published: Published, orders: Sequence[Order], dimension: str) -> Iterator[Constraint]:
    """What two dimensions tell of orders with a product."""
    pairs = {f"source {BY} product", f"campaign {BY} product", f"source {BY} category", f"country {BY} category"}
    for monday, cells in published.weekly.items():
        week = [order for order in orders if 0 <= (order.day - monday).days < 7]
        for (pair, a, b), cell in cells.items():
            if cell.orders and pair in pairs and pair.startswith(dimension) and OTHER not in {a, b}:
                having = [order for order in week if b in order.products | order.categories]
                yield Constraint(having, a, cell.orders, cell.orders)


def _propagate(can: dict[Order, set[str]], constraints: Sequence[Constraint]) -> None:
    """Draw the conclusions of all constraints, until there are no more."""
    before = -1
    while before != (left := sum(map(len, can.values()))):
        before = left
        for constraint in constraints:
            value = constraint.value
            possible = [order for order in constraint.orders if value in can[order]]
            sure = [order for order in possible if len(can[order]) == 1]
            if len(possible) == constraint.least:
                for order in possible:
                    can[order] = {value}
            elif len(sure) == constraint.most:
                for order in possible:
                    if len(can[order]) > 1:
                        can[order].discard(value)


# --- guesses ---


def chance(daily: Daily, dimension: str) -> str:
    """The best guess by how visits are spread, or orders where that is told: the same for all orders of the day."""
    cells = cells_of(daily, dimension)
    return max(cells, key=lambda value: (bought(cells[value]), cells[value].measured_visits, value))


def guess(daily: Daily, orders: Sequence[Order], dimension: str) -> dict[Order, str]:
    """The best guess of each order, by all that is published of the day."""
    cells = cells_of(daily, dimension)
    hidden = 1 - sum(bought(cell) for cell in cells.values()) / len(orders)
    suspicion = {value: _suspicion(cell) for value, cell in cells.items() if not cell.orders}
    total = sum(suspicion.values()) or 1.0
    odds = {
        order: {value: hidden * score / total for value, score in suspicion.items()}
        | {value: bought(cell) / len(orders) for value, cell in cells.items() if cell.orders}
        for order in orders
    }
    for value, cell in cells.items():
        for order, share in shares_of_revenue(orders, cell).items() if cell.orders else ():
            odds[order][value] = share
    return {
        order: max(of_values, key=lambda value: (of_values[value], cells[value].measured_visits, value))
        for order, of_values in odds.items()
    }


def _suspicion(cell: Measures) -> float:
    """How many events of a cell are none of those that everybody causes: carts, checkouts and orders are among them."""
    if cell.measured_visits <= cell.bounces:
        return 0.0
    usual = cell.views + cell.item_views + _ENGAGEMENTS_A_VIEW * cell.measured_views
    return max(cell.events - usual, 0.0) + 0.01 * cell.measured_visits
