"""Whatever is sent to the collector, it answers in its own words, and lives on."""

import asyncio
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.system.product import BROWSER, PAGE, SITE, Product

_LONG = bool(os.environ.get("SPORLOS_LONG"))
_REQUESTS = 1_000_000 if _LONG else 10_000
_AT_ONCE = 20
_ALLOWED = frozenset({100, 200, 202, 204, *range(400, 500)})
_ANSWER_SECONDS = 15.0
_CUT_OFF_SECONDS = 0.05
_STATUS_LINE = re.compile(rb"HTTP/\d\.\d (\d{3}) ")

_NATIVE: dict[str, Any] = {
    "s": SITE,
    "u": f"{PAGE}/lego/by?utm_source=facebook&gclid=x",
    "r": "https://www.google.com/",
    "w": 1536,
    "m": "measure",
    "e": [
        {"n": "page_view", "i": "k3j9x0a1"},
        {
            "n": "purchase",
            "t": -1200,
            "o": "A-17",
            "v": 749.5,
            "currency": "NOK",
            "items": [
                {
                    "item_id": "60316",
                    "item_name": "Politistasjon",
                    "item_category": "Lego",
                    "price": 749.0,
                    "quantity": 1,
                }
            ],
        },
        {"n": "gift_wrapped", "props": {"paper": "blue"}, "ms": 3000, "sd": 80, "q": "lego by"},
    ],
}
_PLAUSIBLE: dict[str, Any] = {
    "n": "pageview",
    "u": f"{PAGE}/",
    "d": f"{SITE},other.shop",
    "r": "https://t.co/x",
    "p": {"paper": "blue", "n": 1, "yes": True, "none": None},
    "$": {"amount": "19.99", "currency": "EUR"},
}
_QUERY = f"s={SITE}&u=https%3A%2F%2F{SITE}%2Fa&r=https%3A%2F%2Fbing.com%2F"
_ROUTES = [("POST", "/e", _NATIVE), ("POST", "/api/event", _PLAUSIBLE), ("GET", f"/e.gif?{_QUERY}", None)]

_WORDS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "\0",
            "\ud800",
            "é" * 300,
            "%" * 90,
            "%2525252540",
            "a" * 3000,
            "http://[::1",
            "//",
            "://",
            "https://shop.test:99999/",
            "https://shop.test\\@x/",
            "javascript:1",
            "\U0001d54ahop",
            "page_view",
        ]
    ),
    st.text(max_size=40),
)
_NUMBERS = st.one_of(
    st.sampled_from([-1, 0, 2**31, 2**53, 2**63, 2**64, -(2**63), 10**400, 1e308, -0.0, 1e-320]),
    st.integers(),
    st.floats(),
)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=4)),
    max_leaves=6,
)
_HEADERS = st.one_of(
    st.sampled_from(
        [
            b"Content-Encoding: gzip",
            b"Content-Encoding: br",
            b"Content-Encoding: nonsense",
            b"Content-Type: \xff\xfe",
            b"Content-Type: multipart/form-data; boundary=",
            b"Content-Type: application/json; charset=utf-16",
            b"Transfer-Encoding: chunked",
            b"Transfer-Encoding: gzip, chunked",
            b"Transfer-Encoding: x",
            b"Content-Length: -1",
            b"Content-Length: 99999999999999999999",
            b"Content-Length: +5",
            b"Content-Length: 5, 5",
            b"Expect: 100-continue",
            b"Expect: miracles",
            b"Upgrade: websocket",
            b"Connection: Upgrade, close",
            b"Host: a\r\nHost: b",
            b"no colon here",
            b": empty name",
            b" folded: line",
            b"X-Forwarded-For: " + b"1.2.3.4, " * 800,
            b"X-Forwarded-For: \xff, [::1%eth0]:x",
            b'Forwarded: for="[";by=',
            b"User-Agent: ",
            b"User-Agent: \x80\x81",
            b"Accept-Language: ;;q=,-",
            b"Origin: null",
            b"Origin: https://evil.test",
            b"Cookie: " + b"x" * 9000,
            b"Referer: http://[",
            b"Sec-GPC: 1",
            b"DNT: 1",
        ]
    ),
    st.binary(max_size=60),
)
_CHANCES = st.randoms(use_true_random=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Bytes for a connection of their own."""

    bytes: bytes
    cut_off: bool
    """It may lack its end, so that no answer is a fair answer."""


def spoilt(value: Any, chance: random.Random, replacement: Any) -> Any:  # noqa: ANN401 - any JSON
    """A valid body with one thing in it replaced, removed, doubled, or wrapped."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        containers = [key for key in value if isinstance(value[key], dict | list)]
        key = chance.choice([*value, *containers * 8])  # deep faults are the ones that reach the privacy room
        rest = {name: one for name, one in value.items() if name != key}
        match chance.randrange(10):
            case 0:
                return rest
            case 1:
                return {**rest, str(replacement)[:100]: value[key]}
            case _:
                return {**rest, key: spoilt(value[key], chance, replacement)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value * chance.choice([0, 2, 60])
        return [*value[:at], spoilt(value[at], chance, replacement), *value[at + 1 :]]
    return [value] if chance.random() < 0.1 else replacement


def as_bytes(body: Any, chance: random.Random) -> bytes:  # noqa: ANN401 - any JSON
    """JSON in an encoding that somebody might send, sometimes too long, or with a byte turned over."""
    text = json.dumps(body, ensure_ascii=chance.random() < 0.5)
    encoded = text.encode(chance.choice(["utf-8"] * 38 + ["utf-16", "utf-7"]), "surrogatepass")
    if chance.random() < 0.02:
        return encoded.rstrip(b"}") + b" " * 70_000 + b"}"
    if chance.random() < 0.1 and encoded:
        at = chance.randrange(len(encoded))
        return encoded[:at] + bytes([chance.randrange(256)]) * chance.randrange(3) + encoded[at + 1 :]
    return encoded


def request(method: bytes, target: bytes, headers: list[bytes], body: bytes, version: bytes = b"HTTP/1.1") -> bytes:
    """Bytes of a request; a length of the headers' own goes before the true one."""
    framed = any(header.lower().startswith((b"content-length", b"transfer-encoding")) for header in headers)
    length = [] if framed or not (body or method == b"POST") else [b"Content-Length: %d" % len(body)]
    return b"\r\n".join([method + b" " + target + b" " + version, b"Host: x", *headers, *length, b"", body])


@st.composite
def spoilt_bodies(draw: st.DrawFn) -> Attempt:
    """A proper request whose body, query or path has gone wrong somewhere."""
    method, target, valid = draw(st.sampled_from(_ROUTES))
    chance, value = draw(_CHANCES), draw(_VALUES)
    agent = b"User-Agent: " + BROWSER.encode()
    if valid is None:
        noise = json.dumps(value).encode()[: chance.randrange(60)]
        at = chance.randrange(len(target))
        mixed = target.encode()[:at] + re.sub(rb"[\s#]", b"%", noise) + target.encode()[at + chance.randrange(2) :]
        return Attempt(request(b"GET", mixed, [agent], b""), cut_off=False)
    body = as_bytes(spoilt(valid, chance, value), chance)
    return Attempt(request(method.encode(), target.encode(), [agent], body), cut_off=False)


@st.composite
def spoilt_headers(draw: st.DrawFn) -> Attempt:
    """A proper body under headers, methods and versions that no browser sends."""
    method, target, valid = draw(st.sampled_from(_ROUTES))
    methods = st.sampled_from([method, method, method, "OPTIONS", "HEAD", "PUT", "CONNECT", "get", "M-SEARCH", "\x01"])
    targets = st.sampled_from([target, target, "/", "*", "//e", "/e?" + "a=" * 3000, "http://x/e", "/%00", "/\xff"])
    versions = st.sampled_from([b"HTTP/1.1"] * 5 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"HTP/1.1", b""])
    headers = draw(st.lists(_HEADERS, min_size=1, max_size=3))
    body = b"" if valid is None else json.dumps(valid).encode()
    raw = request(draw(methods).encode(), draw(targets).encode("latin-1"), headers, body, draw(versions))
    return Attempt(raw, cut_off=True)


_NOISE = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00",
            b"\r\n" * 50,
            b"GET " + b"a" * 9000,
            b"POST /e HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"GET /e.gif\r\n\r\n",
            b"POST /e HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        ]
    ),
).map(lambda noise: Attempt(noise, cut_off=True))

