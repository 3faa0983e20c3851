"""What every black-box test gets: a maker of products, in a folder of the test's own."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.system.product import Product, products


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Product]]:
    """Make a product that isn't started yet; options as of `Product`."""
    with products() as maker:
        yield partial(maker, tmp_path / "installation")


@pytest.fixture
def product(make: Callable[..., Product]) -> Product:
    """A whole product, running and ready."""
    made = make()
    made.start()
    made.wait_ready()
    return made
