"""Known strings that must be found nowhere. Leaves: one of each kind that could name a person, a device or a click.

All are made up, or of a series that is given to nobody: a find is ours, never a visitor's.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b
from ipaddress import IPv6Address
from uuid import UUID

from proxy.privacy.scrub import PAID_BY


def _bytes(seed: str, size: int) -> bytes:
    """The same for the same seed, and alike in nothing else."""
    return blake2b(f"canary {seed}".encode(), digest_size=size).digest()


def _token(seed: str, size: int) -> str:
    return urlsafe_b64encode(_bytes(seed, size)).rstrip(b"=").decode()


def _json_token() -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "kanari-5581", "exp": 1795689600})
    head, claims = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return f"{head}.{claims}.{_token('signature', 32)}"


def _short_address(seed: str) -> str:
    """Octets of three digits as far as they go: `1.2.3.4` would be found in a version number."""
    first, *rest = _bytes(seed, 4)
    firsts = (46, 77, 81, 84, 92, 109, 128, 129, 151, 158, 178, 185, 193, 195, 212, 217)
    return ".".join(str(octet) for octet in (firsts[first % 16], *(101 + octet % 150 for octet in rest)))


def _long_address(seed: str) -> str:
    firsts = ("2a02:2121", "2a01:799", "2001:4644", "2a06:5901", "2001:4650", "2a0d:3344", "2001:2020", "2a02:fe0")
    random = _bytes(seed, 13)
    rest = ":".join(random[at : at + 2].hex() for at in range(1, 13, 2))
    return str(IPv6Address(f"{firsts[random[0] % 8]}:{rest}"))


EMAIL = "kanarifuglesen.kari@kanaripost.no"
NATIONAL_NUMBER = "15889010220"
"""Valid by both check digits, of the synthetic series (month + 80) that is given to nobody."""
PHONE = "+4759718364"
CARD = "4012888888881881"
"""A number that card issuers gave out for tests."""
IBAN = "NO9386011117947"
"""The registry's own example."""
UNIQUE_ID = str(UUID(bytes=_bytes("unique id", 16), version=4))
TOKEN = "kX9vQ2mR7tZ4wB8nL3pY6cH1"
JSON_TOKEN = _json_token()
NAME = "Kanarine Fjærvik"
ORDER = "KF-7731904244178"
AGENT = "Kanarileser/7.31"
CLICKS: Mapping[str, str] = {parameter: _token(parameter, 21) for parameter in PAID_BY}
"""A click's number for every parameter that the product knows to carry one."""
IPV4 = tuple(_short_address(f"short {number}") for number in range(64))
IPV6 = tuple(_long_address(f"long {number}") for number in range(64))

ADDRESSES = (*IPV4, *IPV6)
RECOGNISABLE = (EMAIL, NATIONAL_NUMBER, PHONE, CARD, IBAN, UNIQUE_ID, TOKEN, JSON_TOKEN)
"""What can be told from a shop's own words, and so must be caught in whatever field it stands."""
UNRECOGNISABLE = (NAME, ORDER)
"""What looks like any word or number: it may only be sent where nothing at all is kept."""
ALL = (*RECOGNISABLE, *UNRECOGNISABLE, AGENT, *CLICKS.values(), *ADDRESSES)
