"""Known strings that must be found nowhere, and every spelling that they are looked for in.

Enters: bytes by place. Leaves: where which canary was found, in which spelling.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import quote

EMAIL = "kanarifuglesen.kari@kanaripost.no"
NATIONAL_NUMBER = "15889010220"
"""Valid by both check digits, of the synthetic series (month + 80) that is given to nobody."""
AGENT = "Kanarileser/7.31"
IPV4 = (
    "81.166.23.141",
    "84.208.97.213",
    "92.220.148.177",
    "193.90.61.204",
    "158.36.72.119",
    "46.9.233.182",
    "77.16.54.228",
    "212.33.140.165",
)
IPV6 = (
    "2a02:2121:7c3:62e7:369f:7514:b6a4:1c5d",
    "2a01:799:1b5c:228c:e240:9930:2819:6d9e",
    "2001:4644:9a3e:a532:1eda:f8e3:91e8:46f7",
    "2a06:5901:3d7b:199a:2601:7f04:7b0e:21e3",
    "2001:4650:c8f2:4d9d:2739:9d12:7cae:1f22",
    "2a0d:3344:e61a:e3ad:a0c2:2fb2:4927:b171",
    "2001:2020:41d9:b0a0:a540:1fd7:a3be:a5e7",
    "2a02:fe0:b27c:758d:1cb2:4899:1bed:9e82",
)
ADDRESSES = (*IPV4, *IPV6)
ALL = (EMAIL, NATIONAL_NUMBER, AGENT, *ADDRESSES)


def spellings(canary: str) -> Iterator[tuple[str, bytes]]:
    """A canary in every encoding that a program might write it in, by name."""
    text = canary.encode()
    yield "as it is", text
    yield "percent", quote(canary, safe="").encode()
    yield "percent twice", quote(quote(canary, safe=""), safe="").encode()
    yield "percent, every character", b"".join(b"%%%02x" % byte for byte in text)
    yield "JSON, every character", b"".join(b"\\u%04x" % byte for byte in text)
    yield "JSON, punctuation", "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in canary).encode()
    yield "JSON", json.dumps(canary)[1:-1].encode()
    yield "UTF-16", canary.encode("utf-16-le")
    yield "hex", text.hex().encode()
    yield from _base64("base64", text)
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, text, usedforsecurity=False)
        yield name, digest.digest()
        yield f"{name} in hex", digest.hexdigest().encode()
        yield from _base64(f"{name} in base64", digest.digest())
    if canary in ADDRESSES:
        yield from _address(canary)


def _address(canary: str) -> Iterator[tuple[str, bytes]]:
    address = ip_address(canary)
    packed = address.packed
    yield "as a number", str(int(address)).encode()
    yield "packed, in hex", packed.hex().encode()
    yield "packed, in groups", ":".join(packed.hex()[at : at + 4] for at in range(0, len(packed) * 2, 4)).encode()
    yield "spelt out", address.exploded.encode()
    if address.version == 6:  # four bytes are found by chance, sixteen are not
        yield "packed", packed
        yield "packed, turned round", packed[::-1]
        yield from _base64("packed, in base64", packed)


def _base64(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The part that is the same whatever stands before and after: one for each of three alignments."""
    for shift in range(3):
        whole = b64encode(bytes(shift) + data)
        spelt = whole[(0, 2, 3)[shift] :].rstrip(b"=")
        cut = spelt if (shift + len(data)) % 3 == 0 else spelt[:-1]
        yield f"{name}, shifted by {shift}", cut
        yield f"{name} for URLs, shifted by {shift}", cut.translate(bytes.maketrans(b"+/", b"-_"))


_NEEDLES = [(canary, name, spelt.lower()) for canary in ALL for name, spelt in dict(spellings(canary)).items()]


def found(places: Mapping[str, bytes]) -> list[str]:
    """`place: canary (spelling)` for each that is there, in whatever case."""
    finds = []
    for place, content in places.items():
        lower = content.lower()
        finds += [f"{place}: {canary} ({name})" for canary, name, needle in _NEEDLES if needle in lower]
    return finds
