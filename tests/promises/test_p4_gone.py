"""What is left of a day after 48 hours, in the running product: counts, and nothing that a visit could be known by."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.system.moved_clock import NOON, Clock
from tests.system.product import BROWSER, PAGE, SITE, Product, engine, products, until

VISITORS = 12
_COLUMNS = ("visitor", "network", "event_id", "order_key")
_OF_VISITS = ("events", "quarantine", "drafts")


@pytest.fixture
def product(tmp_path: Path, clock: Clock) -> Iterator[Product]:  # noqa: ARG001 - it outlives the product
    """One shop."""
    with products() as maker:
        yield maker(tmp_path / "one")


def visit(product: Product, number: int) -> None:
    """Somebody looks at a page, and buys."""
    events = [{"n": "page_view", "i": f"v{number}"}]
    events.append({"n": "purchase", "i": f"p{number}", "v": 749, "currency": "NOK", "o": f"A-{number}"})
    body = {"s": SITE, "u": f"{PAGE}/lego", "m": "measure", "e": events}
    agent = BROWSER.replace("141", str(100 + number))
    assert product.post(json.dumps(body), headers={"User-Agent": agent}).status == 202


def run_until(product: Product, clock: Clock, reached: Callable[[], bool], what: str) -> None:
    """Start everything, wait for it, stop."""
    product.start(under=clock.under)
    product.wait_ready()
    until(reached, what, product.died)
    assert product.stop() == 0


def tables(product: Product) -> dict[str, str]:
    """Every table of the database, all its rows as text."""
    asked = "SELECT name FROM system.tables WHERE database = 'sporlos' AND engine LIKE '%MergeTree' FORMAT TSVRaw"
    (names,) = engine(product.data / "clickhouse", asked)
    found = names.decode().split()
    asked_each = (f"SELECT * FROM sporlos.{name} FORMAT TSVRaw" for name in found)  # noqa: S608 - the engine's own names
    texts = engine(product.data / "clickhouse", *asked_each)
    return {name: text.decode() for name, text in zip(found, texts, strict=True)}


def parts(product: Product) -> list[str]:
    """What any part of the tables of visits still holds, whether or not it is in use."""
    (found,) = engine(product.data / "clickhouse", "SELECT table, name FROM system.parts WHERE rows > 0 FORMAT TSVRaw")
    return [line for line in found.decode().splitlines() if line.startswith(_OF_VISITS)]


def test_after_48_hours_only_counts_are_left(product: Product, clock: Clock) -> None:
    """No row, no visitor number, no network, no hash of an order in any table or part; how many came, and what for."""
    product.start(under=clock.under)
    product.wait_ready()
    for number in range(VISITORS):
        visit(product, number)
    assert product.stop() == 0
    known = {value for column in _COLUMNS for value in product.stored(column)} - {"0", ""}
    assert len(known) == VISITORS + 1 + 2 * VISITORS + VISITORS
    before = tables(product)
    assert all(value in before["events"] for value in known)
    assert parts(product)

    clock.set_to((NOON + timedelta(days=2, minutes=10)).timestamp())
    run_until(
        product,
        clock,
        lambda: "events" in product.run("receipts", "list", under=clock.under).stdout,
        "the day is dropped",
    )
    after = tables(product)
    assert [after[name] for name in _OF_VISITS] == [""] * len(_OF_VISITS)
    assert [(name, value) for name, text in after.items() for value in known if value in text] == []
    assert parts(product) == []
    assert f"{VISITORS}\t" in next(line for line in after["daily"].splitlines() if "\tall\t" in line)
    assert "receipts hold" in product.run("receipts", "verify", under=clock.under).stdout
