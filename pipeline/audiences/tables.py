"""What is counted for advertisers, how much of it one visitor-day can be, and what each table may cost.

Enters: nothing. Leaves: the closed list of tables; `AUDIENCES.md` says why these. Pure.
"""

from dataclasses import dataclass

Key = tuple[str, ...]
"""A cell's place in its table, one word a column."""

K_RELEASE = 50
"""The least number that is published, noise and all (P5)."""
WEEKS_EPSILON = 2.0
"""For a visitor-day, over all that leaves of a week (P5)."""
DELTA = 1e-6
"""Of tables whose keys aren't public, each (P5)."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the week."""

    name: str
    columns: tuple[str, ...]
    """Names of a key's words."""
    epsilon: float
    cells: int = 4
    """That a visitor-day counts in at most."""
    most: int = 1
    """What it adds to each at most; of `revenue` the shop's `revenue_cap` times this."""


TABLES = {
    table.name: table
    for table in (
        Table("interest", ("product", "device"), 0.8),
        # one cell: who buys, buys few products, so it loses a fourth of them and three fourths of the noise
        Table("conversion", ("product", "step"), 0.2, cells=1),
        Table("campaigns", ("source", "medium", "campaign", "what"), 0.32),
        Table("revenue", ("channel",), 0.08, cells=1),
        Table("places", ("area", "daypart", "device", "what"), 0.4),
        Table("affinity", ("category", "kind", "group"), 0.2),
    )
}
DEVICES = ("desktop", "mobile")
"""Tablets are mobile: the platforms' own split is not finer."""
STEPS = ("cart", "order")
"""How far a visitor-day came with a product; who ordered is not in `cart`."""
DEEDS = ("visit", "view_item", "add_to_cart", "purchase")
DAYPARTS = ("00-04", "04-08", "08-12", "12-16", "16-20", "20-24")
"""Local hours, the second one not included."""
GROUPS = ("area", "device", "source")
