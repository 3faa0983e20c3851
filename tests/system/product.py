"""The product as an operator sees it: a command line, ports, files, exit codes. Nothing of it is imported.

Enters: a folder for settings and data. Leaves: processes that all carry a mark in their environment, by which they are
found and ended, whoever is whose child by then.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).parents[2]
SITE = "shop.test"
PAGE = f"https://{SITE}"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"

_MARK = "SYSTEM_TEST_RUN"
_READY_SECONDS = 60.0
_LOOK_SECONDS = 0.02
_SETTINGS = f"""
[[sites]]
id = "{SITE}"
origins = ["{PAGE}"]
profile = "FR"
events = {{ gift_wrapped = ["paper", "ribbon"] }}
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The body, decoded."""
        return json.loads(self.body)


class Product:
    """One installation: a folder, three ports, and whatever runs of it.

    Args:
        folder: for settings, data and logs.
        source: the tree that is run.
        settings: more TOML, placed before the one site's; keys of `[collector]` go into `collector`.
        collector: lines of the section `[collector]`.
        demo: lines of the section `[demo]`; no past, unless it says so, since one takes a minute.
    """

    def __init__(
        self,
        folder: Path,
        source: Path = ROOT,
        settings: str = _SETTINGS,
        collector: str = "",
        demo: str = "weeks = 0",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.source, self.data = folder, source, folder / "data"
        self.out, self.err, self.config = folder / "stdout", folder / "stderr", folder / "sporlos.toml"
        self.collector, self.admin, self.office, self.shop = free_ports(4)
        if "events_per_address" not in collector:  # a test's whole crowd lives at one address
            collector += "\nevents_per_address = 100_000_000"
        self._mark = uuid4().hex
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        ports = {"collector": self.collector, "backoffice": self.office, "demo": self.shop}
        sections = "".join(
            f'[{name}]\nlisten = "127.0.0.1:{port}"\n'
            + {"collector": f'admin = "127.0.0.1:{self.admin}"\n{collector}\n', "demo": f"{demo}\n"}.get(name, "")
            for name, port in ports.items()
        )
        self.config.write_text(f'data = "{self.data}"\n{sections}{settings}', encoding="utf-8")

    # --- running

    def start(self, command: str = "serve", *arguments: str, under: Sequence[str] = ()) -> None:
        """Start a command that stays. `under`: a command that runs it."""
        with self.out.open("ab") as out, self.err.open("ab") as err:
            self._running[command] = subprocess.Popen(
                [*under, *self._command(command, *arguments)],
                cwd=self.source,
                env=self._environment(),
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def run(self, *arguments: str, under: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. `under`: a command that runs it."""
        return subprocess.run(
            [*under, *self._command(*arguments)],
            cwd=self.source,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def wait_ready(self, *ports: int) -> None:
        """Until `/readyz` of these (default: collector and back office) answers 200."""
        for port in ports or (self.admin, self.office):
            until(partial(self._is_ready, port), f"port {port} is ready", self.died)

    def stop(self, command: str = "serve") -> int:
        """SIGTERM, and the exit code."""
        process = self._running.pop(command)
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=60)

    def wait(self, command: str = "serve") -> int:
        """The exit code of a command that ends by itself."""
        return self._running.pop(command).wait(timeout=60)

    def kill(self, role: str) -> list[int]:
        """`kill -9` of every process of a role: `serve`, `collect`, `worker`, `backoffice`; their pids."""
        found = self.pids(role)
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found

    def pids(self, role: str = "") -> list[int]:
        """Process ids of a role, or of all that run."""
        return [pid for pid, command in self._processes() if not role or role in command]

    def died(self) -> str:
        """Which command has ended without being told; empty if none has."""
        codes = {command: process.poll() for command, process in self._running.items()}
        return ", ".join(f"{command} ended with {code}" for command, code in codes.items() if code is not None)

    def end(self) -> None:
        """Leave nothing running, and say what the product said (pytest shows it where a test failed)."""
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self._running.values():
            process.wait(timeout=10)
        self._running.clear()
        sys.stdout.write(f"--- stdout of {self.folder}\n{tail(self.out)}\n--- stderr\n{tail(self.err)}\n")

    # --- asking

    def post(self, body: bytes | str, path: str = "/e", headers: dict[str, str] | None = None) -> Reply:
        """Report something as a browser would."""
        return ask(self.collector, "POST", path, {"User-Agent": BROWSER, **(headers or {})}, body)

    def view(self, page: str, **fields: object) -> Reply:
        """Report one page view of `/page`."""
        event = {"s": SITE, "u": f"{PAGE}/{page}", "e": [{"n": "page_view"}], **fields}
        return self.post(json.dumps(event))

    def token(self) -> str:
        """A new token for the panels."""
        made = self.run("token", "new", f"t{uuid4().hex[:8]}")
        assert made.returncode == 0, made.stderr
        return made.stdout.splitlines()[-1]

    def panel(self, name: str, token: str, site: str = SITE) -> dict[str, Any]:
        """Today's and yesterday's rows of a panel, whatever the time zone's day is."""
        days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + shift)) for shift in (-86_400, 86_400)]
        path = f"/api/panels/{name}?site={site}&from={days[0]}&to={days[1]}"
        reply = ask(self.office, "GET", path, {"Authorization": f"Bearer {token}"})
        assert reply.status == 200, reply
        answer: dict[str, Any] = reply.json()
        return answer

    def stored(self, expression: str) -> list[str]:
        """One expression of every row of `events`, as text; the product must not be running."""
        sql = f"SELECT {expression} FROM sporlos.events FORMAT TSVRaw"  # noqa: S608 - the tests' own words
        (answer,) = engine(self.data / "clickhouse", sql)
        return answer.decode().splitlines()

    # --- within

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "proxy.cli", *arguments, "--config", str(self.config)]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SPORLOS_")}
        return {**kept, _MARK: self._mark, "PYTHONUNBUFFERED": "1"}

    def _processes(self) -> Iterator[tuple[int, list[str]]]:
        mark = f"{_MARK}={self._mark}".encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                with suppress(OSError):  # it ended while we looked
                    if mark in (folder / "environ").read_bytes().split(b"\0"):
                        command = (folder / "cmdline").read_bytes().decode().split("\0")
                        yield int(folder.name), command[:8]

    @staticmethod
    def _is_ready(port: int) -> bool:
        try:
            return ask(port, "GET", "/readyz").status == 200
        except OSError:
            return False


