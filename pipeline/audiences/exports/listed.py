"""The closed list of what can be made for advertisers. Enters: nothing. Leaves: names, forms, what makes each. Pure."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from pipeline.audiences.exports import (
    brief,
    campaigns,
    google_ads,
    google_labels,
    keywords,
    meridian,
    meta_labels,
    robyn,
    value_rules,
)
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES


class Form(StrEnum):
    """How a file is written; its value is the ending of the file's name."""

    TSV = "tsv"
    CSV = "csv"
    MARKDOWN = "md"

    @property
    def media_type(self) -> str:
        """As registered with IANA: https://www.iana.org/assignments/media-types/media-types.xhtml."""
        return {Form.TSV: "text/tab-separated-values", Form.CSV: "text/csv", Form.MARKDOWN: "text/markdown"}[self]

    def rows(self, body: bytes) -> list[list[str]]:
        """A file's cells, its header first; of a text one cell a line."""
        text = body.decode("utf-8-sig")
        if self is Form.MARKDOWN:
            return [[line] for line in text.splitlines()]
        return list(csv.reader(text.splitlines(keepends=True), delimiter="\t" if self is Form.TSV else ","))


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file."""

    name: str
    form: Form
    tables: tuple[str, ...]
    """Of the week, that it is made of."""
    make: Callable[[Sequence[Week], Advertiser], bytes]
    """Weeks oldest first, the last one is the one asked for."""
    is_feed: bool = False
    """Platforms fetch it by themselves, so it has a fixed address."""
    spends: bool = False
    """It tells what the shop has spent, too."""

    @property
    def file(self) -> str:
        """The name that it leaves by."""
        return f"{self.name.replace('_', '-')}.{self.form}"

    def columns(self, shop: Advertiser) -> tuple[str, ...]:
        """What the file of this shop has columns for, as a week writes it in which nobody came; a text has none."""
        if self.form is Form.MARKDOWN:
            return ()
        return tuple(self.form.rows(self.make((_nobody_came(shop.site),), shop))[0])


def _nobody_came(site: str) -> Week:
    drawn = (Released(table.name, {}, table.epsilon, 0.0, table.cells / table.epsilon, 0) for table in TABLES.values())
    return Week(site, date(1970, 1, 5), {table.table: table for table in drawn})


_ALL = (
    Export("google_labels", Form.TSV, ("interest", "conversion"), google_labels.export, is_feed=True),
    Export("meta_labels", Form.CSV, ("interest", "conversion"), meta_labels.export, is_feed=True),
    Export("campaigns", Form.CSV, ("campaigns", "revenue"), campaigns.export),
    Export("meridian", Form.CSV, ("campaigns", "revenue", "places"), meridian.export, spends=True),
    Export("robyn", Form.CSV, ("campaigns", "revenue", "places"), robyn.export, spends=True),
    Export("google_ads", Form.CSV, ("places",), google_ads.export),
    Export("value_rules", Form.CSV, ("places",), value_rules.export),
    Export("brief", Form.MARKDOWN, ("affinity",), brief.export),
    Export("keywords", Form.TSV, ("interest", "affinity"), keywords.export),
)

EXPORTS = MappingProxyType({export.name: export for export in _ALL})
"""By name."""
