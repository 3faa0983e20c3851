"""What the test server does wrong on command, and how often it has done so.

A fault is named by what the client sees of it, and by whether the rows are in afterwards:

    refuse       the connection is closed before anything is read          not stored
    hang         no answer, until cleared or for `seconds`; then closed    not stored
    hang_after   the same, but the rows are in                             stored
    500_before   HTTP 500, as a proxy in front would say it                not stored
    500_after    HTTP 500                                                  stored
    page         HTTP 200 and a web page, as a portal in front would       not stored
    nothing      HTTP 200 and no more                                      not stored
    cut          half of an insert's body is read, or half of an answer
                 sent; then the connection is closed                       not stored
    cut_after    the connection is closed instead of answering             stored
    slow         as it should be, `seconds` later                          stored
    memory       ClickHouse's MEMORY_LIMIT_EXCEEDED, code 241              not stored
    parts        ClickHouse's TOO_MANY_PARTS, code 252                     not stored
    denied       ClickHouse's ACCESS_DENIED, code 497                      not stored
"""

import asyncio
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

KINDS = frozenset(
    "refuse hang hang_after 500_before 500_after page nothing cut cut_after slow memory parts denied".split()
)
TARGETS = frozenset({"insert", "any"})

_MEMORY = (
    "Code: 241. DB::Exception: (total) memory limit exceeded: would use 1.01 GiB (attempt to allocate chunk of"
    " 4.00 MiB), current RSS: 998.12 MiB, maximum: 1.00 GiB. (MEMORY_LIMIT_EXCEEDED)"
)
_PARTS = (
    "Code: 252. DB::Exception: Too many parts (3001 with average size of 1.00 KiB) in table 'sporlos.events'."
    " Merges are processing significantly slower than inserts. (TOO_MANY_PARTS)"
)
_DENIED = (
    "Code: 497. DB::Exception: sporlos_ship: Not enough privileges. To execute this query, it's necessary to have the"
    " grant that this test takes away. (ACCESS_DENIED)"
)
EXCEPTIONS = {"memory": (241, _MEMORY), "parts": (252, _PARTS), "denied": (497, _DENIED)}
"""Kind → code and text, as a server would word them."""
PAGES = {"page": "<!doctype html>\n<title>Logg inn</title>\n", "nothing": ""}
"""Kind → what somebody else says in the server's place."""


@dataclass(slots=True)
class Fault:
    """One thing to do wrong. `times` 0: until cleared. `matching`: only to statements that contain it."""

    kind: str
    times: int = 1
    target: str = "insert"
    seconds: float = 0.0
    matching: str = ""


class Faults:
    """Those that are set, the earliest first; each request suffers one at most."""

    def __init__(self) -> None:
        self._set: list[tuple[Fault, asyncio.Event]] = []
        self._struck: Counter[str] = Counter()

    def add(self, asked: dict[str, Any]) -> None:
        """Set one more.

        Raises:
            ValueError: there is no such fault, or not for such requests.
            TypeError: it has no such property.
        """
        fault = Fault(**asked)
        if fault.kind not in KINDS or fault.target not in TARGETS:
            raise ValueError(f"kind is one of {sorted(KINDS)}, target of {sorted(TARGETS)}")
        self._set.append((fault, asyncio.Event()))

    def clear(self) -> None:
        """No fault any more; what hangs is let go."""
        for _, cleared in self._set:
            cleared.set()
        self._set.clear()

    def strike(self, sql: bytes, *, inserts: bool) -> tuple[Fault, asyncio.Event] | None:
        """The fault that this request suffers. One whose times are over stays listed, so that it can be cleared."""
        for fault, cleared in self._set:
            if fault.times < 0 or (fault.target == "insert" and not inserts) or fault.matching.encode() not in sql:
                continue
            if fault.times > 0:
                fault.times = fault.times - 1 or -1
            self._struck[fault.kind] += 1
            return fault, cleared
        return None

    def shown(self) -> dict[str, Any]:
        """For `GET /fault`."""
        return {"set": [asdict(fault) for fault, _ in self._set if fault.times >= 0], "struck": dict(self._struck)}
