"""From visits to what is recommended beside a product, by the running product."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.system.moved_clock import NOON, Clock
from tests.system.product import BROWSER, PAGE, SITE, Product, ask, products, until

WEEK_OVER = NOON + timedelta(days=7 - NOON.weekday()) - timedelta(hours=9)
"""Monday at three: late enough for the week to be closed, early enough for what waits for that to be there."""
_VISITORS = 19
"""As many as are enough however the die falls."""
_SETTINGS = f'[[sites]]\nid = "{SITE}"\norigins = ["{PAGE}"]\nprofile = "FR"\nrecommendations = true\n'
_COLLECTOR = 'trusted_proxies = ["127.0.0.1/32"]'


def look_at(product: Product, visitor: int, *ids: str) -> None:
    """One visitor looks at products."""
    events = [{"n": "view_item", "items": [{"item_id": one, "item_name": "<b>Bil</b>"}]} for one in ids]
    body = {"s": SITE, "u": f"{PAGE}/lego", "m": "measure", "e": [{"n": "page_view"}, *events]}
    who = {"User-Agent": BROWSER, "X-Forwarded-For": f"193.212.4.{visitor}", "Accept-Language": "nb"}
    assert product.post(json.dumps(body), headers=who).status == 202


@pytest.mark.timeout(180)
def test_what_others_looked_at_is_told_when_the_week_is_over(tmp_path: Path, clock: Clock) -> None:
    """Nineteen visitors and a week later; not what one alone saw, nor what anybody called it."""
    asked = f"/r/60316.json?s={SITE}"
    with products() as maker:
        product: Product = maker(tmp_path / "one", settings=_SETTINGS, collector=_COLLECTOR)
        product.start(under=clock.under)
        product.wait_ready()
        for visitor in range(1, _VISITORS + 1):
            look_at(product, visitor, "60316", "11030", *(["75192"] if visitor == 1 else []))
        assert ask(product.collector, "GET", asked).status == 404
        assert product.stop() == 0
        clock.set_to(WEEK_OVER.timestamp())
        product.start(under=clock.under)
        product.wait_ready()
        until(lambda: ask(product.collector, "GET", asked).status == 200, "it is published", product.died)
        answer = ask(product.collector, "GET", asked, {"Origin": PAGE})
        assert answer.json() == {
            "product": "60316",
            "viewed_together": [{"id": "11030"}],
            "bought_together": [],
            "popular": [{"id": "11030"}],
        }
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert ask(product.collector, "GET", f"/r/75192.json?s={SITE}").status == 404
        assert product.stop() == 0
