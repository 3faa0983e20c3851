"""The collector against an empty aiohttp handler, as ratios. `script/bench` runs it.

Servers share one core, the load has another. Pairs alternate after a warm-up, since machines have slow and fast phases
that last minutes; what is quoted is the median of the ratios, with the smallest and the largest.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server

from bench import inside, load

_ROOT = Path(__file__).parents[1]
_SERVER_CPU, _LOAD_CPU = 0, max(os.sched_getaffinity(0))
_PAIRS, _SECONDS = 5, 2.0
_ROWS_TO_SHIP = (20_000, 50_000)
"""The largest shipment, and before it a smaller one, of which what any shipment takes is a larger part."""
_SITE = "bench"
_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
_EVENT = {
    "n": "view_item",
    "i": "k3j9x0a1",
    "currency": "NOK",
    "items": [
        {"item_id": "60316", "item_name": "Politistasjon", "item_category": "Lego", "price": 749.0, "quantity": 1}
    ],
}
_SETTINGS = """
data = "{data}"
[collector]
listen = "127.0.0.1:{listen}"
admin = "127.0.0.1:{admin}"
trusted_proxies = ["127.0.0.1/32"]
spool_mebibytes = 4096
events_per_address = 1_000_000_000
[[sites]]
id = "{site}"
origins = ["https://bench.shop"]
profile = "FR"
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    what: str
    ratios: list[float]
    goal: str
    note: str = ""

    def __str__(self) -> str:
        middle, low, high = statistics.median(self.ratios), min(self.ratios), max(self.ratios)
        return f"{self.what:<58}{middle:>7.2f}   {low:>5.2f} to {high:<6.2f}{self.goal:<9}{self.note}"


def body_of(events: int) -> bytes:
    """A native body."""
    page = {
        "s": _SITE,
        "u": "https://bench.shop/lego/politi?utm_source=facebook",
        "r": "https://www.google.com/",
        "w": 1536,
    }
    return json.dumps({**page, "m": "measure", "e": [_EVENT] * events}, separators=(",", ":")).encode()


def request_of(events: int) -> load.Request:
    """What a browser sends."""
    headers = {
        "User-Agent": _AGENT,
        "Origin": "https://bench.shop",
        "Referer": "https://bench.shop/",
        "Accept-Language": "nb-NO,nb;q=0.9",
        "Content-Type": "text/plain;charset=UTF-8",
        "X-Forwarded-For": "84.208.20.110",
    }
    return load.Request("/e", headers, body_of(events))


@contextmanager
def serving(arguments: list[str], ready: Callable[[], bool]) -> Iterator[None]:
    """A server on the servers' core."""
    pinned = ["taskset", "-c", str(_SERVER_CPU), sys.executable, *arguments]
    process = subprocess.Popen(pinned, cwd=_ROOT)  # noqa: S603 - our own servers
    try:
        deadline = time.monotonic() + 30
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise load.LoadError(f"{arguments} does not start")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def answers(port: int, path: str) -> bool:
    """Whether somebody answers there, and not with 5xx."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500  # noqa: PLR2004 - not ready is 503
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody has."""
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def most(port: int, request: load.Request) -> float:
    """Answers a second after a second's warm-up."""
    return load.most(port, request, _SECONDS, _LOAD_CPU)


def throughput(ours: int, empty: int, plain: int) -> tuple[list[Line], float]:
    """One event a request, and fifty; and how many requests a second that is, for choosing half of it."""
    one, fifty = request_of(1), request_of(50)
    for port in (ours, empty, plain):
        load.most(port, one, 1.0, _LOAD_CPU)
    rounds = [(most(ours, one), most(empty, one), most(plain, one), most(ours, fifty)) for _ in range(_PAIRS)]
    rate = statistics.median(mine for mine, *_ in rounds)
    absolute = f"{rate:,.0f} requests/s here"
    lines = [
        Line(
            "one event a request ÷ empty handler (both uvloop)",
            [mine / theirs for mine, theirs, _, _ in rounds],
            "≥ 1.1",
            absolute,
        ),
        Line("  the same ÷ empty handler on plain asyncio", [mine / theirs for mine, _, theirs, _ in rounds], ""),
        Line("batch of 50: events/s ÷ the first row's", [50 * batch / mine for mine, _, _, batch in rounds], "≥ 8"),
    ]
    return lines, rate


