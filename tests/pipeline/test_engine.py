"""The embedded engine is set up for the memory that it is given, and the engine agrees with each word of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.store.engine import sized

MEBIBYTE = 1024 * 1024
PROGRAM = """
import json, sys
import clickhouse_connect
folder, options, settings = json.load(sys.stdin)
client = clickhouse_connect.get_client(interface="chdb", path=folder, settings=settings, chdb_options=options)
print(json.dumps({table: dict(client.query(f"SELECT name, value FROM system.{table}").result_rows)
    for table in ("server_settings", "settings", "merge_tree_settings")}))
client.close()
"""


@pytest.mark.parametrize("memory", [256, 512, 1024, 8192])
def test_the_engine_takes_every_setting(memory: int, tmp_path: Path) -> None:
    """What is said to it is what it says of itself."""
    engine = sized(memory)
    file = tmp_path / "engine.xml"
    file.write_text(engine.configuration)
    options = {**engine.options, "config-file": str(file)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([str(tmp_path / "engine"), options, dict(engine.settings)]),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for table, said in (
        ("server_settings", engine.options),
        ("settings", engine.settings),
        ("merge_tree_settings", engine.merges),
    ):
        assert {name: int(found[table][name]) for name in said} == said


@pytest.mark.parametrize("memory", [256, 300, 512, 1023, 1024, 4096])
def test_parts_leave_room_for_each_other(memory: int) -> None:
    """All caches at their fullest and one query at its largest come to less than everything; a sort to far less."""
    engine = sized(memory)
    total = memory * MEBIBYTE
    caches = sum(value for name, value in engine.options.items() if "cache" in name)
    assert engine.options["max_server_memory_usage"] == total
    assert caches + engine.settings["max_memory_usage"] <= total
    assert engine.settings["max_bytes_before_external_sort"] * 8 <= engine.settings["max_memory_usage"]


def test_a_roomy_machine_is_left_to_the_engine() -> None:
    """From one gibibyte on rows are read and merged in blocks of the engine's own size."""
    assert (sized(1023).merges, sized(1024).merges) != ({}, {})
    assert "max_block_size" not in sized(1024).settings
