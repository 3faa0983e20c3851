"""What leaves the house for advertisers, and how it is made about nobody: reckoned from what is switched on.

Enters: a shop, the closed list of exports, the weeks that are released. Leaves: one frozen value, said by the page in
two languages. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.audiences.exports.listed import EXPORTS, Export
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import DELTA, K_RELEASE, TABLES, WEEKS_EPSILON


@dataclass(frozen=True, slots=True)
class LeavingFile:
    """One file a week."""

    name: str
    file: str
    columns: tuple[str, ...]
    """Of its first line; none: it is a text."""
    is_feed: bool
    """The platforms fetch it by themselves."""


@dataclass(frozen=True, slots=True)
class LeavingTable:
    """What is counted for the files, and how much of it one visitor's day can be."""

    name: str
    columns: tuple[str, ...]
    cells: int
    """That a day counts in at most."""
    most: int
    """What it adds to each at most."""
    epsilon: float
    scale: float
    """Of the noise."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """All that leaves of one shop."""

    site: str
    files: tuple[LeavingFile, ...]
    tables: tuple[LeavingTable, ...]
    epsilon: float
    """For one visitor's day, of all that leaves of a week."""
    most_epsilon: float = WEEKS_EPSILON
    k: int = K_RELEASE
    delta: float = DELTA
    currency: str = ""
    weeks: tuple[str, ...] = ()
    """That are released, oldest first."""

    @property
    def delta_text(self) -> str:
        """Written out: `0.000001`."""
        return f"{self.delta:f}"


def leaving(
    site: str,
    shop: Advertiser | None,
    weeks: Sequence[str] = (),
    columns: Mapping[str, Sequence[str]] = MappingProxyType({}),
    listed: Mapping[str, Export] = EXPORTS,
) -> Leaving:
    """What leaves of a site; of one without exports nothing does.

    Args:
        site: whose page it is.
        shop: the site's, if it has exports on.
        weeks: that are released, oldest first.
        columns: of the files that were made; of others those of a week without visitors.
        listed: what can be made.
    """
    on = [export for name, export in listed.items() if shop is not None and name in shop.exports]
    if shop is None or not on:
        return Leaving(site, (), (), 0.0, weeks=tuple(weeks))
    files = tuple(
        LeavingFile(one.name, one.file, tuple(columns.get(one.name, ()) or one.columns(shop)), one.is_feed)
        for one in on
    )
    tables = tuple(_table(name, shop) for name in TABLES if any(name in one.tables for one in on))
    epsilon = round(sum(table.epsilon for table in tables), 6)
    return Leaving(site, files, tables, epsilon, currency=shop.currency, weeks=tuple(weeks))


def _table(name: str, shop: Advertiser) -> LeavingTable:
    table = TABLES[name]
    most = table.most * (shop.revenue_cap if name == "revenue" else 1)
    return LeavingTable(name, table.columns, table.cells, most, table.epsilon, table.cells * most / table.epsilon)
