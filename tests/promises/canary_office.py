"""Canaries at the doors that visitors don't use: the back office's pages and its API, and the collector's other port.

Enters: a running product. Leaves: what it answered. Whoever is in the shop's staff is somebody, too.
"""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from tests.promises.canaries import AGENT, ALL, IPV4, IPV6
from tests.promises.canary_traffic import Answers
from tests.system.product import SITE, Product, Reply, ask

PERSON = {
    "User-Agent": f"Mozilla/5.0 {AGENT}",
    "X-Forwarded-For": f"{IPV4[0]}, {IPV6[0]}",
    "Forwarded": f'for="[{IPV6[1]}]"',
    "X-Real-IP": IPV4[1],
    "From": ALL[0],
}
"""What a browser and the proxies before us say of whoever asks."""
_FORM = "application/x-www-form-urlencoded"
_PORTS_OWN = ("/healthz", "/readyz", "/metrics", "/status")


def ask_everything(product: Product, token: str, secrets: tuple[str, ...]) -> Answers:
    """Send each canary to each route; what is answered may come to whoever guesses at addresses."""
    cookie = log_in_once(product)
    answers = Answers()
    for secret in secrets:
        for method, path, headers, body in _requests(secret, token, cookie):
            answers.add(*_spoken(ask(product.office, method, path, {**PERSON, **headers}, body)))
        for path in _PORTS_OWN:
            query = quote(secret, safe="")
            odd = {**PERSON, "X-Odd": _in_header(secret), "Cookie": f"a={query}"}
            answers.add(*_spoken(ask(product.admin, "GET", f"{path}?{query}={query}", odd)))
            answers.add(*_spoken(ask(product.admin, "POST", f"{path}/{query}", odd, secret.encode())))
    return answers


def log_in_once(product: Product) -> str:
    """The cookie of a session that a one-time link has begun."""
    link = product.run("user", "link").stdout.strip()
    answer = ask(product.office, "GET", link.partition(str(product.office))[2], PERSON)
    assert answer.status == 303, answer
    return answer.headers["set-cookie"].partition(";")[0]


def pages(product: Product, cookie: str) -> dict[str, bytes]:
    """What the staff sees."""
    shown = ("/", "/account", "/login", "/exports", "/leaving", f"/api/dashboard?site={SITE}&period=both")
    return {f"page {path}": ask(product.office, "GET", path, {**PERSON, "Cookie": cookie}).body for path in shown}


Request = tuple[str, str, dict[str, str], bytes | None]


def _requests(secret: str, token: str, cookie: str) -> Iterator[Request]:
    word = quote(secret, safe="")
    form = {"Content-Type": _FORM}
    bearer, inside = {"Authorization": f"Bearer {token}"}, {"Cookie": cookie}
    sent = urlencode({"name": secret, "password": secret, secret: secret}).encode()
    yield "POST", "/login", form, sent
    yield "POST", "/login", {"Content-Type": f"{_FORM}; charset={word}"}, sent
    yield "POST", "/login", {"Content-Type": f"{_FORM}; charset=latin-1"}, f"name={secret}".encode("utf-16")
    yield "POST", "/login", {"Content-Type": "multipart/form-data; boundary=b"}, sent
    yield "POST", "/login", form | {"Content-Encoding": "gzip"}, sent
    yield "POST", "/login", form, sent * 300
    yield "POST", "/login", form | {"Origin": f"https://{word}", "Sec-Fetch-Site": "cross-site"}, sent
    yield "GET", f"/login?once={word}&lang={word}&name={word}", {}, None
    # a name that is none, and a password that nobody may read again
    yield "POST", "/account", form | inside, urlencode({"name": secret, "password": "short"}).encode()
    yield "POST", "/account", form | inside, urlencode({"name": "kari", "password": f"{secret} {secret}"}).encode()
    yield "POST", "/account", form | inside, urlencode({"name": secret * 20, "password": f"{secret} {secret}"}).encode()
    yield "GET", f"/?site={word}&period={word}&{word}={word}", inside, None
    yield "GET", f"/{word}?{word}", inside | {"Referer": f"https://shop.test/{word}"}, None
    yield "GET", f"/static/{word}", {}, None
    yield "GET", f"/feeds/{word}/{word}", {"If-None-Match": word, "Referer": f"https://shop.test/{word}"}, None
    for path in ("/exports", "/leaving"):
        yield "GET", f"{path}?site={word}&week={word}&{word}={word}", inside, None
    yield "GET", "/account", {"Cookie": f"sporlos_session={word}; sporlos_language={word}"}, None
    yield "GET", f"/api/panels/{word}?site={SITE}", bearer, None
    yield "GET", f"/api/panels/pages?site={word}&from={word}&to={word}", bearer, None
    for name in ("from", "to", "until", "unheard_of"):
        yield "GET", f"/api/panels/pages?site={SITE}&{name}={word}", bearer, None
    yield "GET", f"/api/dashboard?site={SITE}&period={word}&version={word}", bearer, None
    yield "GET", f"/api/dashboard?site={SITE}&period=today&version={word}&x={word}", bearer, None
    yield "GET", f"/api/panels/pages?site={SITE}", {"Authorization": f"Bearer {word}"}, None
    yield "GET", "/healthz", {"Accept-Language": word, "If-None-Match": word, "X-Odd": _in_header(secret)}, None
    for method in ("PUT", "DELETE", "TRACE", "KANARI"):
        yield method, f"/api/panels/{word}", bearer | inside, secret.encode()


def _in_header(secret: str) -> str:
    """Header lines are Latin-1."""
    return secret.encode().decode("latin-1")


def _spoken(reply: Reply) -> tuple[int, bytes]:
    """An answer without the cookie that the product's own key has sealed."""
    headers = {name: value for name, value in reply.headers.items() if name not in ("date", "set-cookie")}
    return reply.status, f"{reply.status} {headers}\n".encode() + reply.body
