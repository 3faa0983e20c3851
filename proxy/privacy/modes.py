"""What is done with a page's events: nothing, a count, a measure. Enters: consent, signals, country. Leaves: one mode.

The strictest of three says: what the page tells of the visitor's consent (or the country's rule where it tells
nothing), and what his browser objects to. Nothing here is legal advice.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Mode(StrEnum):
    """What is done, from nothing to most."""

    OFF = "off"
    """Refused as `not_consented`."""
    COUNT = "count"
    """Counted without a visitor number; nothing that was read on the device is used."""
    MEASURE = "measure"
    """With a number for one day, engagement time and scroll depth."""


PROFILES: Mapping[str, Mode] = MappingProxyType(
    {
        # whoever names no country gets what is right in each: nothing before the visitor has agreed
        "STRICT": Mode.OFF,
        # ekomloven § 3-15 and § 25 TDDDG know no exception for statistics, but a count reads nothing from the device
        "NO": Mode.COUNT,
        "DE": Mode.COUNT,
        # CNIL's conditions for audience measurement; Data (Use and Access) Act 2025, schedule 12
        "FR": Mode.MEASURE,
        "UK": Mode.MEASURE,
    }
)
"""Country → what is done before the page says anything of consent."""

_SAID: Mapping[str, Mode] = MappingProxyType({mode.value: mode for mode in Mode})


def mode_of(said: str, before_consent: Mode, *, objects: bool) -> Mode:
    """The mode of one page.

    Args:
        said: what the page says that consent allows; empty: nothing; a word that is none of ours: no consent that we
            understand, so counting at most, and nothing where nothing is done before consent.
        before_consent: the site's profile.
        objects: the browser sent `Sec-GPC: 1` or `DNT: 1`: counting at most, whatever was clicked on a banner.
    """
    mode = _SAID.get(said) if said else before_consent
    if mode is None:
        mode = Mode.OFF if before_consent is Mode.OFF else Mode.COUNT
    return Mode.COUNT if objects and mode is Mode.MEASURE else mode
