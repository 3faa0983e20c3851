"""A day that is closed leaves its visitor-days' sums for the week's release.

Enters: a day whose rows are there, what the shop has declared. Leaves: rows of `contributions` under the closing's run:
as with `daily`, they hold from the moment that `closings` names it. `contribute.sql` counts; `AUDIENCES.md` says what.

Who has no visitor number is not in it: whoever objects or has not agreed; nor who was taken for a robot, even where the
operator has robots counted. An event that has a sensitive product among its lines, or is of such a page, is left aside
whole, as is a visit that came by or to one. Products `(other)` say nothing and are left out; orders in another currency
than the shop's are no revenue; refunds take nothing back: their order is of another day.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib import resources
from types import MappingProxyType

import msgspec

from pipeline.audiences import ledger
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import DAYPARTS, DEEDS, TABLES, Table
from pipeline.store.database import Store

COUNTED = "(counted)"
"""The line that says that a day was counted: its key is the shop's currency and `rules`, its amount the revenue cap."""

_CONTRIBUTE = resources.files("pipeline.audiences").joinpath("contribute.sql").read_text(encoding="utf-8")
_COLUMNS = ("site", "day", "release_table", "key", "amount", "run")
_MINOR_DIGITS = MappingProxyType({"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "KWD": 3, "BHD": 3, "JOD": 3})
"""ISO 4217's, of currencies that haven't two; as the collector has them."""
_LEVELS = 2

_encode = msgspec.json.Encoder().encode


def contribute(store: Store, shop: Advertiser, time_zone: str, day: date, run: int, slices: int) -> None:
    """Write what a day adds to its week's tables; nothing, if the week has been released or no export is switched on.

    Args:
        store: with all rows of the day.
        shop: what it has declared.
        time_zone: IANA name, for the hours.
        day: the site's calendar day.
        run: the closing's.
        slices: in how many parts to count.

    Raises:
        StoreError: not written, or it isn't known; what is there is seen by nobody.
    """
    if not shop.exports or (shop.site, day - timedelta(days=day.weekday())) in ledger.released(store):
        return
    own = (shop.site, day.isoformat())
    lines = [_encode((*own, kind, key, amount, run)) for kind, key, amount in _declared(shop)]
    store.insert("contributions", _COLUMNS, b"\n".join(lines) + b"\n", f"declared-{run}")
    names = {"site": shop.site, "day": day.isoformat(), "run": run, "time_zone": time_zone, "slices": slices}
    for number in range(slices):
        store.command(_CONTRIBUTE, names | _rules(shop) | {"slice": number})


def rules(tables: Mapping[str, Table] = TABLES) -> str:
    """How much of a visitor-day counts: sums that were bounded otherwise must not get this version's noise."""
    return " ".join(f"{table.name}:{table.cells}x{table.most}" for table in tables.values())


def category_of(product_type: str) -> str:
    """`Leker > Lego > City` → `Leker / Lego`: a category's two widest levels, as in `affinity`; empty: it has none.

    https://support.google.com/merchants/answer/6324406 has the sign between.
    """
    levels = filter(None, (level.strip() for level in product_type.split(">")))
    return " / ".join(list(levels)[:_LEVELS])


def _rules(shop: Advertiser) -> dict[str, object]:
    return {
        "catalogue": bool(shop.catalogue),
        "campaigns": bool(shop.campaigns),
        "areas": bool(shop.areas),
        "currency": shop.currency,
        "unit": 10 ** _MINOR_DIGITS.get(shop.currency, 2),
        "cap": shop.revenue_cap,
        "dayparts": list(DAYPARTS),
        "deeds": list(DEEDS),
        "tables": list(TABLES),
        "cells": [table.cells for table in TABLES.values()],
    }


def _declared(shop: Advertiser) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """What is compared with, as lines beside the sums: a catalogue is too long for a statement."""
    yield COUNTED, (shop.currency, rules()), shop.revenue_cap
    # of an id that stands twice the first holds: a product in two categories would be two lines of the join
    first = {product.id: category_of(product.product_type) for product in reversed(shop.catalogue)}
    yield from (("(product)", (name, category), 0) for name, category in first.items())
    yield from (("(campaign)", campaign, 0) for campaign in dict.fromkeys(shop.campaigns))
    yield from (("(area)", (area,), 0) for area in dict.fromkeys(shop.areas))
