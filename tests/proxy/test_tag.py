"""The lines that a shop pastes: addresses that its visitors reach, and the hash of what is served."""

import base64
import hashlib
import re

from proxy import settings, tag
from proxy.beacon.script import load
from proxy.settings import Collector, Settings
from proxy.site import Site

SHOP = Site(id="shop.no", origins=("https://shop.no",), profile="NO")


def with_collector(**said: str) -> Settings:
    """Settings of a collector."""
    return settings.load(None).model_copy(update={"collector": Collector(**said)})


def test_the_tag_names_the_public_address() -> None:
    """What is pasted into a shop must be reachable from there."""
    found = tag.tag(with_collector(public_url="https://stats.shop.no/"), SHOP)
    assert found == '<script defer src="https://stats.shop.no/s.js" data-site="shop.no"></script>'


def test_the_script_may_have_another_name() -> None:
    """In the tag as where it is served."""
    assert 'src="http://127.0.0.1:8080/hjelp/vaffel.js"' in tag.tag(with_collector(script="/hjelp/vaffel.js"), SHOP)


def test_a_shop_that_measures_says_so() -> None:
    """Where the country lets visits be measured before consent, the script may read what that takes."""
    assert tag.tag(with_collector(), SHOP.model_copy(update={"profile": "FR"})).count('data-mode="measure"') == 1


def test_a_shop_that_names_no_country_sends_nothing_before_consent() -> None:
    """Not even a request that the collector would refuse."""
    assert tag.tag(with_collector(), SHOP.model_copy(update={"profile": "STRICT"})).count('data-mode="off"') == 1


def test_a_pinned_tag_has_the_hash_of_what_is_served() -> None:
    """Under an address of its own, so that a new version doesn't break the page before its line is changed."""
    served = load()
    found = tag.pinned_tag(with_collector(public_url="https://stats.shop.no"), SHOP, served)
    [integrity] = re.findall(r'integrity="sha384-([^"]+)"', found)
    assert base64.b64decode(integrity) == hashlib.sha384(served.plain).digest()
    assert f'src="https://stats.shop.no/s.{served.version}.js"' in found
    assert 'crossorigin="anonymous"' in found


def test_the_page_of_opting_out_is_beside_the_collector() -> None:
    """For the shop's cookie page."""
    assert tag.opt_out(with_collector(public_url="https://stats.shop.no/")) == "https://stats.shop.no/opt-out"
