"""What a shop has marked as sensitive is in nothing that is made of its product file; how many there were is known."""

from dataclasses import replace
from pathlib import Path

import pytest

from dashboards.advertisers import Advertisers, Declared
from dashboards.backoffice import _offers
from dashboards.office import Shop
from pipeline.store.database import Store
from tests.dashboards.advertising import declared, product_file, text_of
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in


def marked(folder: Path, *words: str) -> Declared:
    """A shop of twelve products in four categories, of which some are marked."""
    said = declared(folder, "marked.shop")
    return replace(said, settings=replace(said.settings, is_sensitive=lambda text: any(word in text for word in words)))


def test_products_of_marked_assortments_are_in_no_catalogue(tmp_path: Path) -> None:
    """Neither of exports nor of recommendations, which go by the same file."""
    shops = Advertisers([marked(tmp_path, "Hund", "Fjord")])
    ids = [product.id for product in shops["marked.shop"].catalogue]
    assert ids == [str(60300 + number) for number in range(12) if number % 4 != 2 and number != 5]
    assert shops.left_out("marked.shop") == 4
    offered = _offers(shops)["marked.shop"]
    assert offered is not None
    assert [product.id for product in offered] == ids


def test_a_file_of_nothing_but_marked_products_is_not_one_that_declares_none(tmp_path: Path) -> None:
    """Else all that visitors have seen would be told: without a catalogue, keys are what somebody had."""
    shops = Advertisers([marked(tmp_path, "Leker", "Dyr", "Bøker")])
    assert "marked.shop" not in shops
    (why,) = shops.troubles("marked.shop")
    assert why.endswith("each of its products is of an assortment that is marked as sensitive")
    assert _offers(shops) == {"marked.shop": None}


def test_nothing_is_left_out_where_nothing_is_marked(tmp_path: Path) -> None:
    """Nor of a shop that isn't there, or has no file."""
    said = declared(tmp_path, "plain.shop")
    shops = Advertisers([said, Declared(replace(said.settings, site="bare.shop"))])
    assert [shops.left_out(site) for site in ("plain.shop", "bare.shop", "none.shop")] == [0, 0, 0]
    assert len(shops["plain.shop"].catalogue) == 12


def test_what_is_left_out_is_counted_anew_with_the_file(tmp_path: Path) -> None:
    """As its products are."""
    now = [1e10]
    said = marked(tmp_path, "Hund")
    shops = Advertisers([said], lambda: now[0])
    assert said.catalogue is not None
    assert shops.left_out("marked.shop") == 3
    said.catalogue.write_text(product_file(4), encoding="utf-8")
    assert shops.left_out("marked.shop") == 1


def test_ids_that_no_event_can_carry_are_counted(tmp_path: Path) -> None:
    """As the collector's own rule has it: their products are in the files, but nothing is known of them."""
    said = declared(tmp_path, "spelt.shop")
    said = replace(said, settings=replace(said.settings, kept_as=lambda own: "" if own == "60303" else f"{own}x"))
    shops = Advertisers([said, Declared(replace(said.settings, site="bare.shop"))])
    assert [shops.unkept(site) for site in ("spelt.shop", "bare.shop", "none.shop")] == [1, 0, 0]
    first, *_ = shops["spelt.shop"].catalogue
    assert (first.id, first.own_id) == ("60300x", "60300")
    assert "60303" in {product.id for product in shops["spelt.shop"].catalogue}


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    """An office whose one shop has marked three products, and has one id that no event can carry."""
    said = marked(tmp_path, "Hund")
    said = replace(said, settings=replace(said.settings, kept_as=lambda own: "" if own == "60303" else own))
    made = Bench(store, tmp_path, (Shop("marked.shop", "Europe/Oslo"),))
    made.advertise(Advertisers([said], made.clock))
    return made


async def test_the_page_says_how_many_there_are_of_either(visit: Visit, bench: Bench) -> None:
    """And which of the two they are."""
    shown = await text_of(await log_in(bench, visit()), "/exports?site=marked.shop")
    assert "3 products of the product file are of an assortment that is marked as sensitive" in shown
    assert "Products whose id looks like a telephone's or a person's number, an address or a key: 1." in shown
