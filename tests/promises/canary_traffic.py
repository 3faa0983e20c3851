"""Every way in that a canary could be sent by, sent.

Enters: a running product and how much to send. Leaves: what was answered; what became of it is for others to look at.
"""

import json
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address
from itertools import cycle
from typing import Self
from urllib.parse import quote, urlencode

from tests.promises import canary_encodings as encodings
from tests.promises import canary_fields as fields
from tests.promises import canary_servers as servers
from tests.promises.canaries import ADDRESSES, AGENT, CLICKS, EMAIL, IPV4, IPV6, ORDER, RECOGNISABLE, UNRECOGNISABLE
from tests.promises.canary_broken import half_requests, slow_request, whole_requests
from tests.system.product import BROWSER, PAGE, SITE, Product

LAST_PAGE = "ferdig"

_AT_ONCE = 8
_PROSE = ("59718364", "59 71 83 64", "tlf. 597 18 364, takk", "8601.11.17947")
_LIKE_A_BROWSER = {
    "User-Agent": f"{BROWSER} {AGENT}",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "nb-NO,nb;q=0.9",
}
_WORD_BY_WORD = (*RECOGNISABLE, *UNRECOGNISABLE, *IPV4[:2], *IPV6[:2], AGENT, next(iter(CLICKS.values())))
"""For what is about requests and not about fields, one of a kind is enough."""


@dataclass(slots=True)
class Answers:
    """What was said back: how often which status, and each different answer once."""

    statuses: Counter[int] = field(default_factory=Counter)
    texts: set[bytes] = field(default_factory=set)

    def add(self, status: int, text: bytes) -> None:
        """One more."""
        self.statuses[status] += 1
        self.texts.add(text)

    def __iadd__(self, other: "Answers") -> Self:
        self.statuses += other.statuses
        self.texts |= other.texts
        return self


class Sender:
    """One connection to the collector, each request from another canary's address."""

    def __init__(self, product: Product) -> None:
        self._connection = HTTPConnection("127.0.0.1", product.collector, timeout=20)
        self._addresses = cycle(ADDRESSES)
        self.answers = Answers()

    def send(self, method: str, target: str, body: object = None, headers: dict[str, str] | None = None) -> None:
        """One request; a connection that the product closes is opened again."""
        address = next(self._addresses)
        sent = {
            **_LIKE_A_BROWSER,
            "X-Forwarded-For": f"10.0.0.7, {address}",
            "Forwarded": f'for="[{address}]"',
            "X-Real-IP": address,
            "CF-Connecting-IP": address,
            "Sec-CH-UA": f'"{AGENT}"',
            **(headers or {}),
        }
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self._connection.request(method, target, data, sent)
            answer = self._connection.getresponse()
            said = answer.read()
        except (HTTPException, ConnectionError):
            self._connection.close()
            return
        told = {name: value for name, value in answer.getheaders() if name != "Date"}
        self.answers.add(answer.status, f"{answer.status} {told}\n".encode() + said)


def send_everything(product: Product, *, thorough: bool) -> Answers:
    """All that is a request; at the end one page view that all the others came before."""
    jobs: list[Callable[[Sender], None]] = [partial(_send_open, text) for text in _texts(thorough=thorough)]
    jobs += [partial(_send_prose, text) for text in _PROSE]
    closed = (*RECOGNISABLE, *UNRECOGNISABLE, int(ORDER.partition("-")[2]), IPV4[0], IPV6[0])
    jobs += [partial(_send_closed, secret) for secret in closed]
    jobs += [partial(_send_bodies, secret) for secret in (_WORD_BY_WORD if thorough else (EMAIL,))]
    jobs += [partial(_send_methods, secret) for secret in (_WORD_BY_WORD if thorough else (EMAIL,))]
    jobs += [_send_clicks, _send_tunnels]
    answers = Answers()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for job in [threads.submit(_with_sender, product, job) for job in jobs]:
            answers += job.result()
    assert product.view(LAST_PAGE).status == 202
    return answers


