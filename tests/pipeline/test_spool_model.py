"""The spool against a list: what was appended becomes one thing, whatever is closed, split or killed in between."""

import random
import shutil
import tempfile
from array import array
from collections import Counter
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.event import COLUMNS
from pipeline.outcome import Counted, Outcome, Tally
from pipeline.spool.keeping import Kept
from pipeline.spool.shipment import EVENTS, QUARANTINE, TALLY, Shipment
from pipeline.spool.spool import Spool
from tests.pipeline.test_ship import row
from tests.pipeline.test_spool import DAY, counted

_MEMORY = Path("/dev/shm")  # noqa: S108 - thousands of commits, of which none needs a disk
_EVENT_ID = [*COLUMNS].index("event_id")


def page_view(number: int) -> bytes:
    """A row with all its columns, told from others by its moment and its sender's id, both of them its number."""
    return row("shop.no", number, DAY, ts=float(number))


def number_of(line: bytes) -> int:
    """The number of such a row."""
    return int(msgspec.json.decode(line)[_EVENT_ID])


_IN_THE_SPOOL = ("waiting", "delivered")


class SpoolModel(RuleBasedStateMachine):
    """What has become of each event, and beside that a spool with its writer and its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
        self.writer, self.reader = (Spool(self.folder / "worker-0.sqlite") for _ in range(2))
        self.became: list[str] = []
        """By the event's number: `waiting`, `delivered`, `arrived` (and acknowledged), or what it was left out as."""
        self.robots = 0
        self.told: Tally = Counter()
        """What has been acknowledged of the tally."""
        self.aside: set[int] = set()
        """Numbers of the rows that have come to the quarantine."""
        self.too_late: set[int] = set()
        """Numbers of those that were on their way to it for too long."""
        self.taken: Shipment | None = None
        self.tokens: dict[str, bytes] = {}

    @rule(count=st.integers(0, 3), robots=st.integers(0, 2))
    def append(self, count: int, robots: int) -> None:
        """A batch comes in."""
        first = len(self.became) + 1
        self.writer.append([page_view(number) for number in range(first, first + count)], counted(count, robots))
        self.became += ["waiting"] * count
        self.robots += robots

    @rule()
    def take(self) -> None:
        """The shipper looks for a shipment; one that it has not acknowledged is the same again."""
        again, self.taken = self.taken, self.reader.take()
        if again is not None:
            assert self.taken is not None
            assert (self.taken.body, self.taken.token, self.taken.pieces) == (again.body, again.token, again.pieces)
            assert self.taken.sealed_before
        elif self.taken is None:
            assert "waiting" not in self.became
            assert self.told == self.truth()
        elif self.taken.unsettled is None:
            assert self.tokens.setdefault(self.taken.token, self.taken.body) == self.taken.body

    @precondition(lambda self: self.taken is not None and self.taken.unsettled is not None)
    @rule(chance=st.randoms(use_true_random=False))
    def settle(self, chance: random.Random) -> None:
        """Some of its lines don't go."""
        assert self.taken is not None
        assert self.taken.unsettled is not None
        ids = array("Q", self.taken.unsettled.ids)
        lines = self.taken.lines()
        assert [number_of(line) for line in lines if line] == [
            number for number, line in zip(ids, lines, strict=True) if line
        ]
        out = {line: Outcome.DUPLICATE for line, text in enumerate(lines) if text and chance.random() < 0.3}
        for line in out:
            self.became[ids[line] - 1] = "duplicate"
        self.taken = self.reader.settle(self.taken, out, now=0.0)
        self.tokens[self.taken.token] = self.taken.body

    @precondition(lambda self: self.taken is not None and self.taken.table == EVENTS and self.taken.pieces)
    @rule()
    def deliver(self) -> None:
        """The store refuses odd numbers: what holds one is split, until it stands alone and is set aside."""
        assert self.taken is not None
        piece = self.taken.pieces[0]
        numbers = [number_of(line) for line in self.taken.body_of(piece).splitlines()]
        if not any(number % 2 for number in numbers):
            for number in numbers:
                assert self.became[number - 1] == "waiting"
                self.became[number - 1] = "delivered"
            self.reader.delivered(self.taken, piece)
        elif len(numbers) > 1:
            self.reader.split(self.taken, piece)
        else:
            line = next(at for at in range(piece.first, piece.end) if self.taken.lines()[at])
            self.became[numbers[0] - 1] = "quarantined"
            self.reader.set_aside(self.taken, piece, line, "odd", now=0.0)
        self.taken = self.reader.take()
        assert self.taken is not None
        self.tokens[self.taken.token] = self.taken.body

    @precondition(lambda self: self.taken is not None and (self.taken.table != EVENTS or self.is_delivered()))
    @rule()
    def acknowledge(self) -> None:
        """The other side has it."""
        assert self.taken is not None
        if self.taken.table == TALLY:
            for *key, events, _batch in map(msgspec.json.decode, self.taken.body.splitlines()):
                self.told[Counted(*key)] += events
        if self.taken.table == QUARANTINE:
            for *_, text, _ in map(msgspec.json.decode, self.taken.body.splitlines()):
                assert number_of(text.encode()) not in self.aside
                self.aside.add(number_of(text.encode()))
        if self.taken.table == EVENTS:
            self.became = ["arrived" if became == "delivered" else became for became in self.became]
        self.reader.acknowledge(self.taken)
        self.taken = None

    @rule(share=st.floats(0, 1))
    def expire(self, share: float) -> None:
        """Time passes, and what still waits of the first events may not be kept any longer."""
        limit = int(share * len(self.became)) + 1
        gone = [number for number in range(1, limit) if self.became[number - 1] in _IN_THE_SPOOL]
        on_their_way = (
            {n for n, word in enumerate(self.became, 1) if word == "quarantined"} - self.aside - self.too_late
        )
        late = {number for number in on_their_way if number < limit}
        assert self.reader.expire(Kept(since=float(limit))) == len(gone) + len(late)
        self.too_late |= late
        for number in gone:
            self.became[number - 1] = "expired"
        if self.taken is not None:
            table, self.taken = self.taken.table, self.reader.take()
            assert self.taken is not None or table == "quarantine"
            if self.taken is not None:
                self.tokens[self.taken.token] = self.taken.body

    @rule(writer=st.booleans())
    def crash(self, writer: bool) -> None:  # noqa: FBT001 - which of the two
        """One of the two is closed without a word, and opened again."""
        if writer:
            self.writer.close()
            self.writer = Spool(self.folder / "worker-0.sqlite")
        else:
            self.reader.close()
            self.reader = Spool(self.folder / "worker-0.sqlite")

    @rule()
    def tidy(self) -> None:
        """The log is cut off."""
        self.reader.tidy()

    @invariant()
    def nothing_is_lost_or_there_twice(self) -> None:
        """Each event waits or has become one thing, and what was told and what waits to be told say so."""
        waiting = self.reader.waiting()
        number = sum(became in _IN_THE_SPOOL for became in self.became)
        assert +waiting.events == Counter({("shop.no", DAY): number} if number else {})
        assert _without_zeros(self.told, waiting.tally) == self.truth()
        assert waiting.quarantined.total() == self.became.count("quarantined") - len(self.aside | self.too_late)
        oldest = next((float(at + 1) for at, became in enumerate(self.became) if became == "waiting"), None)
        assert oldest is None or (waiting.oldest is not None and waiting.oldest <= oldest)

    def truth(self) -> Tally:
        """What a tally of everything has to say."""
        became = Counter(self.became)
        found = counted(sum(became.pop(word, 0) for word in (*_IN_THE_SPOOL, "arrived")), self.robots)
        for word, events in became.items():
            found[Counted("shop.no", DAY, "page_view", Outcome(word))] += events
        return found

    def is_delivered(self) -> bool:
        """Nothing of the shipment is left."""
        assert self.taken is not None
        return self.taken.unsettled is None and not self.taken.pieces

    def teardown(self) -> None:
        """The files go."""
        self.writer.close()
        self.reader.close()
        shutil.rmtree(self.folder)


def _without_zeros(*tallies: Tally) -> Tally:
    total: Tally = Counter()
    for tally in tallies:
        total.update(tally)
    assert min(total.values(), default=0) >= 0
    return +total


TestSpoolModel = SpoolModel.TestCase
TestSpoolModel.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
