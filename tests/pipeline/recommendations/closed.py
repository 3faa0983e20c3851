"""Days and weeks that are closed, and what is published of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline.closing.day import K_PAIRS, close_day
from pipeline.closing.span import close_week
from pipeline.recommendations.publish import Offers, Publisher
from pipeline.recommendations.shelf import FRONT, file_of, shelf, take
from pipeline.store.database import Store
from tests.pipeline.closing.shops import OSLO, SUMMER, put, starts_ms
from tests.pipeline.recommendations.model import Visit, rows_of

MONDAY = SUMMER - timedelta(days=SUMMER.weekday())
SURE = 2 * K_PAIRS - 1
"""Visitors that are enough however the die falls; of ten it takes the luckiest throw."""


def closed(store: Store, site: str, weeks: Mapping[int, Sequence[Visit]], buys: float = 0.0) -> None:
    """Close weeks, by their number, each with the visits of its Monday."""
    for number, visits in weeks.items():
        day = MONDAY + timedelta(weeks=number)
        put(store, site, [*rows_of(visits, day, buys)])
        close_day(store, site, OSLO, day, starts_ms(day) / 1000 + 29 * 3600)
        close_week(store, site, day, starts_ms(day) / 1000 + 8 * 24 * 3600)


def closed_day(store: Store, site: str, day: date, visits: Sequence[Visit]) -> None:
    """Close a day, and not its week."""
    put(store, site, [*rows_of(visits, day)])
    close_day(store, site, OSLO, day, starts_ms(day) / 1000 + 29 * 3600)


def published(store: Store, data: Path, offers: Offers) -> list[str]:
    """Publish; what went wrong."""
    return Publisher(store, data, lambda: offers).round()


def said(data: Path, site: str, product: str = "") -> dict[str, Any]:
    """What a file says; of no product, the one of the front page; empty: there is none."""
    body = take(shelf(data, site), file_of(product) if product else FRONT)
    found: dict[str, Any] = json.loads(body or b"{}")
    return found


def ids(cards: Iterable[Mapping[str, str]]) -> list[str]:
    """Which products a list recommends."""
    return [card["id"] for card in cards]
