"""What can be read after a closing, in the reference's words.

Enters: a store and a span. Leaves: the rows of its latest run that `closings` names, as `reference_kept.py` has them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from pipeline.store.database import Store
from tests.pipeline.closing.reference import Key, Measures
from tests.pipeline.closing.reference_kept import Pair, Waiting
from tests.pipeline.closing.shops import OSLO

_MEASURES = [field.name for field in fields(Measures)]
_PAIR = [field.name for field in fields(Pair)]
_HELD = """ WHERE site = {site:String} AND run =
    (SELECT max(run) FROM closings WHERE site = {site:String} AND grain = {grain:String} AND day = {day:Date})"""
_COUNTS = """
    SELECT * FROM counts(
        site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = '2148-01-01 00:00:00',
        time_zone = {time_zone:String}, only = [], slices = {slices:UInt16}, slice = {slice:UInt16})
"""


def _dicts(store: Store, sql: str, names: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    answer = store.query(sql, names)
    columns = [name for name, _ in answer.columns]
    for row in answer.rows:
        yield dict(zip(columns, row, strict=True))


def _held(store: Store, table: str, site: str, grain: str, first: date) -> Iterator[dict[str, Any]]:
    names = {"site": site, "grain": grain, "day": first.isoformat()}
    yield from _dicts(store, f"SELECT * FROM {table}{_HELD}", names)  # noqa: S608 - our own table


def _measures(row: Mapping[str, Any]) -> Measures:
    said = {name: row[name] for name in _MEASURES if name != "engaged"}
    engaged = row["engaged_ms"] if "engaged_ms" in row else row["engaged_seconds"]
    return Measures(
        **said | {"revenue": {paid_in: sum_ for paid_in, sum_ in row["revenue"].items() if sum_}}, engaged=engaged
    )


def _sum(one: Measures, other: Measures) -> Measures:
    """Added up; the label is the caller's business."""
    added: dict[str, Any] = {"label": one.label or other.label}
    for name in _MEASURES[1:]:
        here, there = getattr(one, name), getattr(other, name)
        if isinstance(here, dict):
            both = {paid_in: here.get(paid_in, 0) + there.get(paid_in, 0) for paid_in in {*here, *there}}
            added[name] = {paid_in: total for paid_in, total in both.items() if total}
        else:
            added[name] = here + there
    return Measures(**added)


def counted(
    store: Store, site: str, first: date, last: date, slices: int, time_zone: str = OSLO
) -> dict[date, dict[Key, Measures]]:
    """The view `counts`, its slices added up."""
    cells: dict[date, dict[Key, Measures]] = {}
    labelled: dict[tuple[date, Key], Any] = {}
    names = {"site": site, "from": first.isoformat(), "to": last.isoformat(), "time_zone": time_zone, "slices": slices}
    for number in range(slices):
        for row in _dicts(store, _COUNTS, names | {"slice": number}):
            key = (row["kind"], row["pair"], row["a"], row["b"])
            of_day = cells.setdefault(row["day"], {})
            whole = _sum(of_day.get(key, Measures()), _measures(row))
            if row["label"]:
                latest = max(labelled.get((row["day"], key), (row["labelled"], "")), (row["labelled"], row["label"]))
                labelled[row["day"], key] = latest
                whole.label = latest[1]
            of_day[key] = whole
    return cells


def daily(store: Store, site: str, grain: str, first: date) -> dict[tuple[str, str], Measures]:
    """Rows of `daily`, by dimension and value; two of one name are added up, as whoever reads them does."""
    rows: dict[tuple[str, str], Measures] = {}
    for row in _held(store, "daily", site, grain, first):
        assert (row["grain"], row["day"]) == (grain, first)
        key = (row["dim"], row["value"])
        rows[key] = _sum(rows.get(key, Measures()), _measures(row))
    return rows


def orders(store: Store, site: str, grain: str, first: date) -> dict[tuple[str, str], int]:
    """Orders that a week or month adds, of which nothing else may be said."""
    rows = daily(store, site, grain, first)
    for cell in rows.values():
        assert cell == Measures(orders={"": cell.orders[""]})
    return {key: cell.orders[""] for key, cell in rows.items()}


def waiting(store: Store, site: str, grain: str, first: date) -> Waiting:
    """What a closed day or week has left to wait."""
    pairs: dict[tuple[str, str, str], Pair] = {}
    hidden: dict[tuple[str, str], int] = {}
    for row in _held(store, "waiting", site, grain, first):
        counts = Pair(*(row[name] for name in _PAIR))
        if row["kind"] == "pair":
            assert (row["pair"], row["a"], row["b"]) not in pairs
            pairs[row["pair"], row["a"], row["b"]] = counts
        else:
            assert counts == Pair(orders=counts.orders)
            assert (row["pair"], row["a"]) not in hidden
            hidden[row["pair"], row["a"]] = counts.orders
    return Waiting(pairs, hidden)


def weekly(store: Store, site: str, monday: date) -> dict[tuple[str, str, str], Pair]:
    """Rows of `weekly`."""
    rows = list(_held(store, "weekly", site, "week", monday))
    found = {(row["pair"], row["a"], row["b"]): Pair(*(row[name] for name in _PAIR)) for row in rows}
    assert len(found) == len(rows)
    return found


def numbers(counts: Pair) -> tuple[int, ...]:
    """In the order of the columns."""
    return tuple(getattr(counts, name) for name in _PAIR)
