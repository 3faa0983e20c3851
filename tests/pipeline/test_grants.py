"""The rights of a server's three users: understood by the engine, complete, and no wider than they should be."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from pipeline.schema import grants, views
from pipeline.store.database import Store

ROOT = Path(__file__).parents[2]
PANELS = ROOT / "dashboards" / "panels"
READS = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")


@cache
def rights(user: str) -> dict[str, set[str]]:
    """What a user may do: table → privileges."""
    found: dict[str, set[str]] = {}
    for statement in grants():
        match = re.fullmatch(r"GRANT (.+) ON sporlos\.(\S+) TO (\w+)", statement)
        if match and match[3] == user:
            found.setdefault(match[2], set()).update(match[1].split(", "))
    return found


def there(store: Store) -> set[str]:
    """The tables and views that the migrations make."""
    return {name for (name,) in store.query("SELECT name FROM system.tables WHERE database = currentDatabase()").rows}


def read_by(sql: str, known: set[str]) -> set[str]:
    """Tables and views that a statement reads, and those that its views do."""
    bodies = dict(views())
    found: set[str] = set()
    follow = [sql]
    while follow:
        spoken = re.sub(r"--[^\n]*", "", follow.pop())
        new = {name for name in READS.findall(spoken) if name in known} - found
        found |= new
        follow += [bodies[name] for name in new if name in bodies]
    return found


@pytest.mark.parametrize("statement", grants())
def test_the_engine_understands_each(store: Store, statement: str) -> None:
    """It is parsed, as a GRANT."""
    ((said, *_), *_) = store.query("SELECT formatQuerySingleLine({sql:String})", {"sql": statement}).rows
    assert said.startswith("GRANT ")
    assert store.query(f"EXPLAIN AST {statement}").rows[0][0].strip() == "GrantQuery"


def test_the_back_office_may_read_and_fill_all_there_is(store: Store) -> None:
    """A new table or view can't be forgotten, and no statement speaks of one that isn't there."""
    tables = there(store)
    assert rights("sporlos_ship").keys() - {"*"} == tables
    filled = {name for name, may in rights("sporlos_ship").items() if "INSERT" in may}
    asked = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View'"
    assert filled == {name for (name,) in store.query(asked).rows}


def test_a_receipt_and_a_release_can_be_written_and_not_taken_back() -> None:
    """By nobody, with the rights listed."""
    assert rights("sporlos_ship")["receipts"] == rights("sporlos_ship")["releases"] == {"SELECT", "INSERT"}


def test_dashboards_read_what_panels_do(store: Store) -> None:
    """Each table behind a panel, through its views, and no other but `weekly`; and only SELECT."""
    known = there(store)
    needed = {name for panel in PANELS.glob("*.sql") for name in read_by(panel.read_text(), known)}
    may = rights("sporlos_read")
    assert needed | {"weekly"} == may.keys() | {"weekly"}
    assert all(privileges == {"SELECT"} for privileges in may.values())
    assert not may.keys() & {"waiting", "drafts", "quarantine", "contributions", "releases", "migrations"}


def act(folder: Path, user: str, what: str) -> str:
    """What the product says while it does something with nothing but a user's rights; the engine enforces them."""
    command = [sys.executable, "-m", "tests.pipeline.with_rights", str(folder), user, what]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def peeked(said: str) -> dict[str, set[str]]:
    """Table → what the engine allowed."""
    lines = (line.split(": ") for line in said.splitlines() if ": " in line or line.endswith(":"))
    return {table: set(filter(None, may.split(", "))) for table, may in lines}


def test_the_back_office_needs_no_other_right(tmp_path: Path) -> None:
    """It makes its tables, ships, sets aside, closes, releases, drops and tells, as `sporlos_ship`."""
    act(tmp_path, "all", "make")
    act(tmp_path, "sporlos_ship", "work")


def test_the_dashboards_need_no_other_right(tmp_path: Path) -> None:
    """Every page and panel is answered for `sporlos_read`, who is let near nothing else: the engine says so."""
    act(tmp_path, "all", "make")
    act(tmp_path, "all", "fill")
    act(tmp_path, "sporlos_read", "look")
    may = peeked(act(tmp_path, "sporlos_read", "peek"))
    assert {table: rights("sporlos_read").get(table, set()) for table in may} == may
    assert may["waiting"] == may["quarantine"] == may["drafts"] == may["contributions"] == set()
    may = peeked(act(tmp_path, "sporlos_release", "peek"))
    assert {table: rights("sporlos_release").get(table, set()) for table in may} == may
    assert may["events"] == may["contributions"] == set()
    assert may["releases"] == {"SELECT"}


def test_exact_sums_are_read_by_who_releases_them_only() -> None:
    """The back office counts, draws and drops them; nobody else may look."""
    assert rights("sporlos_ship")["contributions"] == {"SELECT", "INSERT", "ALTER DELETE"}
    assert not any("contributions" in rights(user) for user in ("sporlos_read", "sporlos_release"))


def test_exports_see_what_was_released_only() -> None:
    """No table of single visits, none of exact counts, and nothing can be changed."""
    assert rights("sporlos_release") == {"releases": {"SELECT"}}


def test_another_database_can_be_named() -> None:
    """The same statements for it, and for the server's own tables as they are."""
    assert [one.replace("shop.", "sporlos.") for one in grants("shop")] == grants()
    assert not any("sporlos." in one for one in grants("shop"))