_ATTEMPTS = st.lists(
    st.one_of(spoilt_bodies(), spoilt_bodies(), spoilt_headers(), _NOISE), min_size=_AT_ONCE, max_size=_AT_ONCE
)


async def send(port: int, attempt: Attempt) -> int:
    """The status of the answer; 0: the connection was closed, or nothing came to half a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        writer.write(attempt.bytes)
        async with asyncio.timeout(_CUT_OFF_SECONDS if attempt.cut_off else _ANSWER_SECONDS):
            while not _STATUS_LINE.match(answer):
                if not (more := await reader.read(4096)):
                    break
                answer += more
    except (ConnectionError, TimeoutError):
        assert attempt.cut_off, f"no answer to {attempt.bytes!r}"
    finally:
        writer.transport.abort()
    found = _STATUS_LINE.match(answer)
    assert found or not answer, f"{answer!r} is no answer to {attempt.bytes!r}"
    return int(found[1]) if found else 0


async def send_all(port: int, attempts: list[Attempt]) -> list[int]:
    """All of them at once."""
    return await asyncio.gather(*(send(port, attempt) for attempt in attempts))


@pytest.mark.timeout(7200 if _LONG else 300)
def test_bad_input_is_answered_and_survived(make: Callable[..., Product]) -> None:
    """Spoilt requests get a 4xx or what a good one gets; the worker lives, and takes a good event after."""
    product = make(collector='trusted_proxies = ["127.0.0.1/32"]')
    product.start("collect")
    product.wait_ready(product.admin)
    before = product.pids("worker")
    answers: Counter[int] = Counter()
    with asyncio.Runner() as runner:

        @settings(
            max_examples=_REQUESTS // _AT_ONCE,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(_ATTEMPTS)
        def all_are_answered(attempts: list[Attempt]) -> None:
            statuses = runner.run(send_all(product.collector, attempts))
            for attempt, status in zip(attempts, statuses, strict=True):
                assert status in _ALLOWED or (not status and attempt.cut_off), (status, attempt.bytes)
                answers[status] += 1

        all_are_answered()
    print(answers)  # noqa: T201 - shown when it fails
    assert answers.total() >= _REQUESTS
    assert {202, 200, 400, 404, 405, 413} <= answers.keys(), "the requests were not as mixed as they should be"
    assert product.pids("worker") == before
    said = product.err.read_text()
    assert not re.search(r"Traceback|failed|complained", said), said
    assert product.view("good").status == 202
    assert product.stop("collect") == 0
