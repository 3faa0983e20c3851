"""What the page of exports says of files that have nothing in them: what is missing, and what to do about it."""

from pathlib import Path

import pytest

from dashboards.advertisers import Advertisers, Declared
from dashboards.office import Shop
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.shop import Advertiser
from pipeline.store.database import Store
from tests.dashboards.advertising import release, text_of
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in

BARE = "bare.shop"


@pytest.fixture(scope="module")
def released(store: Store) -> Store:
    """The store with this shop's one released week."""
    release(store, BARE, much=1)
    return store


@pytest.fixture
def bench(released: Store, tmp_path: Path) -> Bench:
    """A shop that has declared nothing and that hardly anybody visits."""
    made = Bench(released, tmp_path, (Shop(BARE, "Europe/Oslo"),))
    shops = Advertisers([Declared(Advertiser(BARE, frozenset(EXPORTS)))], made.clock)
    made.advertise(shops)
    return made


async def section(bench: Bench, visit: Visit, name: str, language: str = "en") -> str:
    """What the page says of one export."""
    shown = await text_of(await log_in(bench, visit()), f"/exports?site={BARE}&lang={language}")
    return shown.partition(f'<section id="{name}">')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("google_labels", "Without a product file there are no products to label."),
        ("meta_labels", "Without a product file there are no products to label."),
        ("google_ads", "and none is declared."),
        ("meridian", "The file has no lines yet: there were too few visitors"),
        ("campaigns", "Too few visitors (“too_few”) means: fewer than 50"),
        ("brief", "Too few visitors (“too_few”) means: fewer than 50"),
    ],
)
async def test_file_without_anything_in_it_says_what_it_lacks(bench: Bench, visit: Visit, name: str, said: str) -> None:
    """A setting, or visitors: an empty table would leave a shop owner guessing."""
    assert said in await section(bench, visit, name)


async def test_it_is_said_in_norwegian_too(bench: Bench, visit: Visit) -> None:
    """The same."""
    assert "Uten produktfil er det ingen produkter" in await section(bench, visit, "google_labels", "nb")
    assert "Filen har ingen linjer ennå" in await section(bench, visit, "robyn", "nb")


async def test_address_that_works_on_this_machine_alone_is_told_as_that(bench: Bench, visit: Visit) -> None:
    """No platform can fetch from 127.0.0.1; behind a name of its own nothing is said."""
    kari = await log_in(bench, visit())
    assert "works on this machine alone" in await text_of(kari, f"/exports?site={BARE}")
    async with kari.get(f"/exports?site={BARE}", headers={"Host": "stats.shop.no"}) as answer:
        shown = await answer.text()
    assert "http://stats.shop.no/feeds/" in shown
    assert "works on this machine alone" not in shown
