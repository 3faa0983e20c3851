"""From closed days and weeks to files: who is in them, who isn't, and when they are made."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.audiences.shop import Product
from pipeline.closing.span import close_week
from pipeline.recommendations.publish import Publisher
from pipeline.recommendations.shelf import shelf, withdraw
from pipeline.retain.retention import PROMISED
from pipeline.store.database import Answer, Store
from pipeline.upkeep import Upkeep
from tests.pipeline.recommendations.closed import MONDAY, SURE, closed, closed_day, ids, published, said

ENOUGH_AND_NINE = (
    [["car", "road"]] * SURE + [["car", "bus"]] * 9 + [["road", "(sensitive)"]] * SURE + [["road", "(other)"]] * SURE
)
"""Of the first pair as many visitors as are enough however the die falls, of the second nine: one too few."""


@pytest.fixture(scope="module")
def site(store: Store) -> str:
    """A shop with one closed week, in which nobody bought."""
    closed(store, "recommends.shop", {0: ENOUGH_AND_NINE})
    return "recommends.shop"


@pytest.fixture(scope="module")
def bought(store: Store) -> str:
    """One in which all who saw two products bought them."""
    closed(store, "bought.shop", {0: [["car", "road"]] * SURE}, buys=1.0)
    return "bought.shop"


def test_nothing_is_recommended_that_fewer_than_ten_visitors_had(store: Store, site: str, tmp_path: Path) -> None:
    """Neither a pair, nor a popular product, nor a file of one that fewer saw."""
    assert published(store, tmp_path, {site: ()}) == []
    assert said(tmp_path, site, "car") == {
        "product": "car",
        "viewed_together": [{"id": "road"}],
        "bought_together": [],
        "popular": [{"id": "road"}],
    }
    assert said(tmp_path, site, "bus") == {}
    assert ids(said(tmp_path, site)["popular"]) == ["road", "car"]


def test_what_a_killed_closing_has_left_is_in_no_file(store: Store, site: str, tmp_path: Path) -> None:
    """Counts of a run that no closing names are nowhere."""
    left = {
        "weekly": ("week", "pair", "bought together", "a", "car", "b", "road"),
        "daily": ("day", "dim", "product", "grain", "day", "value", "ghost"),
    }
    for table, (day, *words) in left.items():
        named = dict(zip(words[::2], words[1::2], strict=True)) | {"site": site, day: MONDAY.isoformat()}
        row = msgspec.json.encode([*named.values(), 1_000, 1])
        store.insert(table, [*named, "visitors", "run"], row, f"ghost-{table}")
    assert published(store, tmp_path, {site: ()}) == []
    assert said(tmp_path, site, "car")["bought_together"] == []
    assert "ghost" not in ids(said(tmp_path, site)["popular"])


def test_what_was_bought_together_is_told_apart(store: Store, site: str, bought: str, tmp_path: Path) -> None:
    """Of orders of at least ten visitors: who only looked at both is in the other list alone."""
    assert published(store, tmp_path, {bought: (), site: ()}) == []
    assert ids(said(tmp_path, bought, "road")["bought_together"]) == ["car"]
    assert ids(said(tmp_path, bought, "road")["viewed_together"]) == ["car"]
    assert said(tmp_path, site, "road")["bought_together"] == []


def test_nearer_is_what_fewer_looked_at_without_it(store: Store, tmp_path: Path) -> None:
    """Of two that as many saw beside a product, the one comes first that isn't seen beside everything."""
    visits = [["car", "hit"]] * 100 + [["car", "wheel"]] * 100 + [["hit", f"x{n}"] for n in range(400)]
    closed(store, "nearer.shop", {0: visits})
    assert published(store, tmp_path, {"nearer.shop": ()}) == []
    assert ids(said(tmp_path, "nearer.shop", "car")["viewed_together"]) == ["wheel", "hit"]


def test_what_is_recent_weighs_more(store: Store, tmp_path: Path) -> None:
    """The pair of this week goes before the one that was more frequent a month ago."""
    old, new = [["car", "old"]] * 150, [["car", "new"]] * 100 + [["car"]] * 30
    closed(store, "recent.shop", {0: old, 4: new})
    assert published(store, tmp_path, {"recent.shop": ()}) == []
    assert ids(said(tmp_path, "recent.shop", "car")["viewed_together"]) == ["new", "old"]
    assert ids(said(tmp_path, "recent.shop")["popular"]) == ["car", "new"], "of the latest week alone"


