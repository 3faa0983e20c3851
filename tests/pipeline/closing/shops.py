"""Days to be closed: small nasty ones from hypothesis. `simulated.py` makes up whole shops.

Leaves: rows as dicts of the columns of `events` and `batch`, `ts` in milliseconds since 1970, and a way to insert them.
The days lie in the future: the engine drops what is 48 hours old by the real clock, and clocks are to change on some.
"""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st

from pipeline.event import COLUMNS
from pipeline.store.database import Store

OSLO = "Europe/Oslo"
SPRING, SUMMER, AUTUMN = date(2090, 3, 26), date(2090, 6, 14), date(2090, 10, 29)
"""23, 24 and 25 hours in Oslo."""

_tokens = itertools.count()
_encode = msgspec.json.Encoder().encode


def starts_ms(day: date, time_zone: str = OSLO) -> int:
    """The day's first moment there."""
    return int(datetime.combine(day, time(), ZoneInfo(time_zone)).timestamp()) * 1000


_PLAIN: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, ""),
    **dict.fromkeys(("event_id", "visitor", "entry", "value", "order_key", "engaged_ms", "scroll", "continued"), 0),
    **{column: () for column, kind in COLUMNS.items() if kind.startswith("Array")},
    "props": {},
    "viewport": 360,
    "path": "/",
    "device": "mobile",
}


