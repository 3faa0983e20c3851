"""The same schema on a cluster: every statement is read by the engine, and what one process can run of it is run.

A process can be a cluster of one server: its share and the whole are then really made, written and read. What it has
no Keeper for is left out of that: `ON CLUSTER`, and rows in a replicated table (the tables themselves can be made).
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.schema import migrations, views
from pipeline.store.cluster import (
    CHANGE_SETTINGS,
    INSERT_SETTINGS,
    QUERY_SETTINGS,
    SHARDED_BY,
    VISITOR,
    for_cluster,
    local,
)
from pipeline.store.database import Store

CLUSTER = "shops"
ON_CLUSTER = f" ON CLUSTER '{CLUSTER}'"
WINDOW = "replicated_deduplication_window = {}, replicated_deduplication_window_seconds = 172800"
SCHEMA = {**dict(migrations()), **dict(views())}
MIGRATIONS_TABLE = (
    "CREATE TABLE IF NOT EXISTS migrations (name String, applied DateTime) ENGINE = MergeTree ORDER BY name"
)

SHARD = "<shard><internal_replication>true</internal_replication><replica>{}</replica></shard>"
HERE, AWAY = (SHARD.format(f"<host>127.0.0.1</host><port>{port}</port>") for port in (9000, 1))
SERVER = f"""
<clickhouse>
  <tcp_port>9000</tcp_port>
  <remote_servers><{CLUSTER}>{{shards}}</{CLUSTER}></remote_servers>
  <zookeeper><implementation>testkeeper</implementation><node><host>127.0.0.1</host><port>9181</port></node></zookeeper>
  <macros><shard>1</shard><replica>first</replica></macros>
</clickhouse>
"""
PROGRAM = """
import json, os, sys
import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError
folder, config, settings, statements = json.load(sys.stdin)
client = clickhouse_connect.get_client(
    interface="chdb", path=folder, database="default", settings=settings, chdb_options={"config-file": config})
for sql in statements:
    try:
        if sql.split()[0] == "SELECT":
            print(json.dumps(client.query(sql).result_rows, default=str))
        else:
            client.command(sql)
    except DatabaseError as error:
        print(json.dumps(str(error).split(".")[0]))
