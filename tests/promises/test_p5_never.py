"""P5: who objects, has not agreed, has opted out or is a robot is in no export, nor is what is sensitive.

In the running product: a day of visits of every kind, each with words of its own; the day is over and closed; what of
it waits for the week's release is read as rows. Of the measured ones all is there, so nothing is missing by mistake.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.moved_clock import NOON, Clock
from tests.system.product import BROWSER, Product, ask, engine, products

MEASURES, ASKS, NO_EXPORT = "measures.test", "asks.test", "without.test"
_SETTINGS = "".join(
    f'[[sites]]\nid = "{site}"\norigins = ["https://{site}"]\nprofile = "{profile}"\n{more}'
    for site, profile, more in (
        (MEASURES, "FR", 'exports = ["campaigns"]\nsensitive = ["Rusmidler"]\n'),
        (ASKS, "NO", 'exports = ["campaigns"]\n'),
        (NO_EXPORT, "FR", ""),
    )
)
_HEADERS = {"Accept-Language": "nb-NO", "Accept-Encoding": "gzip"}
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
ALLOWED: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "measured": (MEASURES, {}, {}),
    "agreed": (ASKS, {}, {"m": "measure"}),
}
NEVER: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "gpc": (MEASURES, {"Sec-GPC": "1"}, {}),
    "dnt": (MEASURES, {"DNT": "1"}, {}),
    "gpcagreed": (ASKS, {"Sec-GPC": "1"}, {"m": "measure"}),
    "optedout": (MEASURES, {"Cookie": "sporlos_opt_out=1"}, {}),
    "refused": (MEASURES, {}, {"m": "off"}),
    "counted": (MEASURES, {}, {"m": "count"}),
    "notasked": (ASKS, {}, {}),
    "robot": (MEASURES, {"User-Agent": GOOGLEBOT}, {}),
    "driven": (MEASURES, {}, {"a": True}),
    "prefetched": (MEASURES, {"Sec-Purpose": "prefetch"}, {}),
    "bare": (MEASURES, {"Accept-Language": ""}, {}),
    "sensitive": (MEASURES, {}, {"category": "Rusmidler"}),
    "noexport": (NO_EXPORT, {}, {}),
}


@pytest.fixture
def product(tmp_path: Path, clock: Clock) -> Iterator[Product]:  # noqa: ARG001 - it outlives the product
    """Three shops: one that measures unless told not to, one that asks, one without exports."""
    with products() as maker:
        yield maker(tmp_path / "one", settings=_SETTINGS)


def visit(product: Product, kind: str, nth: int, site: str, headers: dict[str, str], said: dict[str, Any]) -> None:
    """Somebody comes by a campaign of his own, sees a product of his own, and buys it."""
    said = dict(said)
    item = {"item_id": f"p-{kind}", "item_name": kind, "item_category": said.pop("category", f"c-{kind}")}
    shared = {"items": [item], "currency": "NOK"}
    names = ("page_view", "view_item", "add_to_cart", "purchase")
    events = [
        {"n": name, "i": f"{kind}-{name}", **({} if name == "page_view" else shared)}
        | ({"v": 749, "o": f"o-{kind}"} if name == "purchase" else {})
        for name in names
    ]
    url = f"https://{site}/{kind}?utm_source=s-{kind}&utm_medium=cpc&utm_campaign=u-{kind}"
    agent = {"User-Agent": BROWSER.replace("141", str(100 + nth))}
    body = json.dumps({"s": site, "u": url, "w": 1280, "e": events, **said})
    sent = {name: value for name, value in (_HEADERS | agent | headers).items() if value}
    assert ask(product.collector, "POST", "/e", sent, body).status == 202


def waiting_sums(product: Product) -> list[tuple[str, str]]:
    """Site, and the table and key as text, of all that waits for a release."""
    asked = (
        "SELECT site, concat(release_table, ' ', arrayStringConcat(key, ' ')) FROM sporlos.contributions"
        " WHERE NOT startsWith(release_table, '(') FORMAT TSVRaw"
    )
    (found,) = engine(product.data / "clickhouse", asked)
    return [(site, words) for site, _, words in (line.partition("\t") for line in found.decode().splitlines())]


def test_who_must_not_enter_is_in_nothing_that_waits_for_a_release(product: Product, clock: Clock) -> None:
    """Not by a product, a campaign, a category or a source; who may be measured is there by all of them."""
    product.start(under=clock.under)
    product.wait_ready()
    for nth, (kind, (site, headers, said)) in enumerate((ALLOWED | NEVER).items()):
        visit(product, kind, nth, site, headers, said)
    assert product.stop() == 0
    clock.set_to((NOON + timedelta(days=1)).timestamp())
    closed = product.run("close", "--day", str(NOON.date()), under=clock.under)
    assert closed.returncode == 0, closed.stderr
    found = waiting_sums(product)
    assert {site for site, _ in found} == {MEASURES, ASKS}
    for kind in ALLOWED:
        for word in (f"p-{kind}", f"u-{kind}", f"c-{kind}", f"s-{kind}"):
            assert any(word in words for _, words in found), word
    for kind in NEVER:
        assert not [words for _, words in found if kind in words], kind
