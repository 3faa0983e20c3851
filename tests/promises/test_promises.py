"""The page of promises in step with the tests: an auditor may start from either."""

import re
from pathlib import Path

from tests.mutants.table import MUTANTS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = (ROOT / "proxy/privacy/PROMISES.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| promise", "| ---"))
]
NAMED = set(re.findall(r"`([\w./]+\.py::test_\w+)`", PAGE))
LEAKS = "the leaks of the canary's own table"


def named_in(file: Path) -> set[str]:
    """The test functions of a file."""
    return set(re.findall(r"^(?:async )?def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_test_that_is_named_exists() -> None:
    """A promise does not rest on a test that was renamed or taken out."""
    for name in NAMED:
        file, _, test = name.partition("::")
        assert test in named_in(HERE / file), name


def test_every_test_of_a_promise_is_named() -> None:
    """Who reads the page misses none."""
    there = {f"{file.name}::{test}" for file in HERE.glob("test_*.py") for test in named_in(file)}
    assert there - NAMED == set()


def test_every_control_that_is_switched_off_is_named() -> None:
    """And none that isn't."""
    named = {control.strip() for row in ROWS for control in row[3].split("·")} - {"", LEAKS}
    assert named == {mutant.control for mutant in MUTANTS}


def test_every_control_can_be_switched_off() -> None:
    """Its line is where the table says: one that moved would be noticed by whoever runs the mutants, months later."""
    gone = [mutant.control for mutant in MUTANTS if mutant.line not in (ROOT / mutant.file).read_text(encoding="utf-8")]
    assert gone == []


def test_every_promise_names_what_would_break_it_and_a_test() -> None:
    """Four columns, none of the first three empty."""
    assert len(ROWS) > 25
    for row in ROWS:
        assert len(row) == 4, row
        assert row[0], row
        assert row[1], row
        assert "::test_" in row[2], row
