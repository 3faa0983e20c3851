"""The test server is a ClickHouse server as far as ClickHouse's own clients can tell."""

import http.client
import os
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from tests.clickhouse_server.away import Away, start
from tests.clickhouse_server.certificates import signed_for_localhost

ROWS = b'[1,"a"]\n[2,"b"]\n'
COUNT = "SELECT count() FROM t"


def put(client: Client, body: bytes = ROWS, **settings: object) -> None:
    """Insert lines as the shipper does."""
    client.raw_insert("t", column_names=["a", "s"], insert_block=body, fmt="JSONCompactEachRow", settings=settings)


def test_rows_and_columns_go_in_and_come_out(client: Client) -> None:
    """Raw lines, rows, columns: all are there, with their types."""
    put(client)
    assert client.insert("t", [[3, "c"]], column_names=["a", "s"]).written_rows == 1
    client.insert("t", [[4, 5], ["d", "ø\0\n"]], column_names=["a", "s"], column_oriented=True)
    found = client.query("SELECT a, s FROM t ORDER BY a")
    assert found.result_rows == [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "ø\0\n")]
    assert [kind.name for kind in found.column_types] == ["UInt64", "String"]


@pytest.mark.parametrize("columns", [9, 10, 13, 32])
def test_rows_in_binary_may_begin_with_what_looks_like_white_space(client: Client, columns: int) -> None:
    """The first byte of a Native block is the number of its columns."""
    names = [f"c{number}" for number in range(columns)]
    client.command("DROP TABLE IF EXISTS wide")
    client.command(f"CREATE TABLE wide ({', '.join(f'{name} UInt8' for name in names)}) ENGINE = Memory")
    client.insert("wide", [list(range(columns))], column_names=names)
    assert client.query("SELECT * FROM wide").result_rows == [tuple(range(columns))]


def test_rows_in_binary_may_hold_empty_lines(client: Client) -> None:
    """A count of 2,570 is two line breaks; so are many texts."""
    client.insert("t", [[2570, "\n\n"]] * 2570, column_names=["a", "s"])
    put(client, b'\n\n[1,"\\n\\n"]\n\n\n[2,"b"]\n')
    assert client.query("SELECT count(), sum(a) FROM t").result_rows == [(2572, 2570 * 2570 + 3)]


def test_parameters_are_bound_by_the_engine(client: Client) -> None:
    """Typed in the SQL, whatever stands in them; a query too long for a URL is sent as a form."""
    asked = {"text": "'; DROP TABLE t --", "list": ["a", "b\\"], "number": 2**64 - 1}
    sql = "SELECT {text:String}, {list:Array(String)}, {number:UInt64}"
    assert client.query(sql, parameters=asked).result_rows == [("'; DROP TABLE t --", ["a", "b\\"], 2**64 - 1)]
    client.form_encode_query_params = True  # type: ignore[attr-defined]
    assert client.query("SELECT length({text:String})", parameters={"text": "x" * 50_000}).result_rows == [(50_000,)]


def test_a_token_is_recognised(client: Client) -> None:
    """The same token twice is one insert: settings reach the engine."""
    for _ in range(2):
        put(client, insert_deduplication_token="once")
    assert client.query(COUNT).result_rows == [(2,)]


def test_the_settings_of_a_request_end_with_it(client: Client) -> None:
    """What one request sets, the next doesn't have."""
    sql = "SELECT getSetting('max_threads')"
    assert client.query(sql, settings={"max_threads": 7}).result_rows == [(7,)]
    assert client.query(sql).result_rows != [(7,)]


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip"])
def test_both_ways_are_compressed(server: Away, encoding: str) -> None:
    """Inserts and answers, by each encoding that a client offers."""
    small = clickhouse_connect.get_client(dsn=server.url, compress=encoding, autogenerate_session_id=False)
    small.insert("t", [[number, "x" * 100] for number in range(5000)], column_names=["a", "s"])
    assert server.seen()[-1]["headers"]["Content-Encoding"] == encoding
    found = small.query("SELECT s FROM t")
    assert set(found.result_rows) == {("x" * 100,)}
    assert len(found.result_rows) == 5000
    assert server.seen()[-1]["headers"]["Accept-Encoding"] == encoding
    wire = http.client.HTTPConnection("localhost", server.port)
    heads = {"Accept-Encoding": encoding, "Authorization": small.headers["Authorization"]}  # type: ignore[attr-defined]
    wire.request("POST", "/", "SELECT s FROM t", heads)
    answer = wire.getresponse()
    assert answer.getheader("Content-Encoding") == encoding
    assert len(answer.read()) < 50_000
    wire.close()
    small.close()


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT 1 FROM nothing", 60),
        ("SELEC 1", 62),
        ("SELECT toUInt8('x')", 6),
        ("SELECT 1 SETTINGS nothing = 1", 115),
    ],
)
def test_an_error_has_the_engines_code_and_words(client: Client, sql: str, code: int) -> None:
    """As a server says it: header, name, text, version."""
    with pytest.raises(DatabaseError, match=r"DB::Exception: (?s:.*)\(version \d+") as raised:
        client.query(sql)
    assert raised.value.code == code


