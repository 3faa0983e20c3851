"""The limit on what one address may send, from outside."""

from collections.abc import Callable

from tests.system.product import Product, until


def test_what_is_over_the_limit_is_answered_alike_and_counted(make: Callable[..., Product]) -> None:
    """The sixth event of an address gets the same answer as the fifth, and is on the panel of the refused."""
    product = make(collector="events_per_address = 5")
    product.start()
    product.wait_ready()
    answers = [product.view("lego") for _ in range(6)]
    for answer in answers:
        answer.headers.pop("date")
    assert len({(answer.status, answer.body, *answer.headers.items()) for answer in answers}) == 1
    token = product.token()
    until(lambda: product.panel("refused", token)["rows"] == [["rate_limited", 1]], "the panel names it")
    assert product.stop() == 0
    assert product.stored("path") == ["/lego"] * 5
