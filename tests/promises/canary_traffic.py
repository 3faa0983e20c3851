"""Every way in that a canary could be sent by: fields of each dialect, headers, and what goes wrong on the way.

Enters: a running product. Leaves: nothing; what it made of it is for others to look at.
"""

import copy
import json
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address
from itertools import cycle
from itertools import product as product_of
from typing import Any
from urllib.parse import quote, urlencode

from tests.promises.canaries import ADDRESSES, AGENT, EMAIL, IPV4, IPV6, NATIONAL_NUMBER
from tests.system.product import BROWSER, PAGE, SITE, Product

LAST_PAGE = "ferdig"
PLAIN = (EMAIL, NATIONAL_NUMBER, IPV4[0], IPV6[0])
"""Enough for a product that hides nothing."""

_AGENT = f"{BROWSER} {AGENT}"
_AT_ONCE = 8
_HEADERS = """Referer Cookie Accept-Language Origin Authorization From Via Sec-CH-UA X-Real-IP CF-Connecting-IP
    True-Client-IP Forwarded X-Odd X-Request-ID Content-Type Sec-Purpose Host Accept If-None-Match User-Agent""".split()
_ITEM = """item_id item_name item_brand item_variant item_category item_category2 item_category3 item_category4
    item_category5 item_list_name price quantity index unheard_of""".split()
_EVENT = "n i t o q currency v ms sd props items unheard_of".split()
_UTM = "utm_source utm_medium utm_campaign utm_content utm_term ref gclid fbclid mc_eid email".split()

Fields = tuple[str | int, ...]


class Sender:
    """One connection to the collector, each request from another canary's address."""

    def __init__(self, product: Product) -> None:
        self._connection = HTTPConnection("127.0.0.1", product.collector, timeout=20)
        self._addresses = cycle(ADDRESSES)
        self.answers: Counter[int] = Counter()

    def send(self, method: str, target: str, body: object = None, headers: dict[str, str] | None = None) -> None:
        """One request; a connection that the product closes is opened again."""
        address = next(self._addresses)
        sent = {
            "User-Agent": _AGENT,
            "X-Forwarded-For": f"10.0.0.7, {address}",
            "Forwarded": f'for="[{address}]"',
            "X-Real-IP": address,
            "CF-Connecting-IP": address,
            "Sec-CH-UA": f'"{AGENT}"',
            **(headers or {}),
        }
        data = None if body is None else json.dumps(body).encode()
        with suppress(HTTPException, ConnectionError):
            self._connection.request(method, target, data, sent)
            answer = self._connection.getresponse()
            answer.read()
            self.answers[answer.status] += 1
            return
        self._connection.close()


def send_everything(product: Product, secrets: Iterable[str]) -> Counter[int]:
    """All that is a request; at the end one page view that all the others came before."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        answers = sum(threads.map(partial(_send_secret, product), secrets), Counter[int]())
    sender = Sender(product)
    for address in IPV4:
        for wrapped in (
            f"::ffff:{address}",
            f"2002:{_groups(address)}::1",
            f"64:ff9b::{_groups(address)}",
            f"{address}:99",
        ):
            sender.send("POST", "/e", _page({}), {"X-Forwarded-For": wrapped})
    assert product.view(LAST_PAGE).status == 202
    return answers + sender.answers


def send_broken(product: Product) -> None:
    """What is not even a request, to every port."""
    ports = (product.collector, product.office, product.admin)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(_send_raw, *zip(*product_of(ports, broken_requests()), strict=True)))


def _send_secret(product: Product, secret: str) -> Counter[int]:
    sender = Sender(product)
    for body in native_bodies(secret):
        sender.send("POST", "/e", body)
    for body in plausible_bodies(secret):
        sender.send("POST", "/api/event", body)
    for url in urls(secret):
        sender.send("GET", "/e.gif?" + urlencode({"s": SITE, "u": url, "r": url.replace(SITE, "google.com")}))
        sender.send("GET", f"/e.gif?s={SITE}", headers={"Referer": url})
    sender.send("GET", "/e.gif?" + urlencode({"s": secret, "u": secret, secret: secret}))
    for name in _HEADERS:
        sender.send("POST", "/e", _page({}), {name: secret})
    return sender.answers


def written() -> Iterator[str]:
    """E-mail, national number and addresses, as they are, within words, and percent-encoded once and twice."""
    for number, secret in enumerate((EMAIL, NATIONAL_NUMBER, *IPV4[:2], *IPV6[:2], *IPV4[2:], *IPV6[2:])):
        yield secret
        if number < 6:  # the other addresses differ in nothing but their digits
            yield f"til {secret} her"
            yield quote(secret, safe="")
            yield "".join(f"%{byte:02X}" for byte in secret.encode())
            yield quote(quote(secret, safe=""), safe="")


def urls(secret: str) -> Iterator[str]:
    """The shop's pages with a canary in each part of the address."""
    yield f"https://{secret}@{SITE}/bruker"
    yield f"https://navn:{secret}@{SITE}/bruker"
    yield f"{PAGE}/{secret}"
    yield f"{PAGE}/lego/{secret}/by/"
    yield f"{PAGE}/ordre/{secret}"
    yield f"{PAGE}/a;jsessionid={secret}"
    yield f"{PAGE}/a#{secret}"
    yield f"{PAGE}/a?{secret}"
    yield from (f"{PAGE}/a?{name}={secret}" for name in _UTM)
    yield from (f"{PAGE}/a?{name}={quote(secret, safe='')}" for name in _UTM)