sys.stdout.flush()
os._exit(0)  # closing would wait for the replicated tables, and these for the Keeper
"""


def run_on_one_server(folder: Path, statements: list[str], shards: str = HERE) -> list[object]:
    """Each SELECT's rows and each error's code; in a process of its own, since an engine is made once a process."""
    config = folder / "cluster.xml"
    config.write_text(SERVER.format(shards=shards))
    settings = {**INSERT_SETTINGS, **QUERY_SETTINGS, **CHANGE_SETTINGS}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([str(folder / "engine"), str(config), settings, statements]),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def without_keeper(statement: str) -> str:
    """The same for a server that has nobody to agree with."""
    plain = re.sub(r"ReplicatedMergeTree\([^()]*\)", "MergeTree", statement.replace(ON_CLUSTER, ""))
    plain = re.sub(r"\breplicated_deduplication_window_seconds = \d+(, )?", "", plain)
    return re.sub(r"\breplicated_deduplication_window =", "non_replicated_deduplication_window =", plain)


def schema_for_cluster() -> list[str]:
    """Everything, in order."""
    return [made for statement in (MIGRATIONS_TABLE, *SCHEMA.values()) for made in for_cluster(statement, CLUSTER)]


@pytest.mark.parametrize("name", SCHEMA)
def test_the_engine_can_read_each_statement(name: str, store: Store) -> None:
    """Each part of each file is SQL, is meant for the whole cluster, and makes no table that one server has alone."""
    for statement in for_cluster(SCHEMA[name], CLUSTER):
        assert store.query(f"EXPLAIN AST {statement}").rows
        assert statement.count(ON_CLUSTER) == 1
        engines = re.findall(r"ENGINE = (\w+)", statement)
        assert all(engine == "Distributed" or engine.startswith("Replicated") for engine in engines)
        assert "non_replicated" not in statement


def test_somebody_has_decided_by_what_each_table_is_spread(store: Store) -> None:
    """The list names exactly the tables that there are."""
    found = store.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    )
    assert {row[0] for row in found.rows} == set(SHARDED_BY)


def test_a_visitor_is_on_one_shard_and_who_has_no_number_is_not_a_crowd_on_one(store: Store) -> None:
    """Rows of one visitor have one key, whatever else they say; rows without a number are spread by their batch."""
    found = store.query(
        f"SELECT uniqExactIf(key % 7, visitor = 5), uniqExactIf(key % 7, visitor = 0) FROM (SELECT *, {VISITOR} AS key"  # noqa: S608 - our own words
        " FROM (SELECT toUInt64(number % 2 * 5) AS visitor, number AS batch FROM numbers(1000)))"
    )
    assert found.rows[0] == (1, 7)


def test_a_retry_is_cut_as_the_first_sending_was() -> None:
    """No key asks chance or the clock: a shard knows a part again only if it gets the same rows."""
    assert not [key for key in SHARDED_BY.values() if re.search(r"rand|now|today|generate", key, re.IGNORECASE)]


def test_tokens_are_known_as_long_as_rows_wait() -> None:
    """A replicated table forgets tokens after an hour unless told otherwise; rows wait up to 48 hours."""
    share, _ = for_cluster(SCHEMA["0001_events"], CLUSTER)
    assert WINDOW.format(10_000) in share


def test_a_table_without_tokens_takes_a_block_twice() -> None:
    """Two slices of a day may count alike; a replicated table would take the second for a retry by itself."""
    share, _ = for_cluster(SCHEMA["0012_drafts"], CLUSTER)
    assert share.endswith("fsync_part_directory = 1, replicated_deduplication_window = 0")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "ALTER TABLE events DROP PARTITION '2026-11-20'",
            ["ALTER TABLE events_local{on} DROP PARTITION '2026-11-20'"],
        ),
        (
            "ALTER TABLE events MODIFY TTL toDateTime(ts) + INTERVAL 50 HOUR",
            ["ALTER TABLE events_local{on} MODIFY TTL toDateTime(ts) + INTERVAL 50 HOUR"],
        ),
        ("ALTER TABLE drafts DELETE WHERE run = 4", ["ALTER TABLE drafts_local{on} DELETE WHERE run = 4"]),
        ("DELETE FROM drafts WHERE run = 4", ["DELETE FROM drafts_local{on} WHERE run = 4"]),
        ("TRUNCATE TABLE drafts", ["TRUNCATE TABLE drafts_local{on}"]),
        (
            "ALTER TABLE daily ADD COLUMN a Map(String, UInt8), ADD COLUMN b UInt8",
            [
                f"ALTER TABLE {t}{{on}} ADD COLUMN a Map(String, UInt8), ADD COLUMN b UInt8"
                for t in ("daily_local", "daily")
            ],
        ),
        ("ALTER TABLE daily DROP COLUMN a", [f"ALTER TABLE {t}{{on}} DROP COLUMN a" for t in ("daily", "daily_local")]),
        (
            "ALTER TABLE tally MODIFY SETTING non_replicated_deduplication_window = 7",
            ["ALTER TABLE tally_local{on} MODIFY SETTING " + WINDOW.format(7)],
        ),
        ("CREATE OR REPLACE VIEW margins AS SELECT 1", ["CREATE OR REPLACE VIEW margins{on} AS SELECT 1"]),
        ("CREATE DATABASE IF NOT EXISTS sporlos", ["CREATE DATABASE IF NOT EXISTS sporlos{on}"]),
        ("INSERT INTO daily SELECT * FROM drafts", ["INSERT INTO daily SELECT * FROM drafts"]),
    ],
)
def test_what_is_done_to_rows_is_done_on_each_share(statement: str, expected: list[str], store: Store) -> None:
    """Columns belong to the whole and to its shares, rows to the shares; queries and inserts speak to the whole."""
    made = for_cluster(statement, CLUSTER)
    assert made == [one.format(on=ON_CLUSTER) for one in expected]
    assert all(store.query(f"EXPLAIN AST {one}").rows for one in made)


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "CREATE TABLE IF NOT EXISTS novelty (a UInt8) ENGINE = MergeTree ORDER BY a",
        "CREATE TABLE IF NOT EXISTS daily (a UInt8) ENGINE = Log",
        "CREATE TABLE IF NOT EXISTS daily (a UInt8) ENGINE = ReplicatedMergeTree('/a', 'b') ORDER BY a",
        "CREATE TABLE IF NOT EXISTS daily AS weekly",
        "CREATE TABLE IF NOT EXISTS daily (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS a = (1, 2)",
        "CREATE MATERIALIZED VIEW novelty TO daily AS SELECT 1",
        "ALTER TABLE novelty ADD COLUMN a UInt8",
        "ALTER TABLE daily ADD COLUMN a UInt8, DROP PARTITION 202611",
        "ALTER TABLE daily DROP PARTITION 202611, ADD COLUMN a UInt8",
        "ALTER TABLE daily ADD PROJECTION p (SELECT a)",
        "DROP TABLE daily",
        "RENAME TABLE daily TO daily_old",
        "SELECT 1; TRUNCATE TABLE daily",
        "OPTIMIZE TABLE daily FINAL",
    ],
)
def test_what_nobody_has_thought_about_is_refused(statement: str) -> None:
    """Silence would change half a cluster."""
    with pytest.raises(ValueError, match=r"not known for a cluster: ."):
        for_cluster(f"-- a note; with a semicolon\n{statement}", CLUSTER)


@pytest.mark.parametrize("cluster", ["", "a'b", "a b", "{a}b", "x; DROP TABLE events"])
def test_a_cluster_has_a_name(cluster: str) -> None:
    """What would end the text that it stands in is no name."""
    with pytest.raises(ValueError, match="can't be a cluster's name"):
        for_cluster(SCHEMA["0001_events"], cluster)


def test_the_engine_makes_every_replicated_table(tmp_path: Path) -> None:
    """Paths, macros and settings are such as the engine takes, where a Keeper that forgets stands in for a real one."""
    made = [
        statement.replace(ON_CLUSTER, "") for statement in schema_for_cluster() if "ENGINE = Replicated" in statement
    ]
    answer = run_on_one_server(
        tmp_path,
        [
            *made,
            "SELECT name FROM system.tables WHERE engine = 'ReplicatedMergeTree' ORDER BY name",
            "SELECT DISTINCT zookeeper_path FROM system.replicas WHERE table = 'events_local'",
        ],
    )
    assert answer == [
        sorted([local(table)] for table in SHARDED_BY),
        [["/clickhouse/tables/1/default/events_local"]],
    ]


EVENTS = """
    INSERT INTO events (site, day, ts, name, visitor, path, batch)
    SETTINGS insert_deduplication_token = 'events-1-1-0' VALUES
    ('shop', '2099-01-02', '2099-01-02 08:00:00', 'page_view', 7, '/', 1),
    ('shop', '2099-01-02', '2099-01-02 08:01:00', 'page_view', 7, '/lego', 1),
    ('shop', '2099-01-02', '2099-01-02 08:00:00', 'page_view', 0, '/', 1)
