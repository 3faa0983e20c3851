"""What goes wrong, at random, and is mended after a while: the store, the processes, the disk, a row.

Enters: a product under load and the server that it ships to. Leaves: how often what was done, and how often it struck.
Everything is drawn from decks, so that in a run of minutes each fault has its turn. Supervises `sporlos serve` as an
operating system would: whatever ends it, it is started again.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.clickhouse_server.away import Away
from tests.clickhouse_server.faults import KINDS
from tests.system.faults import poison
from tests.system.faults.load import Load
from tests.system.faults.stored import count
from tests.system.product import ROOT, SITE, Product, until

FIRST_POISONED = 10**9
"""Numbers of events from here on are not the load's."""
_ANSWERS_AND_QUERIES = ("refuse", "500_before", "cut", "memory", "denied", "hang", "slow")
"""Faults that queries may suffer, too: the look-up for duplicates, the search for what has arrived, the start."""
_KILLED = ("worker", "collect", "backoffice", "serve")
_FULL_DISK_SECONDS = 25.0
"""At most: it is mended once visitors have got no for an answer, which takes until the spools' free pages are used."""
_TICK_SECONDS = 0.05
_RESTART_SECONDS = 0.5
_RECOVERS_SECONDS = 180.0


class Chaos:
    """One run of faults.

    Args:
        disk: the product's data folder, if it is a small disk that may be filled.
        zone: the sites' time zone.
    """

    def __init__(
        self, product: Product, server: Away, load: Load, disk: Path | None, zone: str, chance: random.Random
    ) -> None:
        self._product, self._server, self._load = product, server, load
        self._disk, self._zone, self._chance = disk, zone, chance
        self._deck: list[str] = []
        self._mends: list[tuple[float, Callable[[], None]]] = []
        self._is_away = False
        self._ballast: tuple[Path, int] | None = None
        self._ended_at = 0.0
        self.done: Counter[str] = Counter()
        """How often each fault was set."""
        self.struck: Counter[str] = Counter()
        """How often it did harm: a request suffered it, a process was killed, a visitor got no for an answer."""
        self.restarts: Counter[int] = Counter()
        """How often `sporlos serve` was started again, by the exit code of the one before."""
        self.poisoned: list[int] = []
        """The first numbers of the files with poison."""

    @property
    def kinds(self) -> list[str]:
        """All that may be drawn."""
        here = [f"kill {role}" for role in _KILLED] + ["server away", "poison"]
        return sorted(KINDS) + here + (["full disk"] if self._disk else [])

    def run(self, seconds: float) -> None:
        """One step after the other, with a rest now and then in which it must recover by itself."""
        ends, steps = time.monotonic() + seconds, 0
        while time.monotonic() < ends:
            for _ in range(self._chance.choices((1, 2, 3), (6, 3, 1))[0]):
                self._do(self._draw())
            self._let_pass(self._chance.uniform(1, 4))
            steps += 1
            if steps % 5 == 0:
                self.recover()
        self.recover()
        for kind in KINDS:
            self.struck[kind] += self._server.struck(kind)

    def recover(self) -> None:
        """Mend everything; then all must run again, and new rows arrive, without anybody's help."""
        while self._ballast is not None:
            self._let_pass(_TICK_SECONDS)
        for _, mend in self._mends:
            mend()
        self._mends.clear()
        self._server.heal()
        until(self._is_up, "all runs again", seconds=_RECOVERS_SECONDS)
        before = count(self._server)
        until(lambda: self._is_up() and count(self._server) > before, "rows arrive again", seconds=_RECOVERS_SECONDS)

    def _draw(self) -> str:
        if not self._deck:
            self._deck = self.kinds
            self._chance.shuffle(self._deck)
        return self._deck.pop()

    def _do(self, kind: str) -> None:
        if (kind in KINDS or kind == "server away") and self._is_away:
            return  # nobody is there to do it
        if kind == "full disk" and self._ballast is not None:
            return  # it is full
        self.done[kind] += 1
        if kind in KINDS:
            self._set(kind)
        elif kind == "server away":
            self._take_away()
        elif kind == "full disk":
            self._fill()
        elif kind == "poison":
            self._poison()
        else:
            self._kill(kind.removeprefix("kill "))

    def _set(self, kind: str) -> None:
        target = "any" if kind in _ANSWERS_AND_QUERIES and self._chance.random() < 0.4 else "insert"
        times, seconds = self._chance.randint(1, 3), self._chance.uniform(0.5, 8)
        self._server.fault(kind, times=times, target=target, seconds=seconds)

    def _take_away(self) -> None:
        for kind in KINDS:
            self.struck[kind] += self._server.struck(kind)
        self._server.kill()
        self._is_away = True
        self.struck["server away"] += 1
        self._mend_in(self._chance.uniform(0.5, 8), self._bring_back)

    def _bring_back(self) -> None:
        self._server.start()
        self._is_away = False

    def _kill(self, role: str) -> None:
        if role == "worker" and (pids := self._product.pids(role)):
            with suppress(ProcessLookupError):
                os.kill(self._chance.choice(pids), 9)
                self.struck["kill worker"] += 1
        elif self._product.kill(role):
            self.struck[f"kill {role}"] += 1

    def _fill(self) -> None:
        """Mostly while the store is away, which is how a disk runs full; a spool that is emptied reuses its pages."""
        if self._disk is None:
            return
        if not self._is_away and self._chance.random() < 0.85:
            self._server.fault("refuse", times=0, target="any")
        self._ballast = (fill(self._disk), self._load.answers[503])
        self._mend_in(_FULL_DISK_SECONDS, self._make_room)

    def _make_room(self) -> None:
        if self._ballast is not None:
            ballast, noes = self._ballast
            self.struck["full disk"] += self._load.answers[503] > noes
            ballast.unlink()
            self._ballast = None
            if not self._is_away:
                self._server.heal()

    def _poison(self) -> None:
        first = FIRST_POISONED + 1000 * self.done["poison"]
        where = (self._product.data / "spool", f"poison-{self.done['poison']}", SITE, self._zone, first)
        done = subprocess.run(
            [sys.executable, "-m", poison.__name__, *map(str, where)], cwd=ROOT, check=False, timeout=60
        )
        if done.returncode == 0:
            self.struck["poison"] += 1
            self.poisoned.append(first)

    def _mend_in(self, seconds: float, mend: Callable[[], None]) -> None:
        self._mends.append((time.monotonic() + seconds, mend))

    def _let_pass(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(_TICK_SECONDS)
            self._supervise()
            due = [(when, mend) for when, mend in self._mends if when <= time.monotonic()]
            for one in due:
                self._mends.remove(one)
                one[1]()
            if self._ballast is not None and self._load.answers[503] > self._ballast[1] + 20:
                self._make_room()

    def _supervise(self) -> None:
        if self._product.died():
            if not self._ended_at:
                self._ended_at = time.monotonic()
            elif time.monotonic() > self._ended_at + _RESTART_SECONDS:
                self._ended_at = 0.0
                self.restarts[self._product.wait("serve")] += 1
                self._product.start()

    def _is_up(self) -> bool:
        self._supervise()
        return not self._product.died() and all(
            self._product._is_ready(port) for port in (self._product.admin, self._product.office)
        )


def fill(disk: Path) -> Path:
    """A file that leaves no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while file.write(b"x" * size):
                    pass
    return ballast
