"""What is said to Redis and how: addresses, TLS, and that a salt on its way is in no object of the interpreter."""

import ipaddress
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from proxy.privacy.memory import new_memory
from proxy.privacy.page import _CURRENT, SALT_BYTES
from proxy.redis import Redis
from tests.promises.process_memory import places
from tests.proxy.test_agreement import Collector
from tests.system.redis_server import Server, running

ROOT = Path(__file__).parents[2]
ADDRESSES = {
    "redis://127.0.0.1": ("127.0.0.1", 6379, 0, False, "", ""),
    "redis://redis.internal:7000/3": ("redis.internal", 7000, 3, False, "", ""),
    "redis://:p%40ss@h:1/0": ("h", 1, 0, False, "", "p@ss"),
    "rediss://user:pass@[fd00::1]:6380/": ("fd00::1", 6380, 0, True, "user", "pass"),
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_taken_apart(url: str) -> None:
    """Host, port, database, TLS, user and password."""
    found = Redis.at(url)
    assert (found.host, found.port, found.database, found.tls, found.user, found.password) == ADDRESSES[url]


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:6379", "http://:hemmelig@h", "redis://:hemmelig@h:port", "redis://:hemmelig@h/a", "redis://"]
)
def test_what_is_no_address_is_told_without_the_password(url: str) -> None:
    """One form is expected, and the message shows it instead of what was found."""
    with pytest.raises(ValueError, match="redis://") as told:
        Redis.at(url)
    assert "hemmelig" not in str(told.value)


def test_a_password_is_not_shown() -> None:
    """Not even where an address is printed by mistake."""
    assert "hemmelig" not in repr(Redis.at("redis://:hemmelig@h"))


def certificate(folder: Path) -> tuple[Path, Path]:
    """One for 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file


class Encrypted(Server):
    """A Redis that speaks TLS only."""

    @property
    def url(self) -> str:
        """Where it is."""
        return super().url.replace("redis:", "rediss:")

    def listens(self) -> tuple[str, ...]:
        """The arguments that say so."""
        return ("--port", "0", "--tls-port", str(self.port))


@pytest.fixture(params=["plain", "TLS"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Redis that forgets, whose certificate is trusted if it has one."""
    if request.param == "plain":
        with running(tmp_path) as started:
            yield started
        return
    cert, key = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with running(tmp_path, *tls_arguments(cert, key), kind=Encrypted) as started:
        yield started


def tls_arguments(cert: Path, key: Path) -> tuple[str, ...]:
    """Of the command line of a Redis that has a certificate and asks for none."""
    return ("--tls-cert-file", str(cert), "--tls-key-file", str(key), "--tls-auth-clients", "no")


async def test_a_redis_with_an_unknown_certificate_is_told_nothing(tmp_path: Path) -> None:
    """It may be anybody: the collector counts, and says why."""
    with running(tmp_path, *tls_arguments(*certificate(tmp_path)), kind=Encrypted) as server:
        collector = Collector(server.url)
        with capture_logs() as said:
            await collector.agreement.begin()
    assert "certificate" in str(said[0]["reason"]).lower()
    assert collector.number() == 0


AGREES = """
import asyncio, gc, sys
from proxy.agreement import Agreement
from proxy.privacy.salts import Salts
from proxy.redis import Line, Redis
memory, url, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3]
kept = []
receive, send, ask_for = Line._receive, Line._send, Line.ask_for
def told(self, *words, into):
    ask_for(self, *words, into=into)
    print("told", flush=True)
    sys.stdin.readline()
Line.ask_for = told
def careless_receive(self, into):
    receive(self, into)
    kept.append(bytes(into))
def careless_send(self, data):
    kept.append(bytes(data))
    send(self, data)
if kind == "receives carelessly":
    Line._receive = careless_receive
if kind == "sends carelessly":
    Line._send = careless_send
salts = Salts(memory, ["Europe/Oslo"], draws=False)
async def agree_and_stay():
    await Agreement(Redis.at(url), salts).begin()
    assert salts.drawn("Europe/Oslo")
    print("agreed", flush=True)
    sys.stdin.read()
asyncio.run(agree_and_stay())
"""
"""A process that agrees on a salt as a collector's parent does, and stops when it has been told, before it hangs up.
Asked to, it keeps a copy of what passes through."""


class Searched(NamedTuple):
    """A salt, and where it was found at two moments."""

    salt: bytes
    found: list[Counter[str]]


@contextmanager
def process_that_agrees(memory: int, url: str, kind: str) -> Iterator[Searched]:
    """Searched when it has just been told the salt, over a connection that is still open, and when it has hung up."""
    process = subprocess.Popen(
        [sys.executable, "-c", AGREES, str(memory), url, kind],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=(memory,), cwd=ROOT,
        # else the dynamic linker may save a register with half a salt on the thread's stack, for as long as it is there
        env={**os.environ, "LD_BIND_NOW": "1"},
    )  # fmt: skip
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "told\n"
        salt = os.pread(memory, SALT_BYTES, _CURRENT)
        found = [places(process.pid, salt)]
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "agreed\n"
        found.append(places(process.pid, salt))
        yield Searched(salt, found)
        process.communicate()
    assert process.returncode == 0


@pytest.fixture
def memories() -> Iterator[list[int]]:
    """Those of two collectors."""
    made = [new_memory(), new_memory()]
    yield made
    for memory in made:
        os.close(memory)


def agree(memories: list[int], url: str, kind: str) -> list[list[int]]:
    """How often the salt is found in the one who draws it and in the one who is told it: in pieces, the page's not."""
    with process_that_agrees(memories[0], url, kind) as drew, process_that_agrees(memories[1], url, kind) as was_told:
        assert drew.salt == was_told.salt
        pieces = ("first half", "second half", "last quarter")
        return [[max(found[piece] for piece in pieces) - 1 for found in one.found] for one in (drew, was_told)]


def test_a_salt_on_its_way_leaves_no_copy(server: Server, memories: list[int]) -> None:
    """Neither where it was drawn nor where it was told, neither in the interpreter nor in the TLS library's buffers."""
    assert agree(memories, server.url, "as it is") == [[0, 0], [0, 0]]


def test_a_copy_of_what_is_received_is_found(server: Server, memories: list[int]) -> None:
    """The search above does find one, in both."""
    drew, was_told = agree(memories, server.url, "receives carelessly")
    assert min(*drew, *was_told) >= 1


def test_a_copy_of_what_is_sent_is_found(server: Server, memories: list[int]) -> None:
    """In the one that drew it; the other had sent a salt that lost."""
    drew, was_told = agree(memories, server.url, "sends carelessly")
    assert min(drew) >= 1
    assert was_told == [0, 0]
