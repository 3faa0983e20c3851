"""The published contract, docs/openapi.json, against the running collector: schemathesis makes the requests of it."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, checks

from tests.system.product import BROWSER, PAGE, ROOT, SITE, Product, ask, products
from tests.system.test_dialects_fuzzed import MEASUREMENT_ID, SECRET, WORDS
from tests.system.test_dialects_fuzzed import SETTINGS as SITES

EXAMPLES = 2_000 if os.environ.get("SPORLOS_LONG") else 200
_QUERY_CHARACTERS = 8000
CONTRACT = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
ROUTES = [
    (method.upper(), path) for path, methods in CONTRACT["paths"].items() for method in methods if method != "head"
]
TAKES_SOMETHING = [
    (method, path)
    for method, path in ROUTES
    if {"requestBody", "parameters"} & CONTRACT["paths"][path][method.lower()].keys() and "{version}" not in path
]
TAKES_NOTHING = [route for route in ROUTES if route not in TAKES_SOMETHING]
MIXED = {
    "/e": {202, 400, 403, 404},
    "/api/event": {202, 400},
    "/e.gif": {200},
    "/v1/events": {200, 400, 401},
    "/mp/collect": {204},
    "/debug/mp/collect": {200},
    "/opt-out": {303, 400},
    "/r/{product}.json": {404},
    "/r.json": {404},
}
COUNTS_NOTHING = ("/opt-out", "/debug/mp/collect", "/r/{product}.json", "/r.json")
TOKEN = "a-shops-own-server"
# the lines of a sender belong to the site above them
SETTINGS = f"""{SITES}
[[sites.senders]]
name = "webshop"
token_sha256 = "{sha256(TOKEN.encode()).hexdigest()}"
names_visitors = true
"""
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
NAMES = ["page_view", "view_item", "purchase", "refund", "login", "search", "engagement", "gift_wrapped", "lunch"]
KNOWN = {
    "s": [SITE], "d": [SITE, f"{SITE},other.shop"], "domain": [SITE], "measurement_id": [MEASUREMENT_ID],
    "api_secret": [SECRET], "n": [*NAMES, "pageview"], "name": [*NAMES, "Purchase"], "currency": ["NOK", "EUR"],
    "address": ["203.0.113.77"], "at": [None], "m": ["count", "measure", ""], "consent": ["measure", ""],
    "timestamp_micros": [None],
    **{name: [f"{PAGE}/lego", f"{PAGE}/?a=b", "https://other.shop/"] for name in ("u", "url", "page_location")},
}  # fmt: skip
"""Words that mean something to the collector; chance finds none of them."""


@schemathesis.serializer("application/x-ndjson")
def lines(_: object, value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """As it is; what is no text goes as JSON."""
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One that runs, with a site whose pages and servers may report."""
    with products() as make:
        product = make(Path(tmp_path_factory.mktemp("contract")), settings=SETTINGS)
        product.start("collect")
        product.wait_ready(product.admin)
        yield product


def outcomes(product: Product) -> Counter[str]:
    """How all events so far have ended."""
    return Counter(ask(product.admin, "GET", "/status").json()["outcomes"])


def settled(found: Any, chance: random.Random) -> Any:  # noqa: ANN401 - any JSON
    """The same with words that are known here, each more often than not: else nothing gets past the door."""
    if isinstance(found, list):
        return [settled(each, chance) for each in found]
    if not isinstance(found, dict):
        return found
    return {
        name: chance.choice(KNOWN[name]) if name in KNOWN and chance.random() < 0.9 else settled(below, chance)
        for name, below in found.items()
    }


def is_told_of_all(status: int) -> bool:
    """Whether an answer is about all events of a request."""
    return 400 <= status < 500


def words_of(status: int, said: bytes) -> list[str]:
    """The words of an answer, one an event as far as it tells them."""
    if not said.startswith(b"{"):
        return []
    answer = json.loads(said)
    if is_told_of_all(status):
        return [answer["refused"]]
    return [result["outcome"] for result in answer.get("results", ())]


@pytest.mark.parametrize(("method", "path"), TAKES_SOMETHING, ids=lambda part: part)
@pytest.mark.timeout(3000 if os.environ.get("SPORLOS_LONG") else 300)
def test_what_is_published_is_what_is_answered(collector: Product, method: str, path: str) -> None:
    """Right and wrong requests: a declared status, type and body; no fault of ours; each word is known and counted."""
    operation = schemathesis.openapi.from_dict(CONTRACT)[path][method]
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    before, heard, statuses = outcomes(collector), Counter[str](), Counter[int]()
    with requests.Session() as session:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.one_of(right, right, wrong), st.randoms(use_true_random=False))
        def all_are_answered(case: Case, chance: random.Random) -> None:
            case.body = settled(case.body, chance)
            case.query = settled(case.query, chance)
            token = TOKEN if chance.random() < 0.9 else "another"
            headers = {"User-Agent": BROWSER, "Authorization": f"Bearer {token}"}
            # what is longer is answered before anybody has looked for a route
            assume(len(urlencode(case.query or {}, errors="replace")) < _QUERY_CHARACTERS)
            answer = case.call(base_url=f"http://127.0.0.1:{collector.collector}", session=session, headers=headers)
            case.validate_response(answer, checks=CHECKS)
            statuses[answer.status_code] += 1
            heard.update(words_of(answer.status_code, answer.content))

        all_are_answered()
    counted = outcomes(collector) - before
    print(statuses, heard, counted)  # noqa: T201 - shown when it fails
    assert statuses.total() >= EXAMPLES
    assert statuses.keys() >= MIXED[path], "the requests were not as mixed as they should be"
    assert heard.keys() | counted.keys() <= WORDS | {"accepted"}
    assert +(heard - counted - Counter(accepted=heard["accepted"])) == {}
    if path in COUNTS_NOTHING:
        assert counted.total() == 0
    elif path == "/v1/events":  # a word an event
        assert counted.total() == heard.total()
    else:
        assert counted.total() >= EXAMPLES
        assert {"stored", "malformed"} <= counted.keys()


@pytest.mark.parametrize(("method", "path"), TAKES_NOTHING, ids=lambda part: part)
def test_what_takes_nothing_answers_as_published(collector: Product, method: str, path: str) -> None:
    """The script, the page of choice, and what a browser asks before it sends: one status, one type."""
    if "{version}" in path:
        served = ask(collector.collector, "GET", "/s.js").body
        path = path.replace("{version}", sha384(served).hexdigest()[:8])
    answer = ask(collector.collector, method, path)
    answers = CONTRACT["paths"][path if path in CONTRACT["paths"] else "/s.{version}.js"][method.lower()]["responses"]
    assert [*answers] == [str(answer.status)]
    [promised] = answers.values()
    types = promised.get("content", {"": None})
    assert [*types] == [answer.headers.get("content-type", "").partition(";")[0]]
    assert {name.lower() for name in promised.get("headers", ())} <= answer.headers.keys()