def test_what_is_popular_is_of_the_last_week_and_of_each_day_since(store: Store, tmp_path: Path) -> None:
    """A fresh day goes before a whole week, and each must have enough visitors by itself: days aren't added up."""
    site, last = "popular.shop", MONDAY + timedelta(weeks=1)
    closed(store, site, {0: [["old"]] * SURE})
    closed_day(store, site, last, [["fresh"]] * SURE + [["few"]] * 9)
    closed_day(store, site, last + timedelta(days=1), [["few"]] * 9)
    assert published(store, tmp_path, {site: ()}) == []
    assert ids(said(tmp_path, site)["popular"]) == ["fresh", "old"]
    closed_day(store, site, MONDAY + timedelta(days=14), [["car"]])
    assert published(store, tmp_path, {site: ()}) == []
    assert ids(said(tmp_path, site)["popular"]) == ["fresh"], "a week that began two weeks ago isn't lately"


def test_what_is_popular_need_not_wait_for_a_week(store: Store, tmp_path: Path) -> None:
    """A new shop's first day is enough, if enough came."""
    closed_day(store, "first.shop", MONDAY, [["car"]] * SURE + [["bus"]] * 9)
    assert published(store, tmp_path, {"first.shop": ()}) == []
    assert ids(said(tmp_path, "first.shop")["popular"]) == ["car"]
    assert said(tmp_path, "first.shop", "bus") == {}


def test_only_what_can_be_bought_is_recommended(store: Store, site: str, tmp_path: Path) -> None:
    """What the catalogue has as sold out, or hasn't, is nowhere; its own page still says what others looked at."""
    catalogue = (
        Product("car", available=False),
        Product("road", "Vei", link="https://a.no/vei", image_link="https://a.no/1"),
    )
    assert published(store, tmp_path, {site: catalogue}) == []
    card = {"id": "road", "name": "Vei", "link": "https://a.no/vei", "image": "https://a.no/1"}
    assert said(tmp_path, site, "car")["viewed_together"] == [card]
    assert said(tmp_path, site, "road")["viewed_together"] == []
    assert said(tmp_path, site)["popular"] == [card]
    assert said(tmp_path, site, "bus") == {}


def test_a_product_is_recommended_by_the_shops_own_spelling_of_its_id(store: Store, tmp_path: Path) -> None:
    """Pages ask by it and link by it; events have another one."""
    closed(store, "spelt.shop", {0: [["m2-12", "a/b"]] * SURE})
    catalogue = (Product("m2-12", "Flis", spelt="m²-12"), Product("a/b"))
    assert published(store, tmp_path, {"spelt.shop": catalogue}) == []
    tile = {"id": "m²-12", "name": "Flis"}
    assert said(tmp_path, "spelt.shop", "a/b")["viewed_together"] == [tile]
    assert tile in said(tmp_path, "spelt.shop")["popular"]
    own = said(tmp_path, "spelt.shop", "m²-12")
    assert (own["product"], own["viewed_together"], own["popular"]) == ("m²-12", [{"id": "a/b"}], [{"id": "a/b"}])
    assert said(tmp_path, "spelt.shop", "m2-12") == {}


def test_twelve_are_left_when_the_nearest_are_sold_out(store: Store, tmp_path: Path) -> None:
    """However many of the nearest can't be bought: as many as a list has are looked for behind them."""
    visits = [["car", f"near{n}"] for n in range(15) for _ in range(2 * SURE)]
    visits += [["car", word] for word in ("(other)", "(sensitive)") for _ in range(2 * SURE)]
    visits += [["car", f"far{n:02}"] for n in range(13) for _ in range(SURE)]
    closed(store, "soldout.shop", {0: visits})
    catalogue = [Product("car"), *(Product(f"far{n:02}") for n in range(13))]
    catalogue += [Product(f"near{n}", available=False) for n in range(15)]
    assert published(store, tmp_path, {"soldout.shop": catalogue}) == []
    assert ids(said(tmp_path, "soldout.shop", "car")["viewed_together"]) == [f"far{n:02}" for n in range(12)]


