"""The part of Redis's protocol (RESP 2) that agreeing on a salt takes.

Enters: an address, words, and places in memory. Leaves: answers; a secret only ever from its place to the socket, and
from the socket to its place, in no object of the interpreter. No client library does that: each hands out `bytes`.

    Away       it can't be reached, or what answers is no Redis
    Refused    it answered that it won't
"""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

_PORT = 6379
_EXCHANGE_SECONDS = 2.0
"""For all that is said over one connection: who waits for it ends no later than that after he is told to."""
_LONGEST_LINE, _LONGEST_BULK, _LONGEST_ARRAY = 1000, 1 << 16, 100
_CLEANSE_PLAINTEXT = ssl.Options(0x2)
"""OpenSSL's SSL_OP_CLEANSE_PLAINTEXT, which Python has no name for: what was received is wiped from its buffer."""


class Away(OSError):
    """Redis can't be reached or doesn't do what it is asked."""


class Refused(Exception):
    """An error that Redis answered: its first word only, since the rest may quote what it was sent."""


@dataclass(frozen=True, slots=True)
class Redis:
    """Where it is, and how to get in."""

    host: str
    port: int
    database: int
    tls: bool
    user: str
    password: str = field(repr=False)

    @classmethod
    def at(cls, url: str) -> Self:
        """From `redis://[[user]:password@]host[:port][/database]`, `rediss` for TLS.

        Raises:
            ValueError: it is none; the message doesn't quote it, since a password stands in it.
        """
        with suppress(ValueError):  # of a port or a bracket; told below in our words
            parts = urlsplit(url)
            database = parts.path.removeprefix("/") or "0"
            rest = parts.query or parts.fragment
            if parts.scheme in ("redis", "rediss") and parts.hostname and database.isdecimal() and not rest:
                return cls(
                    host=parts.hostname,
                    port=parts.port or _PORT,
                    database=int(database),
                    tls=parts.scheme == "rediss",
                    user=unquote(parts.username or ""),
                    password=unquote(parts.password or ""),
                )
        raise ValueError("expected redis://[:password@]host:port/database, or rediss:// for TLS")


class Line:
    """The part of Redis's protocol (RESP 2) that is spoken here, over one connection, until a deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._socket = connection
        self._deadline = deadline

    def ask(self, *words: str | memoryview) -> str | list[str] | None:
        """Say a command; what is answered, lists of texts at most."""
        self._say(words)
        return self._answer()

    def ask_for(self, *words: str, into: memoryview) -> None:
        """Say a command whose answer is received where it is to be, and is as long as that."""
        self._say(words)
        length = self._sized(self._line())
        if length != len(into):
            raise Away(f"Redis has no salt under the salt's key, but {length} bytes")
        self._receive(into)
        self._receive(memoryview(bytearray(2)))

    def _say(self, words: Sequence[str | memoryview]) -> None:
        self._send(b"*%d\r\n" % len(words))
        for word in words:
            plain = word.encode() if isinstance(word, str) else word
            self._send(b"$%d\r\n" % len(plain))
            self._send(plain)  # a view goes to the kernel, or to the TLS library, as it lies there
            self._send(b"\r\n")

    def _answer(self) -> str | list[str] | None:
        line = self._line()
        if line[:1] in ("+", ":"):
            return line[1:]
        if line[:1] == "*":
            return [str(self._answer()) for _ in range(_number(line, _LONGEST_ARRAY))]
        length = self._sized(line)
        if length < 0:
            return None
        text = bytearray(length + 2)
        self._receive(memoryview(text))
        return text[:length].decode(errors="replace")

    def _sized(self, line: str) -> int:
        if line[:1] == "-":
            raise Refused(line[1:].split(" ", 1)[0])
        if line[:1] != "$":
            raise Away("what answers does not speak Redis's protocol")
        return _number(line, _LONGEST_BULK)

    def _line(self) -> str:
        # byte by byte: a buffer that reads ahead would take in the salt that may follow
        line, one = bytearray(), bytearray(1)
        while not line.endswith(b"\r\n"):
            self._receive(memoryview(one))
            line += one
            if len(line) > _LONGEST_LINE:
                raise Away("what answers does not speak Redis's protocol")
        return line[:-2].decode(errors="replace")

    def _send(self, data: bytes | memoryview) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def _receive(self, into: memoryview) -> None:
        while into:
            self._socket.settimeout(_left(self._deadline))
            received = self._socket.recv_into(into)
            if not received:
                raise Away("Redis hung up")
            into = into[received:]


@contextmanager
def connected(redis: Redis) -> Iterator[Line]:
    """A connection for one exchange: there is one a day, and each begins by asking what Redis keeps."""
    deadline = time.monotonic() + _EXCHANGE_SECONDS
    try:
        with ExitStack() as closing:
            connection = closing.enter_context(socket.create_connection((redis.host, redis.port), _left(deadline)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if redis.tls:
                context = ssl.create_default_context()
                context.options |= _CLEANSE_PLAINTEXT
                connection = closing.enter_context(context.wrap_socket(connection, server_hostname=redis.host))
            yield Line(connection, deadline)
    except Away:
        raise
    except OSError as error:
        raise Away(f"Redis can't be reached: {error.strerror or error}") from None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Away(f"Redis took longer than {_EXCHANGE_SECONDS:g} s")
    return left


def _number(line: str, most: int) -> int:
    try:
        number = int(line[1:])
    except ValueError:
        number = most + 1
    if number > most:
        raise Away("what answers does not speak Redis's protocol")
    return number
