"""The shops' own servers: who may report to `/v1/events`, and what they have reported lately.

Enters: the header `Authorization`. Leaves: whose server it is. A token is 32 random bytes and is shown once; the
settings hold its SHA-256, so that who reads them can send nothing.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from proxy.admit import Door
from proxy.site import Site

Saying = tuple[str, str, int]
"""Site, its day, an event's keyed hash of that day."""

_MOST_SAYINGS = 50_000


class Sender(NamedTuple):
    """A shop's own server."""

    door: Door
    """Its shop's: a token is of one shop."""
    names_visitors: bool


def senders_of(sites: Iterable[Site], doors: Mapping[str, Door]) -> Mapping[str, Sender]:
    """Who may report, by the SHA-256 of the token."""
    return {
        sender.token_sha256: Sender(doors[site.id], sender.names_visitors) for site in sites for sender in site.senders
    }


def sender_of(authorization: str, senders: Mapping[str, Sender]) -> Sender | None:
    """Whose server sends this: RFC 6750's `Bearer`, of any case, and the token."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    # looked up by its hash: how long that takes tells how much of a hash was right, which leads to no token
    return senders.get(sha256_of(token.strip()))


class Said:
    """What shops' servers have reported lately to this worker, so that a retry is told to be one at once.

    What another worker was told, and what was forgotten here, is found before it is stored (`pipeline/ship/settle.py`).
    """

    def __init__(self) -> None:
        self._days: dict[str, tuple[str, set[int]]] = {}

    def __contains__(self, saying: Saying) -> bool:
        """Whether it has been stored since this worker began, as far as it remembers."""
        site, day, number = saying
        known_day, known = self._days.get(site, ("", ()))
        return day == known_day and number in known

    def add(self, sayings: Collection[Saying]) -> None:
        """Remember them, once they are stored; of a shop only those of one day, whose salt made the numbers."""
        if sum(len(known) for _, known in self._days.values()) + len(sayings) > _MOST_SAYINGS:
            self._days.clear()  # a hint, and no promise: it may begin anew
        for site, day, number in sayings:
            known_day, known = self._days.get(site, ("", set()))
            if known_day != day:
                known = set()
                self._days[site] = (day, known)
            known.add(number)


def introduction(name: str, *, names_visitors: bool) -> str:
    """A new token, on the last line; above it what the settings say of it, below the lines of its shop (TOML)."""
    token = secrets.token_urlsafe(32)
    # a string of JSON, in ASCII, is a string of TOML
    lines = ["[[sites.senders]]", f"name = {json.dumps(name)}", f'token_sha256 = "{sha256_of(token)}"']
    return "\n".join([*lines, *(["names_visitors = true"] if names_visitors else []), "", token])


def sha256_of(token: str) -> str:
    """What the settings hold of a token, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
