"""What a day should add to its week's release, computed again from the text of `pipeline/audiences/AUDIENCES.md`.

Enters: rows of one site's day, as dicts of the columns of `events` and `batch`, `ts` in ms since 1970. Leaves: sums by
table and key. Nothing is shared with the SQL but the tables' names and bounds, not even the hash that draws.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES, Key
from tests.pipeline.closing.reference_visits import Fact, Row, facts_of_day

Cell = tuple[str, Key]
"""Table and key."""

SENSITIVE, OTHER = "(sensitive)", "(other)"
_MASK = (1 << 64) - 1


def contributions_of(rows: Iterable[Row], shop: Advertiser, time_zone: str) -> dict[Cell, int]:
    """The day's sums, each visitor-day bounded."""
    sums: Counter[Cell] = Counter()
    for cell, amount in itertools.chain.from_iterable(
        _drawn(visitor, cells) for visitor, cells in cells_of_visitors(rows, shop, time_zone).items()
    ):
        sums[cell] += amount
    return dict(sums)


def cells_of_visitors(rows: Iterable[Row], shop: Advertiser, time_zone: str) -> dict[int, dict[Cell, int]]:
    """All cells of each visitor-day, before any is drawn; of revenue the whole units, at most the cap."""
    of_visitor: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        of_visitor[row["visitor"]].append(row)
    # each from his own rows and nothing else, which is all the proof that he changes nobody else's
    visits = {visitor: _visits(own) for visitor, own in of_visitor.items() if not any(row["marked"] for row in own)}
    return {visitor: _cells(own, shop, ZoneInfo(time_zone)) for visitor, own in visits.items() if own}


def _visits(own: Sequence[Row]) -> list[list[Fact]]:
    of_visit: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts_of_day(own)[0]:
        origin = fact.origin
        words = (fact.row["path"], origin.entry, origin.source, origin.medium, origin.campaign)
        if fact.visit and SENSITIVE not in fact.row["item_id"] and not any(SENSITIVE in word for word in words):
            of_visit[id(fact.visit)].append(fact)
    return list(of_visit.values())


def _cells(visits: Sequence[Sequence[Fact]], shop: Advertiser, zone: ZoneInfo) -> dict[Cell, int]:
    ordered = {x for facts in visits for fact in facts for x in _products(fact, "purchase")}
    found: Counter[Cell] = Counter()
    for facts in visits:
        for cell in _of_visit(facts, shop, zone, ordered):
            found[cell] = 1
    for facts in visits:
        paid = sum(f.row["value"] for f in facts if f.row["name"] == "purchase" and f.row["currency"] == shop.currency)
        found["revenue", (facts[0].origin.channel,)] += paid
    unit = 1 if shop.currency == "JPY" else 100
    for cell in [cell for cell in found if cell[0] == "revenue"]:
        found[cell] = min(shop.revenue_cap, (found[cell] + unit // 2) // unit)
    return {cell: amount for cell, amount in found.items() if amount > 0}


def _of_visit(facts: Sequence[Fact], shop: Advertiser, zone: ZoneInfo, ordered: set[str]) -> Iterator[Cell]:
    began = min(facts, key=lambda f: [f.row[c] for c in ("ts", "batch", "region", "country")] + [_device(f.row)]).row
    device, hour = _device(began), datetime.fromtimestamp(began["ts"] / 1000, zone).hour
    daypart = f"{hour // 4 * 4:02}-{hour // 4 * 4 + 4:02}"
    area = _area(began, shop)
    origin = facts[0].origin
    campaign = (origin.source, origin.medium, origin.campaign)
    advertised = campaign if not shop.campaigns or campaign in shop.campaigns else (OTHER,) * 3
    sources = {"(direct)", *(one[0] for one in shop.campaigns)}
    source = origin.source if not shop.campaigns or origin.source in sources else OTHER
    deeds = ["visit", *({fact.row["name"] for fact in facts} & {"view_item", "add_to_cart", "purchase"})]
    yield from (("campaigns", (*advertised, deed)) for deed in deeds)
    yield from (("places", (area, daypart, device, deed)) for deed in deeds if deed in ("visit", "purchase"))
    categories = {one.id: one.product_type for one in reversed(shop.catalogue)}
    for fact in facts:
        yield from (("interest", (x, device)) for x in _known(fact, "view_item", categories))
        yield from (("conversion", (x, "cart")) for x in _known(fact, "add_to_cart", categories) - ordered)
        yield from (("conversion", (x, "order")) for x in _known(fact, "purchase", categories))
        for category in _categories(fact, categories):
            for kind, group in (("area", area), ("device", device), ("source", source)):
                yield "affinity", (category, kind, group)


def _known(fact: Fact, name: str, declared: Mapping[str, str]) -> set[str]:
    return {x for x in _products(fact, name) if not declared or x in declared}


def _products(fact: Fact, name: str) -> set[str]:
    return set(fact.row["item_id"]) - {"", OTHER} if fact.row["name"] == name else set()


def _categories(fact: Fact, declared: Mapping[str, str]) -> set[str]:
    ids = fact.row["item_id"] if fact.row["name"] == "view_item" else ()
    own = [*fact.row["item_category"], *([""] * len(ids))][: len(ids)]
    if declared:
        words = [" / ".join(declared[x].split(" > ")[:2]) for x in ids if x in declared]
    else:
        words = [" / ".join(category.split(" / ")[:2]) for category in own]
    return set(words) - {"", OTHER}


def _device(row: Row) -> str:
    return "mobile" if row["device"] in ("mobile", "tablet") else "desktop"


def _area(row: Row, shop: Advertiser) -> str:
    if not shop.areas:
        return row["country"] or "(unknown)"
    return next((area for area in (row["region"], row["country"]) if area and area in shop.areas), OTHER)


def _drawn(visitor: int, cells: Mapping[Cell, int]) -> Iterator[tuple[Cell, int]]:
    by_table: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_table[cell[0]].append(cell)
    for table, own in by_table.items():
        own.sort(key=lambda cell: siphash("\n".join((cell[0], *cell[1])).encode(), visitor, 0))
        yield from ((cell, cells[cell]) for cell in own[: TABLES[table].cells])


def siphash(message: bytes, k0: int, k1: int) -> int:
    """SipHash-2-4 of Aumasson and Bernstein, https://www.aumasson.jp/siphash/siphash.pdf."""
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) % 256])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        _rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _rounds(v: list[Any], times: int) -> None:
    for _ in range(times):
        for a, b, left in ((0, 1, 13), (2, 3, 16), (0, 3, 21), (2, 1, 17)):
            v[a] = (v[a] + v[b]) & _MASK
            v[b] = ((v[b] << left) | (v[b] >> (64 - left))) & _MASK ^ v[a]
            if (a, b) in ((0, 1), (2, 1)):
                v[a] = ((v[a] << 32) | (v[a] >> 32)) & _MASK