def test_an_id_that_was_taken_for_a_persons_is_no_product(store: Store, tmp_path: Path) -> None:
    """Whole or in part: under that word stands whatever was removed, of as many products as it may be."""
    closed(store, "removed.shop", {0: [["car", "(removed)"]] * SURE + [["car", "part (removed)"]] * SURE})
    assert published(store, tmp_path, {"removed.shop": ()}) == []
    assert said(tmp_path, "removed.shop", "car")["viewed_together"] == []
    assert ids(said(tmp_path, "removed.shop")["popular"]) == ["car"]
    assert len([*shelf(tmp_path, "removed.shop").glob("r/*.json")]) == 2


def test_a_name_is_the_shops_and_never_what_a_browser_said(store: Store, site: str, tmp_path: Path) -> None:
    """Anybody can report an event with a name of his own."""
    published(store, tmp_path, {site: ()})
    files = [*shelf(tmp_path, site).glob("r/*.json")]
    assert len(files) == 3
    assert not any(b"said by a browser" in file.read_bytes() for file in files)


def test_files_are_made_when_something_has_changed(store: Store, site: str, tmp_path: Path) -> None:
    """A closing, or the catalogue; else they are left alone. Whoever starts anew makes them once."""
    offers: dict[str, tuple[Product, ...]] = {site: ()}
    publisher, link = Publisher(store, tmp_path, lambda: offers), shelf(tmp_path, site) / "r"

    def is_new_after_a_round() -> bool:
        before = link.readlink() if link.is_symlink() else Path()
        assert publisher.round() == []
        return link.readlink() != before

    assert is_new_after_a_round()
    assert not is_new_after_a_round()
    offers[site] = (Product("road"),)
    assert is_new_after_a_round()
    close_week(store, site, MONDAY, time.time())
    assert is_new_after_a_round()
    assert not is_new_after_a_round()
    publisher = Publisher(store, tmp_path, lambda: offers)
    assert is_new_after_a_round()


def test_a_catalogue_that_cannot_be_read_changes_nothing(store: Store, site: str, tmp_path: Path) -> None:
    """What was published with it stays; what wasn't isn't published without it."""
    published(store, tmp_path, {site: (Product("road"),)})
    assert published(store, tmp_path, {site: None}) == []
    assert ids(said(tmp_path, site)["popular"]) == ["road"]
    withdraw(shelf(tmp_path, site))
    assert published(store, tmp_path, {site: None}) == []
    assert said(tmp_path, site) == {}


def test_a_shop_that_has_not_asked_for_it_has_no_files(store: Store, site: str, tmp_path: Path) -> None:
    """And one that doesn't any more has none any more; one of which nothing is closed has none yet."""
    published(store, tmp_path, {site: ()})
    assert said(tmp_path, site)
    assert published(store, tmp_path, {"unheard-of.shop": ()}) == []
    assert [*tmp_path.rglob("*.json")] == []
    assert not shelf(tmp_path, "unheard-of.shop").exists()


class _Empty(Store):
    """A store without a row: what upkeep does with the real one is no part of these tests."""

    def __init__(self) -> None:
        self.memory_mebibytes = 1024

    def query(self, *_: Any) -> Answer:  # noqa: ANN401 - whatever is asked
        return Answer((), [])


def test_a_shop_that_fails_holds_up_no_other(store: Store, site: str, bought: str, tmp_path: Path) -> None:
    """Why is told to the operator with what else upkeep has trouble with; the next pass tries again."""
    blocked = shelf(tmp_path, site)
    blocked.parent.mkdir()
    blocked.write_bytes(b"")
    publisher = Publisher(store, tmp_path, lambda: {site: (), bought: ()})
    upkeep = Upkeep(_Empty(), {}, PROMISED, time.time, publish=publisher.round)
    assert f"{site}: recommendations are not published" in upkeep.round().trouble
    assert said(tmp_path, bought)
    blocked.unlink()
    assert upkeep.round().trouble == ""
    assert said(tmp_path, site)
