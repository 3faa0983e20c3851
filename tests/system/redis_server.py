"""A real Redis on this machine, as a test wants it. Leaves nothing: its folder is the test's, and it ends with it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.product import free_ports

FORGETFUL = ("--save", "", "--appendonly", "no", "--slowlog-log-slower-than", "-1")


class Server:
    """One Redis.

    Args:
        folder: for whatever it writes.
        arguments: more of its command line; later ones win.
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        (self.port,) = free_ports(1)
        self._folder = folder
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}"

    def listens(self) -> tuple[str, ...]:
        """The arguments that say so."""
        return ("--port", str(self.port))

    def start(self) -> None:
        """Start it, and return once it can be asked."""
        self._process = subprocess.Popen(
            [
                "redis-server",
                *self.listens(),
                "--bind",
                "127.0.0.1",
                "--dir",
                str(self._folder),
                *FORGETFUL,
                *self._arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                return
        pytest.fail("redis-server did not start:\n" + "".join(said))

    def stop(self) -> None:
        """Kill it, as a machine that fails would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def ask(self, *words: str) -> str:
        """What it answers to its own command line."""
        command = ["redis-cli", "-p", str(self.port), "--raw", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.rstrip("\n")


@contextmanager
def running(folder: Path, *arguments: str, kind: type[Server] = Server) -> Iterator[Server]:
    """A Redis that is there, and ended afterwards; where it isn't installed the test is skipped, in CI it fails."""
    if shutil.which("redis-server") is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is missing")
        pytest.skip("redis-server is missing")
    server = kind(folder, *arguments)
    server.start()
    try:
        yield server
    finally:
        server.stop()
