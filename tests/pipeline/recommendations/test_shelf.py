"""Files on the disk: whole sets, whatever happens meanwhile, and names that nobody can climb out of."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.recommendations.shelf import file_of, publish, shelf, take, withdraw
from tests.system.product import ROOT

_FILES = 300


def a_set(word: str, files: int = _FILES) -> Iterator[tuple[str, bytes]]:
    """Many files that say the same."""
    return ((file_of(str(number)), word.encode()) for number in range(files))


def words(folder: Path) -> Counter[str]:
    """What the files say that are there, and how many say it."""
    return Counter((take(folder, file_of(str(number))) or b"").decode() for number in range(_FILES))


def test_a_new_set_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """All of it, what the new one hasn't as well; nothing else is left in the folder."""
    assert publish(tmp_path, a_set("old")) == _FILES
    assert publish(tmp_path, a_set("new", _FILES - 1)) == _FILES - 1
    assert words(tmp_path) == {"new": _FILES - 1, "": 1}
    assert len([*tmp_path.iterdir()]) == 2
    withdraw(tmp_path)
    assert words(tmp_path) == {"": _FILES}
    assert [*tmp_path.iterdir()] == []


def test_a_set_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    """And goes with the next that is published."""

    def failing() -> Iterator[tuple[str, bytes]]:
        yield from a_set("new", 10)
        raise OSError

    publish(tmp_path, a_set("old"))
    with pytest.raises(OSError):  # noqa: PT011 - our own
        publish(tmp_path, failing())
    assert words(tmp_path) == {"old": _FILES}
    publish(tmp_path, a_set("newer"))
    assert words(tmp_path) == {"newer": _FILES}
    assert len([*tmp_path.iterdir()]) == 2


def test_who_reads_while_sets_are_switched_finds_every_file(tmp_path: Path) -> None:
    """A page must not be told that a product has nothing, because its set was just replaced."""
    publish(tmp_path, a_set("set", 20))
    stop, misses = threading.Event(), Counter[bool]()

    def read() -> None:
        while not stop.is_set():
            misses[take(tmp_path, file_of("7")) is None] += 1

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(60):
            publish(tmp_path, a_set("set", 20))
    finally:
        stop.set()
        reader.join()
    assert misses[False] > 60
    assert misses[True] == 0


def test_a_file_that_a_power_cut_emptied_is_not_there(tmp_path: Path) -> None:
    """Nothing is better than half a thing, until the set is made anew."""
    publish(tmp_path, [("a.json", b"")])
    assert take(tmp_path, "a.json") is None


HOSTILE = (
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "a/b",
    "\0",
    "%2e%2e%2f",
    "con",
    ".",
    "",
    "æ" * 200,
    "\ud800",
    "A",
    "a",
)


@given(st.text() | st.sampled_from(HOSTILE), st.text() | st.sampled_from(HOSTILE))
def test_a_name_is_a_plain_one_whatever_the_product_is_called(one: str, other: str) -> None:
    """In the folder, for no other product, and the same where large letters are small ones."""
    name = file_of(one)
    assert set(name.removesuffix(".json")) <= set("0123456789abcdef")
    assert len(name) == 37
    assert (name == file_of(other)) == (one == other)


_CHILD = """
import os, sys, threading
from pathlib import Path
from pipeline.recommendations.shelf import publish
from tests.pipeline.recommendations.test_shelf import a_set

print(flush=True)
if sys.stdin.readline() == "go\\n":
    threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), 9)).start()
    for number in range(10_000):
        publish(Path(sys.argv[1]), a_set(str(number)))
"""


@pytest.mark.parametrize("_", range(40 if os.environ.get("SPORLOS_LONG") else 4))
def test_killed_while_publishing_one_whole_set_is_left(tmp_path: Path, _: int) -> None:
    """A real `kill -9` at a chance moment; the next that is published sweeps up."""
    publish(tmp_path, a_set("before"))
    wait = random.uniform(0, 0.3)
    print(f"killed after {wait} s")  # noqa: T201 - shown when it fails
    command = [sys.executable, "-c", _CHILD, str(tmp_path), str(wait)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="go\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list(words(tmp_path).values()) == [_FILES]
    assert shelf(Path(), "x") == Path("published/x")
    publish(tmp_path, a_set("after"))
    assert words(tmp_path) == {"after": _FILES}
    assert len([*tmp_path.iterdir()]) == 2


def test_killed_at_each_step_one_whole_set_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Just before each call that changes the folder, by turns; what is seen is the old set or the new one."""
    steps = ("mkdir", "write_bytes", "symlink_to", "replace", "unlink")

    class _Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise _Killed

    for step in steps:
        publish(tmp_path, a_set("old"))
        with monkeypatch.context() as broken:
            broken.setattr(Path, step, die)
            try:
                publish(tmp_path, a_set("new"))
            except _Killed:
                assert words(tmp_path) == {"old": _FILES}, step
            else:
                assert words(tmp_path) == {"new": _FILES}, step
        publish(tmp_path, a_set("next"))
        assert words(tmp_path) == {"next": _FILES}, step
        assert len([*tmp_path.iterdir()]) == 2, step
