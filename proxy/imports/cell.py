"""A count as a file tells it. Enters: what a reader found. Leaves: a value that still holds whatever stood there.

`RawCell` has no way into the store: that takes an `ImportedCell`, which `cleaning.py` makes.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

Counts = Mapping[str, float]
"""Measure of `pipeline.imports.cells` → number; `revenue` in major units."""

CAME = ("source", "channel", "medium", "campaign", "referrer")
"""What is told of where visits came from: dimensions of one `Came`."""


class Came(NamedTuple):
    """How visits found the shop, as far as the file tells."""

    name: str = ""
    """What the tool calls the source: `Google`, `Direct / None`."""
    source: str = ""
    """The link's `utm_source`."""
    medium: str = ""
    campaign: str = ""
    referrer: str = ""
    """Host or URL of the page before."""
    tells: tuple[str, ...] = CAME
    """The dimensions that can be told from it."""


class RawCell(NamedTuple):
    """The counts of one value of a dimension, uncleaned."""

    origin: str
    """The file, and the table in it; two of them may not count the same."""
    day: date
    dim: str
    """A dimension of `pipeline.imports.cells`, or `came` for the value of a `Came`."""
    value: str
    counts: Counts
    came: Came = Came()
    label: str = ""
    part: str = ""
    """Which part of the dimension it is, where several tables tell one together."""
