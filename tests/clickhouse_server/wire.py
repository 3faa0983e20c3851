"""ClickHouse's HTTP interface, the parts without a socket: compression both ways, and which status says which error."""

import gzip
import zlib

import lz4.frame
from backports import zstd

_SHRINK = {
    "lz4": lz4.frame.compress,
    "zstd": zstd.compress,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}
_GROW = {
    "lz4": lz4.frame.decompress,
    "zstd": zstd.decompress,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
}

_NO_SUCH = (46, 47, 60, 81, 115)
_NOT_UNDERSTOOD = (6, 25, 26, 27, 36, 38, 41, 43, 53, 62, 69, 70, 72, 117, 130, 131, 190, 321, 349, 376, 441, 467)
_NOT_ALLOWED = (192, 193, 497, 516)
_STATUSES = {
    **dict.fromkeys(_NO_SUCH, 404),
    **dict.fromkeys(_NOT_UNDERSTOOD, 400),
    **dict.fromkeys(_NOT_ALLOWED, 403),
    48: 501,
    159: 408,
    194: 401,
    209: 408,
}


class Unreadable(Exception):
    """The body is not what its `Content-Encoding` says."""


def chosen(accepted: str) -> str:
    """The encoding of the answer: the first that both sides know, else none."""
    offered = [word.partition(";")[0].strip().lower() for word in accepted.split(",")]
    return next((word for word in offered if word in _SHRINK), "")


def shrink(body: bytes, encoding: str) -> bytes:
    """The body as it goes over the wire."""
    return _SHRINK[encoding](body) if encoding else body


def grow(body: bytes, encoding: str) -> bytes:
    """The body as it was meant.

    Raises:
        Unreadable: cut off, broken, or of an encoding that isn't known here.
    """
    if encoding in {"", "identity"}:
        return body
    try:
        return _GROW[encoding](body)
    except KeyError:
        raise Unreadable(f"unknown encoding {encoding}") from None
    except (RuntimeError, OSError, EOFError, ValueError, zlib.error, zstd.ZstdError) as error:
        raise Unreadable(str(error)) from None


def status(code: int) -> int:
    """The HTTP status that a server answers such an exception with."""
    return _STATUSES.get(code, 500)
