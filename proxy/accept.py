"""Rows into the spool, many requests a commit. Enters: rows and their tally. Leaves: an answer once they are durable.

No timer: while one commit runs, the next batch gathers. A lone visitor waits for one fsync, a crowd shares it.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from pipeline.outcome import Note, Notes, Outcome, Tally
from pipeline.spool.spool import Spool, SpoolError
from proxy import logs
from proxy.ledger import Ledger

_MOST_WAITING = 20_000
"""Rows in memory that no commit has taken yet: past it, saying no is kinder than growing."""

log = structlog.get_logger("sporlos.accept")


class GroupCommit:
    """One worker's way into its spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
        self._rows: list[bytes] = []
        self._tally: Tally = Counter()
        self._notes: Notes = Counter()
        self._waiting: list[asyncio.Future[bool]] = []
        self._running: asyncio.Task[None] | None = None
        self._refuses_rows = False
        self._in_a_row = 0
        self.failures = 0

    async def accept(self, rows: Sequence[bytes], ledger: Ledger) -> bool:
        """True once the rows and the ledger are on the disk; False if they are not and won't be."""
        if len(self._rows) + max(1, len(rows)) > _MOST_WAITING:  # refusals alike: an answer tells no verdict
            self._owe(ledger.tally, ledger.notes)
            return False
        self._rows.extend(rows)
        for counted, events in ledger.tally.items():
            self._tally[counted] += events
        for noted, times in ledger.notes.items():
            self._notes[noted] += times
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        if self._running is None:
            self._running = asyncio.create_task(self._commit_while_any())
        # a tally fits where rows don't: who brings none is answered as the others are, else a robot would know itself
        return await done and (bool(rows) or not self._refuses_rows)

    async def drain(self) -> None:
        """Wait until nothing waits."""
        while self._running is not None:
            await asyncio.wait([self._running])
        if self._tally:  # refusals that no visitor came after
            await self._commit([], self._tally, self._notes)
        self._thread.shutdown()

    async def _commit_while_any(self) -> None:
        try:
            while self._waiting:
                rows, tally, notes, waiting = self._rows, self._tally, self._notes, self._waiting
                self._rows, self._tally, self._notes, self._waiting = [], Counter(), Counter(), []
                stored = await self._commit(rows, tally, notes)
                if rows:
                    self._refuses_rows = not stored
                for done in waiting:
                    if not done.done():  # the visitor may have left
                        done.set_result(stored)
        finally:
            self._running = None

    async def _commit(self, rows: list[bytes], tally: Tally, notes: Notes) -> bool:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._spool.append, rows, tally, notes)
        except SpoolError as error:
            self._in_a_row = self._in_a_row + 1
            self.failures += 1
            if self._in_a_row & (self._in_a_row - 1) == 0:  # the 1st, 2nd, 4th, 8th …: loud, not endless
                log.error("spool can't be written, answering 503", reason=str(error), failures=self.failures)
            self._owe(tally, notes)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must get an answer
            logs.fault("spool failed", error)
            self._owe(tally, notes)
            return False
        if self._in_a_row:
            self._in_a_row = 0
            log.info("spool can be written again", failures=self.failures)
        return True

    def _owe(self, tally: Tally, notes: Notes) -> None:
        """Count the events as refused with the next commit that succeeds; a salt was drawn all the same."""
        self._notes.update({noted: times for noted, times in notes.items() if noted.note is Note.SALT})
        for counted, events in tally.items():
            self._tally[counted._replace(outcome=Outcome.SPOOL_FULL)] += events