def _with_sender(product: Product, job: Callable[[Sender], None]) -> Answers:
    sender = Sender(product)
    job(sender)
    return sender.answers


def _texts(*, thorough: bool) -> Iterator[str]:
    """What can be recognised, as people and pages write it."""
    for secret in (*RECOGNISABLE, IPV4[0], IPV6[0]):
        yield from encodings.writings(secret) if thorough else (secret,)
    if thorough:
        yield from ("+47 59 71 83 64", "0047 597 18 364", "4012 8888 8888 1881", "4012-8888-8888-1881")
        yield from ("158890 10220", "kanarifuglesen.kari (at) kanaripost.no", "NO93 8601 1117 947")


def _is_recognisable(secret: str) -> bool:
    return secret in RECOGNISABLE or secret in ADDRESSES


def _send_open(secret: str, sender: Sender) -> None:
    """Where something is kept."""
    for body in fields.open_bodies(secret):
        sender.send("POST", "/e", body)
    for body in fields.open_plausible_bodies(secret):
        sender.send("POST", "/api/event", body)
    for query in fields.open_queries(secret):
        sender.send("GET", f"/e.gif?{query}")
    sender.send("POST", servers.EVENTS, servers.open_events(secret), servers.WITH_TOKEN)
    for body in servers.open_google(secret):
        sender.send("POST", servers.GOOGLES + servers.QUERY, body)


def _send_prose(secret: str, sender: Sender) -> None:
    """Where somebody may have typed it."""
    for body in fields.prose_bodies(secret):
        sender.send("POST", "/e", body)