@pytest.mark.parametrize("row", [b'[3,"c"]\n["x","d"]\n', b'[3,"c"]\n["\xff\xfe","d"]\n'])
def test_a_bad_row_is_refused_with_all_that_came_with_it(client: Client, row: bytes) -> None:
    """The engine's own error, and nothing stored, also where it can't quote the row in UTF-8."""
    with pytest.raises(DatabaseError) as raised:
        put(client, row)
    assert raised.value.code == 27
    assert client.query(COUNT).result_rows == [(0,)]
    put(client)
    assert client.query(COUNT).result_rows == [(2,)]


def test_nobody_comes_in_without_the_password(server: Away) -> None:
    """A wrong one is answered as ClickHouse does."""
    with pytest.raises(DatabaseError, match="Authentication failed") as raised:
        clickhouse_connect.get_client(host="localhost", port=server.port, username=server.user, password="wrong")
    assert raised.value.code == 516


def test_a_database_is_named_by_the_request(client: Client, server: Away) -> None:
    """Names without a database mean that one, and one that isn't there is an error."""
    client.command("CREATE DATABASE IF NOT EXISTS other")
    client.command("CREATE OR REPLACE TABLE other.here (a UInt8) ENGINE = Memory")
    other = clickhouse_connect.get_client(dsn=f"{server.url}/other")
    assert other.query("SELECT currentDatabase(), count() FROM here").result_rows == [("other", 0)]
    with pytest.raises(ClickHouseError) as raised:
        clickhouse_connect.get_client(dsn=f"{server.url}/nowhere")
    assert getattr(raised.value, "code", None) == 81
    other.close()


async def test_the_async_client_does_the_same(client: Client, server: Away) -> None:
    """Insert, query, parameters, errors, ping."""
    other = await clickhouse_connect.get_async_client(dsn=server.url, autogenerate_session_id=False)
    await other.raw_insert("t", column_names=["a", "s"], insert_block=ROWS, fmt="JSONCompactEachRow")
    await other.insert("t", [[3, "c"]], column_names=["a", "s"])
    found = await other.query("SELECT sum(a) FROM t WHERE a > {above:UInt64}", parameters={"above": 1})
    assert found.result_rows == [(5,)]
    with pytest.raises(DatabaseError) as raised:
        await other.query("SELECT 1 FROM nothing")
    assert raised.value.code == 60
    assert await other.ping()
    await other.close()
    assert client.query(COUNT).result_rows == [(3,)]


def test_tls_with_a_certificate_that_the_client_knows(tmp_path: Path) -> None:
    """With its authority the client comes in, without it not."""
    made = signed_for_localhost(tmp_path)
    with start(tmp_path / "engine", tls=made.tls, authority=made.authority) as server:
        # the client takes no notice of the URL's scheme
        client = clickhouse_connect.get_client(dsn=server.url, interface="https", ca_cert=str(made.authority))
        assert client.query("SELECT 1").result_rows == [(1,)]
        client.close()
        with pytest.raises(OperationalError, match="certificate"):
            clickhouse_connect.get_client(dsn=server.url, interface="https")


def test_it_survives_a_kill_and_comes_back_in_its_place(tmp_path: Path) -> None:
    """Same folder, same port, same rows."""
    with start(tmp_path / "engine") as server:
        client = clickhouse_connect.get_client(dsn=server.url, autogenerate_session_id=False)
        client.command("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a")
        put(client)
        port, pid = server.port, server.pid
        server.kill()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with pytest.raises(OperationalError):
            client.query(COUNT)
        server.start()
        assert server.port == port
        assert client.query(COUNT).result_rows == [(2,)]
        client.close()
