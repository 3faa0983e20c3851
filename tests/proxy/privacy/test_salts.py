"""The salts' page: midnights, clocks, several processes and what a kill leaves behind."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from proxy.collector import warn_of_disks
from proxy.privacy.memory import new_memory
from proxy.privacy.page import SALT_BYTES
from proxy.privacy.salts import OVERLAP_SECONDS, DaySalt, Salts
from tests.proxy.visit import NOON, OSLO, at, make_salts, number_of

ROOT = Path(__file__).parents[3]
DAY = 86_400.0
NEXT_NOON = NOON + DAY


@pytest.fixture
def salts() -> Salts:
    """One zone, fresh memory."""
    return make_salts()


def lent(salts: Salts, now: float, zone: str = OSLO) -> DaySalt:
    """What may be used at `now`."""
    return salts.under(zone, now, lambda day: day)


DAYS = {
    "an ordinary day": (OSLO, "2026-05-12", 24),
    "the clock is put forward": (OSLO, "2026-03-29", 23),
    "the clock is put back": (OSLO, "2026-10-25", 25),
    "there is no midnight": ("Asia/Beirut", "2026-03-29", 23),
    "the evening before happens twice": ("Asia/Beirut", "2026-10-24", 25),
    "a zone at half an hour": ("Asia/Kolkata", "2026-05-12", 24),
}


@pytest.mark.parametrize(("zone", "day", "hours"), DAYS.values(), ids=DAYS.keys())
def test_a_salt_lasts_one_local_day(zone: str, day: str, hours: int) -> None:
    """From the first to the last second of it, be they 23 or 25 hours apart."""
    salts = make_salts(zone)
    noon = at(f"{day}T12:00", zone)
    starts = lent(salts, noon, zone).starts
    last = starts + hours * 3600 - 0.001
    of_the_day = [salts.under(zone, now, lambda lent: bytes(lent.salt)) for now in (starts, noon, last)]
    assert len(set(of_the_day)) == 1
    assert lent(salts, last, zone).day == day
    assert lent(salts, last + 0.002, zone).day > day
    assert salts.starts(zone) == starts + hours * 3600
    assert salts.under(zone, last + 0.002, lambda lent: bytes(lent.salt)) != of_the_day[0]


def test_each_zone_has_its_own_salt_and_midnight() -> None:
    """When the day has begun in Oslo, it has not in London."""
    salts = make_salts(OSLO, "Europe/London")
    number_of(salts, at("2026-05-12T23:00"))
    in_london = salts.under("Europe/London", at("2026-05-12T23:00"), lambda day: bytes(day.salt))
    assert in_london != salts.under(OSLO, at("2026-05-12T23:00"), lambda day: bytes(day.salt))
    after = at("2026-05-13T00:10")
    salts.renew(after)
    assert lent(salts, after).day == "2026-05-13"
    assert lent(salts, after, "Europe/London").day == "2026-05-12"
    assert salts.under("Europe/London", after, lambda day: bytes(day.salt)) == in_london


def test_the_old_salt_is_there_for_half_an_hour_and_zeroes_after_it(salts: Salts) -> None:
    """It serves open visits only, and then it is overwritten in the page itself."""
    old = salts.under(OSLO, NOON, lambda day: bytes(day.salt))
    midnight = at("2026-05-13T00:00")
    assert salts.under(OSLO, midnight, lambda day: bytes(day.previous)) == old
    assert old in bytes(salts._page.view)
    assert lent(salts, midnight + OVERLAP_SECONDS).previous is None
    salts.renew(midnight + OVERLAP_SECONDS)
    assert old not in bytes(salts._page.view)
    assert bytes(SALT_BYTES) in bytes(salts._page.view[: salts._page.view.nbytes - len(salts.visits._view)])


def test_after_a_night_without_anybody_there_is_no_old_salt(salts: Salts) -> None:
    """A collector that slept over midnight, or over a week, begins its day with nothing of the day before."""
    old = salts.under(OSLO, NOON, lambda day: bytes(day.salt))
    for later in (NEXT_NOON, NOON + 8 * DAY):
        assert lent(salts, later).previous is None
        assert old not in bytes(salts._page.view)


def test_wiping_leaves_zeroes(salts: Salts) -> None:
    """Nothing of a salt or of an open visit is in the page."""
    number_of(salts, at("2026-05-12T23:50"))
    assert any(salts._page.view)
    salts.wipe()
    assert not any(salts._page.view)


def test_a_clock_that_goes_back_over_midnight_gives_no_salt(salts: Salts) -> None:
    """Nobody gets a number until it is the salt's day again; then everybody gets the one that he had."""
    before = number_of(salts, NEXT_NOON)
    assert before != 0
    went_back = lent(salts, NOON)
    assert (went_back.salt, went_back.previous, went_back.day) == (None, None, "2026-05-12")
    assert number_of(salts, NOON) == 0
    salts.renew(NOON)
    assert number_of(salts, NEXT_NOON + 60) == before


def test_a_clock_that_goes_back_within_the_day_changes_nothing(salts: Salts) -> None:
    """The salt is the day's, not the hour's."""
    assert number_of(salts, NOON) == number_of(salts, NOON - 7200) == number_of(salts, NOON + 7200)


_walked = make_salts()


@settings(max_examples=50)
@given(st.lists(st.floats(NOON - 5 * DAY, NOON + 5 * DAY), min_size=1, max_size=30))
def test_the_epoch_only_grows(clock: list[float]) -> None:
    """Whatever the clock does, no salt is drawn for a day that is over, and each that is lent is of its day."""
    _walked.wipe()
    epoch = 0
    for now in clock:
        day = lent(_walked, now)
        assert _walked._page.head(0).epoch >= epoch
        assert (day.salt is None) == (now < _walked.starts(OSLO))
        assert day.starts <= now
        epoch = _walked._page.head(0).epoch


