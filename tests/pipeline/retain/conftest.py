"""A store that may be emptied, for what is dropped from it, and for receipts that may be forged."""

from collections.abc import Iterator

import pytest

from pipeline.retain.retention import Limits, fit_tables
from pipeline.store.database import Store
from tests.pipeline.apart import database_apart
from tests.pipeline.retain.leaving import emptied


@pytest.fixture(scope="session")
def opened(store: Store) -> Iterator[Store]:
    """As a back office sets it up; one for all, since making its tables takes longer than a test."""
    with database_apart(store, "retain_apart") as made:
        fit_tables(made, Limits())
        yield made


@pytest.fixture
def apart(opened: Store) -> Store:
    """The same, empty, without a receipt."""
    return emptied(opened)
