"""A shop's web server on this machine, whose pages a test writes. Enters: pages. Leaves: what a browser gets."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

from tests.system.threaded import listening


class Pages:
    """Pages by path, and where they are served."""

    def __init__(self) -> None:
        self.port = 0
        self.html: dict[str, str] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.statuses: dict[str, int] = {}

    def put(
        self, path: str, body: str, head: str = "", headers: dict[str, str] | None = None, status: int = 200
    ) -> str:
        """Lay out a page; its path."""
        icon = '<link rel="icon" href="data:,">'
        self.html[path] = f"<!doctype html><title>shop</title>{icon}{head}<body>{body}"
        self.headers[path] = headers or {}
        self.statuses[path] = status
        return path


@contextmanager
def serving(certificate: tuple[Path, Path] | None = None) -> Iterator[Pages]:
    """Serve until the block ends; by HTTPS with a certificate and its key."""
    shop = Pages()

    class Answer(BaseHTTPRequestHandler):
        pages: ClassVar[Pages] = shop

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            found = self.pages.html.get(path)
            self.send_response(self.pages.statuses.get(path, 404))
            for name, value in {"Content-Type": "text/html; charset=utf-8", **self.pages.headers.get(path, {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_: object) -> None:
            """Nothing: a test that fails shows what it found."""

    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
    with listening(Answer, tls) as shop.port:
        yield shop
