"""The snippets of docs/proxies, in the web servers that they are for: what comes through, and what is written down."""

import gzip
import http.client
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.docs.web_servers import KINDS, WebServer, is_there, running
from tests.system.product import BROWSER, Product, Reply, ask, free_ports, products, until
from tests.system.threaded import listening

VISITOR = "127.0.0.77"
SETTINGS = """
[[sites]]
id = "shop.no"
origins = ["https://shop.no"]
profile = "NO"
"""
EVENT = json.dumps({"s": "shop.no", "u": "https://shop.no/lego", "e": [{"n": "page_view"}]})


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each web server that is here; in CI all of them are."""
    name = str(request.param)
    if not is_there(name):
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing")
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A collector that believes this machine's web server about addresses, as docs/install.md has it."""
    with products() as make:
        product = make(
            tmp_path_factory.mktemp("shop"), settings=SETTINGS, collector='trusted_proxies = ["127.0.0.1/32"]'
        )
        product.start("collect")
        product.wait_ready(product.admin)
        yield product


def visit(server: WebServer, method: str, path: str, body: str = "", **headers: str) -> Reply:
    """A request of a visitor whose address can be told from everybody else's."""
    sent = {"User-Agent": BROWSER, "Accept-Language": "nb", "Accept-Encoding": "gzip", **headers}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20, source_address=(VISITOR, 0))
    try:
        connection.request(method, path, body or None, sent)
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@contextmanager
def recorder() -> Iterator[tuple[int, list[tuple[str, dict[str, str], bytes]]]]:
    """In the collector's place: a port, and what arrived there, path, headers and body."""
    arrived: list[tuple[str, dict[str, str], bytes]] = []

    class Record(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with listening(Record) as port:
        yield port, arrived


def stored(product: Product) -> int:
    """Events that are in the spool."""
    outcomes: dict[str, int] = ask(product.admin, "GET", "/status").json()["outcomes"]
    return outcomes.get("stored", 0)


def test_a_visit_comes_through_and_nobody_is_written_down(kind: str, product: Product, tmp_path: Path) -> None:
    """Script, report and opt-out page on the shop's own path; the shop's own pages are logged as ever, and once."""
    before = stored(product)
    with running(kind, tmp_path, product.collector) as server:
        script = visit(server, "GET", "/tall/s.js")
        plain = gzip.decompress(script.body) if script.headers.get("content-encoding") == "gzip" else script.body
        assert (script.status, b"sporlos" in plain) == (200, True)
        assert "max-age=3600" in script.headers["cache-control"]
        assert visit(server, "POST", "/tall/e", EVENT).status == 202
        assert visit(server, "GET", "/tall/opt-out").status == 200
        here = {"Origin": "http://shop.no", "Host": "shop.no"}
        chosen = visit(server, "POST", "/tall/opt-out", "count=no", **here)
        assert (chosen.status, chosen.headers["set-cookie"].split(";")[0]) == (303, "sporlos_opt_out=1")
        visit(server, "GET", "/an-ordinary-page")
        until(lambda: "/an-ordinary-page" in server.logs(), "the shop's own log has a line")
        logs = server.logs()
    assert stored(product) == before + 1
    shops_lines = [line for line in logs.splitlines() if "/an-ordinary-page" in line]
    assert any(VISITOR in line for line in shops_lines)
    assert (tmp_path / "access.log").read_text().count("/an-ordinary-page") == 1
    assert [line for line in logs.splitlines() if VISITOR in line and line not in shops_lines] == []
    assert "/tall/" not in logs


def test_what_the_collector_is_told_of_the_visitor(kind: str, tmp_path: Path) -> None:
    """The address that the web server sees, whatever the visitor claims; of cookies the one wish, the shop's not."""
    claims = {
        "X-Forwarded-For": "203.0.113.9",
        "Cookie": "session=secret; sporlos_opt_out=1; cart=7",
        "Host": "shop.no",
    }
    with recorder() as (port, arrived), running(kind, tmp_path, port) as server:
        assert visit(server, "POST", "/tall/e", EVENT, **claims).status == 202
        assert visit(server, "POST", "/tall/e", EVENT, Cookie="session=secret", Host="shop.no").status == 202
    (path, headers, body), (_, without, _) = arrived
    assert (path, body) == ("/e", EVENT.encode())
    assert (headers["x-forwarded-for"], headers["host"]) == (VISITOR, "shop.no")
    assert headers["cookie"] == "sporlos_opt_out=1"
    assert without.get("cookie", "") in ("", "sporlos_opt_out=")


def test_a_collector_that_is_away_leaves_no_address_in_an_error(kind: str, tmp_path: Path) -> None:
    """The visitor's browser gets an error, and nobody's log a line about him."""
    (nobody,) = free_ports(1)
    with running(kind, tmp_path, nobody) as server:
        assert visit(server, "POST", "/tall/e", EVENT, Cookie="session=secret").status in (502, 503, 504)
        too_large = visit(server, "POST", "/tall/e", "x" * 70_000)
        assert too_large.status >= 400
    logs = server.logs()
    assert VISITOR not in logs
    assert "session=secret" not in logs