def _send_closed(secret: str | int, sender: Sender) -> None:
    """Where nothing is."""
    for body in fields.closed_bodies(secret):
        sender.send("POST", "/e", body)
    for body in fields.closed_plausible_bodies(secret):
        sender.send("POST", "/api/event", body)
    for query in fields.closed_queries(str(secret)):
        sender.send("GET", f"/e.gif?{query}")
    for url in fields.closed_urls(quote(str(secret), safe="")):
        sender.send("GET", f"/e.gif?s={SITE}", headers={"Referer": url})
    _send_closed_of_servers(secret, sender)
    as_header = str(secret).encode().decode("latin-1")
    for name in fields.HEADERS:
        sender.send("POST", "/e", fields.page({}), {name: as_header})
        sender.send("GET", f"/e.gif?s={SITE}&u={PAGE}/lego", headers={name: as_header})
    for refused, headers in fields.refused(str(secret)):
        sender.send("POST", "/e", refused, headers)
    for form in fields.forms(str(secret)):
        sender.send("POST", "/opt-out", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        sender.send("GET", f"/opt-out?{form}", headers={"Cookie": form, "Referer": f"{PAGE}/?{form}"})


def _send_closed_of_servers(secret: str | int, sender: Sender) -> None:
    events = servers.closed_events(secret)
    sender.send("POST", servers.EVENTS, events, servers.WITH_TOKEN)
    sender.send("POST", servers.EVENTS, servers.lines(events), servers.WITH_TOKEN)
    bearer = f"Bearer {secret}".encode().decode("latin-1")
    sender.send("POST", servers.EVENTS, events, {"Authorization": bearer})
    for body in servers.closed_google(secret):
        for route in (servers.GOOGLES, servers.DEBUG):
            sender.send("POST", route + servers.QUERY, body)
    for query in servers.queries(secret):
        sender.send("POST", servers.GOOGLES + query, {"events": [{"name": "login"}]})


def _send_bodies(secret: str, sender: Sender) -> None:
    busy = fields.busy_page if _is_recognisable(secret) else fields.busy_closed_page
    for route in ("/e", "/api/event"):
        for body, headers in encodings.encoded(busy(secret)):
            sender.send("POST", route, body, headers)
        for body in encodings.broken_bodies(busy(secret), secret):
            sender.send("POST", route, body)
    [_, *others, last] = servers.closed_events(secret)
    for event in (others[0], last):
        for body, headers in encodings.encoded(event):
            sender.send("POST", servers.EVENTS, body, servers.WITH_TOKEN | headers)
        for body in encodings.broken_bodies(event, secret):
            sender.send("POST", servers.EVENTS, body, servers.WITH_TOKEN)
            sender.send("POST", servers.GOOGLES + servers.QUERY, body)
            sender.send("POST", servers.DEBUG + servers.QUERY, body)


def _send_methods(secret: str, sender: Sender) -> None:
    word = quote(secret, safe="")
    for method in encodings.METHODS:
        for route in encodings.ROUTES:
            body = None if method in ("GET", "HEAD", "CONNECT") else secret.encode()
            sender.send(method, f"{route}?{word}={word}", body, {"Cookie": f"{word}={word}", "X-Odd": word})
        sender.send(method, f"/{word}", headers={"Referer": f"{PAGE}/{word}"})
        sender.send(method, f"/e/{word}", secret.encode())


def _send_clicks(sender: Sender) -> None:
    for url in fields.click_urls():
        sender.send("POST", "/e", fields.page({("u",): url, ("r",): url.replace(SITE, "google.com")}))
        sender.send("POST", "/api/event", {"n": "pageview", "u": url, "r": url.replace(SITE, "bing.com"), "d": SITE})
        sender.send("GET", "/e.gif?" + urlencode({"s": SITE, "u": url, "r": url.replace(SITE, "facebook.com")}))
        sender.send("GET", f"/e.gif?s={SITE}", headers={"Referer": url})
    for name, value in CLICKS.items():
        sender.send("GET", f"/e.gif?s={SITE}&u={PAGE}/a&{name}={value}", headers={"Cookie": f"_gcl_aw=GCL.1.{value}"})
        sender.send("POST", f"/e?{name}={value}", fields.page({(name,): value, ("e", 0, name): value}))


def _send_tunnels(sender: Sender) -> None:
    for address in IPV4:
        groups = _groups(address)
        for wrapped in (f"::ffff:{address}", f"2002:{groups}::1", f"64:ff9b::{groups}", f"{address}:99"):
            sender.send("POST", "/e", fields.page({}), {"X-Forwarded-For": wrapped})
    for address in ADDRESSES:
        for text in (f"{PAGE}/{address}", f"{PAGE}/a?utm_term=fra%20{quote(address)}", f"{PAGE}/a?ip={address}"):
            sender.send("POST", "/e", fields.page({("u",): text, ("r",): f"https://[{address}]/"}))


def _groups(address: str) -> str:
    packed = IPv4Address(address).packed.hex()
    return f"{packed[:4]}:{packed[4:]}"


def send_broken(*ports: int) -> Answers:
    """What is not even a request, to each port."""
    sent: list[tuple[int, bytes, bool]] = []
    for secret in _WORD_BY_WORD:
        path = secret if _is_recognisable(secret) else f"ordre/{secret}"
        for charset in ("utf-8", "latin-1") if not secret.isascii() else ("utf-8",):
            word, place = secret.encode(charset), path.encode(charset)
            for port in ports:
                sent += [(port, data, True) for data in whole_requests(word, place)]
                sent += [(port, data, False) for data in half_requests(word, place)]
    answers = Answers()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for said in threads.map(_say, *zip(*sent, strict=True)):
            undated = b"\r\n".join(line for line in said.split(b"\r\n") if not line.startswith(b"Date:"))
            answers.add(int(said[9:12]) if said[9:12].isdigit() else 0, undated)
    return answers


def send_slowly(product: Product, secrets: Iterable[str]) -> Iterator[socket.socket]:
    """Connections that have said half a body; each ends when the product has had enough of it."""
    for secret in secrets:
        connection = socket.create_connection(("127.0.0.1", product.collector), timeout=30)
        connection.sendall(slow_request(secret.encode()))
        yield connection


def _say(port: int, data: bytes, is_whole: bool) -> bytes:  # noqa: FBT001 - one of a row of a table
    """Say it; then wait for the answer, or hang up in the middle of it."""
    said = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
        connection.sendall(data)
        if not is_whole:
            connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65_536):
            said += more
    return said
