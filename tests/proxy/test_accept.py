"""`proxy.accept`: many requests a commit, and an answer only after it."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from pipeline.outcome import Counted, Note, Noted, Notes, Outcome, Tally
from pipeline.spool.spool import SpoolFull
from proxy import accept
from proxy.accept import GroupCommit
from proxy.ledger import Ledger

VIEW = Counted("extra-leker.no", "2026-05-12", "page_view", Outcome.STORED)


class Recorder:
    """Stands for a spool; says no as often as it is told to."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.commits: list[tuple[list[bytes], Tally]] = []
        self.notes: Notes = Counter()

    def append(self, rows: Sequence[bytes], tally: Tally, notes: Notes) -> None:
        """Keep what a spool would."""
        if self.refusals:
            self.refusals -= 1
            raise SpoolFull("no room")
        self.commits.append((list(rows), Counter(tally)))
        self.notes.update(notes)


def one(number: int) -> tuple[list[bytes], Ledger]:
    """A request with one page view."""
    ledger = Ledger()
    ledger.tally[VIEW] += 1
    return [b"row %d" % number], ledger


async def test_requests_of_one_round_share_a_commit() -> None:
    """Everyone who is there gets into the same commit, in order, and its tally is their sum."""
    spool = Recorder()
    commit = GroupCommit(spool)
    stored = await asyncio.gather(*(commit.accept(*one(number)) for number in range(5)))
    assert stored == [True] * 5
    assert spool.commits == [([b"row %d" % number for number in range(5)], Counter({VIEW: 5}))]


async def test_notes_go_with_the_rows_that_they_are_about() -> None:
    """Summed up over the requests of a commit."""
    spool = Recorder()
    commit = GroupCommit(spool)
    noted = Noted("extra-leker.no", "2026-05-12", "campaign", Note.REDACTED)
    requests = [one(number) for number in range(3)]
    for _, ledger in requests:
        ledger.notes[noted] += 2
    await asyncio.gather(*(commit.accept(rows, ledger) for rows, ledger in requests))
    assert spool.notes == {noted: 6}


async def test_the_answer_waits_for_the_commit() -> None:
    """Nobody hears of success before the spool has the rows."""
    spool = Recorder()
    waiting = asyncio.ensure_future(GroupCommit(spool).accept(*one(1)))
    while not waiting.done():
        assert not spool.commits
        await asyncio.sleep(0)
        if spool.commits:
            break
    assert await waiting


async def test_what_could_not_be_stored_is_refused_and_counted_with_the_next_commit() -> None:
    """A full spool is a no for all who wait, and a number that is not forgotten; its end is told as well."""
    spool = Recorder(refusals=1)
    commit = GroupCommit(spool)
    with capture_logs() as logs:
        assert await asyncio.gather(commit.accept(*one(1)), commit.accept(*one(2))) == [False, False]
        assert await commit.accept(*one(3))
    assert [(line["log_level"], line.get("reason")) for line in logs] == [("error", "no room"), ("info", None)]
    full = VIEW._replace(outcome=Outcome.SPOOL_FULL)
    assert spool.commits == [([b"row 3"], Counter({full: 2, VIEW: 1}))]


async def test_too_much_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has an end, too."""
    monkeypatch.setattr(accept, "_MOST_WAITING", 3)
    spool = Recorder()
    commit = GroupCommit(spool)
    stored = await asyncio.gather(*(commit.accept(*one(number)) for number in range(5)))
    assert stored == [True, True, True, False, False]
    assert spool.commits[0][1][VIEW._replace(outcome=Outcome.SPOOL_FULL)] == 2


async def test_a_visitor_who_left_disturbs_nobody() -> None:
    """His event is stored all the same, and the others get their answers."""
    spool = Recorder()
    commit = GroupCommit(spool)
    leaving, staying = (asyncio.ensure_future(commit.accept(*one(number))) for number in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying
    assert len(spool.commits[0][0]) == 2


async def test_refusals_that_nobody_came_after_are_counted_at_the_end() -> None:
    """Draining writes down what is owed."""
    spool = Recorder(refusals=1)
    commit = GroupCommit(spool)
    assert not await commit.accept(*one(1))
    await commit.drain()
    assert spool.commits == [([], Counter({VIEW._replace(outcome=Outcome.SPOOL_FULL): 1}))]


async def test_whatever_goes_wrong_those_who_wait_get_an_answer() -> None:
    """A fault that nobody thought of is a no, and the next request may succeed."""

    class Broken(Recorder):
        def append(self, rows: Sequence[bytes], tally: Tally, notes: Notes) -> None:
            if not self.commits:
                self.commits.append(([], Counter()))
                raise MemoryError
            super().append(rows, tally, notes)

    commit = GroupCommit(Broken())
    assert not await commit.accept(*one(1))
    assert await commit.accept(*one(2))
