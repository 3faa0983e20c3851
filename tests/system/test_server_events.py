"""The shop's own server reports, with a token, to the running product."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.system.product import BROWSER, PAGE, SITE, Product, Reply, ask, until
from tests.system.test_bad_input import _VALUES, as_bytes, spoilt

Make = Callable[..., Product]

_BODIES = 2000
_AT_ONCE = 20
_REFUSED = frozenset(
    "malformed too_large unknown_sender wrong_origin unknown_event not_consented expired duplicate".split()
)
_NOT_TOLD = frozenset({"robot", "referrer_spam", "rate_limited", "rate_anomaly"})
PURCHASE: dict[str, Any] = {
    "name": "purchase",
    "id": "order-1001",
    "transaction_id": "A-1001",
    "url": f"{PAGE}/kvittering",
    "currency": "NOK",
    "value": 898.0,
    "items": [
        {"item_id": "60316", "item_name": "Politistasjon", "item_category": "Lego", "price": 749.0, "quantity": 1},
        {"item_id": "11030", "item_name": "Byggeplate", "price": 74.5, "quantity": 2},
    ],
}
TAGGED: dict[str, Any] = {
    "name": "page_view",
    "at": "2026-05-12T12:00:00+02:00",
    "url": f"{PAGE}/lego?utm_source=facebook",
    "referrer": "https://www.google.com/",
    "consent": "measure",
    "visitor": {"address": "203.0.113.77", "user_agent": BROWSER, "language": "nb", "objects": False},
    "search_term": "lego by",
    "props": {"paper": "blue", "n": 1, "yes": True, "none": None},
    "engaged_ms": 3000,
    "scroll": 80,
}


def with_token(product: Product, *options: str) -> str:
    """A new token whose lines stand in the settings, as an operator would do it."""
    made = product.run("token", "new", "webshop", "--events", *options)
    assert made.returncode == 0, made.stderr
    *lines, token = made.stdout.splitlines()
    text = product.config.read_text(encoding="utf-8")
    assert token not in "".join(lines)
    product.config.write_text("\n".join([text, *lines, ""]), encoding="utf-8")
    return token


def report(product: Product, token: str, *events: dict[str, Any]) -> list[str]:
    """How each event ended that the shop's server reports."""
    reply = product.post(
        json.dumps(events), "/v1/events", {"Authorization": f"Bearer {token}", "User-Agent": "PHP/8.4"}
    )
    assert reply.status == 200, reply
    return [result["outcome"] for result in reply.json()["results"]]


def overview(product: Product, token: str) -> dict[str, Any]:
    """The tiles, by name."""
    panel = product.panel("overview", token)
    return dict(zip((column["name"] for column in panel["columns"]), panel["rows"][0], strict=True))


def refused(product: Product, token: str) -> dict[str, int]:
    """The panel of what was not stored, by reason."""
    return dict(product.panel("refused", token)["rows"])


def test_a_purchase_of_page_and_server_is_one_order(make: Make) -> None:
    """By the page, retried twice, and by the server, twice: one order with its revenue; another currency is apart."""
    product = make()
    token = with_token(product)
    product.start()
    product.wait_ready()
    reading = product.token()
    of_page = {"n": "purchase", "i": "k3j9x0a1", "o": "A-1001", "v": 898.0, "currency": "NOK"}
    body = json.dumps({"s": SITE, "u": f"{PAGE}/kvittering", "r": f"{PAGE}/kasse", "m": "measure", "e": [of_page]})
    assert [product.post(body).status for _ in range(3)] == [202] * 3
    in_euros = {**PURCHASE, "id": "order-1002", "transaction_id": "A-1002", "currency": "EUR", "value": 1e6}
    another = {**PURCHASE, "id": "order-1003", "transaction_id": "A-1003", "value": 100}
    assert report(product, token, PURCHASE, in_euros, another) == ["stored"] * 3
    assert report(product, token, PURCHASE, {**PURCHASE, "id": "again"}) == ["duplicate", "stored"]
    until(lambda: overview(product, reading)["orders"] >= 3, "the orders are shown", product.died)
    shown = overview(product, reading)
    assert {name: shown[name] for name in ("orders", "revenue", "currency", "visitors", "page_views")} == {
        "orders": 3, "revenue": 99_800, "currency": "NOK", "visitors": 1, "page_views": 0,
    }  # fmt: skip
    until(lambda: refused(product, reading).get("duplicate") == 3, "the retries are counted", product.died)
    refund = {**PURCHASE, "name": "refund", "id": "refund-1", "value": 149.0, "items": PURCHASE["items"][1:]}
    assert report(product, token, refund, refund) == ["stored", "duplicate"]
    until(lambda: overview(product, reading)["revenue"] == 99_800 - 14_900, "the refund is shown", product.died)
    assert overview(product, reading)["orders"] == 3
    products = {row[0]: row for row in product.panel("products", reading)["rows"]}
    assert products["Byggeplate"][-2:] == [14_900, "NOK"]  # of two orders, one taken back; a third was in euros
    assert product.run("status").returncode == 0


def test_a_refund_arrives_whole(make: Make) -> None:
    """With its amount, its currency, its products, and the key of the order that it takes back."""
    product = make()
    token = with_token(product)
    product.start()
    product.wait_ready()
    refund = {**PURCHASE, "name": "refund", "id": "refund-1", "value": 149.0, "items": PURCHASE["items"][1:]}
    assert report(product, token, PURCHASE, refund) == ["stored"] * 2
    assert product.stop() == 0
    rows = {row.partition(" ")[0]: row.split(" ")[1:] for row in product.stored(
        "concat(name, ' ', value, ' ', currency, ' ', order_key, ' ', toString(item_id), ' ', toString(visitor),"
        " ' [', network, country, device, ']')"
    )}  # fmt: skip
    assert rows["purchase"][:2] == ["89800", "NOK"]
    assert rows["refund"][:2] == ["14900", "NOK"]
    assert rows["refund"][2] == rows["purchase"][2] != "0"
    assert rows["refund"][3:] == ["['11030']", "0", "[]"]


