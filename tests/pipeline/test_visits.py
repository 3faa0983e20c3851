"""The view `visits`: what is one visit."""

from pipeline.event import COLUMNS, Event, encode
from pipeline.store import Store
from tests.pipeline.test_ship import DAYS, NOW

_WORDS = """path network country region device browser os language channel source medium campaign content term referrer
    paid_by""".split()


def test_what_one_request_brought_is_one_visit(store: Store) -> None:
    """A page view and a product view of one moment never fall into two visits, however often the engine sorts them."""
    site, visitors = "ties.no", 20_000
    lines = []
    for visitor in range(1, visitors + 1):
        for name in ("page_view", "view_item"):
            event = Event(
                site=site, day=DAYS[0], ts=f"{NOW - 60 + visitor % 50:.3f}", name=name, event_id=0, visitor=visitor,
                entry=1, viewport=0, **dict.fromkeys(_WORDS, ""),
            )  # fmt: skip
            lines.append(encode(event) + b",%d]" % (visitor // 8))
    store.insert("events", [*COLUMNS, "batch"], b"\n".join(lines), "ties")
    today = {"site": site, "from": DAYS[0], "to": DAYS[0], "until": "2100-01-01 00:00:00"}
    for _ in range(3):
        counted = store.query(
            "SELECT count(), countIf(page_views = 1) FROM visits(site = {site:String}, `from` = {from:Date},"
            " `to` = {to:Date}, until = {until:DateTime64(3, 'UTC')})",
            today,
        )
        assert counted.rows == [(visitors, visitors)]
