"""A store of the version before (0.1: the first three files of `schema/`) is brought up to date, and loses nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from dashboards.office import Shop
from dashboards.panels import ask
from dashboards.period import Window
from pipeline.closing.due import close_due
from pipeline.event import COLUMNS, encode
from pipeline.schema import migrations
from pipeline.store.database import Store
from tests.dashboards.shop import NOW, TODAY, at, event
from tests.pipeline.apart import database_apart

SITE = "old.shop"
YESTERDAY = TODAY - timedelta(days=1)
_FIRST = ("0001_events", "0002_tally", "0003_visits")
_COLUMNS = [name for name in COLUMNS if name not in ("marked", "continued")]
_VISITORS = 30


@pytest.fixture(scope="module")
def old(store: Store) -> Iterator[Store]:
    """As 0.1 left it: two days of thirty visitors each, one of whom buys, and their tally."""
    with database_apart(store, "of_0_1", migrated=False) as apart:
        apart.command("CREATE TABLE migrations (name String) ENGINE = MergeTree ORDER BY name")
        for name, sql in migrations()[: len(_FIRST)]:
            assert name in _FIRST
            apart.command(sql)
            apart.command("INSERT INTO migrations (name) SELECT {name:String}", {"name": name})
        for day in (YESTERDAY, TODAY):
            # none of the day's first hours: at the end of the next day the engine removes those while we look
            rows = [event(SITE, at(f"{4 + n % 10:02}:{n:02}", day), entry=1, visitor=n + 1) for n in range(_VISITORS)]
            rows.append(event(SITE, at("04:00", day), "purchase", visitor=1, value=9900, currency="NOK", order_key=7))
            apart.insert("events", [*_COLUMNS, "batch"], b"\n".join(map(_as_0_1, rows)), f"old {day}")
            line = msgspec.json.encode([SITE, day.isoformat(), "page_view", "stored", len(rows), 1])
            apart.insert("tally", ["site", "day", "name", "outcome", "events", "batch"], line, f"old tally {day}")
        yield apart


def _as_0_1(row: object) -> bytes:
    values = dict(zip(COLUMNS, msgspec.json.decode(encode(row) + b"]"), strict=True))  # type: ignore[arg-type]
    return msgspec.json.encode([*(values[name] for name in _COLUMNS), 1])


def test_everything_is_there_after_an_upgrade(old: Store) -> None:
    """Rows with their new columns empty, the tally, the panels' answers; and its day can be closed."""
    before = old.query("SELECT * FROM events ORDER BY ALL").rows
    tallied = old.query("SELECT * FROM tally ORDER BY ALL").rows
    assert len(before) == 2 * (_VISITORS + 1)
    assert old.migrate() == [name for name, _ in migrations() if name not in _FIRST]
    assert old.query("SELECT * EXCEPT (marked, continued) FROM events ORDER BY ALL").rows == before
    assert old.query("SELECT DISTINCT marked, continued FROM events").rows == [("", 0)]
    assert old.query("SELECT * FROM tally ORDER BY ALL").rows == tallied
    assert old.migrate() == []

    shop = Shop(SITE, "Europe/Oslo")
    both = Window(shop, YESTERDAY, TODAY, datetime.now(UTC) + timedelta(days=2))
    overview = ask(old, "overview", both, NOW.timestamp()).rows[0]
    assert tuple(overview[:3]) == (2 * _VISITORS, 2 * _VISITORS, 2 * _VISITORS)
    assert tuple(overview[5:8]) == (2, 19800, "NOK")

    done = list(close_due(old, {SITE: "Europe/Oslo"}, NOW.timestamp(), frozenset))
    assert [(one.grain, one.first, one.rests_on) for one in done][:1] == [("day", YESTERDAY, _VISITORS + 1)]
    later = (NOW + timedelta(days=2)).timestamp()
    closed = ask(old, "overview", Window(shop, YESTERDAY, YESTERDAY, both.until), later).rows[0]
    assert tuple(closed[:3]) == (_VISITORS, _VISITORS, _VISITORS)