def test_a_retry_is_one_event_whichever_worker_hears_it(make: Make) -> None:
    """Each worker knows at once what it has stored; the others' are found on the way to the store."""
    product = make(collector="workers = 2")
    token = with_token(product)
    product.start()
    product.wait_ready()
    answers = [word for _ in range(20) for word in report(product, token, PURCHASE)]
    assert set(answers) == {"stored", "duplicate"}
    assert answers.count("stored") <= 2
    assert product.stop() == 0
    assert len(product.stored("event_id")) == 1


def test_who_has_no_token_is_told_and_counted(make: Make) -> None:
    """401, and a line on the panel of what was not stored: a token that was forgotten is found there."""
    product = make()
    product.start()
    product.wait_ready()
    reply = product.post(json.dumps([PURCHASE]), "/v1/events", {"Authorization": "Bearer of-another-time"})
    assert (reply.status, reply.headers["www-authenticate"], reply.json()["refused"]) == (
        401,
        "Bearer",
        "unknown_sender",
    )
    reading = product.token()
    until(lambda: refused(product, reading) == {"unknown_sender": 1}, "it is counted", product.died)


# --- whatever is sent


@st.composite
def _spoilt_bodies(draw: st.DrawFn) -> bytes:
    """Events of which something has gone wrong, as an array or one a line, or as bytes of no sense."""
    chance, value = draw(st.randoms(use_true_random=False)), draw(_VALUES)
    if chance.random() < 0.05:
        return draw(st.binary(max_size=80))
    events = [event if chance.random() < 0.5 else spoilt(event, chance, value) for event in _some(chance)]
    if chance.random() < 0.4:
        return b"\n".join(as_bytes(event, chance) for event in events)
    return as_bytes(events if chance.random() < 0.9 else spoilt(events, chance, value), chance)


def _some(chance: random.Random) -> list[dict[str, Any]]:
    ids = [{"id": str(chance.randrange(10**6))}, {"id": chance.randrange(9)}, {}]
    elsewhere = {"name": "login", "url": "https://evil.test/"}
    small = ({"name": "gift_wrapped"}, {"name": "hopp"}, {"name": "login", "consent": "off"}, elsewhere)
    good = (PURCHASE, {**PURCHASE, "name": "refund"}, {**TAGGED, "at": None}, TAGGED, *small)
    return [{**chance.choice(good), **chance.choice(ids)} for _ in range(chance.randrange(1, 5))]


def _words_of(reply: Reply) -> list[str]:
    """How each event of a request ended, as its sender hears it; of what was not read at all, one word."""
    said = reply.json()
    if reply.status == 200:
        return [result["outcome"] for result in said["results"]]
    assert reply.status in (400, 401, 413), reply
    return [said["refused"]]


def _counted(product: Product) -> Counter[str]:
    """Events by outcome, as the collector's metrics have them."""
    text = ask(product.admin, "GET", "/metrics").body.decode()
    found = re.findall(r'^sporlos_events_total\{outcome="(\w+)"\} (\S+)$', text, re.MULTILINE)
    return +Counter({word: int(float(number)) for word, number in found})


def test_whatever_a_server_sends_has_its_word_and_its_count(make: Make) -> None:
    """2,000 spoilt bodies: no 5xx, a word of the closed list for each event, and the collector's numbers agree."""
    product = make()
    token = with_token(product, "--names-visitors")
    product.start("collect")
    product.wait_ready(product.admin)
    before = product.pids("worker")
    heard: Counter[str] = Counter()

    async def send_all(bodies: list[bytes]) -> list[Reply]:
        tokens = [token if n else "nobody's" for n in range(len(bodies))]  # one in twenty has none
        return await asyncio.gather(
            *(
                asyncio.to_thread(product.post, body, "/v1/events", {"Authorization": f"Bearer {one}"})
                for body, one in zip(bodies, tokens, strict=True)
            )
        )

    with asyncio.Runner() as runner:

        @settings(
            max_examples=_BODIES // _AT_ONCE,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(_spoilt_bodies(), min_size=_AT_ONCE, max_size=_AT_ONCE))
        def all_are_answered(bodies: list[bytes]) -> None:
            for reply in runner.run(send_all(bodies)):
                words = _words_of(reply)
                assert set(words) <= _REFUSED | {"stored", "accepted"}, reply
                heard.update(words)

        all_are_answered()
    counted = _counted(product)
    print(heard, counted)  # noqa: T201 - shown when it fails
    assert _REFUSED - {"too_large"} <= heard.keys(), "the bodies were not as mixed as they should be"
    assert counted.total() == heard.total()
    untold = heard.keys() - {"stored", "duplicate", "accepted"}
    assert {word: counted[word] for word in untold} == {word: heard[word] for word in untold}
    assert counted["stored"] + counted["duplicate"] + sum(counted[word] for word in _NOT_TOLD) == (
        heard["stored"] + heard["duplicate"] + heard["accepted"]
    )
    assert product.pids("worker") == before
    assert not re.search(r"Traceback|failed|complained", product.err.read_text())
    assert report(product, token, {**PURCHASE, "id": "the last"}) == ["stored"]
    assert product.stop("collect") == 0
