"""What is wrong with a server is said at the start: one clear line a fault, naming what to do."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.schema import grants, migrations
from pipeline.store import requirements
from pipeline.store.address import DATABASE
from pipeline.store.database import Store, StoreError, StoreUnfit
from tests.clickhouse_server.away import Away, start


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    """A server."""
    with start(tmp_path_factory.mktemp("engine")) as server:
        yield server


@pytest.fixture
def store(running: Away, tmp_path: Path) -> Iterator[Store]:
    """On that server, with tables in a database of the test's own."""
    running.pretend({})
    running.heal()
    opened = Store(f"{running.url}/{tmp_path.name}", tmp_path, 512)
    opened.migrate()
    yield opened
    running.pretend({})
    running.heal()
    opened.close()


def faults(check: Callable[[], None]) -> list[str]:
    """The lines of what a check finds."""
    with pytest.raises(StoreUnfit) as raised:
        check()
    return str(raised.value).splitlines()


def test_a_server_as_it_should_be_passes(store: Store) -> None:
    """Nothing is said."""
    store.check()
    store.check_tables()


@pytest.mark.parametrize("version", ["21.8.15.7", "24.8.1.1", "25.2.9.9"])
def test_an_old_version_is_named_with_the_one_that_is_needed(store: Store, running: Away, version: str) -> None:
    """Before anything is changed there."""
    running.pretend({"version()": f"'{version}'"})
    (line,) = faults(store.check)
    assert line == f"{running.url}: ClickHouse {version} is too old; 25.3 or later is needed"


@pytest.mark.parametrize("version", ["25.3.1.1", "25.10.1.1", "26.9.2.1", "100.1.1.1"])
def test_a_version_is_compared_as_numbers(store: Store, running: Away, version: str) -> None:
    """25.10 is later than 25.3."""
    running.pretend({"version()": f"'{version}'"})
    store.check()


@pytest.mark.parametrize(("seconds", "side"), [(90, "ahead of"), (-90, "behind")])
def test_a_clock_that_is_off_is_measured(store: Store, running: Away, seconds: int, side: str) -> None:
    """By how much, and in which direction."""
    running.pretend({"now64(3)": f"(now64(3) + toIntervalSecond({seconds}))"})
    (line,) = faults(store.check)
    found = re.fullmatch(rf"\S+: its clock is (\d+) s {side} this machine's; set both by a time server", line)
    assert found is not None
    assert abs(int(found[1]) - 90) <= 5


@pytest.mark.parametrize("off", [-55, 0, 55])
def test_a_clock_that_is_a_little_off_passes(store: Store, off: int) -> None:
    """A minute is nothing beside 48 hours."""
    store.check(time.time() + off)


def test_a_zone_that_cannot_be_changed_is_named(store: Store, running: Away) -> None:
    """A profile may forbid the setting; then times would be told in another zone than is meant."""
    running.pretend({"timezone()": "'America/New_York'"})
    (line,) = faults(store.check)
    assert "America/New_York" in line
    assert "session_timezone" in line


def test_all_faults_are_named_together(store: Store, running: Away) -> None:
    """Who repairs one learns of the others at once."""
    running.pretend({"version()": "'21.8'", "timezone()": "'Asia/Tokyo'", "now64(3)": "toDateTime64(0, 3)"})
    assert len(faults(store.check)) == 3


def test_a_right_that_is_missing_is_named_with_its_table(store: Store, running: Away, tmp_path: Path) -> None:
    """The engine itself says which it has: here it is asked for one that it hasn't."""
    asked = f"CHECK GRANT SELECT, INSERT, ALTER DELETE ON {tmp_path.name}.waiting"
    running.pretend({asked: "CHECK GRANT CREATE USER ON *.*"})
    (line,) = faults(store.check_tables)
    assert f"may not SELECT, INSERT, ALTER DELETE on {tmp_path.name}.waiting" in line
    assert "grants.sql" in line


def test_a_table_that_forgets_tokens_is_named(store: Store, tmp_path: Path) -> None:
    """With the statement that repairs it, which does."""
    store.command("ALTER TABLE tally MODIFY SETTING non_replicated_deduplication_window = 0")
    (line,) = faults(store.check_tables)
    assert f"{tmp_path.name}.tally would store an insert that is tried again twice" in line
    store.command(line.partition("; ")[2])
    store.check_tables()


def test_who_may_not_make_the_database_is_told(running: Away, tmp_path: Path) -> None:
    """In the engine's words, which name the right; where it is there already, nothing is made."""
    running.heal()
    running.fault("denied", times=0, target="any", matching="CREATE DATABASE")
    with pytest.raises(StoreError, match="Not enough privileges"):
        Store(f"{running.url}/not_there_yet", tmp_path, 512)
    Store(f"{running.url}/default", tmp_path, 512).close()
    running.heal()


def engines(full: str) -> requirements.Ask:
    """A store whose rights are in order, and whose tables are all of one engine."""
    tables = [
        (match[1], full) for _, sql in migrations() if (match := re.search(r"CREATE TABLE IF NOT EXISTS (\w+)", sql))
    ]

    def ask(sql: str) -> Sequence[Sequence[Any]]:
        return [[1]] if sql.startswith("CHECK GRANT") else tables

    return ask


@pytest.mark.parametrize(
    ("engine", "remembers"),
    [
        ("MergeTree ORDER BY a", False),
        ("MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 0", False),
        ("MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10", True),
        ("ReplicatedMergeTree('/a', '{replica}') ORDER BY a", True),
        ("ReplicatedMergeTree('/a', '{replica}') ORDER BY a SETTINGS replicated_deduplication_window = 0", False),
        ("Distributed('c', 'sporlos', 'events_local')", True),
    ],
)
def test_engines_that_remember_tokens(engine: str, *, remembers: bool) -> None:
    """A plain table only where told to, a replicated one unless told not to; a distributed one leaves it to others."""
    assert (requirements.of_tables(engines(engine), DATABASE) == []) is remembers


def test_the_back_offices_rights_are_all_asked_about(store: Store, running: Away, tmp_path: Path) -> None:
    """Each statement of `grants.sql` that is its, and none of the others'."""
    store.check_tables()
    asked = {seen["sql"].partition("\n")[0] for seen in running.seen() if seen["sql"].startswith("CHECK GRANT")}
    ours = [one for one in grants(tmp_path.name) if one.endswith(" TO sporlos_ship")]
    wanted = {one.replace("GRANT", "CHECK GRANT", 1).removesuffix(" TO sporlos_ship") for one in ours}
    assert {one for one in asked if tmp_path.name in one or " system." in one} == wanted
