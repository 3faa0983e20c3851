"""The view `facts`: what is one visit."""

import random

from pipeline.event import COLUMNS, Event, encode
from pipeline.store.database import Store
from tests.pipeline.test_ship import DAYS, NOW

_WORDS = """path network country region device browser os language channel source medium campaign content term referrer
    paid_by marked""".split()


def test_what_one_request_brought_is_one_visit(store: Store) -> None:
    """A page view and a product view of one moment never fall into two visits, however often the engine sorts them."""
    site, visitors = "ties.no", 40_000
    chance = random.Random(1)
    lines = []
    for number in range(visitors):
        visitor, ts = chance.getrandbits(64) | 1, f"{NOW - 60 - chance.random() * 3000:.3f}"
        for name in ("page_view", "view_item"):
            event = Event(
                site=site, day=DAYS[0], ts=ts, name=name, event_id=0, visitor=visitor, entry=1, viewport=0, continued=0,
                **dict.fromkeys(_WORDS, ""),
            )  # fmt: skip
            lines.append(encode(event) + b",%d]" % (number // 8))
    for part in range(8):  # as shipments come: several, so that the engine has several pieces to sort together
        store.insert(
            "events", [*COLUMNS, "batch"], b"\n".join(lines[part * 10_000 : (part + 1) * 10_000]), f"ties {part}"
        )
    today = {"site": site, "from": DAYS[0], "to": DAYS[0], "until": "2100-01-01 00:00:00", "slices": 1, "slice": 0}
    for _ in range(3):
        counted = store.query(
            "SELECT count(), countIf(events = 2) FROM (SELECT visitor, visit, count() AS events FROM"
            " facts(site = {site:String}, `from` = {from:Date}, `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')},"
            " apart = 0, slices = {slices:UInt16}, slice = {slice:UInt16}) GROUP BY visitor, visit)",
            today,
        )
        assert counted.rows == [(visitors, visitors)]
