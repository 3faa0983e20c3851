"""Load from one core: as much as the server takes, or at a constant rate with the time each answer took.

Enters: a port and the bytes of a request. Leaves: a number of answers, or seconds each. Every answer must be a 2xx.

At a constant rate a request's time counts from when it was due, not from when it could be sent: a server that stalls
must not slow down the clock that it is measured by.
"""

import asyncio
import re
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import cast

CONNECTIONS = 32
_ANSWER = re.compile(rb"HTTP/1\.1 (\d)\d\d .*?\r\nContent-Length: (\d+)\r\n.*?\r\n\r\n", re.DOTALL | re.IGNORECASE)


class LoadError(Exception):
    """The server answered something else than 2xx, or not at all."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, again and again."""

    path: str
    headers: dict[str, str]
    body: bytes

    def bytes(self) -> bytes:
        """As it goes over the wire."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        length = len(self.body)
        return f"POST {self.path} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {length}\r\n\r\n".encode() + self.body


class _Connection(asyncio.Protocol):
    """One request at a time; `answered` is called after each."""

    def __init__(self, request: bytes, load: "_Load") -> None:
        self._request, self._load = request, load
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._due: deque[float] = deque()
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._load.lost = self._load.lost or not self._load.over

    def send(self, due: float) -> None:
        self._due.append(due)
        if not self._busy:
            self._write()

    def _write(self) -> None:
        self._busy = True
        if self._transport is not None:
            self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        found = _ANSWER.match(self._received)
        if found is None or len(self._received) < found.end() + int(found[2]):
            return
        self._received = b""
        self._busy = False
        self._load.refused += found[1] != b"2"
        self._load.seconds.append(time.perf_counter() - self._due.popleft())
        if self._load.closed_loop and not self._load.over:
            self._due.append(time.perf_counter())
        if self._due:
            self._write()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class _Load:
    def __init__(self, *, closed_loop: bool) -> None:
        self.closed_loop = closed_loop
        self.over = False
        self.lost = False
        self.refused = 0
        self.seconds: list[float] = []

    async def run(self, port: int, request: Request, seconds: float, rate: float) -> None:
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: _Connection(request.bytes(), self), "127.0.0.1", port)
            for _ in range(CONNECTIONS)
        ]
        connections = [connection for _, connection in made]
        began = time.perf_counter()
        if self.closed_loop:
            for connection in connections:
                connection.send(began)
            await asyncio.sleep(seconds)
        else:
            await self._pace(connections, began, seconds, rate)
        self.over = True
        for connection in connections:
            connection.close()
        if self.lost or self.refused:
            raise LoadError(f"{self.refused} answers were no 2xx; connections lost: {self.lost}")

    async def _pace(self, connections: list[_Connection], began: float, seconds: float, rate: float) -> None:
        for number in range(int(seconds * rate)):
            due = began + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            connections[number % CONNECTIONS].send(due)
        async with asyncio.timeout(10):
            while len(self.seconds) < int(seconds * rate):  # noqa: ASYNC110 - a count to reach
                await asyncio.sleep(0.01)


def generator() -> str:
    """The name of what makes the load as much as it can."""
    return "wrk" if shutil.which("wrk") else "our own asyncio client"


def most(port: int, request: Request, seconds: float, cpu: int) -> float:
    """Answers a second, as many as the server gives.

    Raises:
        LoadError: not every answer was a 2xx.
    """
    if shutil.which("wrk"):
        return _wrk(port, request, seconds, cpu)
    load = _Load(closed_loop=True)
    _run(load.run(port, request, seconds, 0.0))
    return len(load.seconds) / seconds


def paced(port: int, request: Request, seconds: float, rate: float) -> list[float]:
    """Seconds that each answer took at a constant rate, sorted.

    Raises:
        LoadError: not every answer was a 2xx.
    """
    load = _Load(closed_loop=False)
    _run(load.run(port, request, seconds, rate))
    return sorted(load.seconds)


def _run(work: Coroutine[None, None, None]) -> None:
    import uvloop  # noqa: PLC0415 - the generator must be faster than what it loads

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _wrk(port: int, request: Request, seconds: float, cpu: int) -> float:
    script = [f"wrk.method = 'POST'\nwrk.body = [==[{request.body.decode()}]==]\n"]
    script += [f"wrk.headers['{name}'] = '{value}'\n" for name, value in request.headers.items()]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "post.lua"
        file.write_text("".join(script), encoding="utf-8")
        command = ["taskset", "-c", str(cpu), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(file)]
        said = subprocess.run(  # noqa: S603 - wrk, with our own arguments
            [*command, f"http://127.0.0.1:{port}{request.path}"], capture_output=True, text=True, check=True
        ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise LoadError(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None:
        raise LoadError(said)
    return float(found[1])
