"""Where a ClickHouse server is, and how to get in; or an embedded store, and whether one was left somewhere.

Enters: the URL, and the files that the operator names. Leaves: a `Server`, or a `ValueError` that quotes no password.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

EMBEDDED = "chdb"
DATABASE = "sporlos"

_PORTS = {"http": 8123, "https": 8443}


@dataclass(frozen=True, slots=True)
class Access:
    """What a URL can't say, or had better not."""

    password_file: Path | None = None
    """Its first line is the password: so it need stand neither in the settings nor in the environment."""
    ca_file: Path | None = None
    """The certificate authority of a server whose certificate no public one has signed."""
    answer_seconds: int = 60
    """Without a sign of life; a long statement gives one (a header of progress) before that."""
    cluster: str = ""
    """Its name in the servers' settings, where the server is one of several."""


PLAIN = Access()
"""Nothing of it."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server, as the client wants it told."""

    interface: str
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def at(cls, url: str) -> Self:
        """From `http(s)://user:password@host[:port][/database]`.

        Raises:
            ValueError: it is none.
        """
        with suppress(ValueError):  # of a port or a bracket; told below in our words
            parts = urlsplit(url)
            database = unquote(parts.path.strip("/")) or DATABASE
            rest = parts.query or parts.fragment or not re.fullmatch(r"\w+", database, re.ASCII)
            if parts.scheme in _PORTS and parts.hostname and not rest:
                return cls(
                    interface=parts.scheme,
                    host=parts.hostname,
                    port=parts.port or _PORTS[parts.scheme],
                    database=database,
                    user=unquote(parts.username or "default"),
                    password=unquote(parts.password or ""),
                )
        raise ValueError(f"expected {EMBEDDED}, or http(s)://user:password@host:port/database")

    @property
    def name(self) -> str:
        """For messages: without user and password."""
        return f"{self.interface}://{self.host}:{self.port}"


def checked(url: str) -> str:
    """The URL, if it is one that a store can be opened with.

    Raises:
        ValueError: it is neither the embedded engine's word nor a server's URL.
    """
    if url != EMBEDDED:
        Server.at(url)
    return url


def left_behind(url: str, folder: Path) -> str:
    """What has to be said of an embedded store in `folder` that nobody opens any more; empty: there is none.

    Nothing is dropped from it: rows about visits lie there until somebody takes them away. We don't, since the counts
    of two years may be in there, too.
    """
    unused = folder / "clickhouse"
    if url == EMBEDDED or not unused.is_dir():
        return ""
    return (
        f"{unused.resolve()} is an embedded store that `[clickhouse] url` no longer uses: ROWS IN IT ARE KEPT FOR EVER,"
        f' and none is shown; delete the folder (its counts go with it), or set url = "{EMBEDDED}" again'
    )
