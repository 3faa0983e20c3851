"""Starts and drives the test server of this folder, as a process that can be killed and started again in its place.

Enters: a folder for the engine. Leaves: a URL, and faults on command. Ends with the test's process, whatever ends that.
"""

import http.client
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

ROOT = Path(__file__).parents[2]


class Away:
    """One server. `port` 0: one that is free; it keeps it for its later starts.

    Args:
        folder: for the engine's files.
        user: who may come in, with `password`; empty: whoever asks.
        tls: certificate and key.
        authority: the certificate authority that `tls` can be checked with.
        environment: more for its process, `{"TZ": "America/New_York"}` say.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        *,
        user: str = "",
        password: str = "",
        tls: tuple[Path, Path] | None = None,
        authority: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.port = folder, port
        self.user, self.password = user, password
        self._tls, self._authority = tls, authority
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As `[clickhouse] url` wants it, without a database."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"{'https' if self._tls else 'http'}://{who}localhost:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        """Start it, in the same place where it was before; return once it can be asked."""
        command = [sys.executable, "-m", "tests.clickhouse_server.server", "--end-with-input"]
        command += ["--port", str(self.port), "--folder", str(self.folder)]
        command += ["--user", self.user, "--password", self.password] if self.user else []
        command += ["--tls", *map(str, self._tls)] if self._tls else []
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline().split()
        assert said[:1] == [b"ready"], f"the test server did not start; it ended with {self._process.wait()}"
        self.port = int(said[1])
        return self

    def kill(self) -> None:
        """`kill -9`, as a machine that fails would."""
        if self._process is not None:
            self._process.kill()
            self._ended(self._process)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self._process is not None:
            self._process.terminate()
            self._ended(self._process)

    def fault(
        self, kind: str, *, times: int = 1, target: str = "insert", seconds: float = 0, matching: str = ""
    ) -> None:
        """Do this wrong the next `times` times (0: until cleared); see `faults.py` for the kinds."""
        asked = {"kind": kind, "times": times, "target": target, "seconds": seconds, "matching": matching}
        self._control("POST", "/fault", asked)

    def heal(self) -> None:
        """Do nothing wrong any more, and let go of what hangs."""
        self._control("DELETE", "/fault")

    def struck(self, kind: str) -> int:
        """How often a fault has struck since the start."""
        return int(self._control("GET", "/fault")["struck"].get(kind, 0))

    def pretend(self, replaced: Mapping[str, str]) -> None:
        """Say of itself what isn't so: with `{"version()": "'21.8'"}` each statement asks for that text instead."""
        self._control("POST", "/pretend", dict(replaced))

    def seen(self) -> list[dict[str, Any]]:
        """The latest statements: `sql`, `asked` (the URL's parameters), `headers`."""
        found: list[dict[str, Any]] = self._control("GET", "/seen")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - whatever JSON holds
        connection = http.client.HTTPConnection("localhost", self.port, timeout=20)
        if self._tls:
            context = ssl.create_default_context(cafile=self._authority)
            connection = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, said
            return json.loads(said)
        finally:
            connection.close()

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        process.wait(timeout=30)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process = None


def start(folder: Path, port: int = 0, **options: Any) -> Away:  # noqa: ANN401 - passed on as they are
    """A server that runs; end it with `kill` or `stop`, or use it in a `with`. Options as of `Away`."""
    return Away(folder, port, **options).start()
