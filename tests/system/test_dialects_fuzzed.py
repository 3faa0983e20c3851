"""Two thousand bodies a dialect that no client sends: no fault of ours, each refusal with its word and count."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from yarl import URL

from tests.system.product import BROWSER, PAGE, SITE, Product, ask

_BODIES, _AT_ONCE = 2_000, 20
MEASUREMENT_ID, SECRET = "G-SHOP12345", "k3j9-secret"
STREAM = f"measurement_id={MEASUREMENT_ID}&api_secret={SECRET}"
SETTINGS = f"""
[[sites]]
id = "{SITE}"
origins = ["{PAGE}"]
profile = "FR"
events = {{ gift_wrapped = ["paper"] }}
ga4 = {{ "{MEASUREMENT_ID}" = "{sha256(SECRET.encode()).hexdigest()}" }}
"""
WORDS = frozenset(
    """stored duplicate malformed too_large unknown_site unknown_sender wrong_origin unknown_event robot automation
    prefetch referrer_spam missing_headers rate_anomaly rate_limited opted_out not_consented quarantined expired
    spool_full""".split()
)
CODES = """VALUE_INVALID VALUE_REQUIRED NAME_INVALID NAME_RESERVED VALUE_OUT_OF_BOUNDS
    EXCEEDED_MAX_ENTITIES""".split()
TOLD = frozenset("malformed too_large unknown_site wrong_origin unknown_event".split())
"""What Plausible's header counts: what is wrong with a page's set-up, and nothing about its visitor."""

_texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "\0", "é" * 300, "%" * 90, "a" * 3000, "http://[::1", "https://shop.test:99999/", "nan", "1e999"]
    ),
)
_numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([-1, 2**31, 2**53, 2**64, -(2**63), 10**300, 1e308, -0.0, 1e-320])
)
_anything = st.recursive(
    st.one_of(st.none(), st.booleans(), _numbers, _texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_texts, inner, max_size=3)),
    max_leaves=5,
)
_times = st.floats(0, 2e9).map(lambda seconds: seconds * 1e6)


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What it should be, three times of four: else nothing gets past the first fault."""
    return st.one_of(usual, usual, usual, _anything)


def objects(fields: dict[str, st.SearchStrategy[Any]], optional: str) -> st.SearchStrategy[dict[str, Any]]:
    """These fields, and some of the others with anything in them."""
    return st.fixed_dictionaries(fields, optional=dict.fromkeys(optional.split(), _anything))


