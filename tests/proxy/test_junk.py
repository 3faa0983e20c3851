"""A small body of tens of thousands of events that can't be read: counted to the last one, at the cost of one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from pipeline.outcome import Outcome
from proxy.decode import limits
from proxy.ledger import Ledger
from tests.proxy.doorway import PAGE, SITE, Worker, opened

HEAD = f'{{"s":"{SITE}","u":"{PAGE}","e":['


@pytest_asyncio.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    """A worker at noon."""
    async for one in opened(tmp_path):
        yield one


async def test_junk_is_counted_to_the_last_event(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty are looked at, the rest is too many; the ledger is written in once a word, not once an event."""
    written: list[tuple[Outcome, int]] = []
    unplaced = Ledger.unplaced

    def seen(ledger: Ledger, day: str, outcome: Outcome, events: int = 1, site: str = "") -> None:
        written.append((outcome, events))
        unplaced(ledger, day, outcome, events, site)

    monkeypatch.setattr(Ledger, "unplaced", seen)
    junk = (limits.BODY_BYTES - len(HEAD)) // 2 - 1
    body = (HEAD + ",".join("1" * junk) + "]}").encode()
    assert len(body) <= limits.BODY_BYTES
    status, _, said = await worker.ask("POST", "/e", body)
    assert (status, said) == (413, {"refused": "too_large"})
    assert worker.counted("") == {"malformed": 50, "too_large": junk - 50}
    assert written == [(Outcome.TOO_LARGE, junk - 50), (Outcome.MALFORMED, 50)]


async def test_what_is_good_among_junk_is_taken(worker: Worker) -> None:
    """At the head of a batch and in its midst; each bad event is counted."""
    good = {"n": "login"}
    assert await worker.browse(good, 1, 2, good, *[3] * 60) == 202
    assert worker.counted("") == {"malformed": 48, "too_large": 14}
    assert [event["name"] for event in worker.shelf.events] == ["login", "login"]
