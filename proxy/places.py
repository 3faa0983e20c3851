"""Where a network is, by a file that the operator has chosen (`[collector] places`): country and region.

Enters: a file in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), and truncated networks. Leaves: two codes,
or none. The file is mapped into memory, so that workers share what they read of it; nobody is asked over a network.

The shape of a record is that of GeoLite2 City: `country.iso_code`, `subdivisions[0].iso_code`, the widest region first.
DB-IP's free file has names of regions in English and no codes: there, the code is found by name.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from unicodedata import combining, normalize

import maxminddb
from maxminddb import InvalidDatabaseError

from pipeline import regions
from proxy.privacy import coarse
from proxy.privacy.coarse import Area
from proxy.settings import Invalid

_LOOKED_AT = 10_000
"""Networks of a file that are looked at for a country before it is refused; mostly, the first has one."""
_KIND = re.compile(r" (county|fylke|region|province|state)$")
_DIFFERENT_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "ß": "ss"})


class Reader(Protocol):
    """What is asked of a file."""

    def get(self, ip_address: str) -> Any:  # noqa: ANN401 - whatever the file holds
        """The record of an address, or None."""


class Places:
    """Where networks are, by an opened file."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __call__(self, network: str) -> Area:
        """Country and region of a network (`193.212.4.0/24`), asked by its first address; empty where unknown."""
        try:
            return _area_of(self._reader.get(network.partition("/")[0]))
        except (InvalidDatabaseError, ValueError):
            # a damaged file, or one of IPv4 alone that is asked about IPv6, costs places and no visits
            return coarse.NOWHERE


def hold(file: Path) -> int:
    """A descriptor of the file, for the workers: whatever stands under its name later, all of them read this one.

    Raises:
        Invalid: it isn't there, isn't in MaxMind's format, or tells no countries.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError as error:
        raise Invalid(f"collector.places: {file}: {error.strerror}") from None
    if fault := _fault(descriptor):
        os.close(descriptor)
        raise Invalid(f"collector.places: {file}: {fault}")
    return descriptor


def _fault(descriptor: int) -> str:
    """What is wrong with a file, if anything is."""
    try:
        held(descriptor)
    except OSError as error:
        return error.strerror or str(error)
    except (InvalidDatabaseError, ValueError):
        return "not a file in MaxMind's format (.mmdb); is it still packed?"
    except LookupError:
        return "it tells no countries; expected a file of places, such as GeoLite2 City"
    return ""


def held(descriptor: int) -> Places:
    """The file behind a descriptor, mapped into memory.

    Raises:
        LookupError: it tells no countries.
        InvalidDatabaseError, OSError, ValueError: it can't be read.
    """
    reader = maxminddb.open_database(f"/proc/self/fd/{descriptor}", maxminddb.MODE_AUTO)
    if not any(_area_of(record).country for _, record in islice(reader, _LOOKED_AT)):
        raise LookupError
    return Places(reader)


def _area_of(record: object) -> Area:
    """What a record says, as far as it is in a form that we know."""
    country = _within(record, "country", "iso_code")
    region = _within(record, "subdivisions", 0, "iso_code")
    if region:
        return coarse.area(country, f"{country}-{region}")
    return coarse.area(country, _codes(country).get(_folded(_within(record, "subdivisions", 0, "names", "en")), ""))


def _within(record: object, *path: str | int) -> str:
    """A text somewhere in a record, or an empty one."""
    for step in path:
        if isinstance(record, Mapping):
            record = record.get(step)
        elif isinstance(record, list) and record and step == 0:
            record = record[0]
        else:
            return ""
    return record if isinstance(record, str) else ""


@cache
def _by_country() -> Mapping[str, Mapping[str, str]]:
    """Country → folded name → code. Of two codes of one name the higher: Norway numbers its new counties upwards."""
    found: dict[str, dict[str, str]] = {}
    for code, name in sorted(regions.names().items()):
        found.setdefault(code[:2], {})[_folded(name)] = code
    return found


def _codes(country: str) -> Mapping[str, str]:
    return _by_country().get(country, {})


def _folded(name: str) -> str:
    """A name as different lists have it alike: no accents, no `County` behind it."""
    letters = normalize("NFKD", name.lower().translate(_DIFFERENT_LETTERS))
    return _KIND.sub("", "".join(sign for sign in letters if not combining(sign)))
