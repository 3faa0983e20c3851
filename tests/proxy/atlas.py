"""Files of places as tests want them. Enters: networks and what is said of each. Leaves: a file in MaxMind's format."""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

Record = Mapping[str, Any]

OSLO_ADDRESS, BERGEN_ADDRESS, STOCKHOLM_ADDRESS = "84.208.20.117", "84.210.9.66", "2a02:2121:4:5::77"
UNTOLD_ADDRESS = "84.212.1.1"
"""In no file; Norway by the registries' table."""


def city(country: str, region: str = "", name: str = "") -> Record:
    """A record as GeoLite2 City has them; with a name and no code as DB-IP's free file does."""
    record = {
        "city": {"names": {"en": "Grünerløkka"}},
        "continent": {"code": "EU"},
        "country": {"iso_code": country, "names": {"en": "Norway"}},
        "location": {"latitude": 59.92, "longitude": 10.76},
        "postal": {"code": "0555"},
    }
    if not region and not name:
        return record
    widest = {"names": {"en": name or "Somewhere"}} | ({"iso_code": region} if region else {})
    return record | {"subdivisions": [widest, {"iso_code": "0301", "names": {"en": "Oslo kommune"}}]}


ATLAS: Mapping[str, Record] = {
    "84.208.0.0/15": city("NO", "03", "Oslo"),
    "84.210.0.0/16": city("NO", name="Vestland"),
    "2a02:2121::/32": city("SE", "AB", "Stockholm County"),
}


def write(file: Path, networks: Mapping[str, Record], ip_version: int = 6) -> Path:
    """Write a file of these networks."""
    writer = MMDBWriter(ip_version=ip_version, database_type="Test-City", ipv4_compatible=ip_version == 6)
    for network, record in networks.items():
        writer.insert_network(IPSet([str(ip_network(network))]), record)
    writer.to_db_file(str(file))
    return file
