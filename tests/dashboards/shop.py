"""What the dashboards' tests are made of: events of a shop, and an office with a clock that a test sets."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import ClientSession, web
from prometheus_client import CollectorRegistry, Counter

from dashboards.accounts import Accounts
from dashboards.advertisers import Advertisers
from dashboards.office import Office, Shop
from dashboards.outgoing import Outgoing
from pipeline.event import COLUMNS, Event, SiteId, VisitorNumber, encode
from pipeline.store.database import Store

ZONE = ZoneInfo("Europe/Oslo")
TODAY = datetime.now(ZONE).date()
"""Rows older than 48 hours leave the table by themselves, so no fixed date would do."""
NOW = datetime.combine(TODAY, datetime.min.time(), ZONE).replace(hour=15)

_tokens = itertools.count()


def at(clock: str, day: date = TODAY) -> datetime:
    """An instant by the shop's clock: `at("14:05")`."""
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), ZONE)  # noqa: DTZ007 - the zone is given


def event(site: str, when: datetime, name: str = "page_view", visitor: int = 0, **fields: Any) -> Event:  # noqa: ANN401 - columns of every type
    """One event of a phone in Norway; `fields` say what is special."""
    plain: dict[str, Any] = dict.fromkeys(
        ("network", "region", "viewport", "channel", "source", "medium", "campaign", "content", "term", "referrer"), ""
    )
    plain |= {"viewport": 360, "paid_by": "", "marked": "", "path": "/", "entry": 0, "event_id": 0, "language": "nb"}
    plain |= {"continued": 0, "country": "NO", "device": "mobile", "browser": "Safari", "os": "iOS"}
    return Event(
        site=SiteId(site),
        day=when.astimezone(ZONE).date().isoformat(),
        ts=f"{when.timestamp():.3f}",
        name=name,
        visitor=VisitorNumber(visitor),
        **{**plain, **fields},
    )


def put(store: Store, events: Sequence[Event]) -> None:
    """Store the events as one shipment."""
    body = b"".join(encode(one) + b",1]\n" for one in events)
    store.insert("events", [*COLUMNS, "batch"], body, f"dashboards-{next(_tokens)}")


def put_tally(store: Store, rows: Sequence[tuple[str, date, str, str, int]]) -> None:
    """Store (site, day, name, outcome, events)."""
    body = b"".join(msgspec.json.encode([s, d.isoformat(), n, o, e, 1]) + b"\n" for s, d, n, o, e in rows)
    columns = ["site", "day", "name", "outcome", "events", "batch"]
    store.insert("tally", columns, body, f"dashboards-{next(_tokens)}")


def put_notes(store: Store, rows: Sequence[tuple[str, date, str, str, int]]) -> None:
    """Store (site, day, field, note, times)."""
    body = b"".join(msgspec.json.encode([s, d.isoformat(), f, n, t, 1]) + b"\n" for s, d, f, n, t in rows)
    store.insert("notes", ["site", "day", "field", "note", "times", "batch"], body, f"dashboards-{next(_tokens)}")


@dataclass
class Bench:
    """An office whose clock stands still until a test moves it."""

    store: Store
    folder: Path
    sites: tuple[Shop, ...]
    now: float = field(default_factory=NOW.timestamp)
    is_ready: bool = True
    accounts: Accounts = field(init=False)
    office: Office = field(init=False)

    def __post_init__(self) -> None:
        """Open the accounts; the chart library is made once for all tests."""
        registry = CollectorRegistry()
        Counter("looked", "A number of the office", registry=registry).inc()
        self.accounts = Accounts(self.folder / "accounts.sqlite", self.clock)
        self.office = Office(
            store=self.store,
            accounts=self.accounts,
            sites=self.sites,
            secure_cookie=False,
            registry=registry,
            ready=lambda: self.is_ready,
            cache=self.folder.parent / "cache",
            outgoing=Outgoing(self.store, Advertisers(), self.clock),
            clock=self.clock,
        )

    def advertise(self, shops: Advertisers) -> None:
        """Give the office shops that have exports on."""
        self.office = replace(self.office, outgoing=Outgoing(self.store, shops, self.clock))

    def clock(self) -> float:
        """What time it is here."""
        return self.now

    def pass_time(self, **span: float) -> None:
        """Let time pass: `pass_time(hours=12)`."""
        self.now += timedelta(**span).total_seconds()


async def log_in(bench: Bench, session: ClientSession) -> ClientSession:
    """Log a session in by a one-time link."""
    secret = bench.accounts.new_login_link_secret()
    async with session.get("/login", params={"once": secret}, allow_redirects=False) as answer:
        assert answer.status == web.HTTPSeeOther.status_code
    return session


def until(clock: str) -> str:
    """A query's `until`."""
    return at(clock).astimezone(UTC).isoformat()
