"""Which lines of a shipment don't go, and why: decided before it is sent, and looked at again before it is sent again.

Enters: a shipment, what the store holds, the hour. Leaves: line → `duplicate` or `expired`. A sender that has seen no
answer sends again, and its event is one event: within a shipment, from worker to worker, and across a restart, since
it is the store that is asked. One shipper ships all spools, one after the other, and what is settled goes first. But
the file of a settled shipment may break while the others go on: who comes back from that must look again.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from importlib import resources

from pipeline.outcome import Outcome
from pipeline.spool.contents import Contents, contents_of, head_of
from pipeline.spool.keeping import Kept
from pipeline.spool.shipment import Shipment, joined
from pipeline.store.database import Store

_RETRY_SECONDS = 3600.0
"""A retry tells nearly the same moment as what it repeats; a clock may be set in between."""
_HERE, _ELSEWHERE = (
    resources.files("pipeline.ship").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    for name in ("settle", "settle_again")
)
_NONE: Mapping[str, int] = {}


def settle(
    store: Store, shipment: Shipment, kept: Kept, here: Collection[tuple[str, int]] | None = None
) -> dict[int, Outcome]:
    """The lines that don't go, by number.

    Args:
        here: what `known_of` said of it, if nothing that it holds can have come to the store since.

    Raises:
        StoreError: the store can't be asked.
    """
    contents = shipment.unsettled
    if contents is None:
        raise ValueError("it has been settled, and may have been sent as it was then")
    ids = array("Q", contents.ids)
    here = known_of(store, contents) if here is None else here
    without = ids.count(0)
    twice = len(set(ids)) < len(ids) - max(without - 1, 0)  # what has no id is nobody's retry
    over = (contents.oldest is not None and contents.oldest < kept.since) or contents.first_day < kept.first_day
    if not (here or twice or over):  # as nearly always: no line has to be read
        return {}
    ids_here = {event_id for _, event_id in here}
    often = {event_id for event_id, times in Counter(ids).items() if times > 1} if twice else set()
    asked = (line for line, event_id in enumerate(ids) if over or event_id in ids_here or event_id in often)
    return dict(_left_out(shipment, asked, here, kept))


def _left_out(
    shipment: Shipment, asked: Iterator[int], here: Collection[tuple[str, int]], kept: Kept
) -> Iterator[tuple[int, Outcome]]:
    lines, seen = shipment.lines(), set(here)
    for number in asked:
        head = head_of(lines[number], shipment.columns)
        identity = (head.site, head.event_id)
        if kept.is_over(head):
            yield number, Outcome.EXPIRED
        elif head.event_id and identity in seen:
            yield number, Outcome.DUPLICATE
        else:
            seen.add(identity)


def settle_again(store: Store, shipment: Shipment) -> dict[int, Outcome]:
    """The lines of a settled shipment that have come to the store by another one since, and not by this one.

    Raises:
        StoreError: the store can't be asked.
    """
    lines, own = shipment.lines(), {"first": shipment.first_batch, "last": shipment.last_batch}
    contents = contents_of(joined(line for line in lines if line), shipment.columns)
    elsewhere = known_of(store, contents, _ELSEWHERE, own)
    if not elsewhere:
        return {}
    heads = [(number, head_of(line, shipment.columns)) for number, line in enumerate(lines) if line]
    return {number: Outcome.DUPLICATE for number, head in heads if (head.site, head.event_id) in elsewhere}


def known_of(
    store: Store, contents: Contents, asked: str = _HERE, more: Mapping[str, int] = _NONE
) -> set[tuple[str, int]]:
    """Those of the ids that the store has, with their sites.

    Args:
        asked: the question, if another one.
        more: its further parameters.

    Raises:
        StoreError: it can't be asked.
    """
    if not contents.ids.strip(b"\0"):
        return set()
    parameters = {
        "sites": sorted({site for site, _ in contents.rows}),
        "days": sorted({day for _, own in contents.rows for day in _around(own)}),
        "since": int(1000 * ((contents.oldest or 0.0) - _RETRY_SECONDS)),
    }
    found = store.query(asked, parameters | dict(more), contents.ids)
    ids = set(array("Q", contents.ids)) if found.rows else set()
    return {(site, event_id) for site, event_id in found.rows if event_id in ids}


def _around(day: str) -> list[str]:
    """The day, and those beside it: over midnight a visit that goes on keeps its salt, and so do its retries."""
    try:
        own = date.fromisoformat(day)
        return [(own + timedelta(days=shift)).isoformat() for shift in (-1, 0, 1)]
    except (ValueError, OverflowError):
        return []
