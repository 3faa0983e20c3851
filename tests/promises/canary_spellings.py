"""Every spelling that a canary is looked for in. Enters: bytes by place. Leaves: where which canary was found, and how.

A spelling must be too long to be met by chance in a hundred megabytes of numbers and hashes, or say which characters
may not stand beside it: eight digits of a telephone number are found in every tenth run, but not with no digit next to
them. Four bytes of an IPv4 address are found in any random kilobytes, so those are looked for in text only.
"""

import hashlib
import html
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import quote
from uuid import UUID

from ahocorasick_rs import BytesAhoCorasick

from tests.promises import canaries
from tests.promises.canaries import ADDRESSES, ALL

_DIGITS, _HEX_DIGITS = b"0123456789", b"0123456789abcdef"


class Spelling(NamedTuple):
    """One way to write a canary."""

    name: str
    data: bytes
    not_beside: bytes = b""
    """Characters that must not stand right before or after it."""


def spellings(canary: str) -> list[Spelling]:
    """A canary in every form that people write it in, each in every encoding that programs write it in."""
    found_spellings: dict[bytes, Spelling] = {}
    for form in _forms(canary):
        for encoding in _encodings(form.data) if len(form.data) > 4 else _hashes(form.data):
            # whatever changes the characters makes it long enough to stand beside anything
            not_beside = form.not_beside if encoding.data.isalnum() and len(encoding.data) == len(form.data) else b""
            spelling = Spelling(f"{form.name}, {encoding.name}", encoding.data.lower(), not_beside)
            found_spellings.setdefault(spelling.data, spelling)
    return list(found_spellings.values())


def _forms(canary: str) -> Iterator[Spelling]:
    """What of a canary would do to find the person, in the ways that people and programs write it."""
    yield Spelling("as it is", canary.encode())
    if canary in ADDRESSES:
        yield from _address(canary)
    yield from _of_number(canary)
    match canary:
        case canaries.EMAIL:
            yield Spelling("without its host", canary.partition("@")[0].encode())
        case canaries.UNIQUE_ID:
            yield Spelling("without hyphens", UUID(canary).hex.encode())
            yield Spelling("packed", UUID(canary).bytes)
            yield Spelling("packed, by its fields", UUID(canary).bytes_le)
        case canaries.JSON_TOKEN:
            _, claims, signature = canary.split(".")
            yield Spelling("its claims", claims.encode())
            yield Spelling("its signature", signature.encode())
        case canaries.NAME:
            yield Spelling("the first name", canary.partition(" ")[0].encode())
            yield Spelling("in Latin-1", canary.encode("latin-1"))


def _of_number(canary: str) -> Iterator[Spelling]:
    match canary:
        case canaries.NATIONAL_NUMBER:
            yield Spelling("in two groups", f"{canary[:6]} {canary[6:]}".encode())
        case canaries.PHONE:
            digits = canary[3:]
            yield Spelling("without a plus", canary[1:].encode(), _DIGITS)
            yield Spelling("at home", digits.encode(), _DIGITS)
            yield Spelling("in pairs", _grouped(digits, 2, 2, 2, 2))
            yield Spelling("in threes", _grouped(digits, 3, 2, 3))
        case canaries.CARD:
            yield Spelling("in groups", _grouped(canary, 4, 4, 4, 4))
            yield Spelling("in groups with hyphens", _grouped(canary, 4, 4, 4, 4).replace(b" ", b"-"))
        case canaries.IBAN:
            yield Spelling("in groups", _grouped(canary, 4, 4, 4, 3))
            yield Spelling("its account", canary[4:].encode(), _DIGITS)
            yield Spelling("its account with dots", f"{canary[4:8]}.{canary[8:10]}.{canary[10:]}".encode())
        case canaries.ORDER:
            yield Spelling("its digits", canary.partition("-")[2].encode(), _DIGITS)


def _grouped(digits: str, *sizes: int) -> bytes:
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    return " ".join(digits[start : start + size] for start, size in zip(starts, sizes, strict=True)).encode()


def _address(canary: str) -> Iterator[Spelling]:
    address = ip_address(canary)
    packed = address.packed
    groups = [packed.hex()[at : at + 4] for at in range(0, len(packed) * 2, 4)]
    yield Spelling("as a number", str(int(address)).encode(), _DIGITS)
    yield Spelling("packed, in hex", packed.hex().encode(), _HEX_DIGITS)
    yield Spelling("packed, in groups", ":".join(groups).encode(), _HEX_DIGITS)
    yield Spelling("spelt out", address.exploded.encode())
    yield Spelling("for a look-up of its name", address.reverse_pointer.rpartition(".")[0].rpartition(".")[0].encode())
    yield Spelling("packed", packed)
    if address.version == 6:
        yield Spelling("packed, turned round", packed[::-1])


