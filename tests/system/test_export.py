"""A week of the running product, released and handed out: by the command, on the page, as a feed.

Nothing of the product is imported: visits come in by its door, a week passes by its clock, and it draws its own noise.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.system.moved_clock import NOON, Clock
from tests.system.product import PAGE, SITE, Product, ask, products, until

MONDAY = NOON - timedelta(days=NOON.weekday())
WEEK = f"{NOON:%G-W%V}"
_VISITORS = 300
_BROWSERS = {"Accept": "*/*", "Accept-Language": "nb", "Accept-Encoding": "gzip"}
"""Headers of every browser: who is counted as a maybe robot is in no export."""
_SETTINGS = """
[[sites]]
id = "{site}"
origins = ["{page}"]
profile = "FR"
exports = ["google_labels", "campaigns"]
catalogue = "{catalogue}"
campaigns = [["google", "cpc", "lego"]]
areas = ["FR"]

[[sites]]
id = "plain.test"
origins = ["https://plain.test"]
"""
_PRODUCTS = """id\ttitle\tproduct_type\tavailability
60316\tPolitistasjon\tLeker > Lego\tin_stock
60317\tBrannbil\tLeker > Lego\tin_stock
"""


@pytest.fixture
def product(tmp_path: Path, clock: Clock) -> Iterator[Product]:
    """A shop that advertises and one that doesn't, running."""
    catalogue = tmp_path / "products.tsv"
    catalogue.write_text(_PRODUCTS, encoding="utf-8")
    with products() as maker:
        settings = _SETTINGS.format(site=SITE, page=PAGE, catalogue=catalogue)
        made: Product = maker(tmp_path / "one", settings=settings, collector='trusted_proxies = ["127.0.0.1/32"]')
        made.start(under=clock.under)
        made.wait_ready()
        yield made


def visit(product: Product, number: int) -> None:
    """A visitor comes by an advertisement and looks at a product."""
    item = {"item_id": "60316", "item_name": "Politistasjon", "price": 749}
    events = [{"n": "page_view"}, {"n": "view_item", "currency": "NOK", "items": [item]}]
    page = f"{PAGE}/lego?utm_source=google&utm_medium=cpc&utm_campaign=lego"
    address = {
        **_BROWSERS,
        "X-Forwarded-For": f"192.0.2.{number % 250}",
        "User-Agent": f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/{number}.0",
    }
    assert product.post(json.dumps({"s": SITE, "u": page, "e": events}), headers=address).status == 202


def logged_in(product: Product, clock: Clock) -> dict[str, str]:
    """The cookie of somebody who came by a one-time link."""
    link = product.run("user", "link", under=clock.under).stdout.strip()
    answer = ask(product.office, "GET", link.partition(str(product.office))[2])
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def stored(product: Product, cookie: dict[str, str]) -> int:
    """Page views of the day."""
    path = f"/api/panels/overview?site={SITE}&from={NOON.date()}&to={NOON.date()}"
    (row,) = ask(product.office, "GET", path, cookie).json()["rows"]
    return int(row[2])


def test_week_is_released_and_leaves_by_every_way(product: Product, clock: Clock, tmp_path: Path) -> None:
    """Nothing before it is over; then the same bytes by feed, page and command, whether or not the product runs."""
    cookie = logged_in(product, clock)
    (feed,) = re.findall(
        r"/feeds/[\w-]{43}/google-labels\.tsv", ask(product.office, "GET", "/exports", cookie).body.decode()
    )
    for number in range(_VISITORS):
        visit(product, number)
    until(lambda: stored(product, cookie) == _VISITORS, "all visits are stored", product.died)
    early = product.run("export", under=clock.under)
    assert (early.returncode, early.stdout.splitlines()[0]) == (0, f"{SITE}: no week is released yet"), early.stderr
    assert {"on\tgoogle_labels\tgoogle-labels.tsv", "off\trobyn\trobyn.csv"} <= set(early.stdout.splitlines())
    assert ask(product.office, "GET", feed).status == 503
    clock.set_to((NOON + timedelta(hours=12, minutes=1)).timestamp())
    closed = product.run("close", "--day", str(NOON.date()), "--site", SITE, under=clock.under)
    assert closed.returncode == 0, closed.stderr
    assert product.stop() == 0
    clock.set_to((MONDAY + timedelta(days=7)).timestamp())
    product.start(under=clock.under)
    product.wait_ready()
    until(lambda: f"event='released' site='{SITE}'" in product.err.read_text(), "the week is released", product.died)

    labels = ask(product.office, "GET", feed).body.decode()
    assert [line.partition("\t")[0] for line in labels.splitlines()] == ["id", "60316", "60317"]
    file = tmp_path / "campaigns.csv"
    done = product.run("export", "campaigns", "--week", WEEK, "--output", str(file), under=clock.under)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    told = file.read_text(encoding="utf-8").splitlines()[1].split(",")
    assert told[:4] == [WEEK, "google", "cpc", "lego"]
    assert abs(int(told[4]) - _VISITORS) < 250  # noise of scale 12.5 is beyond that once in 500 million draws
    assert product.run("export", "--new-secret", under=clock.under).returncode == 0
    assert ask(product.office, "GET", feed).status == 404
    assert product.stop() == 0
    alone = product.run("export", "google_labels", under=clock.under)
    assert (alone.returncode, alone.stdout) == (0, labels)
    holds = product.run("export", "--verify", under=clock.under)
    assert (holds.returncode, holds.stdout.partition(";")[0]) == (0, "6 lines of the ledger hold"), holds.stderr
    off = product.run("export", "robyn", under=clock.under)
    assert (off.returncode, off.stdout) == (1, "")
    assert off.stderr == f"not exported: robyn is not switched on: put it into `exports` of {SITE}\n"
