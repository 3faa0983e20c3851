"""The demo shop's files, as the product reads those of a real shop."""

from datetime import date
from pathlib import Path

import pytest

from demo import papers
from demo.catalogue import PRODUCTS
from pipeline.audiences import catalogue
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.spend import spending_of
from proxy import settings
from proxy.settings import Settings
from proxy.site import Site

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, Site]:
    """Settings with the demo in them, and its shop."""
    monkeypatch.setenv("SPORLOS_DATA", str(tmp_path))
    loaded = settings.load(None, demo=True)
    return loaded, loaded.sites[-1]


def test_the_product_file_is_read_without_a_fault(demo: tuple[Settings, Site]) -> None:
    """Each product of the shop, available, with a link to its page and a picture."""
    loaded, site = demo
    papers.write(loaded, site, FRIDAY)
    assert site.catalogue
    found = catalogue.read(site.catalogue)
    assert found.faults == ()
    assert [(one.id, one.title, one.brand, one.product_type) for one in found.products] == [
        (one.id, one.name, one.brand, one.category.name) for one in PRODUCTS
    ]
    assert all(one.available for one in found.products)
    assert found.products[0].link == "http://127.0.0.1:8090/bygg/politistasjon"
    assert found.products[0].image_link == "http://127.0.0.1:8090/bilde/60316.svg"


def test_each_past_week_has_cost_something(demo: tuple[Settings, Site]) -> None:
    """Five weeks before this one, of both channels, and no fault."""
    loaded, site = demo
    papers.write(loaded, site, FRIDAY)
    assert site.spend
    found = spending_of(site.spend)
    assert found.faults == ()
    assert {str(one.monday) for one in found.spent} == {
        "2026-10-19",
        "2026-10-26",
        "2026-11-02",
        "2026-11-09",
        "2026-11-16",
    }
    assert {one.channel for one in found.spent} == {"paid_search", "paid_social"}
    assert all(one.amount > 0 < one.impressions for one in found.spent)


def test_what_says_the_same_is_not_written_again(demo: tuple[Settings, Site]) -> None:
    """A start on the same day leaves both files as they are: a new one holds only when it has settled."""
    loaded, site = demo
    papers.write(loaded, site, FRIDAY)
    assert site.catalogue
    assert site.spend
    before = [path.stat().st_mtime_ns for path in (site.catalogue, site.spend)]
    papers.write(loaded, site, FRIDAY)
    assert [path.stat().st_mtime_ns for path in (site.catalogue, site.spend)] == before


def test_the_demo_has_everything_switched_on(demo: tuple[Settings, Site]) -> None:
    """Every export that there is, and recommendations."""
    _, site = demo
    assert set(site.exports) == set(EXPORTS)
    assert site.recommendations
    assert (site.market, site.money) == ("NO", "NOK")
