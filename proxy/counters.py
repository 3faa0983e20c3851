"""How many events ended how, since the collector started: one page of numbers, shared by all workers.

Enters: outcomes. Leaves: sums for `/metrics`. Each worker writes only its own row, so no lock is needed; a row outlives
a worker that is killed. What the operator relies on is the tally in the spool; this is for looking at while it runs.
"""

import os
import struct
from mmap import mmap

from pipeline.outcome import Outcome

_WORDS = tuple(Outcome)
_INDEX = {word: index for index, word in enumerate(_WORDS)}
_NUMBER = struct.Struct("<Q")
_READY, _STORED, _FAILED = (len(_WORDS) + offset for offset in range(3))
_ROW_NUMBERS = len(_WORDS) + 3


class Counters:
    """The page.

    Args:
        memory: a file descriptor of shared memory, the same in every process of a collector.
        workers: how many rows there are.
    """

    def __init__(self, memory: int, workers: int) -> None:
        size = workers * _ROW_NUMBERS * _NUMBER.size
        if os.fstat(memory).st_size < size:
            os.ftruncate(memory, size)
        self._page = mmap(memory, size)
        self._workers = workers

    def add(self, worker: int, outcome: Outcome, events: int = 1) -> None:
        """Count events of one worker."""
        self._add(worker, _INDEX[outcome], events)

    def add_request(self, worker: int, *, failed: bool) -> None:
        """Count a request that was stored, or could not be."""
        self._add(worker, _FAILED if failed else _STORED, 1)

    def set_ready(self, worker: int, *, ready: bool) -> None:
        """Say whether a worker is listening and can write its spool."""
        _NUMBER.pack_into(self._page, self._at(worker, _READY), int(ready))

    def ready(self) -> bool:
        """Whether every worker is."""
        return all(self._get(worker, _READY) for worker in range(self._workers))

    def outcomes(self) -> dict[Outcome, int]:
        """Events by outcome, all workers together."""
        return {word: self._sum(index) for index, word in enumerate(_WORDS)}

    def requests(self) -> tuple[int, int]:
        """Requests that were stored, and that could not be."""
        return self._sum(_STORED), self._sum(_FAILED)

    def _add(self, worker: int, index: int, more: int) -> None:
        at = self._at(worker, index)
        _NUMBER.pack_into(self._page, at, _NUMBER.unpack_from(self._page, at)[0] + more)

    def _get(self, worker: int, index: int) -> int:
        return int(_NUMBER.unpack_from(self._page, self._at(worker, index))[0])

    def _sum(self, index: int) -> int:
        return sum(self._get(worker, index) for worker in range(self._workers))

    @staticmethod
    def _at(worker: int, index: int) -> int:
        return (worker * _ROW_NUMBERS + index) * _NUMBER.size
