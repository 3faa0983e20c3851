"""One test server for this folder's tests, healthy at the start of each, and a table of each test's own."""

from collections.abc import Iterator

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from tests.clickhouse_server.away import Away, start

USER, PASSWORD = "sporlos_ship", "p:ss/w@rd ø"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    """A server that asks for a password."""
    with start(tmp_path_factory.mktemp("engine"), user=USER, password=PASSWORD) as server:
        yield server


@pytest.fixture
def server(running: Away) -> Iterator[Away]:
    """The one server, with no fault set, before and after."""
    running.heal()
    running.pretend({})
    yield running
    running.heal()


@pytest.fixture
def client(server: Away) -> Iterator[Client]:
    """A client with a fresh table `t`, which recognises the tokens of inserts."""
    opened = clickhouse_connect.get_client(dsn=server.url, autogenerate_session_id=False, send_receive_timeout=5)
    opened.command("DROP TABLE IF EXISTS t")
    opened.command(
        "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"
        " SETTINGS non_replicated_deduplication_window = 100"
    )
    yield opened
    opened.close()
