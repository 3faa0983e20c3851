"""Where a secret stands in the memory of a process, seen from outside, so that looking makes no copy there.

Enters: a process id and a secret. Leaves: how often it was found, by spelling.
"""

from base64 import b64encode, urlsafe_b64encode
from collections import Counter
from contextlib import suppress
from pathlib import Path

_CHUNK = 1 << 24


def spellings(secret: bytes) -> dict[str, bytes]:
    """Each way in which a copy may be written, by name."""
    half, quarter = len(secret) // 2, len(secret) // 4
    spelt = {
        "whole": secret,
        "first half": secret[:half],
        "second half": secret[half:],
        # memory that was freed loses its beginning to the allocator
        "last quarter": secret[-quarter:],
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
    }
    for shift in range(3):
        # the part that is the same whatever stands before and after, for each place that the first byte can have
        for name, encode in (("base64", b64encode), ("base64 for addresses", urlsafe_b64encode)):
            whole = encode(bytes(shift) + secret)
            spelt[f"{name}, shifted by {shift}"] = whole[(0, 2, 3)[shift] :].rstrip(b"=")[:-1]
    return spelt


def places(pid: int, secret: bytes) -> Counter[str]:
    """How often the secret stands in what the process can write to; only spellings that were found."""
    spelt = spellings(secret)
    overlap = max(map(len, spelt.values())) - 1
    found: Counter[str] = Counter()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for begins, ends in _writable(pid):
            rest = b""
            for at in range(begins, ends, _CHUNK):
                with suppress(OSError):  # unmapped since, or a device's
                    memory.seek(at)
                    chunk = rest + memory.read(min(_CHUNK, ends - at))
                    for name, needle in spelt.items():
                        # what lies wholly in the rest was counted with the chunk before
                        found[name] += chunk.count(needle) - rest.count(needle)
                    rest = chunk[-overlap:]
    return +found


def _writable(pid: int) -> list[tuple[int, int]]:
    spans = []
    for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
        span, rights = line.split()[:2]
        if rights.startswith("rw"):
            begins, ends = span.split("-")
            spans.append((int(begins, 16), int(ends, 16)))
    return spans
