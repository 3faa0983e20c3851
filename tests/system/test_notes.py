"""What the operator is told of what came in, from outside."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.system.product import Product, engine, until


def noted(product: Product, token: str, note: str) -> list[list[object]]:
    """The rows of the panel that are about this."""
    return [row for row in product.panel("notes", token)["rows"] if row[0] == note]


def test_what_was_taken_out_is_an_alarm(product: Product) -> None:
    """By its field and how often, and the rows say nothing of it."""
    token = product.token()
    for _ in range(3):
        product.view("?utm_content=kari%40post.no")
    until(partial(noted, product, token, "redacted"), "the operator hears of it")
    assert noted(product, token, "redacted") == [["redacted", "content", 3]]
    assert product.stop() == 0
    assert product.stored("content") == ["(removed)"] * 3


@pytest.mark.parametrize(("salts", "drawn"), [("keep", 1), ("forget", 2)])
def test_a_second_salt_on_one_day_is_told(make: Callable[..., Product], salts: str, drawn: int) -> None:
    """After a restart visitors of before count again; where the salt was kept, they don't, and nothing is said."""
    product = make(collector=f'salts = "{salts}"')
    for page in ("before", "after"):
        product.start()
        product.wait_ready()
        product.view(page)
        assert product.stop() == 0
    asked = "SELECT uniqExact(field), uniqExact(day) FROM sporlos.notes WHERE note = 'salt' FORMAT TSVRaw"
    (found,) = engine(product.data / "clickhouse", asked)
    counted, days = map(int, found.split())
    assert counted - days + 1 == drawn  # a midnight in between would draw one more
    product.start()
    product.wait_ready()
    told = noted(product, product.token(), "salt")
    assert [row[2] for row in told] == [1] * (drawn - 1)
