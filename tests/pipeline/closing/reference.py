"""What closing should count, computed again, slowly, from the text of `pipeline/closing/CLOSING.md`.

Enters: rows of one site's day, as dicts of the columns of `events` and `batch`, `ts` in ms since 1970. Leaves:
its cells. Nothing is shared with the SQL: only the same mistake made twice stays hidden. `reference_visits.py` comes
before, `reference_kept.py` after it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations, zip_longest
from zoneinfo import ZoneInfo

from tests.pipeline.closing.reference_visits import MOST_TOGETHER, OF_GOODS, Fact, Row, Visit, facts_of_day

Key = tuple[str, str, str, str]
"""Kind, dimension or pair, its value or two."""

BY = "\N{MULTIPLICATION SIGN}"
_BEHAVIOUR_OF_ROW = ("path", "country", "region", "device", "browser", "os", "language", "viewport")


@dataclass(slots=True)
class Measures:
    """The measures of a cell, named as in `daily`."""

    label: str = ""
    visitors: int = 0
    visits: int = 0
    measured_visits: int = 0
    views: int = 0
    measured_views: int = 0
    events: int = 0
    bounces: int = 0
    entries: int = 0
    exits: int = 0
    engaged: int = 0
    """Milliseconds in a cell, seconds in what is kept of a day."""
    scroll: int = 0
    scrolls: int = 0
    item_views: int = 0
    carts: int = 0
    checkouts: int = 0
    orders: dict[str, int] = field(default_factory=dict)
    units: int = 0
    revenue: dict[str, int] = field(default_factory=dict)
    """Without currencies that come to 0."""


class Cell:
    """Adds up events."""

    def __init__(self) -> None:
        self.sums = Measures()
        self.visitors: set[int] = set()
        self.visits: set[Visit] = set()
        self.bounced: set[Visit] = set()
        self.named = (0, 0, "")

    def add(self, fact: Fact, units: int, revenue: int, label: str = "") -> None:
        """One event more; `units` and `revenue` hold if it is an order."""
        sums, row, name = self.sums, fact.row, fact.row["name"]
        sums.events += 1
        if row["visitor"]:
            self.visitors.add(row["visitor"])
        if fact.visit:
            self.visits.add(fact.visit)
            if fact.bounced:
                self.bounced.add(fact.visit)
            sums.engaged += row["engaged_ms"]
        sums.scroll += row["scroll"]
        sums.scrolls += row["scroll"] != 0
        if name == "page_view":
            sums.views += 1
            sums.measured_views += row["visitor"] != 0
            sums.visits += fact.is_counted_visit
            sums.entries += fact.is_entry or fact.is_counted_visit
            sums.exits += fact.is_exit
        elif name in OF_GOODS:
            sums.item_views += name == "view_item"
            sums.carts += name == "add_to_cart"
            sums.checkouts += name == "begin_checkout"
            if name == "purchase":
                sums.orders[row["currency"]] = sums.orders.get(row["currency"], 0) + 1
                sums.revenue[row["currency"]] = sums.revenue.get(row["currency"], 0) + revenue
                sums.units += units
            if name == "refund":
                sums.revenue[row["currency"]] = sums.revenue.get(row["currency"], 0) - abs(revenue)
            if label:
                self.named = max(self.named, (row["ts"], row["batch"], label))

    def together(self, visit: Visit) -> None:
        """One visit more in which both products were looked at."""
        self.visitors.add(visit.visitor)
        self.visits.add(visit)

    def measures(self) -> Measures:
        """The cell when all is added."""
        sums = self.sums
        sums.label = self.named[2]
        sums.visitors = len(self.visitors)
        sums.measured_visits = len(self.visits)
        sums.visits += len(self.visits)
        sums.bounces = len(self.bounced)
        sums.revenue = {currency: total for currency, total in sums.revenue.items() if total}
        return sums


def cells_of_day(rows: Iterable[Row], time_zone: str) -> dict[Key, Measures]:
    """Every cell of every dimension and pair, of one site and one day."""
    return {key: cell.measures() for key, cell in _cells(rows, time_zone).items()}


def visitors_of_day(rows: Iterable[Row], time_zone: str) -> dict[Key, set[int]]:
    """The visitor numbers in each cell."""
    return {key: cell.visitors for key, cell in _cells(rows, time_zone).items()}


def _cells(rows: Iterable[Row], time_zone: str) -> dict[Key, Cell]:
    zone = ZoneInfo(time_zone)
    cells: dict[Key, Cell] = defaultdict(Cell)
    facts, visits = facts_of_day(rows)
    for fact in facts:
        row = fact.row
        lines = _lines(row)
        units, revenue = sum(line.quantity for line in lines), row["value"]
        if row["name"] == "refund":
            revenue = abs(revenue or sum(line.price * line.quantity for line in lines))
        for key in _values(fact, zone):
            cells[key].add(fact, units, revenue)
        if row["name"] in OF_GOODS:
            _add_goods(cells, fact, lines, units, revenue)
    for visit in visits:
        for a, b in combinations(visit.viewed, 2):
            cells["pair", "viewed together", a, b].together(visit)
    return cells


@dataclass(frozen=True, slots=True)
class _Line:
    product: str
    name: str
    brand: str
    categories: tuple[str, ...]
    quantity: int
    price: int


def _lines(row: Row) -> list[_Line]:
    """The products of an event: as many lines as it has ids; what an array is too short for is not known."""
    if not row["item_id"] or row["name"] not in OF_GOODS:
        return []
    columns = ("item_id", "item_name", "item_brand", "item_category", "item_quantity", "item_price")
    of_each = list(zip_longest(*(row[column][: len(row["item_id"])] for column in columns)))
    return [
        _Line(product, name or "", brand or "", _with_wider(category or ""), max(quantity or 0, 1), price or 0)
        for product, name, brand, category, quantity, price in of_each
    ]


def _with_wider(category: str) -> tuple[str, ...]:
    words = category.split(" / ")
    return tuple(name for end in range(len(words)) if (name := " / ".join(words[: end + 1])))


def _values(fact: Fact, zone: ZoneInfo) -> Iterator[Key]:
    """The cells that an event counts in, but for those of its products."""
    row, origin = fact.row, fact.origin
    yield "plain", "all", "", ""
    hour = datetime.fromtimestamp(row["ts"] // 1000, UTC).astimezone(zone).replace(minute=0, second=0)
    yield "time", "hour", hour.isoformat(), ""
    yield "plain", "event", row["name"], ""
    for dimension in ("entry", "exit", "source", "channel", "medium", "campaign", "referrer"):
        yield "behaviour", dimension, getattr(origin, dimension), ""
    for dimension in _BEHAVIOUR_OF_ROW:
        yield "behaviour", dimension, str(row[dimension]), ""
    if row["search_term"]:
        yield "search", "search", row["search_term"], ""
    for step in fact.steps:
        yield "funnel", "funnel", step, ""
    if fact.visit:
        yield "pair", f"channel {BY} device", origin.channel, row["device"]
        for step in fact.steps:
            yield "pair", f"channel {BY} funnel", origin.channel, step
        if row["name"] == "page_view":
            yield "pair", f"device {BY} path", row["device"], row["path"]
    if fact.next_path:
        yield "pair", "path → path", row["path"], fact.next_path


def _add_goods(cells: dict[Key, Cell], fact: Fact, lines: Sequence[_Line], units: int, revenue: int) -> None:
    """Count an event in the cells of its products, with what its lines say, and in their pairs."""
    having: dict[tuple[str, str], list[_Line]] = defaultdict(list)
    for line in lines:
        for said in {("product", line.product), ("brand", line.brand), *(("category", c) for c in line.categories)}:
            having[said].append(line)
    origin = fact.origin
    products: list[str] = []
    for (dimension, value), own in having.items():
        if not value:
            continue
        label = next((line.name for line in reversed(own) if line.name), "") if dimension == "product" else ""
        turnover = sum(line.price * line.quantity for line in own)
        cells["plain", dimension, value, ""].add(fact, sum(line.quantity for line in own), turnover, label)
        if fact.visit and dimension == "product":
            products.append(value)
            cells["pair", f"source {BY} product", origin.source, value].add(fact, units, revenue)
            if origin.campaign:
                cells["pair", f"campaign {BY} product", origin.campaign, value].add(fact, units, revenue)
        if fact.visit and dimension == "category":
            cells["pair", f"source {BY} category", origin.source, value].add(fact, units, revenue)
            cells["pair", f"country {BY} category", fact.row["country"], value].add(fact, units, revenue)
    if fact.row["name"] == "purchase":
        for a, b in combinations(sorted(products)[:MOST_TOGETHER], 2):
            cells["pair", "bought together", a, b].add(fact, units, revenue)
