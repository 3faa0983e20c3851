"""Promise 2: the key that makes counting visits possible exists for one day and is then destroyed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.arrival import RawEvent
from proxy.privacy.identity import event_id, order_key, visitor_number
from proxy.privacy.memory import new_memory
from proxy.privacy.page import _CURRENT, SALT_BYTES
from tests.proxy.visit import NOON, SHOP, SITE, arrive, at, forgotten, make_salts, number_of, page_of

ROOT = Path(__file__).parents[2]
DAY = 86_400.0
AFTER_THE_OVERLAP = at("2026-05-13T00:31")


def test_the_same_visitor_on_one_day_has_one_number() -> None:
    """That is what a visitor is counted by."""
    salts = make_salts()
    moments = ("00:00:00", "08:15", "12:00", "23:59:59")
    assert len({number_of(salts, at(f"2026-05-12T{moment}")) for moment in moments}) == 1


def test_the_same_visitor_on_thirty_days_has_thirty_numbers() -> None:
    """No number leads from one day to another."""
    salts = make_salts()
    assert len({number_of(salts, NOON + day * DAY) for day in range(30)} - {0}) == 30


def test_the_same_visitor_on_two_sites_has_two_numbers() -> None:
    """No number leads from one shop to another."""
    salts = make_salts()
    other = replace(SHOP, id="andre-leker.no")
    assert len({number_of(salts, NOON), number_of(salts, NOON, shop=other)} - {0}) == 2


def test_the_same_visitor_at_two_shops_of_two_collectors_has_two_numbers() -> None:
    """Each collector draws its own salt."""
    assert number_of(make_salts(), NOON) != number_of(make_salts(), NOON)


def test_two_visitors_have_two_numbers() -> None:
    """By address and by user agent."""
    salts = make_salts()
    arrivals = [arrive(), arrive(peer="203.0.113.78"), arrive(user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox")]
    assert len({forgotten(salts, arrival)[0].visitor for arrival in arrivals} - {0}) == 3


def test_who_does_not_agree_has_no_number() -> None:
    """Nor who objects, be it by his browser's signal alone."""
    salts = make_salts()
    assert forgotten(salts, page=page_of(mode="count"))[0].visitor == 0
    assert forgotten(salts, arrive(objects=True), page_of(mode="measure"))[0].visitor == 0


def test_numbers_of_one_purpose_say_nothing_of_another() -> None:
    """The same word as an order's number and as an event's gives two hashes, and neither is the word."""
    salt = memoryview(bytes(32))
    assert order_key(salt, SITE, "A-4711") != event_id(salt, SITE, "A-4711")
    raw = RawEvent(name="purchase", id="A-4711", order="A-4711")
    [event] = forgotten(make_salts(), page=page_of(raw))
    assert len({event.event_id, event.order_key, event.visitor} - {0}) == 3
    word = int.from_bytes(b"A-4711", "big")
    assert word not in (event.event_id, event.order_key)


def test_an_order_and_an_event_have_other_numbers_the_next_day() -> None:
    """They join two reports within a day, and nothing beyond it; two collectors' numbers never meet."""
    raw = RawEvent(name="purchase", id="A-4711", order="A-4711")
    salts = make_salts()
    events = [
        forgotten(one, arrive(now), page_of(raw))[0] for one in (salts, make_salts()) for now in (NOON, NOON + DAY)
    ]
    assert len({event.order_key for event in events}) == 4
    assert len({event.event_id for event in events}) == 4


def test_who_has_no_number_gets_none_by_an_id_of_the_page() -> None:
    """A page that sends one id again and again follows nobody who is only counted: not to another page, nor network."""
    salts, raw = make_salts(), RawEvent(name="page_view", id="device-4711", order="device-4711")
    events = [
        forgotten(salts, arrive(peer=peer), page_of(raw, url=f"https://{SITE}/{page}", mode="count"))[0]
        for page in ("lego", "dukker")
        for peer in ("203.0.113.1", "198.51.100.7")
    ]
    assert [event.visitor for event in events] == [0] * 4
    assert len({event.event_id for event in events}) == 4
    assert {event.order_key for event in events} == {0}


