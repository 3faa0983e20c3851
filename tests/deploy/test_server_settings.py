"""The files for a ClickHouse server, read by the engine itself: a name that it doesn't know would change nothing."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pipeline.store.engine import sized

FOLDER = Path(__file__).parents[2] / "deploy/clickhouse"
PROGRAM = """
import json, sys
import clickhouse_connect
folder, file = sys.argv[1:]
client = clickhouse_connect.get_client(interface="chdb", path=folder, chdb_options={"config-file": file})
print(json.dumps({table: dict(client.query(f"SELECT name, value FROM system.{table}").result_rows)
    for table in ("server_settings", "settings", "merge_tree_settings")}))
client.close()
"""


def numbers(file: str, path: str) -> dict[str, int]:
    """Names and numbers below a place of a file."""
    found = ET.parse(FOLDER / file).getroot().findall(f"{path}/*")  # noqa: S314 - ours
    return {one.tag: int(one.text or "") for one in found if not len(one)}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What an engine that was given `small.xml` says of itself."""
    folder = str(tmp_path_factory.mktemp("engine"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder, str(FOLDER / "small.xml")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, dict[str, str]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("path", [".", "merge_tree"])
def test_a_small_server_takes_each_number(path: str, engine: dict[str, dict[str, str]]) -> None:
    """What is said to it is what it says of itself."""
    said = numbers("small.xml", path)
    said.pop("max_concurrent_queries", None)  # an embedded engine has no such limit
    known = engine["server_settings" if path == "." else "merge_tree_settings"]
    assert said
    assert {name: int(float(known[name])) for name in said} == said


def test_a_small_servers_queries_have_settings_that_there_are(engine: dict[str, dict[str, str]]) -> None:
    """Each name of the profile is one of the engine's."""
    assert set(numbers("users.xml", "profiles/default")) <= set(engine["settings"])


def test_a_server_merges_as_the_embedded_engine_does() -> None:
    """The two are described apart and say the same."""
    small = sized(768)
    assert numbers("small.xml", ".")["max_server_memory_usage"] == small.options["max_server_memory_usage"]
    assert small.merges.items() <= numbers("small.xml", "merge_tree").items()
    mine = numbers("users.xml", "profiles/default")
    # two queries at once are a server's own; the rest is alike
    assert {name: mine[name] for name in small.settings if name != "max_threads"} == {
        name: value for name, value in small.settings.items() if name != "max_threads"
    }


def test_a_server_keeps_nothing_of_queries() -> None:
    """Tables of the server's own that hold texts of queries, their parameters or errors are not made."""
    root = ET.parse(FOLDER / "server.xml").getroot()  # noqa: S314 - ours
    gone = {one.tag for one in root if one.get("remove") == "1"}
    assert {"query_log", "query_thread_log", "query_views_log", "text_log", "trace_log", "session_log"} <= gone
    assert root.findtext("logger/level") == "warning"
    assert root.findtext("send_crash_reports/enabled") == "false"
