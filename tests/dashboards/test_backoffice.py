"""The back office's process: how it ends, and what it starts without."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, UnixConnector
from structlog.testing import capture_logs

from dashboards import backoffice
from dashboards.backoffice import WorkEnded, run
from dashboards.local import reach
from dashboards.office import Shop
from dashboards.premises import Premises
from pipeline.ship.shipper import Shipper
from pipeline.upkeep import Upkeep


class NoStore:
    """A store of which only the closing is of interest."""

    closed = False

    def close(self) -> None:
        """Remember it."""
        self.closed = True


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> NoStore:
    """What the office opens instead of the engine, of which a process has only one."""
    opened = NoStore()
    monkeypatch.setattr(backoffice, "open_store", lambda _premises: opened)
    monkeypatch.setattr(Upkeep, "run", lambda _upkeep, stop: stop.wait())  # there is nothing to close
    return opened


@pytest.fixture
def premises(tmp_path: Path, unused_tcp_port: int) -> Premises:
    """An office on a free port, with nothing to ship."""
    (tmp_path / "spool").mkdir()
    return Premises(
        data=tmp_path,
        spool=tmp_path / "spool",
        time_zone="Europe/Oslo",
        host="127.0.0.1",
        port=unused_tcp_port,
        store_url="chdb",
        memory_mebibytes=512,
        secure_cookie=False,
        shops=(Shop("office.shop", "Europe/Oslo"),),
    )


def is_shipping() -> bool:
    """Whether a shipper's thread is left."""
    return any(thread.name == "shipper" for thread in threading.enumerate())


@pytest.mark.parametrize("broken", ["Accounts", "Office", "make_app"])
async def test_failure_at_the_start_leaves_no_thread(
    premises: Premises, store: NoStore, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Otherwise the process would never end, and nobody would start it anew."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(backoffice, broken, fail)
    with pytest.raises(RuntimeError, match="no disk"):
        await run(premises, asyncio.Event())
    assert not is_shipping()
    assert store.closed


@pytest.mark.parametrize("work", [Shipper, Upkeep])
async def test_end_of_its_work_is_the_end_of_the_process(
    premises: Premises, store: NoStore, monkeypatch: pytest.MonkeyPatch, work: type
) -> None:
    """The reason is the error's kind and place, not its text, which may hold a row."""

    def die(*_: object) -> None:
        raise ZeroDivisionError("/kasse?ordre=17")

    monkeypatch.setattr(work, "run", die)
    with capture_logs() as logs, pytest.raises(WorkEnded, match="ZeroDivisionError at test_backoffice") as told:
        await asyncio.wait_for(run(premises, asyncio.Event()), 60)
    assert "a thread ended by itself" in [line["event"] for line in logs]
    assert "ordre" not in f"{logs} {told.value}"
    assert store.closed


async def test_upkeep_knows_the_zone_of_shops_that_are_gone(
    premises: Premises, store: NoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last days of one that was taken out of the settings are counted by the zone that holds without one."""
    known: list[str] = []
    monkeypatch.setattr(Upkeep, "run", lambda upkeep, stop: known.append(upkeep._time_zone) or stop.wait())
    stop = asyncio.Event()
    await asyncio.wait_for(run(premises, stop, stop.set), 60)
    assert known == [premises.time_zone]
    assert store.closed


async def test_half_a_form_does_not_hold_up_the_end(
    premises: Premises, store: NoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends a part and waits is cut off; what waits in the spool is shipped before the supervisor kills."""
    assert 2 * backoffice._LAST_ANSWERS_SECONDS < 30
    monkeypatch.setattr(backoffice, "_LAST_ANSWERS_SECONDS", 0.1)
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(run(premises, stop, ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    _, writer = await asyncio.open_connection(premises.host, premises.port)
    head = (
        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n"
    )
    writer.write(f"{head}\r\nname=".encode())
    await writer.drain()
    async with ClientSession() as other, other.get(f"http://{premises.host}:{premises.port}/healthz") as answer:
        assert answer.status == 200  # so the half one has been read too
    stop.set()
    await asyncio.wait_for(running, 20)
    writer.close()
    assert store.closed


@pytest.mark.parametrize("folder", ["short", "long" * 30])
async def test_commands_ask_whatever_the_length_of_the_path(
    premises: Premises, store: NoStore, folder: str, tmp_path: Path
) -> None:
    """A socket's address has 108 bytes, a data folder's path may have thousands."""
    elsewhere: dict[str, Any] = {name: getattr(premises, name) for name in Premises.__slots__}
    elsewhere["data"] = tmp_path / folder
    there = Premises(**elsewhere)
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(run(there, stop, ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    with reach(there.socket) as name:
        async with ClientSession(connector=UnixConnector(path=name)) as session:
            async with session.get("http://backoffice/nothing") as answer:
                assert answer.status == 404
            stop.set()
            await asyncio.wait_for(running, 60)
    assert store.closed


async def test_a_disk_that_has_no_sockets_is_a_warning(
    premises: Premises, store: NoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only commands need one; the pages are there."""

    @contextmanager
    def refuse(_socket: Path) -> Iterator[str]:
        raise PermissionError(1, "Operation not permitted")
        yield ""

    monkeypatch.setattr(backoffice, "reach", refuse)
    stop = asyncio.Event()
    with capture_logs() as logs:
        await asyncio.wait_for(run(premises, stop, stop.set), 60)
    assert "not permitted" in next(line["reason"] for line in logs if "no local socket" in line["event"])
    assert store.closed
