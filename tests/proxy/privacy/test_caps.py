"""How many different values a column may have on one day."""

import os

import pytest

from pipeline.event import COLUMNS
from proxy.privacy.caps import CAPS, CLOSED, OTHER, Caps
from proxy.privacy.memory import new_memory

DAY = 739_000
CAMPAIGNS = CAPS["campaign"]


@pytest.fixture
def caps() -> Caps:
    """The tables of two shops."""
    return Caps(new_memory(), ["shop.no", "other.no"])


def fill(caps: Caps, column: str, day: int = DAY) -> list[str]:
    """As many different values as the column may have; what became of them."""
    return [caps.fit("shop.no", day, column, f"value {number}") for number in range(CAPS[column])]


def test_every_text_column_has_a_cap_or_a_closed_list() -> None:
    """What is neither could be written by anybody, as he likes; dates and instants are none of their words."""
    texts = {name for name, kind in COLUMNS.items() if "String" in kind}
    assert texts == set(CAPS) | CLOSED
    assert not set(CAPS) & CLOSED


@pytest.mark.parametrize("column", CAPS)
def test_past_the_cap_a_value_is_another(caps: Caps, column: str) -> None:
    """As many as may be are kept, whatever comes later is not, and what was known stays known."""
    assert fill(caps, column) == [f"value {number}" for number in range(CAPS[column])]
    assert caps.fit("shop.no", DAY, column, "one too many") == OTHER
    assert caps.fit("shop.no", DAY, column, "value 0") == "value 0"


def test_shops_and_columns_have_tables_of_their_own(caps: Caps) -> None:
    """A campaign that is full fills nothing else."""
    fill(caps, "campaign")
    assert caps.fit("other.no", DAY, "campaign", "new") == "new"
    assert caps.fit("shop.no", DAY, "content", "new") == "new"


def test_a_new_day_begins_with_nothing(caps: Caps) -> None:
    """And a clock that was set back goes on with the table that is there."""
    fill(caps, "campaign")
    assert caps.fit("shop.no", DAY + 1, "campaign", "new") == "new"
    fill(caps, "campaign", DAY + 1)
    assert caps.fit("shop.no", DAY, "campaign", "one too many") == OTHER


def test_workers_share_a_cap() -> None:
    """What one has let in the other knows, and what fills it fills it for both."""
    memory = new_memory()
    first, second = (Caps(os.dup(memory), ["shop.no"]) for _ in range(2))
    for number in range(CAMPAIGNS):
        worker = (first, second)[number % 2]
        assert worker.fit("shop.no", DAY, "campaign", f"value {number}") != OTHER
    assert [worker.fit("shop.no", DAY, "campaign", "one too many") for worker in (first, second)] == [OTHER] * 2
    assert [worker.fit("shop.no", DAY, "campaign", "value 1") for worker in (first, second)] == ["value 1"] * 2


def test_a_worker_that_dies_in_the_middle_holds_up_nobody() -> None:
    """Its lock goes with it."""
    memory = new_memory()
    caps = Caps(memory, ["shop.no"])
    child = os.fork()
    if not child:
        import fcntl  # noqa: PLC0415 - in the child only

        fcntl.lockf(memory, fcntl.LOCK_EX)
        os._exit(1)
    os.waitpid(child, 0)
    assert caps.fit("shop.no", DAY, "campaign", "new") == "new"


def test_the_tables_hold_no_word() -> None:
    """Hashes under a key of the day: the memory says of no value that it was there, nor the same on two days."""
    memory = new_memory()
    caps = Caps(memory, ["shop.no"])
    held = []
    for day in (DAY, DAY + 1):
        caps.fit("shop.no", day, "path", "/hemmelig-tilbud")
        held.append(os.pread(memory, os.fstat(memory).st_size, 0))
    assert all(b"hemmelig" not in memory for memory in held)
    words = [{bytes(table[at : at + 8]) for at in range(24, len(table), 8)} - {bytes(8)} for table in held]
    assert words[0] & words[1] == {(1).to_bytes(8, "little")}  # the number of values, which is one on both


def test_nothing_is_no_value(caps: Caps) -> None:
    """An empty column takes no place."""
    fill(caps, "campaign")
    assert caps.fit("shop.no", DAY, "campaign", "") == ""
