"""Recommendations are published when a day or a week has been closed, or the catalogue has changed.

Enters: the store, the shops that want it. Leaves: files, for the collector to hand out as they are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import structlog

from pipeline.audiences.shop import Product
from pipeline.recommendations import cards
from pipeline.recommendations.die import Die, die_of
from pipeline.recommendations.shelf import FRONT, file_of, publish, shelf, withdraw
from pipeline.recommendations.together import BOUGHT, VIEWED, Window, seen, together, window_of
from pipeline.store.database import Store, StoreError

Offers = Mapping[str, Sequence[Product] | None]
"""The site of each shop that wants recommendations, and its catalogue; empty: it has none; None: it can't be read."""

log = structlog.get_logger("sporlos.recommendations")


class Publisher:
    """Keeps the published files up to date. What it starts with it doesn't trust: they are made anew once.

    Args:
        store: with closed days.
        data: the folder of all files.
        offers: asked each round.
    """

    def __init__(self, store: Store, data: Path, offers: Callable[[], Offers]) -> None:
        self._store, self._data, self._offers = store, data, offers
        self._published: dict[str, tuple[int, int]] = {}
        """Site → what its files rest on: closings, catalogue."""

    def round(self) -> list[str]:
        """Publish what is out of date; why that failed, a line a shop."""
        offers, troubles = self._offers(), []
        for site, catalogue in offers.items():
            if catalogue is None:
                continue  # what was published holds: without the catalogue, what is sold out would be recommended
            try:
                self._keep(site, catalogue)
            except (StoreError, OSError) as error:
                troubles.append(f"{site}: recommendations are not published: {error}")
                log.warning("not published, will be tried again", site=site, reason=str(error))
        troubles += self._withdraw(offers)
        return troubles

    def _keep(self, site: str, catalogue: Sequence[Product]) -> None:
        window = window_of(self._store, site)
        if window is None:
            return
        rests_on = (window.rests_on, hash(tuple(catalogue)))
        if self._published.get(site) == rests_on:
            return
        die = die_of(self._data)
        count = publish(shelf(self._data, site), files(self._store, window, die, catalogue))
        self._published[site] = rests_on
        log.info("recommendations published", site=site, files=count, until=window.until.isoformat())

    def _withdraw(self, offers: Offers) -> Iterator[str]:
        for link in self._data.glob("published/*/r"):
            site = link.parent.name
            if site not in offers:
                try:
                    withdraw(link.parent)
                except OSError as error:
                    yield f"{site}: recommendations are not withdrawn: {error}"
                self._published.pop(site, None)


def files(store: Store, window: Window, die: Die, catalogue: Sequence[Product]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of a site, of one query a kind.

    Raises:
        StoreError: the store can't be asked.
    """
    products = seen(store, window, die)
    offer = cards.on_offer(products, catalogue)
    # so many at most of the nearest can be left out; what has a pair has been seen, too
    most = cards.MOST + sum(one.product not in offer for one in products)
    viewed, bought = (together(store, window, die, pair, most) for pair in (VIEWED, BOUGHT))
    warm = cards.popular(products, offer)
    yield FRONT, cards.front(warm, offer)
    for product, body in cards.cards(viewed, bought, warm, offer, catalogue):
        yield file_of(product), body