def test_nothing_joins_the_two_numbers_of_a_visitor_at_midnight() -> None:
    """Neither an order nor an event that is reported once with the old number and once with the new one."""
    salts, raw = make_salts(), RawEvent(name="purchase", id="x", order="A-4711")
    moments = ("2026-05-12T23:50", "2026-05-13T00:10", "2026-05-13T00:45")
    _, old, new = (forgotten(salts, arrive(at(moment)), page_of(raw))[0] for moment in moments)
    assert old.visitor != new.visitor
    assert old.order_key != new.order_key
    assert old.event_id != new.event_id


def test_inputs_of_a_number_never_run_together() -> None:
    """What stands at the end of one and at the beginning of the next is told apart by their lengths."""
    salt = memoryview(bytes(32))
    pairs = [("shop.no", b"\x01ab", "c"), ("shop.no", b"\x01a", "bc"), ("shop.n", b"o\x01a", "bc")]
    assert len({visitor_number(salt, *pair) for pair in pairs}) == 3


def test_with_the_clock_set_back_over_midnight_nobody_has_a_number() -> None:
    """One visitor could have two, and a salt of yesterday would live again."""
    salts = make_salts()
    assert number_of(salts, NOON) != 0
    [event] = forgotten(salts, arrive(NOON - DAY), page_of(RawEvent(name="purchase", id="x", order="y")))
    assert (event.visitor, event.order_key, event.event_id) == (0, 0, 0)
    assert event.day == "2026-05-11"


VISITS = """
import sys
from proxy.privacy import salts as room
from tests.proxy.visit import forgotten, arrive, page_of, OSLO
from proxy.arrival import RawEvent
salts, kept = room.Salts(int(sys.argv[1]), [OSLO]), None
for line in sys.stdin:
    now, visits = map(float, line.split())
    purchase = RawEvent(name="purchase", id="x", order="1")
    for visitor in range(int(visits)):
        forgotten(salts, arrive(now, peer=f"193.212.4.{visitor % 256}"), page_of(purchase))
    if sys.argv[2] == "leaks":
        kept = kept or salts.under(OSLO, now, lambda day: bytes(day.salt))
    salts.renew(now)
    print("done", flush=True)
"""
"""A process that does what a worker does with a salt; told to, it keeps a copy as a careless one would."""


@contextmanager
def process_with_salts(memory: int, kind: str) -> Iterator["subprocess.Popen[str]"]:
    """Let it live at the moments that are written to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", VISITS, str(memory), kind],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=(memory,), cwd=ROOT,
    )  # fmt: skip
    with process:
        yield process
        process.communicate()
    assert process.returncode == 0


def live(process: "subprocess.Popen[str]", *moments: float, visits: int = 300) -> None:
    """So many visits at each of these moments, and what is due then."""
    assert process.stdin is not None
    assert process.stdout is not None
    for now in moments:
        process.stdin.write(f"{now} {visits}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"


def places_in_memory(pid: int, secret: bytes) -> int:
    """How often a secret stands in what a process can write to, seen from outside, so that looking makes no copy."""
    found = 0
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
            span, rights = line.split()[:2]
            if rights.startswith("rw"):
                begins, ends = (int(end, 16) for end in span.split("-"))
                memory.seek(begins)
                found += memory.read(ends - begins).count(secret)
    return found


@pytest.mark.parametrize(
    ("kind", "left"), [("forgets", 0), ("leaks", 1)], ids=["as it is", "with a copy, to see it found"]
)
def test_the_key_of_a_day_is_nowhere_in_memory_after_it(kind: str, left: int) -> None:
    """Not in the page and in no other corner of the process, neither whole nor half; before, it was in the page."""
    memory = new_memory()
    with process_with_salts(memory, kind) as process:
        live(process, NOON, visits=0)
        salt = os.pread(memory, SALT_BYTES, _CURRENT)
        before = [places_in_memory(process.pid, salt)]
        live(process, NOON + 1, at("2026-05-12T23:50"))
        before.append(places_in_memory(process.pid, salt))
        live(process, at("2026-05-13T00:10"), AFTER_THE_OVERLAP)
        after = [places_in_memory(process.pid, piece) for piece in (salt, salt[:16], salt[16:])]
        assert before == [1 + left, 1 + left]
        assert salt not in os.pread(memory, 1 << 20, 0)
        assert [min(count, 1) for count in after] == [left] * 3
    os.close(memory)
