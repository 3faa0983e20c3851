"""Stands between a browser and the collector, and remembers what was reported. Enters: requests. Leaves: the same.

Only that the browser has no window is kept to itself: it would be a robot, and what Playwright has it say instead is
not what it says when it leaves a page.
"""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.system.threaded import listening

_OF_THE_CONNECTION = {"connection", "transfer-encoding", "keep-alive", "host"}


class Relay:
    """Where it listens, and what came through.

    Attributes:
        bodies: of every POST, in the order of their answers.
        statuses: of these answers.
    """

    def __init__(self) -> None:
        self.port = 0
        self.bodies: list[bytes] = []
        self.statuses: list[int] = []


@contextmanager
def relaying(to: int) -> Iterator[Relay]:
    """Relay to a port of this machine until the block ends."""
    relay = Relay()

    class Pass(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: said for name, said in self.headers.items() if name.lower() not in _OF_THE_CONNECTION}
            collector = http.client.HTTPConnection("127.0.0.1", to, timeout=20)
            collector.request(self.command, self.path, body, headers)
            answer = collector.getresponse()
            said = answer.read()
            collector.close()
            if self.command == "POST":
                relay.statuses.append(answer.status)
                relay.bodies.append(body)
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_THE_CONNECTION:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def do_GET(self) -> None:
            self.pass_on()

        def do_POST(self) -> None:
            self.pass_on()

        def log_message(self, *_: object) -> None:
            """Nothing: a test that fails shows what it found."""

    with listening(Pass) as relay.port:
        yield relay
