"""Imported days on the local socket: what is handed in is looked at before anything is done with it."""

from datetime import UTC, date, datetime
from io import BytesIO

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from dashboards.advertisers import Advertisers
from dashboards.commands import make_commands
from dashboards.outgoing import Outgoing
from dashboards.premises import Status
from pipeline.imports.cells import ImportedCell, ImportedDay
from pipeline.retain.retention import Limits
from pipeline.store.database import Store
from pipeline.upkeep import Upkeep

SITE = "imports.shop"
NOW = datetime(2026, 5, 12, 12, tzinfo=UTC).timestamp()
DAY = ImportedDay(SITE, date(2026, 4, 1), "plausible", (ImportedCell("all", "", views=7),))


def asked(store: Store, upkeep: Upkeep) -> TestClient[web.Request, web.Application]:
    """Whoever has a command's socket."""
    return TestClient(TestServer(make_commands(lambda: Status([]), store, upkeep, Outgoing(store, Advertisers()))))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "Input data was truncated"),
        (msgspec.json.encode(DAY).replace(b":7", b":-7"), "Expected `int` >= 0"),
        (msgspec.json.encode(DAY).replace(b":7", b':"kari"'), "Expected `int`, got `str`"),
        (msgspec.json.encode(msgspec.structs.replace(DAY, cells=())), "the day's total is missing"),
        (msgspec.json.encode(msgspec.structs.replace(DAY, source="excel")), "the source is one of plausible"),
        (msgspec.json.encode(msgspec.structs.replace(DAY, site="other.shop")), "the site is not one of the settings"),
    ],
)
async def test_what_is_no_day_is_refused_with_a_reason(store: Store, body: bytes, said: str) -> None:
    """400, and nothing of its values in it."""
    upkeep = Upkeep(store, {SITE: "Europe/Oslo"}, Limits(), lambda: NOW)
    async with asked(store, upkeep) as client:
        answer = await client.post("/imports", data=body)
        text = await answer.text()
    assert (answer.status, said in text, "kari" in text) == (400, True, False)


async def test_a_large_day_is_taken_and_told_apart(store: Store) -> None:
    """More than a megabyte, once only said, then written, then the same; and taken out by site and tool."""
    cells = (*DAY.cells, *(ImportedCell("path", f"/{'x' * 280}/{n}", views=1) for n in range(4000)))
    body = msgspec.json.encode(msgspec.structs.replace(DAY, cells=cells))
    assert len(body) > 1 << 20
    upkeep = Upkeep(store, {SITE: "Europe/Oslo"}, Limits(), lambda: NOW)
    async with asked(store, upkeep) as client:
        words = [
            await (await client.post("/imports", params=params, data=BytesIO(body))).json()
            for params in ({"only_say": "1"}, {}, {}, {"only_say": "1"})
        ]
        assert words == ["imported", "imported", "unchanged", "unchanged"]
        assert (await client.delete("/imports", params={"site": SITE, "source": "excel"})).status == 400
        assert (await client.delete("/imports", params={"site": "a", "source": "umami"})).status == 400
        assert await (await client.delete("/imports", params={"site": SITE, "source": "plausible"})).json() == 1
