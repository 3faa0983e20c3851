"""Whether what is recommended is better than what everybody gets: hits on visits that it hasn't seen."""

import os
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.store.database import Store
from tests.pipeline.recommendations.closed import closed, ids, published, said
from tests.pipeline.recommendations.model import Shop, Visit

LONG = bool(os.environ.get("SPORLOS_LONG"))
PRODUCTS, VISITS, WEEKS = 300, 6_000, 2


def hits(data: Path, site: str, visits: Iterable[Visit], seed: int) -> tuple[int, int, int]:
    """Visits of two products and more, and in how many a hidden one is among ten beside a shown one.

    Shown and hidden are drawn at random. The second number is of others that were looked at, filled up with what is
    popular; the third of what is popular alone.
    """
    chance, tried, near, plain = random.Random(seed), 0, 0, 0
    for visit in visits:
        if len(visit) < 2:
            continue
        shown, hidden = chance.sample(visit, 2)
        file = said(data, site, shown)
        popular = ids(file["popular"]) if file else ids(said(data, site)["popular"])
        viewed = ids(file["viewed_together"]) if file else []
        tried += 1
        near += hidden in [*dict.fromkeys([*viewed, *popular])][:10]
        plain += hidden in popular[:10]
    return tried, near, plain


@pytest.mark.parametrize("seed", range(6 if LONG else 1))
def test_what_others_looked_at_is_a_better_guess_than_what_is_popular(store: Store, seed: int, tmp_path: Path) -> None:
    """By hit-rate at 10 on the visits of the week after, at least a tenth better."""
    shop, site = Shop(seed, PRODUCTS), f"hits{seed}.shop"
    closed(store, site, {week: shop.week(VISITS) for week in range(WEEKS)})
    (tmp_path / "recommendations.key").write_bytes(b"a die that falls")  # the same on each run
    assert published(store, tmp_path, {site: ()}) == []
    tried, near, plain = hits(tmp_path, site, shop.week(VISITS), seed)
    print(f"seed {seed}: {near / tried:.4f} against {plain / tried:.4f} of {tried}")  # noqa: T201 - shown when it fails
    assert tried > 1_000
    assert near > 1.1 * plain
