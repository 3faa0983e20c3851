"""Days that another tool tells of, and what anybody may see of them afterwards."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipeline.imports.cells import ImportedCell, ImportedDay
from pipeline.store.database import Store
from tests.dashboards.shop import TODAY

ZONE = "Europe/Oslo"
NOW = datetime.now(UTC).timestamp()
DAY = TODAY - timedelta(days=30)
_SEEN = """
    SELECT dim, value, label, visitors, visits, views, events, item_views, carts, checkouts, orders, units, revenue
    FROM daily
    WHERE site = {site:String} AND day = {day:Date} AND (grain, day, run) IN
        (SELECT grain, day, max(run) FROM closings WHERE site = {site:String} GROUP BY grain, day)
    ORDER BY dim, value
"""


def told(site: str, *cells: ImportedCell, day: date = DAY, source: str = "plausible", views: int = 9) -> ImportedDay:
    """A day with these cells beside its total."""
    return ImportedDay(site, day, source, (ImportedCell("all", "", views=views), *cells), "NOK")


def seen(store: Store, site: str, day: date = DAY) -> list[tuple[Any, ...]]:
    """What anybody may see of a day."""
    return [tuple(row) for row in store.query(_SEEN, {"site": site, "day": day.isoformat()}).rows]


def seen_of(store: Store, site: str, dim: str) -> dict[str, dict[str, Any]]:
    """What of it is not nothing, by value."""
    columns = "label visitors visits views events item_views carts checkouts orders units revenue".split()
    rows = [row for row in seen(store, site) if row[0] == dim]
    return {row[1]: {k: v for k, v in zip(columns, row[2:], strict=True) if v} for row in rows}