"""
COUNTS = """
    INSERT INTO daily (site, grain, day, dim, value, views, run)
    VALUES ('shop', 'day', '2099-01-01', 'path', '/', {}, {})
"""
CLOSING = "INSERT INTO closings (site, grain, day, run) VALUES ('shop', 'day', '2099-01-01', 2)"
PATHS = """
    SELECT toString(day), value, views FROM margins(site = 'shop', `from` = '2099-01-01', `to` = '2099-01-02',
        open = '2099-01-02', until = '2099-01-03 00:00:00', time_zone = 'UTC', dim = 'path') ORDER BY ALL
"""


def test_a_cluster_of_one_takes_rows_once_and_answers_questions(tmp_path: Path) -> None:
    """Migrated and sent twice, it shows each event once beside what was closed; a dropped day is gone."""
    schema = [without_keeper(statement) for statement in schema_for_cluster()]
    (drop,) = for_cluster("ALTER TABLE events DROP PARTITION '2099-01-02'", CLUSTER)
    sent = [EVENTS, EVENTS, COUNTS.format(8, 1), COUNTS.format(9, 2), CLOSING]
    answers = run_on_one_server(
        tmp_path,
        [
            *schema,
            *schema,
            *sent,
            PATHS,
            "SELECT name, engine FROM system.tables WHERE database = 'default' AND name LIKE 'events%' ORDER BY 1",
            without_keeper(drop),
            PATHS,
        ],
    )
    assert answers == [
        [["2099-01-01", "/", 9], ["2099-01-02", "/", 2], ["2099-01-02", "/lego", 1]],
        [["events", "Distributed"], ["events_local", "MergeTree"]],
        [["2099-01-01", "/", 9]],
    ]


def test_a_server_that_is_away_is_an_error_at_once(tmp_path: Path) -> None:
    """Rows are not queued for a shard that can't be reached, and what is below another table is asked of all, too."""
    schema = [without_keeper(statement) for statement in schema_for_cluster()]
    answers = run_on_one_server(tmp_path, [*schema, EVENTS, PATHS], shards=HERE + AWAY)
    assert answers == ["Code: 279"] * 2, (
        "ALL_CONNECTION_TRIES_FAILED; 288 would say that the question itself is refused"
    )