def _encodings(text: bytes) -> Iterator[Spelling]:
    latin = text.decode("latin-1")
    yield Spelling("plain", text)
    yield Spelling("percent", quote(text, safe="").encode())
    yield Spelling("percent twice", quote(quote(text, safe=""), safe="").encode())
    yield Spelling("percent, every character", b"".join(b"%%%02x" % byte for byte in text))
    yield Spelling("hex", text.hex().encode())
    yield Spelling("hex with blanks", text.hex(" ").encode())
    yield Spelling("as Python shows bytes", repr(text)[2:-1].encode())
    yield Spelling("UTF-8 twice", latin.encode())
    yield from _base64("base64", text)
    yield from _hashes(text)
    try:
        characters = text.decode()
    except UnicodeDecodeError:
        return
    yield Spelling("JSON", json.dumps(characters)[1:-1].encode())
    yield Spelling("JSON twice", json.dumps(json.dumps(characters))[3:-3].encode())
    yield Spelling("JSON, every character", b"".join(b"\\u%04x" % ord(character) for character in characters))
    yield Spelling("JSON, punctuation", "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in characters).encode())
    yield Spelling("HTML", html.escape(characters).encode())
    yield Spelling("HTML, every character", "".join(f"&#{ord(character)};" for character in characters).encode())
    yield Spelling("UTF-16", characters.encode("utf-16-le"))
    yield Spelling("UTF-16, large end first", characters.encode("utf-16-be"))
    yield Spelling("UTF-32", characters.encode("utf-32-le"))


def _hashes(text: bytes) -> Iterator[Spelling]:
    """Without a salt, a hash of anything that can be guessed is the thing itself."""
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(name, text, usedforsecurity=False).digest()
        yield Spelling(name, digest)
        yield Spelling(f"{name} in hex", digest.hex().encode())
        yield from _base64(f"{name} in base64", digest)
    for name in ("md5", "sha256"):
        eight = hashlib.new(name, text, usedforsecurity=False).digest()[:8]
        yield from _numbers(f"{name}, its first 64 bits", eight)
    yield from _numbers("blake2b of 64 bits", hashlib.blake2b(text, digest_size=8).digest())


def _numbers(name: str, eight: bytes) -> Iterator[Spelling]:
    """As the store's columns would show it."""
    yield Spelling(f"{name} as a number", str(int.from_bytes(eight, "big")).encode())
    yield Spelling(f"{name} as a number, small end first", str(int.from_bytes(eight, "little")).encode())


def _base64(name: str, data: bytes) -> Iterator[Spelling]:
    """The part that is the same whatever stands before and after: one for each of three alignments."""
    for shift in range(3):
        whole = b64encode(bytes(shift) + data)
        spelt = whole[(0, 2, 3)[shift] :].rstrip(b"=")
        cut = spelt if (shift + len(data)) % 3 == 0 else spelt[:-1]
        yield Spelling(f"{name}, shifted by {shift}", cut)
        yield Spelling(f"{name} for URLs, shifted by {shift}", cut.translate(bytes.maketrans(b"+/", b"-_")))


_NEEDLES = [(canary, spelling) for canary in ALL for spelling in spellings(canary)]
_SEARCH = BytesAhoCorasick([spelling.data for _, spelling in _NEEDLES])


def found(places: Mapping[str, bytes]) -> list[str]:
    """`place: canary (spelling)` for each that is there, in whatever case."""
    finds = []
    for place, content in places.items():
        lower = content.lower()
        matches = _SEARCH.find_matches_as_indexes(lower, overlapping=True)
        numbers = {number for number, start, end in matches if _stands_alone(lower, start, end, number)}
        finds += [f"{place}: {_NEEDLES[number][0]} ({_NEEDLES[number][1].name})" for number in sorted(numbers)]
    return finds


def _stands_alone(content: bytes, start: int, end: int, number: int) -> bool:
    not_beside = _NEEDLES[number][1].not_beside
    beside = content[max(start - 1, 0) : start] + content[end : end + 1]
    return not any(character in not_beside for character in beside)
