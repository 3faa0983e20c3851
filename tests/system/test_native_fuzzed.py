"""Two thousand native bodies that no script sends: no fault of ours, a word an event, and every event counted."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.system.product import PAGE, ROOT, SITE, Product
from tests.system.test_dialects_fuzzed import (
    SETTINGS,
    TOLD,
    Sent,
    as_bytes,
    counted,
    fuzz,
    mostly,
    objects,
)

CONTRACT = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))

_items = st.lists(mostly(st.fixed_dictionaries({"item_id": mostly(st.just("60316"))})), max_size=3)
_event = objects(
    {"n": mostly(st.sampled_from(["page_view", "purchase", "view_item", "gift_wrapped", "-click", "lunch"]))},
    "i t currency v value ms sd o transaction_id q search_term props item_list_name p",
)
_with_items = st.builds(lambda event, items: {**event, "items": items}, _event, mostly(_items))
_events = st.one_of(
    st.lists(mostly(st.one_of(_event, _with_items)), min_size=1, max_size=4), st.just([{"n": "login"}] * 60)
)
_bodies = objects(
    {
        "s": mostly(st.sampled_from([SITE, SITE, SITE, "other.shop"])),
        "u": mostly(st.sampled_from([f"{PAGE}/lego", f"{PAGE}/#/by?utm_source=x", "https://other.shop/"])),
        "e": mostly(_events),
    },
    "r w m zz",
)
_plain = st.fixed_dictionaries(
    {
        "s": st.sampled_from([SITE, SITE, "other.shop"]),
        "u": st.sampled_from([f"{PAGE}/lego", f"{PAGE}/lego", "https://other.shop/"]),
        "e": st.sampled_from(["page_view", "lunch"]).map(lambda name: [{"n": name}]),
    }
)
"""With one fault at most that is told by a word of its own: among the others there is nearly always a worse one."""


@pytest.fixture
def product(make: Callable[..., Product]) -> Product:
    """A collector with one site."""
    made = make(settings=SETTINGS)
    made.start("collect")
    made.wait_ready(made.admin)
    return made


def page_validator() -> Draft202012Validator:
    """Of a body as the contract has it, whatever its events are."""
    schemas = CONTRACT["components"]["schemas"]
    page = json.loads(json.dumps(schemas["AnyPage"]))
    page["properties"]["e"] = {"type": "array", "minItems": 1}
    return Draft202012Validator(page)


PAGE_VALIDATOR = page_validator()


def no_number(said: str) -> NoReturn:
    """`NaN` and `Infinity` are Python's own."""
    raise ValueError(said)


def events_in(body: bytes) -> int:
    """How many outcomes a body has: one where not even single events can be told apart."""
    try:
        sent: Any = json.loads(body, parse_constant=no_number)
    except ValueError:
        return 1
    return len(sent["e"]) if PAGE_VALIDATOR.is_valid(sent) else 1


def test_the_scripts_dialect(product: Product) -> None:
    """As many outcomes as events, each a word of the list; what is told of a whole body was counted so."""
    answers = fuzz(product, as_bytes(st.one_of(_bodies, _bodies, _plain)).map(lambda body: Sent("POST", "/e", body)))
    found = counted(product)
    assert {answer.status for answer in answers} == {202, 400, 403, 404, 413}
    told = [json.loads(answer.body)["refused"] for answer in answers if answer.status != 202]
    assert set(told) <= TOLD
    assert all(found[word] >= told.count(word) for word in set(told))
    assert found.total() == sum(events_in(answer.to.body or b"") for answer in answers)
    assert found.keys() >= TOLD | {"stored"}, "the bodies were not as mixed as they should be"
