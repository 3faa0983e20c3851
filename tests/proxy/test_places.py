"""A file of places: what of it is kept, and what is said where it can't be used."""

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from maxminddb import InvalidDatabaseError

from pipeline import regions
from proxy import lookups, places
from proxy.places import Places
from proxy.privacy.coarse import NOWHERE, Area
from proxy.settings import Invalid
from tests.proxy.atlas import (
    ATLAS,
    BERGEN_ADDRESS,
    OSLO_ADDRESS,
    STOCKHOLM_ADDRESS,
    UNTOLD_ADDRESS,
    Record,
    city,
    write,
)

COUNTIES = {
    "Oslo": "03", "Rogaland": "11", "Møre og Romsdal": "15", "Nordland": "18", "Østfold": "31", "Akershus": "32",
    "Buskerud": "33", "Innlandet": "34", "Vestfold": "39", "Telemark": "40", "Agder": "42", "Vestland": "46",
    "Trøndelag": "50", "Troms": "55", "Finnmark": "56",
}  # fmt: skip
"""Norway's fifteen, with their numbers of 2024: https://www.ssb.no/klass/klassifikasjoner/104."""


@pytest.fixture
def open_file() -> Iterator[Callable[[Path], Places]]:
    """A file, opened as a worker does it."""
    descriptors: list[int] = []

    def open_it(file: Path) -> Places:
        descriptors.append(places.hold(file))
        return places.held(descriptors[-1])

    yield open_it
    for descriptor in descriptors:
        os.close(descriptor)


class OneRecord:
    """A file that says the same of every address."""

    def __init__(self, record: object) -> None:
        self.record = record

    def get(self, ip_address: str) -> object:  # noqa: ARG002 - as a file is asked
        """The record."""
        return self.record


def said_of(record: object) -> Area:
    """What is kept of a record."""
    return Places(OneRecord(record))("84.208.20.0/24")


def test_a_file_tells_country_and_region_of_networks_of_both_families(
    tmp_path: Path, open_file: Callable[[Path], Places]
) -> None:
    """By code where it has one, else by its name; of an address that it doesn't know nothing."""
    found = open_file(write(tmp_path / "places.mmdb", ATLAS))
    assert found("84.208.20.0/24") == ("NO", "NO-03")
    assert found("84.210.9.0/24") == ("NO", "NO-46")
    assert found("2a02:2121:4::/48") == ("SE", "SE-AB")
    assert found("84.212.1.0/24") == NOWHERE


RECORDS: dict[str, tuple[object, Area]] = {
    "GeoLite2 City": (city("NO", "03", "Oslo"), Area("NO", "NO-03")),
    "GeoLite2 Country": ({"country": {"iso_code": "NO"}}, Area("NO", "")),
    "DB-IP, names alone": (city("NO", name="Trøndelag"), Area("NO", "NO-50")),
    "a name that nobody knows": (city("NO", name="Atlantis"), Area("NO", "")),
    "a name of another country's": (city("SE", name="Trøndelag"), Area("SE", "")),
    "a code that is none": (city("NO", "Grünerløkka"), Area("NO", "")),
    "a code of a town": (city("NO", "0301"), Area("NO", "")),
    "a code that comes with its country": (city("NO", "NO-03"), Area("NO", "")),
    "a country's name": (city("Norway", "03"), NOWHERE),
    "a region without a country": ({"subdivisions": [{"iso_code": "03"}]}, NOWHERE),
    "no region at all": (city("NO") | {"subdivisions": []}, Area("NO", "")),
    "anycast": ({"traits": {"is_anycast": True}}, NOWHERE),
    "a network's owner": ({"autonomous_system_number": 2119}, NOWHERE),
    "words where there should be more": ({"country": "NO", "subdivisions": "03"}, NOWHERE),
    "numbers": (city("NO") | {"subdivisions": [{"iso_code": 3}]}, Area("NO", "")),
    "a list": (["NO"], NOWHERE),
    "nothing": (None, NOWHERE),
}


@pytest.mark.parametrize(("record", "kept"), RECORDS.values(), ids=RECORDS.keys())
def test_of_a_record_two_codes_are_kept(record: object, kept: Area) -> None:
    """Whatever else it says, and however it is made."""
    assert said_of(record) == kept


@pytest.mark.parametrize("suffix", ["", " County", " fylke"])
def test_each_county_of_norway_is_found_by_its_name_and_called_by_it(suffix: str) -> None:
    """The fifteen of 2024, however a file spells them; old ones are called what they were."""
    for name, number in COUNTIES.items():
        for spelt in (name, name.replace("ø", "o").replace("Ø", "O")):
            assert said_of(city("NO", name=f"{spelt}{suffix}")).region == f"NO-{number}"
        assert regions.name_of(f"NO-{number}") == name
    assert regions.name_of("NO-30") == "Viken"
    assert regions.name_of("NO-99") == "NO-99"