def ask(
    port: int, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | str | None = None
) -> Reply:
    """One request to this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def until(
    condition: Callable[[], object], what: str, hopeless: Callable[[], str] = str, seconds: float = _READY_SECONDS
) -> None:
    """Wait for a condition. `hopeless` says why it will not come true any more."""
    deadline = time.monotonic() + seconds
    while not condition():
        reason = hopeless() or ("" if time.monotonic() < deadline else f"not within {seconds} s")
        assert not reason, f"waiting until {what}: {reason}"
        time.sleep(_LOOK_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def engine(folder: Path, *queries: str) -> list[bytes]:
    """What the embedded engine answers to each query, in a process of its own that lets go of the folder."""
    program = (
        "import sys; from chdb import session; s = session.Session(sys.argv[1])\n"
        "for sql in sys.argv[2:]:\n"
        "    found = s.query(sql).bytes(); sys.stdout.buffer.write(b'%d\\n' % len(found) + found)\n"
        "s.close()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder), *queries], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answers, rest = [], done.stdout
    while rest:
        length, _, rest = rest.partition(b"\n")
        answers.append(rest[: int(length)])
        rest = rest[int(length) :]
    return answers


def tail(file: Path, characters: int = 6000) -> str:
    """The end of a log."""
    return file.read_text(encoding="utf-8", errors="replace")[-characters:] if file.exists() else ""


@contextmanager
def products() -> Iterator[Callable[..., Product]]:
    """A maker of products, none of which outlives the block."""
    made: list[Product] = []

    def make(folder: Path, **options: Any) -> Product:  # noqa: ANN401 - passed on as they are
        made.append(Product(folder, **options))
        return made[-1]

    try:
        yield make
    finally:
        for product in made:
            product.end()