def row(day: date, ts: int, name: str, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of every type
    """One event; `said` is what is special about it."""
    return {**_PLAIN, "site": "", "day": day.isoformat(), "ts": ts, "name": name, "batch": 1, **said}


def put(store: Store, site: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows under the name of the site, shuffled: the engine must not rely on their order."""
    lines = [_line(site, one) for one in rows]
    random.Random(len(lines)).shuffle(lines)
    for first in range(0, len(lines), 100_000):
        body = b"\n".join(lines[first : first + 100_000])
        store.insert("events", [*COLUMNS, "batch"], body, f"closing-{next(_tokens)}")


def _line(site: str, one: Mapping[str, Any]) -> bytes:
    said = {**one, "site": site, "ts": f"{one['ts'] // 1000}.{one['ts'] % 1000:03d}"}
    return _encode([said[column] for column in COLUMNS] + [one["batch"]])


# --- small nasty days ---

_MINUTE = 60_000
_GAPS = (0, 0, 1, 20_000, 29 * _MINUTE + 59_999, 30 * _MINUTE, 30 * _MINUTE + 1, 100 * _MINUTE)
_NAMES = ("page_view",) * 4 + (
    "view_item", "view_item", "add_to_cart", "begin_checkout", "purchase", "purchase", "refund", "engagement",
    "engagement", "web_vitals", "view_item_list", "search", "remove_from_cart",
)  # fmt: skip
_PRODUCTS = ("", "a", "b", "60316", "æ")
_CATEGORIES = ("", "Lego", "Lego / City", "Lego / City / Politi", "Lego City", "Lego / ", "Lego /  / Duplo", "Ball")
_OTHER = "(other)"


def _one_of(*values: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - columns of every type
    return st.sampled_from(values)


def _some(*values: Any) -> st.SearchStrategy[tuple[Any, ...]]:  # noqa: ANN401 - columns of every type
    return st.lists(st.sampled_from(values), max_size=3).map(tuple)


_SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "path": _one_of("/", "/lego", "/kasse", "", _OTHER),
    "country": _one_of("NO", "SE", ""),
    "device": _one_of("mobile", "desktop", _OTHER),
    "browser": _one_of("Safari", "Chrome", ""),
    "region": _one_of("Oslo", ""),
    "language": _one_of("nb", "en"),
    "viewport": _one_of(0, 360, 1280),
    "channel": _one_of("", "search", "social"),
    "source": _one_of("", "google", "facebook", _OTHER),
    "medium": _one_of("", "cpc"),
    "campaign": _one_of("", "jul", "paske"),
    "referrer": _one_of("", "blog.no"),
    "entry": _one_of(0, 1),
    "engaged_ms": _one_of(0, 1, 499, 500, 5000, 9_999, 10_000),
    "scroll": _one_of(0, 50, 100),
    "search_term": _one_of("", "", "lego", "ball", _OTHER),
}
_OF_GOODS: dict[str, st.SearchStrategy[Any]] = {
    "value": _one_of(0, 0, 100, 74_900, -500),
    "currency": _one_of("NOK", "NOK", "SEK", ""),
    "item_id": _some(*_PRODUCTS) | _some("a", "b").map(lambda few: few + tuple(f"x{n:02d}" for n in range(31))),
    "item_name": _some("", "Bil", "Brannbil"),
    "item_brand": _some("", "Lego", "Brio"),
    "item_category": _some(*_CATEGORIES),
    "item_quantity": _some(0, 1, 3),
    "item_price": _some(0, 1_999, 10_000),
}
_OF_A_BROWSER = ("country", "region", "device", "browser", "language", "viewport")


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing that happened, before it is known to whom and when."""

    gap_ms: int
    name: str
    batch: int
    order: int
    said: dict[str, Any]


@st.composite
def _told(draw: st.DrawFn) -> _Told:
    name = draw(_one_of(*_NAMES))
    columns = (
        {**_SPECIAL, **_OF_GOODS}
        if name in {"view_item", "add_to_cart", "begin_checkout", "purchase", "refund"}
        else _SPECIAL
    )
    chosen = draw(st.sets(st.sampled_from(sorted(columns)), max_size=8))
    said = {column: draw(columns[column]) for column in sorted(chosen)}
    order = draw(st.sampled_from((0, 1, 1, 2))) if name == "purchase" else 0
    return _Told(draw(_one_of(*_GAPS)), name, draw(st.integers(1, 2)), order, said)


@st.composite
def visitors_like_one(draw: st.DrawFn, day: date, nth: int) -> list[dict[str, Any]]:
    """The events of some visitors who do the same, or of nobody: enough for a cell to be shown, or nearly."""
    begins = draw(st.sampled_from((0, 30 * _MINUTE, 119 * _MINUTE, 120 * _MINUTE, 121 * _MINUTE, 180 * _MINUTE)))
    happened = draw(st.lists(_told(), min_size=1, max_size=6))
    copies = draw(st.sampled_from((1, 1, 2, 4, 5, 6, 10)))
    has_number = draw(st.sampled_from((True, True, False)))
    first_are_continued = draw(st.sampled_from((0, 0, 0, 1, 2)))
    rows: list[dict[str, Any]] = []
    for copy in range(copies):
        ts, on = starts_ms(day) + begins, dict[str, Any]()
        for place, told in enumerate(happened):
            ts += told.gap_ms
            if (
                told.gap_ms or not on
            ):  # two page views of one moment, in two browsers, would each be the first by chance
                on = {column: told.said.get(column, _PLAIN[column]) for column in _OF_A_BROWSER}
            rows.append(
                row(
                    day,
                    ts,
                    told.name,
                    visitor=(nth * 100 + copy + 1) if has_number else 0,
                    continued=int(has_number and place < first_are_continued),
                    order_key=told.order and told.order * 100 + copy,
                    batch=told.batch,
                    **told.said | on,
                )
            )
    return rows


@st.composite
def reports_of_one_order(draw: st.DrawFn, day: date, nth: int) -> list[dict[str, Any]]:
    """What browser and server tell of one order, in either order, each with something missing."""
    told = ("value", "currency", "item_id", "item_name", "item_category", "item_quantity", "item_price")
    return [
        row(
            day,
            starts_ms(day) + 240 * _MINUTE + draw(st.integers(0, 2)),
            "purchase",
            visitor=draw(st.sampled_from((0, nth * 100 + 1))),
            order_key=nth,
            batch=draw(st.integers(1, 2)),
            **{column: draw(_OF_GOODS[column]) for column in told},
            **{column: draw(_SPECIAL[column]) for column in ("path", "channel", "source")},
        )
        for _ in range(draw(st.integers(2, 3)))
    ]


@st.composite
def days(draw: st.DrawFn, day: date | None = None, visitors: int = 4) -> list[dict[str, Any]]:
    """A day's rows, often one on which the clock is changed."""
    when = day or draw(st.sampled_from((SPRING, SUMMER, AUTUMN)))
    groups = [draw(visitors_like_one(when, nth)) for nth in range(draw(st.integers(1, visitors)))]
    groups += [draw(reports_of_one_order(when, 50 + nth)) for nth in range(draw(st.integers(0, 2)))]
    return [one for group in groups for one in group]