def native_bodies(secret: str) -> Iterator[dict[str, Any]]:
    """The script's dialect, a canary in one field at a time."""
    yield from (_page({("u",): url}) for url in urls(secret))
    yield from (_page({("r",): url.replace(SITE, "google.com")}) for url in urls(secret))
    yield _page({("r",): f"https://{secret}/"})
    yield _page({("r",): f"https://[{secret}]/"})
    yield from (_page({(name,): secret}) for name in ("s", "u", "r", "w", "m", "e", "unheard_of"))
    yield from (_page({("e", 0, name): secret}) for name in _EVENT)
    yield from (_page({("e", 0, "items", 0, name): secret}) for name in _ITEM)
    yield _page({("e", 0, "n"): "gift_wrapped", ("e", 0, "props"): {"paper": secret, "ribbon": secret, secret: "x"}})
    yield _page({("e", 0, "n"): "search", ("e", 0, "q"): secret})
    yield _page({(secret,): secret})


def plausible_bodies(secret: str) -> Iterator[dict[str, Any]]:
    """Plausible's dialect, likewise."""
    good = {"n": "pageview", "u": PAGE, "d": SITE}
    yield from ({**good, "u": url} for url in urls(secret))
    yield from (
        {**good, name: secret} for name in "n u d r p props $ revenue name url domain referrer v h i sd e".split()
    )
    yield {**good, "n": "gift_wrapped", "p": {"paper": secret, secret: secret}}
    yield {**good, "n": "gift_wrapped", "props": json.dumps({"ribbon": secret})}
    yield {**good, "$": {"amount": secret, "currency": secret}}


def broken_requests() -> Iterator[bytes]:
    """What no client library sends, with a canary wherever a parser might quote it."""
    for secret in (EMAIL, NATIONAL_NUMBER, *IPV4[:2], *IPV6[:2], AGENT):
        word = secret.encode()
        head = b"Host: x\r\nX-Forwarded-For: %s\r\nUser-Agent: %s\r\n" % (IPV6[2].encode(), _AGENT.encode())
        post = b"POST /e HTTP/1.1\r\n" + head
        yield b"GET /%s?%s HTTP/1.1\r\n%s\r\n" % (word, word, head)
        yield b"GET /login?once=%s HTTP/1.1\r\n%s\r\n" % (word, head)
        yield b"GET /api/panels/%s?site=%s&from=%s HTTP/1.1\r\nAuthorization: Bearer %s\r\n%s\r\n" % (
            word,
            word,
            word,
            word,
            head,
        )
        yield (
            b"POST /login HTTP/1.1\r\n%sContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s"
            % (head, 15 + 2 * len(word), b"name=%s&password=%s" % (word, word))
        )
        yield b"%s /e HTTP/1.1\r\n%s\r\n" % (word.partition(b"@")[0].replace(b".", b""), head)
        yield b"GET /e %s\r\n%s\r\n" % (word, head)
        yield b"GET %s HTTP/1.1\r\n%s\r\n" % (word, head)
        yield b"GET /e.gif?s=%s HTTP/1.0\r\n%s\r\n" % (word, head)
        yield b"GET http://%s:x/%s HTTP/1.1\r\n%s\r\n" % (word, word, head)
        yield post + b"%s\r\n\r\n" % word
        yield post + b"%s: \x00%s\r\n\r\n" % (word, word)
        yield post + b"Content-Length: %s\r\n\r\n" % word
        yield post + b"Transfer-Encoding: chunked\r\n\r\n%s\r\n" % word
        yield post + b"Transfer-Encoding: %s\r\n\r\n" % word
        yield post + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (word, len(word), word)
        yield post + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(word), word)
        yield post + b"Content-Type: text/plain; charset=%s\r\nContent-Length: %d\r\n\r\n%s" % (word, len(word), word)
        yield post + b"Content-Length: %d\r\n\r\n{%s" % (len(word) + 1, word)
        yield post + b"Content-Length: 90000\r\n\r\n%s" % (word * 20)
        yield post + b"Content-Length: 70000\r\n\r\n%s" % (word * 6000)[:70000]
        yield post + b"Content-Length: %d\r\n\r\n\xff\xfe%s" % (len(word) + 2, word)
        yield post + b"X-Long: %s\r\n\r\n" % (word * 900)
        yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + word
        yield b"\x16\x03\x01" + word
        yield word


def _page(changes: dict[Fields, object]) -> dict[str, Any]:
    page: dict[str, Any] = {
        "s": SITE,
        "u": f"{PAGE}/lego",
        "m": "measure",
        "e": [{"n": "view_item", "currency": "NOK", "items": [{"item_id": "60316", "price": 749.0}]}],
    }
    page = copy.deepcopy(page)
    for fields, value in changes.items():
        where: Any = page
        for field in fields[:-1]:
            where = where[field]
        where[fields[-1]] = value
    return page


def _groups(address: str) -> str:
    packed = IPv4Address(address).packed.hex()
    return f"{packed[:4]}:{packed[4:]}"


def _send_raw(port: int, data: bytes) -> None:
    """Say it and hang up, in the middle if it is half a request."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.05) as connection:
        connection.sendall(data)
        connection.recv(4096)
