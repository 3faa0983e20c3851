"""A shop's pages and a collector that runs, for `sporlos check` to look at."""

import os
from collections.abc import Iterator

import pytest

from tests.conftest import CHROMIUM
from tests.system.check.looking import SETTINGS, Stage
from tests.system.pages import serving
from tests.system.product import products


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One shop and one collector for all these tests; nothing is sent to anybody else."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"{CHROMIUM} is missing")
    with products() as make, serving() as pages:
        product = make(tmp_path_factory.mktemp("check"), settings=SETTINGS)
        product.start("collect")
        product.wait_ready(product.admin)
        yield Stage(pages, product)