def as_bytes(bodies: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """As JSON, or sometimes no JSON at all."""
    encoded = bodies.map(lambda body: json.dumps(body).encode())
    cut = st.builds(lambda body, at: body[:at], encoded, st.integers(0, 200))
    return st.one_of(encoded, encoded, encoded, encoded, encoded, cut, st.binary(max_size=100))


_urls = st.sampled_from([f"{PAGE}/lego", f"{PAGE}/#/by?utm_source=x", "https://other.shop/", "lego"])
_plausible = objects(
    {
        "n": mostly(
            st.sampled_from(["pageview", "engagement", "Purchase", "404", "gift_wrapped", "Woo Add to Cart", "Lunch"])
        ),
        "u": mostly(_urls),
        "d": mostly(st.sampled_from([SITE, f"www.{SITE}", f"{SITE},other.shop", ",".join("abcdefgh")])),
        "p": mostly(st.dictionaries(st.sampled_from(["paper", "url", "product_id", "price", "quantity"]), _anything)),
    },
    "r $ h i v w sd e m name url domain referrer props meta revenue hashMode screen_width",
)
_params = objects(
    {
        "page_location": mostly(_urls),
        "value": mostly(st.floats(-1e10, 1e10)),
        "items": mostly(st.lists(objects({}, "item_id price quantity index"), max_size=3)),
    },
    "page_referrer currency transaction_id search_term engagement_time_msec timestamp_micros session_id paper user_id",
)
_ga4_event = objects(
    {
        "name": mostly(st.sampled_from(["purchase", "page_view", "gift_wrapped", "lunch", "_x"])),
        "params": mostly(_params),
    },
    "timestamp_micros",
)
_events = st.one_of(st.lists(_ga4_event, min_size=1, max_size=4), _ga4_event, st.just([{"name": "login"}] * 30))
_ga4 = objects(
    {"events": mostly(_events), "timestamp_micros": st.one_of(st.none(), st.none(), st.none(), _times, _anything)},
    "client_id user_id user_properties user_data consent device",
)
_queries = st.sampled_from([STREAM, STREAM, STREAM, STREAM + "x", "", "measurement_id=%ff&api_secret=%00"])
_pixel = st.dictionaries(st.sampled_from(["s", "u", "r", "m", "n"]), st.one_of(_urls, st.just(SITE), _texts)).map(
    lambda query: "&".join(f"{key}={quote(value, safe='', errors='replace')}" for key, value in query.items())
)


class Sent(NamedTuple):
    """One request."""

    method: str
    target: str
    body: bytes | None


class Answered(NamedTuple):
    """Its answer."""

    status: int
    dropped: int
    body: bytes
    to: Sent


DIALECTS: dict[str, st.SearchStrategy[Sent]] = {
    "plausible": as_bytes(_plausible).map(lambda body: Sent("POST", "/api/event", body)),
    "ga4": st.builds(lambda body, query: Sent("POST", f"/mp/collect?{query}", body), as_bytes(_ga4), _queries),
    "ga4_debug": st.builds(
        lambda body, query: Sent("POST", f"/debug/mp/collect?{query}", body), as_bytes(_ga4), _queries
    ),
    "pixel": _pixel.map(lambda query: Sent("GET", f"/e.gif?{query}", None)),
}


@pytest.fixture
def product(make: Callable[..., Product]) -> Product:
    """A collector with one site."""
    made = make(settings=SETTINGS)
    made.start("collect")
    made.wait_ready(made.admin)
    return made


def outcomes(product: Product) -> Counter[str]:
    """How all events so far have ended."""
    return Counter(ask(product.admin, "GET", "/status").json()["outcomes"])


def fuzz(product: Product, requests: st.SearchStrategy[Sent]) -> list[Answered]:
    """The answers to two thousand of them."""
    answers: list[Answered] = []

    async def send(session: aiohttp.ClientSession, sent: Sent) -> Answered:
        # encoded, as far as it is: nobody puts a query right on its way
        url = URL(f"http://127.0.0.1:{product.collector}{sent.target}", encoded=True)
        async with session.request(sent.method, url, data=sent.body, headers={"User-Agent": BROWSER}) as answer:
            dropped = int(answer.headers.get("x-plausible-dropped", "0"))
            return Answered(answer.status, dropped, await answer.read(), sent)

    async def send_all(several: list[Sent]) -> list[Answered]:
        async with aiohttp.ClientSession() as session:
            return await asyncio.gather(*(send(session, sent) for sent in several))

    with asyncio.Runner() as runner:

        @hypothesis_settings(
            max_examples=_BODIES // _AT_ONCE,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(requests, min_size=_AT_ONCE, max_size=_AT_ONCE))
        def all_are_answered(several: list[Sent]) -> None:
            found = runner.run(send_all(several))
            for sent, answered in zip(several, found, strict=True):
                assert answered.status < 500, (answered, sent)
            answers.extend(found)

        all_are_answered()
    assert len(answers) >= _BODIES
    return answers


def counted(product: Product) -> Counter[str]:
    """How they ended; every word is one of the list, and nothing was complained about."""
    found = +outcomes(product)
    assert found.keys() <= WORDS
    said = product.err.read_text()
    assert "Traceback" not in said, said
    assert "failed" not in said, said
    return found


def test_plausibles_dialect(product: Product) -> None:
    """What its header and its statuses tell to be dropped is what was counted, to the event."""
    answers = fuzz(product, DIALECTS["plausible"])
    found = counted(product)
    told = sum(1 if answer.status >= 400 else answer.dropped for answer in answers)
    assert {answer.status for answer in answers} == {202, 400}
    assert told == sum(found[word] for word in TOLD)
    assert found.keys() >= TOLD | {"stored"}, "the bodies were not as mixed as they should be"


def test_googles_dialect(product: Product) -> None:
    """204 whatever was sent, and at least one outcome each."""
    answers = fuzz(product, DIALECTS["ga4"])
    found = counted(product)
    assert {answer.status for answer in answers} == {204}
    assert found.total() >= len(answers)
    mixed = TOLD | {"stored", "expired"}
    assert found.keys() >= mixed, "the bodies were not as mixed as they should be"


def test_googles_validation(product: Product) -> None:
    """Messages, whatever was sent, and nothing counted."""
    answers = fuzz(product, DIALECTS["ga4_debug"])
    assert {answer.status for answer in answers} == {200}
    said = [json.loads(answer.body)["validationMessages"] for answer in answers]
    codes = {message["validationCode"] for messages in said for message in messages}
    assert codes == set(CODES)
    assert [] in said
    assert not counted(product)


def test_the_pixel(product: Product) -> None:
    """An image whatever was asked, and one outcome each."""
    answers = fuzz(product, DIALECTS["pixel"])
    found = counted(product)
    assert {answer.status for answer in answers} == {200}
    assert found.total() == len(answers)
    assert found.keys() >= {"stored", "malformed", "unknown_site", "wrong_origin", "too_large"}
