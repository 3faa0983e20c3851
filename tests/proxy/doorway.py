"""A worker as its senders meet it: over a socket, with a clock of the test's own and a shelf in the spool's place."""

import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from pipeline.event import COLUMNS
from pipeline.outcome import Tally
from pipeline.spool.spool import Spool
from proxy.app import Collector
from proxy.counters import Counters
from proxy.ledger import Ledger
from proxy.privacy.memory import new_memory
from proxy.privacy.salts import Salts
from proxy.routes import Routes
from proxy.senders import sha256_of
from proxy.settings import load
from proxy.worker import caps_of, make_collector, zones_of
from tests.proxy.visit import CHROME, NOON

SITE = "shop.no"
PAGE = f"https://{SITE}"
TOKEN, TRUSTED = "a shop's server", "a server that names visitors"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SETTINGS = f"""
[collector]
trusted_proxies = ["127.0.0.1/32"]
SCRIPT
[[sites]]
id = "{SITE}"
origins = ["{PAGE}"]
profile = "FR"
ga4 = {{ "G-SHOP1" = "{sha256_of("google")}" }}
[[sites.senders]]
name = "webshop"
token_sha256 = "{sha256_of(TOKEN)}"
[[sites.senders]]
name = "tagging"
token_sha256 = "{sha256_of(TRUSTED)}"
names_visitors = true
[[sites]]
id = "strict.no"
origins = ["https://strict.no"]
[[sites.senders]]
name = "strict"
token_sha256 = "{sha256_of("strict")}"
"""
PURCHASE: dict[str, Any] = {
    "name": "purchase", "id": "order-1001", "transaction_id": "A-1001", "currency": "NOK", "value": 749.5,
    "items": [{"item_id": "60316", "price": 749.5}],
}  # fmt: skip
VISITOR = {"address": "203.0.113.77", "user_agent": CHROME, "language": "nb"}


class Shelf:
    """Stands for the spool: keeps what is committed, unless it is full."""

    def __init__(self) -> None:
        self.is_full = False
        self.events: list[dict[str, Any]] = []
        self.tally: Tally = Counter()

    async def accept(self, rows: Sequence[bytes], ledger: Ledger) -> bool:
        """As `GroupCommit` does."""
        if not self.is_full:
            self.events += [dict(zip(COLUMNS, msgspec.json.decode(row + b"]"), strict=False)) for row in rows]
            self.tally.update(ledger.tally)
        return not self.is_full


@dataclass
class Worker:
    """One worker, listening."""

    collector: Collector
    shelf: Shelf
    port: int = 0
    now: list[float] = field(default_factory=lambda: [NOON])

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body of an answer; a body that isn't bytes goes as JSON."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        data = None if raw is None else BytesIO(raw)  # which aiohttp sends however large it is
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            aiohttp.ClientSession(skip_auto_headers=["User-Agent"]) as session,
            session.request(method, f"http://127.0.0.1:{self.port}{path}", data=data, headers=named) as answer,
        ):
            said = await answer.read()
            is_json = answer.content_type == "application/json"
            return answer.status, dict(answer.headers), json.loads(said) if is_json else said

    async def report(self, *events: object, token: str = TOKEN, **headers: str) -> list[dict[str, str]]:
        """The results of events that a shop's server reports."""
        status, _, said = await self.ask("POST", "/v1/events", [*events], Authorization=f"Bearer {token}", **headers)
        assert (status, set(said)) == (200, {"results"})
        return list(said["results"])

    async def browse(self, *events: object, agent: str = CHROME, **page: object) -> int:
        """The status of what a visitor's page sends."""
        body = {"s": SITE, "u": f"{PAGE}/kvittering", "r": f"{PAGE}/kasse", "e": events} | page
        headers = {"User_Agent": agent, "X_Forwarded_For": VISITOR["address"], "Accept_Language": "nb"}
        return (await self.ask("POST", "/e", body, **headers))[0]

    def counted(self, site: str = SITE) -> dict[str, int]:
        """Outcome → events of a site."""
        found: Counter[str] = Counter()
        for counted, events in self.shelf.tally.items():
            found[counted.outcome] += events if counted.site == site else 0
        return dict(+found)


async def opened(folder: Path, settings: str = "") -> AsyncIterator[Worker]:
    """A worker at noon, with more lines in `[collector]`."""
    file = folder / "sporlos.toml"
    file.write_text(SETTINGS.replace("SCRIPT", settings), encoding="utf-8")
    loaded = load(file)
    salts, caps = Salts(new_memory(), zones_of(loaded)), caps_of(os.memfd_create("caps"), loaded)
    spool = Spool(folder / "spool.sqlite")
    made = make_collector(loaded, 0, salts, caps, spool, Counters(os.memfd_create("counters"), 1))
    shelf, now = Shelf(), [NOON]
    worker = Worker(replace(made, commit=shelf, now=lambda: now[0]), shelf, now=now)  # type: ignore[arg-type]  # its stand-in
    runner = web.ServerRunner(web.Server(Routes(worker.collector, loaded).answer, access_log=None))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        worker.port = runner.addresses[0][1]
        yield worker
    finally:
        await runner.cleanup()
        spool.close()
