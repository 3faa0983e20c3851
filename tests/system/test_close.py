"""A day of the running product becomes counts: by itself when it is over, and by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.system.moved_clock import NOON, Clock
from tests.system.product import SITE, Product, ask, products, until

TODAY = NOON.date()
_VIEWS = 5


@pytest.fixture
def product(tmp_path: Path, clock: Clock) -> Iterator[Product]:
    """A running shop with five page views of one visitor."""
    with products() as maker:
        made: Product = maker(tmp_path / "one")
        made.start(under=clock.under)
        made.wait_ready()
        for number in range(_VIEWS):
            assert made.view(f"page-{number}", m="measure").status == 202
        token = made.token()
        until(lambda: views(made, token, TODAY) == _VIEWS, "all of them are stored", made.died)
        yield made


def views(product: Product, token: str, day: date) -> int:
    """Page views of a day, as a panel tells."""
    path = f"/api/panels/overview?site={SITE}&from={day}&to={day}"
    reply = ask(product.office, "GET", path, {"Authorization": f"Bearer {token}"})
    assert reply.status == 200, reply
    (row,) = reply.json()["rows"]
    return int(row[2])


def test_a_day_is_closed_by_hand_when_it_is_over_and_not_before(product: Product, clock: Clock) -> None:
    """While the product runs; what can't be is one line and exit code 1."""
    early = product.run("close", "--day", str(TODAY), under=clock.under)
    assert (early.returncode, early.stdout) == (1, "")
    assert f"{SITE}: not closed: {TODAY} is not over yet in Europe/Oslo" in early.stderr
    clock.set_to((NOON + timedelta(hours=12, minutes=1)).timestamp())
    done = product.run("close", "--day", str(TODAY), under=clock.under)
    assert (done.returncode, done.stdout) == (0, f"{SITE}: {TODAY} is closed, counted from {_VIEWS} rows\n")
    gone = product.run("close", "--day", str(TODAY - timedelta(days=9)), under=clock.under)
    assert gone.returncode == 1
    assert "are not there; if it has been counted, that stands" in gone.stderr
    unknown = product.run("close", "--day", str(TODAY), "--site", "another.shop", under=clock.under)
    assert unknown.returncode == 1
    assert f"another.shop is not a site of these settings; known: {SITE}" in unknown.stderr
    assert product.run("close", "--day", "yesterday").returncode == 2


def test_a_day_is_closed_and_dropped_by_itself(product: Product, clock: Clock) -> None:
    """Stopped before midnight, started two days later: its views are told from counts, and receipts hold."""
    assert product.stop() == 0
    clock.set_to((NOON + timedelta(days=2, minutes=10)).timestamp())
    product.start(under=clock.under)
    product.wait_ready()
    until(lambda: "events" in product.run("receipts", "list").stdout, "the day is dropped", product.died)
    assert views(product, product.token(), TODAY) == _VIEWS
    assert product.run("receipts", "verify").returncode == 0
    status = product.run("status", under=clock.under)
    assert f"{_VIEWS} counted" in " ".join(status.stdout.split()), status.stdout
    assert status.returncode == 0, status.stdout