def latency(ours: int, empty: int, rate: float) -> Line:
    """p99 at a constant rate, ours by the empty handler's."""
    request = request_of(1)

    def p99(port: int) -> float:
        took = load.paced(port, request, _SECONDS, rate)
        return took[int(len(took) * 0.99)]

    pairs = [(p99(ours), p99(empty)) for _ in range(_PAIRS)]
    note = f"{1000 * statistics.median(mine for mine, _ in pairs):.1f} ms at {rate:,.0f}/s"
    return Line(
        "p99 at half of the load ÷ empty handler's at that rate", [mine / theirs for mine, theirs in pairs], "≤ 2", note
    )


def measure() -> list[Line]:
    """All rows of the table."""
    ours, admin, empty, plain = (free_port() for _ in range(4))
    with tempfile.TemporaryDirectory(prefix="sporlos-bench-") as name:
        config = Path(name) / "sporlos.toml"
        config.write_text(_SETTINGS.format(data=name, listen=ours, admin=admin, site=_SITE), encoding="utf-8")
        with (
            serving(["bench/empty.py", str(empty), "uvloop"], lambda: answers(empty, "/")),
            serving(["bench/empty.py", str(plain), "asyncio"], lambda: answers(plain, "/")),
            serving(["-m", "proxy.cli", "collect", "--config", str(config)], lambda: answers(admin, "/readyz")),
        ):
            lines, rate = throughput(ours, empty, plain)
            lines.append(latency(ours, empty, rate / 2))
            collector = inside.collector_of(config, Path(name))
            lines += forgetting(inside.Forgetting(collector, _AGENT), empty, plain)
        less, full = inside.shipping_ratios(collector, body_of(1), _AGENT, 2 * _PAIRS, _ROWS_TO_SHIP)
    lines.append(Line(f"shipping {_ROWS_TO_SHIP[-1]:,} rows ÷ one plain INSERT of as many", full, "≥ 0.8"))
    lines.append(Line(f"  the same with {_ROWS_TO_SHIP[0]:,} rows", less, ""))
    return lines


def forgetting(room: inside.Forgetting, empty: int, plain: int) -> list[Line]:
    """Decoding and forgetting an event by what an empty handler takes for a request, and a batch's later events."""
    one, fifty = body_of(1), body_of(50)
    room.seconds(one)
    rounds = [
        (room.seconds(one), room.seconds(fifty), most(empty, request_of(1)), most(plain, request_of(1)))
        for _ in range(_PAIRS)
    ]
    note = f"{1e6 * statistics.median(first for first, *_ in rounds):.0f} µs an event"
    return [
        Line(
            "decode + forget of one event ÷ empty handler's request",
            [first * theirs for first, _, theirs, _ in rounds],
            "≤ 0.25",
            note,
        ),
        Line("  the same ÷ empty handler on plain asyncio", [first * theirs for first, _, _, theirs in rounds], ""),
        Line(
            "the 50th event of a batch ÷ the first",
            [(batch - first) / 49 / first for first, batch, _, _ in rounds],
            "< 1",
        ),
    ]


def main() -> None:
    """Measure and print."""
    os.sched_setaffinity(0, {_LOAD_CPU})
    say = sys.stdout.write
    say(f"servers on core {_SERVER_CPU}, load by {load.generator()} on core {_LOAD_CPU}; {_PAIRS} alternating rounds\n")
    say(f"{'':<58}{'median':>7}   {'min to max':<15}{'goal':<9}\n")
    for line in measure():
        say(f"{line}\n")


if __name__ == "__main__":
    main()
