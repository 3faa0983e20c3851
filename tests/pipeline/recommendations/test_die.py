"""Who makes nine visits himself and waits for the tenth: what files that everyone may read tell him."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from pipeline.audiences.shop import Product
from pipeline.closing.day import K_PAIRS
from pipeline.recommendations.die import die_of
from pipeline.recommendations.shelf import shelf
from pipeline.store.database import Store
from tests.pipeline.recommendations.closed import SURE, closed, ids, published, said

OF_EACH = {K_PAIRS - 1: 40, K_PAIRS: 120, K_PAIRS + 4: 120, SURE: 20}
"""Visitors → how many pairs have so many; the two of a pair are in no other."""
LOADED = b"a die that falls"
"""One of a known number, so that a test says one thing."""


def data_with(folder: Path, die: bytes = LOADED) -> Path:
    """A folder of all files, with such a die."""
    folder.mkdir()
    (folder / "recommendations.key").write_bytes(die)
    return folder


@pytest.fixture(scope="module")
def site(store: Store) -> str:
    """A shop with one closed week."""
    visits = [[*pair(n, which)] for n, count in OF_EACH.items() for which in range(count) for _ in range(n)]
    closed(store, "die.shop", {0: visits}, buys=1.0)
    return "die.shop"


def pair(visitors: int, which: int) -> tuple[str, str]:
    """Two products that so many visitors saw and bought, and nobody else."""
    return f"{visitors}-{which}-a", f"{visitors}-{which}-b"


def catalogue() -> tuple[Product, ...]:
    """All that is sold, so that each has a file."""
    return tuple(Product(one) for n, count in OF_EACH.items() for which in range(count) for one in pair(n, which))


def told(data: Path, site: str, visitors: int, what: str) -> Iterator[bool]:
    """Of each of these pairs: whether the one product is recommended beside the other; of `popular`: it has a file."""
    for which in range(OF_EACH[visitors]):
        one, other = pair(visitors, which)
        file = said(data, site, one)
        yield bool(file) if what == "popular" else other in ids(file.get(what, ()))


@pytest.mark.parametrize("what", ["viewed_together", "bought_together", "popular"])
def test_the_tenth_visitor_is_seen_in_one_of_ten_throws(store: Store, site: str, tmp_path: Path, what: str) -> None:
    """Nine are never told, nineteen always, and from ten on each one more adds a tenth to the chance."""
    data = data_with(tmp_path / "data")
    assert published(store, data, {site: () if what == "popular" else catalogue()}) == []
    shares = {n: sum(told(data, site, n, what)) / count for n, count in OF_EACH.items()}
    assert shares[K_PAIRS - 1] == 0
    assert 0.03 < shares[K_PAIRS] < 0.17
    assert 0.37 < shares[K_PAIRS + 4] < 0.63
    assert shares[SURE] == 1


def test_the_order_tells_no_count(store: Store, tmp_path: Path) -> None:
    """Beside a product, ten others that 20 to 29 visitors saw with it, and 200 in all."""
    visits = [["car", f"r{n}"] for n in range(20, 30) for _ in range(n)]
    visits += [[f"r{n}"] for n in range(20, 30) for _ in range(200 - n)]
    closed(store, "order.shop", {0: visits})
    assert published(store, data_with(tmp_path / "data"), {"order.shop": ()}) == []
    order = ids(said(tmp_path / "data", "order.shop", "car")["viewed_together"])
    assert sorted(order) == [f"r{n}" for n in range(20, 30)]
    turned = sum(int(one[1:]) < int(other[1:]) for one, other in combinations(order, 2))
    assert turned > 10, "of 45 pairs of them; by the count itself it would be none"


def test_a_die_is_thrown_once(store: Store, site: str, tmp_path: Path) -> None:
    """What is made anew, by whomever, says the same: who could have it thrown again would see what stays."""
    one, other = tmp_path / "one", tmp_path / "other"

    def all_said(data: Path) -> dict[str, bytes]:
        assert published(store, data, {site: ()}) == []
        return {file.name: file.read_bytes() for file in shelf(data, site).glob("r/*.json")}

    first = all_said(one)
    assert all_said(one) == first
    assert all_said(other) != first, "and in another house it falls otherwise"


def test_a_die_is_nobodys_to_see(tmp_path: Path) -> None:
    """Its file is its owner's alone, outside of what the collector is shown; one that is broken is made anew."""
    die = die_of(tmp_path / "new")
    file = tmp_path / "new" / "recommendations.key"
    assert file.stat().st_mode & 0o077 == 0
    assert die_of(tmp_path / "new") == die != die_of(tmp_path / "another")
    file.write_bytes(b"")
    assert die_of(tmp_path / "new") != die
    assert [path.name for path in (tmp_path / "new").iterdir()] == [file.name]
