"""Browsers and shop servers that report all the time, and remember what they were told.

Enters: a port. Leaves: how often each event was sent, acknowledged and refused. An event is known by its value, also in
the store.
"""

import asyncio
import json
import random
import time
from collections import Counter, deque
from dataclasses import dataclass
from enum import Enum, auto

import aiohttp

from tests.system.product import BROWSER, PAGE, SITE

ACCEPTED = 202
_REFUSED = 503
_AFTER_A_FAULT_SECONDS = 0.1
_REMEMBERED = 300
_LAST_TRIES_SECONDS = 120
_PATIENCE_SECONDS = 20.0


class Habit(Enum):
    """What a sender does when it isn't told that all is well."""

    ONCE = auto()
    """Sends events without ids, each once, whatever becomes of it."""
    AGAIN = auto()
    """Sends the same events with the same ids until they are acknowledged."""
    OFTEN = auto()
    """As `AGAIN`; and sends some of them twice at once, and some once more when they are long acknowledged."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The body of one request."""

    numbers: tuple[int, ...]
    body: bytes


class Load:
    """So many senders, each with a habit.

    Args:
        port: the collector's.
        habits: one sender each.
        most: events a request.
        pause_seconds: between two requests of one sender; 0: as fast as it goes.
        hurried: the part of the letters with ids of which the sender does not wait for the first answer.
    """

    def __init__(
        self,
        port: int,
        habits: tuple[Habit, ...] = (Habit.ONCE,) * 8,
        most: int = 5,
        pause_seconds: float = 0,
        hurried: float = 0,
    ) -> None:
        self._url = f"http://127.0.0.1:{port}/e"
        self._habits, self._most, self._pause, self._hurried = habits, most, pause_seconds, hurried
        self._numbers = iter(range(10**9))
        self._stop = asyncio.Event()
        self._senders: list[asyncio.Task[None]] = []
        self.sent: Counter[int] = Counter()
        """How often each event was sent."""
        self.acknowledged: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()
        """Told that it is not taken: it may not be stored for that request's sake."""
        self.unheard: Counter[int] = Counter()
        """Nobody listened."""
        self.with_ids: set[int] = set()
        self.repeated = 0
        """Requests that had been sent before."""
        self.answers: Counter[int | str] = Counter()
        self.taken: list[tuple[float, float]] = []
        """Of each answered request: when it was sent, and the seconds that it took."""

    @property
    def unclear(self) -> int:
        """Sendings of events of which it isn't known what became of them."""
        known = (self.acknowledged, self.refused, self.unheard)
        return self.sent.total() - sum(counted.total() for counted in known)

    def start(self) -> None:
        """Begin; must be called in a running loop."""
        self._senders = [
            asyncio.create_task(self._report(habit, random.Random(n))) for n, habit in enumerate(self._habits)
        ]

    async def stop(self) -> None:
        """Let every request under way end, and who sends again until he is told come to that."""
        self._stop.set()
        await asyncio.gather(*self._senders)

    async def acknowledges(self, more: int) -> None:
        """Wait until so many more events have been acknowledged."""
        enough = len(self.acknowledged) + more
        async with asyncio.timeout(60):
            while len(self.acknowledged) < enough:  # noqa: ASYNC110 - a count to reach, not an event to be told of
                await asyncio.sleep(0.01)

    async def _report(self, habit: Habit, chance: random.Random) -> None:
        # a new connection each time comes to any worker, and so does what is sent again
        connector = aiohttp.TCPConnector(force_close=habit is not Habit.ONCE)
        earlier: deque[Letter] = deque(maxlen=_REMEMBERED)
        heads = {"User-Agent": BROWSER}
        async with aiohttp.ClientSession(connector=connector, headers=heads) as session:
            while not self._stop.is_set():
                letter = self._letter(habit, chance)
                if habit is Habit.OFTEN and chance.random() < 0.3:
                    self.repeated += 1
                    await asyncio.gather(self._send(session, letter), self._send(session, letter))
                elif habit is Habit.ONCE:
                    await self._send(session, letter)
                if habit is not Habit.ONCE:
                    if chance.random() < self._hurried:  # somewhere between having sent it and having read the answer
                        await self._send(session, letter, patience_seconds=chance.uniform(0.002, 0.02))
                    await self._until_acknowledged(session, letter)
                    earlier.append(letter)
                if habit is Habit.OFTEN and chance.random() < 0.2:
                    self.repeated += 1
                    # mostly while the first is still on its way somewhere, sometimes long after it has arrived
                    recent = 1 + int(len(earlier) * chance.random() ** 3)
                    await self._send(session, earlier[-min(recent, len(earlier))])
                if self._pause:
                    await asyncio.sleep(self._pause * chance.uniform(0.5, 1.5))

    def _letter(self, habit: Habit, chance: random.Random) -> Letter:
        numbers = tuple(next(self._numbers) for _ in range(chance.randint(1, self._most)))
        if habit is Habit.ONCE:
            return Letter(numbers, batch(numbers))
        self.with_ids.update(numbers)
        return Letter(numbers, batch(numbers, ids=True))

    async def _until_acknowledged(self, session: aiohttp.ClientSession, letter: Letter) -> None:
        tries_until = 0.0
        while min(self.acknowledged[one] for one in letter.numbers) == 0:
            if self._stop.is_set():
                tries_until = tries_until or time.monotonic() + _LAST_TRIES_SECONDS
                if time.monotonic() > tries_until:
                    return
            self.repeated += self.sent[letter.numbers[0]] > 0
            await self._send(session, letter)

    async def _send(
        self, session: aiohttp.ClientSession, letter: Letter, patience_seconds: float = _PATIENCE_SECONDS
    ) -> None:
        self.sent.update(letter.numbers)
        began = time.monotonic()
        try:
            patience = aiohttp.ClientTimeout(total=patience_seconds)
            async with session.post(self._url, data=letter.body, timeout=patience) as answer:
                await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            self.answers[type(error).__name__] += 1
            if isinstance(error, aiohttp.ClientConnectorError):
                self.unheard.update(letter.numbers)
            await asyncio.sleep(_AFTER_A_FAULT_SECONDS)  # nobody listens for a moment
            return
        self.taken.append((began, time.monotonic() - began))
        self.answers[answer.status] += 1
        if answer.status == ACCEPTED:
            self.acknowledged.update(letter.numbers)
            return
        if answer.status == _REFUSED:
            self.refused.update(letter.numbers)
        await asyncio.sleep(_AFTER_A_FAULT_SECONDS)


def batch(numbers: tuple[int, ...], *, ids: bool = False) -> bytes:
    """A native body: one product view a number, which is its value; texts would reach their cap for the day."""
    events = [{"n": "view_item", "v": one} | ({"i": f"event-{one}"} if ids else {}) for one in numbers]
    return json.dumps({"s": SITE, "u": PAGE, "e": events}).encode()


def assert_once(load: Load, stored: Counter[int]) -> None:
    """Each acknowledged event is stored once, each other at most once, none that was refused or that nobody sent."""
    assert load.acknowledged.keys() - stored.keys() == set(), "acknowledged and lost"
    assert {one: times for one, times in stored.items() if times > 1} == {}, "stored more than once"
    assert stored.keys() - load.sent.keys() == set(), "never sent"
    no = {one for one, times in load.sent.items() if times == load.refused[one] + load.unheard[one]}
    assert no & stored.keys() == set(), "refused and stored"
