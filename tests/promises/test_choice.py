"""The visitor decides: consent, objection, opting out. And nobody can tell from an answer what became of him."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.product import BROWSER, PAGE, SITE, Product, Reply, ask, engine, products, tail, until

ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
OPT_OUT = "/opt-out"
STRICT, NORWAY = "streng.test", "norge.test"
_SETTINGS = "".join(
    f'[[sites]]\nid = "{site}"\norigins = ["https://{site}"]\n{profile}\n'
    for site, profile in ((SITE, 'profile = "FR"'), (NORWAY, 'profile = "NO"'), (STRICT, ""))
)
_WHOLE = {"User-Agent": BROWSER, "Accept-Language": "nb-NO", "Accept-Encoding": "gzip"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A collector of three shops: in France, in Norway, and one that names no country."""
    with products() as make:
        made = make(
            tmp_path_factory.mktemp("choice") / "product", settings=_SETTINGS, collector="events_per_visitor = 3"
        )
        made.start()
        made.wait_ready()
        yield made


def view(
    product: Product, path: str, site: str = SITE, headers: dict[str, str] | None = None, **fields: object
) -> Reply:
    """One page view."""
    event = {"s": site, "u": f"https://{site}/{path}", "e": [{"n": "page_view"}], **fields}
    return ask(product.collector, "POST", "/e", _WHOLE | (headers or {}), json.dumps(event))


KINDS: dict[str, Callable[[Product], Reply]] = {
    "measured": lambda product: view(product, "a"),
    "measured by consent": lambda product: view(product, "b", NORWAY, m="measure"),
    "counted": lambda product: view(product, "c", NORWAY),
    "consent refused": lambda product: view(product, "d", m="off"),
    "no consent yet": lambda product: view(product, "e", STRICT),
    "a word that nobody knows": lambda product: view(product, "f", STRICT, m="ja"),
    "objects by GPC": lambda product: view(product, "g", headers={"Sec-GPC": "1"}),
    "objects by DNT": lambda product: view(product, "h", headers={"DNT": "1"}),
    "opted out": lambda product: view(product, "i", headers={"Cookie": "a=b; sporlos_opt_out=1"}),
    "a robot": lambda product: view(product, "j", headers={"User-Agent": ROBOT}),
    "a driven browser": lambda product: view(product, "k", a=True),
    "a prefetch": lambda product: view(product, "l", headers={"Sec-Purpose": "prefetch"}),
    "without headers": lambda product: ask(
        product.collector, "POST", "/e", {"User-Agent": BROWSER},
        json.dumps({"s": SITE, "u": f"{PAGE}/m", "e": [{"n": "page_view"}]}),
    ),
    "too many": lambda product: [view(product, "n", headers={"User-Agent": f"{BROWSER} Many"}) for _ in range(5)][-1],
}  # fmt: skip


def as_sent(reply: Reply) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """All of an answer but the clock's time."""
    return reply.status, tuple((name, value) for name, value in reply.headers.items() if name != "date"), reply.body


def test_answers_are_the_same_to_the_byte(product: Product) -> None:
    """Whatever the consent, the signal, the robot's verdict; in the order of the headers as well."""
    answers = {kind: as_sent(send(product)) for kind, send in KINDS.items()}
    assert len(set(answers.values())) == 1, answers
    assert answers["measured"][0] == 202


def test_what_became_of_each_is_counted_for_the_operator(product: Product) -> None:
    """By its word on the panels; the rows have a number where it may be, and none where not."""
    for send in KINDS.values():
        send(product)
    token = product.token()
    refused = lambda site: {row[0] for row in product.panel("refused", token, site)["rows"]}  # noqa: E731 - asked again and again
    until(lambda: {"robot", "automation", "prefetch", "opted_out", "not_consented"} <= refused(SITE), "all are counted")
    until(lambda: refused(STRICT) == {"not_consented"}, "the strict shop has stored nothing")
    until(
        lambda: {row[0] for row in product.panel("marked", token)["rows"]} == {"missing_headers", "rate_anomaly"},
        "marked",
    )
    product.stop()
    rows = (
        engine(
            product.data / "clickhouse",
            "SELECT DISTINCT site, path, visitor != 0 FROM sporlos.events ORDER BY ALL FORMAT TSVRaw",
        )[0]
        .decode()
        .splitlines()
    )
    product.start()
    product.wait_ready()
    seen = {tuple(row.split("\t")) for row in rows}
    measured, counted = (
        {path for _, path, number in seen if number == "1"},
        {path for _, path, number in seen if number == "0"},
    )
    assert {"/a", "/b", "/m", "/n"} <= measured
    assert {"/c", "/g", "/h"} <= counted
    assert not {"/d", "/e", "/f", "/i", "/j", "/k", "/l"} & (measured | counted)
    assert STRICT not in {site for site, *_ in seen}