def test_a_result_made_with_a_salt_that_was_renewed_meanwhile_is_made_again(salts: Salts) -> None:
    """Hashing with half of an old and half of a new salt would give a number that nobody can continue."""
    midnight = at("2026-05-13T00:00")
    lent(salts, midnight - 1)
    seen = []

    def compute(day: DaySalt) -> bool:
        seen.append(day.day if day.salt is not None else "none")
        if len(seen) == 1:
            Salts(salts._page.descriptor, [OSLO]).renew(midnight)
        return day.salt is not None

    assert not salts.under(OSLO, midnight - 1, compute)
    assert seen == ["2026-05-12", "none"]


RACER = """
import os, sys
from mmap import mmap
from proxy.privacy.salts import Salts
salts_fd, meeting_fd, me, racers, midnights = map(int, sys.argv[1:])
meeting = mmap(meeting_fd, racers)
salts = Salts(salts_fd, ["UTC"])
said = []
for midnight in range(midnights):
    meeting[me] = midnight % 250 + 1
    while any(meeting[other] not in (midnight % 250 + 1, (midnight + 1) % 250 + 1) for other in range(racers)):
        os.sched_yield()
    said.append(salts.under("UTC", 86400.0 * (midnight + 100) + 1, lambda day: bytes(day.salt).hex()))
print(" ".join(said))
"""


def _start(script: str, *arguments: object, fds: tuple[int, ...]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, pass_fds=fds, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_of_processes_that_race_over_midnight_exactly_one_renews() -> None:
    """Three processes, two hundred midnights: all see one salt a day, and each day is begun once."""
    racers, midnights = 3, 200
    memory, meeting = new_memory(), os.memfd_create("meeting")
    os.ftruncate(meeting, racers)
    salts = Salts(memory, ["UTC"])
    running = [_start(RACER, memory, meeting, me, racers, midnights, fds=(memory, meeting)) for me in range(racers)]
    said = [process.communicate()[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * racers
    assert said[0] == said[1] == said[2]
    assert len(set(said[0])) == midnights
    assert salts._page.generation(0) == 2 * midnights


KILLED = """
import os, sys, signal
from proxy.privacy import salts
class Killed(salts.Salts):
    def _replace_salt(self, slot, *, keep_previous):
        self._page.current(slot)[:16] = bytes(range(16))
        os.kill(os.getpid(), signal.SIGKILL)
def erase_half(place):
    place[:16] = bytes(16)
    os.kill(os.getpid(), signal.SIGKILL)
salts.erase = erase_half
Killed(int(sys.argv[1]), ["Europe/Oslo"]).renew(float(sys.argv[2]))
"""


def test_a_renewal_that_was_killed_is_done_by_the_next(salts: Salts) -> None:
    """The page is left marked as unfinished and unlocked; who comes next draws a whole salt."""
    before = number_of(salts, NOON)
    killed = _start(KILLED, salts._page.descriptor, NEXT_NOON, fds=(salts._page.descriptor,))
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert salts._page.generation(0) % 2 == 1
    after = number_of(salts, NEXT_NOON)
    assert after not in (0, before)
    assert after == number_of(Salts(salts._page.descriptor, [OSLO]), NEXT_NOON)
    assert salts._page.generation(0) % 2 == 0
    assert bytes(range(16)) not in bytes(salts._page.view)


def test_a_wiping_that_was_killed_is_done_by_the_next_who_reads(salts: Salts) -> None:
    """Half of yesterday's salt is not left lying until somebody renews, and today's numbers stay as they are."""
    old = salts.under(OSLO, NOON, lambda day: bytes(day.salt))
    after = number_of(salts, at("2026-05-13T00:10"))
    over = at("2026-05-13T00:30")
    killed = _start(KILLED, salts._page.descriptor, over, fds=(salts._page.descriptor,))
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert old[16:] in bytes(salts._page.view)
    assert number_of(salts, over) == after
    assert old[16:] not in bytes(salts._page.view)
    assert salts._page.generation(0) % 2 == 0


def test_swap_is_told_of(tmp_path: Path) -> None:
    """The operator hears of it and of a way out; without swap he hears nothing."""
    table = tmp_path / "swaps"
    table.write_text("Filename Type Size Used Priority\n")
    with capture_logs() as said:
        warn_of_disks(locked=True, swaps=table)
        warn_of_disks(locked=True, swaps=tmp_path / "missing")
    assert said == []
    table.write_text("Filename Type Size Used Priority\n/dev/sda2 partition 2097148 0 -2\n")
    with capture_logs() as said:
        warn_of_disks(locked=True, swaps=table)
    (line,) = said
    assert (line["log_level"], "swapoff" in line["event"]) == ("warning", True)


def _flags_at(address: int) -> list[str]:
    here = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        first = line.split()[0]
        if not first.endswith(":"):
            begins, ends = (int(end, 16) for end in first.split("-"))
            here = begins <= address < ends
        elif here and first == "VmFlags:":
            return line.split()[1:]
    return []


def test_the_page_is_in_no_core_dump_and_never_swapped(salts: Salts) -> None:
    """The kernel says so itself; where it may not be locked, `locked` says that."""
    flags = _flags_at(ctypes.addressof(ctypes.c_char.from_buffer(salts._page.memory)))
    assert "sh" in flags
    assert "dd" in flags
    assert salts.locked == ("lo" in flags)
