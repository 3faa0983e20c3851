"""The doors of a worker: where each is, and what its sender hears."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from proxy.arrival import Arrival
from proxy.decode import native, server
from tests.proxy.doorway import PAGE, PURCHASE, SITE, TOKEN, Worker, opened
from tests.proxy.visit import CHROME, NOON


@pytest_asyncio.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    """A worker at noon."""
    async for one in opened(tmp_path):
        yield one


async def test_no_page_can_use_a_token(worker: Worker) -> None:
    """A browser asks before it sends a header of that name, and hears no; the answer is for nobody's page."""
    status, headers, _ = await worker.ask("OPTIONS", "/v1/events", Origin=PAGE)
    assert (status, "Access-Control-Allow-Headers" in headers) == (405, False)
    _, headers, _ = await worker.ask("POST", "/v1/events", [], Authorization=f"Bearer {TOKEN}")
    assert "Access-Control-Allow-Origin" not in headers


TOO_LARGE = {
    "bytes": b" " * (server.BODY_BYTES + 1),
    "events": b"[" + b",".join([b'{"name":"login"}'] * 1001) + b"]",
}


@pytest.mark.parametrize("body", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_a_body_has_a_limit(worker: Worker, body: bytes) -> None:
    """413 with a word and a sentence; counted once, at the site whose token it is."""
    status, _, said = await worker.ask("POST", "/v1/events", body, Authorization=f"Bearer {TOKEN}")
    assert (status, said["refused"], bool(said["why"])) == (413, "too_large", True)
    assert worker.counted() == {"too_large": 1}


async def test_a_body_that_is_no_list_is_a_fault(worker: Worker) -> None:
    """400 with a word and a sentence; counted once, at the site whose token it is."""
    status, _, said = await worker.ask("POST", "/v1/events", b"name=login", Authorization=f"Bearer {TOKEN}")
    assert (status, said["refused"], bool(said["why"])) == (400, "malformed", True)
    assert worker.counted() == {"malformed": 1}


async def test_a_large_body_is_asked_for(worker: Worker) -> None:
    """What curl does: it sends its headers, and waits a second for a word before it goes on."""
    body = json.dumps([PURCHASE]).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", worker.port)
    head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Expect: 100-continue\r\n\r\n".encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_a_thousand_events_hold_up_nobody(worker: Worker) -> None:
    """A page view that comes while they are forgotten is in the spool before them."""
    read = server.decode(
        json.dumps([PURCHASE | {"id": n} for n in range(1000)]).encode(), SITE, NOON, names_visitors=False
    )
    nobody = Arrival(address=None, by_server=True, now=NOON)
    many = asyncio.create_task(worker.collector.collect(nobody, (tuple(read), ()), SITE))  # type: ignore[arg-type]  # all of them pages
    view = json.dumps({"s": SITE, "u": PAGE, "e": [{"n": "page_view"}]}).encode()
    one = asyncio.create_task(
        worker.collector.collect(Arrival(address=None, user_agent=CHROME, now=NOON), native.decode(view))
    )
    await asyncio.gather(many, one)
    assert [event["name"] for event in worker.shelf.events] == ["page_view", *["purchase"] * 1000]


async def test_googles_protocol_is_a_servers_too(worker: Worker) -> None:
    """204; nobody's address, and no later than its day; the debug route says what is wrong and counts nothing."""
    event = {"name": "purchase", "params": {"transaction_id": "A-1001", "value": 10, "currency": "NOK"}}
    yesterday = event | {"timestamp_micros": int((NOON - 14 * 3600) * 1e6)}
    body = {"client_id": "1.2", "events": [event, yesterday, {"name": "hopp"}]}
    query = "?measurement_id=G-SHOP1&api_secret="
    headers = {"User_Agent": "python-requests/2.32", "X_Forwarded_For": "193.212.4.9"}
    assert (await worker.ask("POST", f"/mp/collect{query}google", body, **headers))[0] == 204
    assert worker.counted() == {"stored": 1, "expired": 1, "unknown_event": 1}
    [stored] = worker.shelf.events
    assert [stored[name] for name in ("visitor", "network", "country", "device", "channel")] == [0, "", "", "", ""]
    assert (await worker.ask("POST", f"/mp/collect{query}wrong", body))[0] == 204
    assert worker.counted("") == {"unknown_site": 3}
    status, _, said = await worker.ask("POST", f"/debug/mp/collect{query}google", body)
    assert (status, bool(said["validationMessages"])) == (200, True)
    assert sum(worker.shelf.tally.values()) == 6


async def test_the_script_lies_where_the_operator_wants_it(tmp_path: Path) -> None:
    """Under his path and name, with the native door beside it, and nowhere else."""
    async for worker in opened(tmp_path, 'script = "/min/kikk.js"'):
        assert (await worker.ask("GET", "/min/kikk.js"))[0] == 200
        assert (await worker.ask("POST", "/min/e", {"s": SITE, "u": PAGE, "e": [{"n": "login"}]}))[0] == 202
        for method, path in (("GET", "/s.js"), ("POST", "/e"), ("POST", "/min/api/event")):
            assert (await worker.ask(method, path, b""))[0] == 404


async def test_a_method_that_a_door_does_not_know_is_told(worker: Worker) -> None:
    """405; where there is no door, 404."""
    for method, path, status in (
        ("GET", "/e", 405),
        ("PUT", "/v1/events", 405),
        ("GET", "/mp/collect", 405),
        ("GET", "/", 404),
    ):
        assert (await worker.ask(method, path))[0] == status