def test_opting_out_needs_no_login_and_lasts(product: Product) -> None:
    """A link, a button, a cookie that says one thing; events that bring it are refused, and it can be taken back."""
    page = ask(product.collector, "GET", OPT_OUT)
    assert page.status == 200
    assert as_sent(page) == as_sent(ask(product.collector, "GET", OPT_OUT, {"Cookie": "sporlos_opt_out=1"}))
    host = {"Host": f"127.0.0.1:{product.collector}", "Origin": f"http://127.0.0.1:{product.collector}"}
    chosen = ask(product.collector, "POST", OPT_OUT, host, "count=no")
    assert chosen.status == 303
    cookie = chosen.headers["set-cookie"].partition(";")[0]
    view(product, "opted-out", headers={"Cookie": cookie})
    view(product, "opted-in-again")
    token = product.token()
    until(lambda: "/opted-in-again" in json.dumps(product.panel("pages", token)), "the later one is there")
    assert "/opted-out" not in json.dumps(product.panel("pages", token))
    assert "Max-Age=0" in ask(product.collector, "POST", OPT_OUT, host, "count=yes").headers["set-cookie"]


def test_answers_are_the_same_with_a_full_spool(tmp_path: Path) -> None:
    """Where nothing more can be stored, 503 for everybody: a tally would still fit, and tell a robot what it is."""
    with products() as make:
        made = make(tmp_path / "product", settings=_SETTINGS, collector="spool_mebibytes = 1")
        made.start("collect")
        made.wait_ready(made.admin)
        until(lambda: view(made, "lego", e=[{"n": "page_view"}] * 50).status == 503, "the spool is nearly full")
        until(lambda: view(made, "lego").status == 503, "it is full")
        kinds = [{}, {"User-Agent": ROBOT}, {"Cookie": "sporlos_opt_out=1"}, {"Sec-Purpose": "prefetch"}]
        assert len({as_sent(view(made, "lego", headers=headers)) for headers in kinds}) == 1


@pytest.mark.parametrize(
    "lines", [("Cookie: a=b", "Cookie: sporlos_opt_out=1"), ("Cookie: x=1;sporlos_opt_out=1;y=2",)], ids=["two", "one"]
)
def test_a_choice_counts_in_whichever_line_it_comes(product: Product, lines: tuple[str, ...]) -> None:
    """A proxy may split the cookies of one browser into several lines."""
    body = json.dumps({"s": SITE, "u": f"{PAGE}/in-several-lines", "e": [{"n": "page_view"}]})
    before = ask(product.admin, "GET", "/status").json()["outcomes"].get("opted_out", 0)
    with socket.create_connection(("127.0.0.1", product.collector), timeout=20) as connection:
        head = ("POST /e HTTP/1.1", "Host: x", f"User-Agent: {BROWSER}", *lines, f"Content-Length: {len(body)}")
        connection.sendall("\r\n".join([*head, "", body]).encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 202")
    assert ask(product.admin, "GET", "/status").json()["outcomes"]["opted_out"] == before + 1


def test_no_answer_to_an_event_sets_anything(product: Product) -> None:
    """Neither cookie nor cache tag: only the opt-out page ever leaves something behind."""
    for send in KINDS.values():
        assert not {"set-cookie", "etag", "last-modified"} & set(send(product).headers)
    pixel = ask(product.collector, "GET", f"/e.gif?s={SITE}&u={PAGE}/", _WHOLE)
    script = ask(product.collector, "GET", "/s.js", _WHOLE)
    assert not {"set-cookie", "etag", "last-modified"} & (set(pixel.headers) | set(script.headers))


def test_the_script_is_the_same_for_everyone(product: Product) -> None:
    """Cached for an hour, it must not carry the first visitor's choice to the next."""
    asked = [{}, {"Sec-GPC": "1"}, {"Cookie": "sporlos_opt_out=1"}, {"User-Agent": ROBOT}, {"Accept-Language": "de"}]
    assert len({as_sent(ask(product.collector, "GET", "/s.js", headers)) for headers in asked}) == 1


def test_a_real_file_of_settings_without_a_country_is_strict(tmp_path: Path) -> None:
    """Nothing is stored of a shop that names none until a page says that its visitor agreed."""
    with products() as make:
        made = make(tmp_path / "product", settings=_SETTINGS)
        made.start("collect")
        made.wait_ready(made.admin)
        view(made, "before", STRICT)
        view(made, "after", STRICT, m="measure")
        assert made.stop("collect") == 0
        spool = b"".join(file.read_bytes() for file in (made.data / "spool").iterdir())
        assert f"names no profile: before its pages tell of consent nothing is stored' site='{STRICT}'" in tail(
            made.err
        )
    assert b"/after" in spool
    assert b"/before" not in spool