def test_what_the_file_does_not_know_the_table_does(tmp_path: Path, open_file: Callable[[Path], Places]) -> None:
    """The country; of regions the table knows nothing."""
    found = lookups.with_places(open_file(write(tmp_path / "places.mmdb", ATLAS | {"84.213.0.0/16": city("DK", "84")})))
    assert found.area("84.212.1.0/24") == ("NO", "")
    assert lookups.LOOKUPS.area("84.213.1.0/24") == ("NO", "")
    assert found.area("84.213.1.0/24") == ("DK", "DK-84")


def test_a_file_of_one_family_is_asked_about_both(tmp_path: Path, open_file: Callable[[Path], Places]) -> None:
    """An IPv6 visitor costs nothing but the region."""
    found = open_file(write(tmp_path / "places.mmdb", {"84.208.0.0/15": city("NO", "03")}, ip_version=4))
    assert found("84.208.20.0/24") == ("NO", "NO-03")
    assert found("2a02:2121:4::/48") == NOWHERE


def test_a_damaged_file_costs_no_visit() -> None:
    """It tells no place where it can't be read."""

    class Damaged:
        def get(self, ip_address: str) -> Record:
            raise InvalidDatabaseError(ip_address)

    assert Places(Damaged())("84.208.20.0/24") == NOWHERE


def _asn(folder: Path) -> Path:
    return write(folder / "asn.mmdb", {"84.208.0.0/15": {"autonomous_system_number": 2119}})


def _packed(folder: Path) -> Path:
    packed = folder / "places.mmdb.gz"
    packed.write_bytes(gzip.compress(write(folder / "places.mmdb", ATLAS).read_bytes()))
    return packed


def _half(folder: Path) -> Path:
    file = write(folder / "places.mmdb", ATLAS)
    file.write_bytes(file.read_bytes()[:200])
    return file


def _empty(folder: Path) -> Path:
    (folder / "empty.mmdb").touch()
    return folder / "empty.mmdb"


FAULTS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "not there": (lambda folder: folder / "none.mmdb", "No such file"),
    "a folder": (lambda folder: folder, "not a file in MaxMind's format"),
    "empty": (_empty, "not a file in MaxMind's format"),
    "packed": (_packed, "is it still packed?"),
    "cut off": (_half, "not a file in MaxMind's format"),
    "of network owners": (_asn, "tells no countries"),
}


@pytest.mark.parametrize(("make", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_a_file_that_cant_be_used_is_named_with_its_fault(
    tmp_path: Path, make: Callable[[Path], Path], fault: str
) -> None:
    """The setting, the path, and what is wrong; nothing stays open."""
    file = make(tmp_path)
    with pytest.raises(Invalid, match=rf"^collector\.places: {file}: .*{fault}"):
        places.hold(file)
    assert _open_ends(file) == 0


def test_a_file_that_is_held_is_seen_open(tmp_path: Path) -> None:
    """So the look for a file left open, above, can find one."""
    file = write(tmp_path / "places.mmdb", ATLAS)
    descriptor = places.hold(file)
    assert _open_ends(file) == 1
    os.close(descriptor)
    assert _open_ends(file) == 0


def _open_ends(file: Path) -> int:
    """How many of this process's descriptors are of `file`; those of other tests come and go meanwhile."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += descriptor.samefile(file)
    return found


def test_all_workers_read_the_file_that_was_there_at_the_start(tmp_path: Path) -> None:
    """Also one that is started anew after the file was replaced, or is gone."""
    file = write(tmp_path / "places.mmdb", {"84.208.0.0/15": city("NO", "03")})
    descriptor = places.hold(file)
    write(tmp_path / "new.mmdb", {"84.208.0.0/15": city("NO", "11")}).replace(file)
    assert places.held(descriptor)("84.208.20.0/24").region == "NO-03"
    file.unlink()
    assert places.held(descriptor)("84.208.20.0/24").region == "NO-03"
    os.close(descriptor)


def test_the_addresses_of_these_tests_are_where_they_say() -> None:
    """By the registries' table, which the file of a test goes before."""
    for address, country in ((OSLO_ADDRESS, "NO"), (BERGEN_ADDRESS, "NO"), (UNTOLD_ADDRESS, "NO")):
        assert lookups.LOOKUPS.area(f"{address.rpartition('.')[0]}.0/24") == (country, "")
    assert STOCKHOLM_ADDRESS.startswith("2a02:2121:")
