"""Clients of the embedded engine or of a server, with what we ask of each connection.

Enters: where the store is. Leaves: `clickhouse_connect` clients, and rows as bytes over them.

Nothing is sent twice that changes something: the client tries an insert again by itself where the connection broke
after the request (`retryable=True` in its `raw_insert`, whatever `query_retries` says), but only if the body is
`bytes`, `str` or a thing that it can build anew. So ours is a `memoryview`. The shipper tries again knowingly.
"""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.compression import get_compressor
from clickhouse_connect.driver.summary import QuerySummary

from pipeline.store import cluster, listed
from pipeline.store.address import EMBEDDED, Access, Server
from pipeline.store.complaint import AnsweredByAnother
from pipeline.store.engine import sized

# what it warns of it raises, too; and its traceback quotes the address with all parameters of the query
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)

_MEBIBYTE = 1024 * 1024
_CONNECT_SECONDS = 5
_COMPRESSION = "lz4"
_OURS = {
    # the server's zone must not matter: a day is a Date, an instant is UTC
    "session_timezone": "UTC",
    # a panel's query carries the counts of the open days in its text
    "max_query_size": 64 * _MEBIBYTE,
    # an insert that only waits in the server's memory has not been stored
    "async_insert": 0,
    "insert_deduplicate": 1,
    # an error that comes after the first bytes of the answer must not look like success
    "wait_end_of_query": 1,
}
_INSERT = {
    # parallel parsing may cut the body into several blocks, each then a part of its own
    "input_format_parallel_parsing": 0,
}


class Place(Protocol):
    """Somewhere a store can be."""

    @property
    def database(self) -> str:
        """The one that the tables are in."""

    def connect(self, database: str | None) -> Client:
        """A client of its own; `None`: before the database exists."""

    def statements(self, sql: str) -> list[str]:
        """What one statement that changes something is there."""

    def put(self, client: Client, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Insert lines of `JSONCompactEachRow`, at most once."""

    def listed(self, column: str, ids: bytes) -> AbstractContextManager[str]:
        """A condition of a query: the column is among these numbers of eight bytes."""

    def believe(self, answer: object) -> None:
        """Take what a client gave back for a statement for success, or raise `AnsweredByAnother`."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The engine within this process."""

    folder: Path
    memory_mebibytes: int
    database: str

    def connect(self, database: str | None) -> Client:
        """A client of its own."""
        engine = sized(self.memory_mebibytes)
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder.with_suffix(".xml")  # beside the engine's folder, whose files are its own
        configuration.write_text(engine.configuration, encoding="utf-8")
        return clickhouse_connect.get_client(
            interface=EMBEDDED,
            path=str(self.folder),
            database=database or "default",
            settings={**_OURS, **engine.settings},
            chdb_options={**engine.options, "config-file": str(configuration)},
        )

    def statements(self, sql: str) -> list[str]:
        """As it is."""
        return [sql]

    def put(self, client: Client, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Insert lines of `JSONCompactEachRow`."""
        _insert(client, table, columns, body, token)

    def listed(self, column: str, ids: bytes) -> AbstractContextManager[str]:
        """In a file, in the folder that is emptied at the start."""
        return listed.in_a_file(column, ids)

    def believe(self, answer: object) -> None:
        """Nobody stands between."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A server."""

    server: Server
    access: Access
    memory_mebibytes: int

    @property
    def database(self) -> str:
        """The URL's."""
        return self.server.database

    def connect(self, database: str | None) -> Client:
        """A client of its own."""
        server, ca_file = self.server, self.access.ca_file
        client = clickhouse_connect.get_client(
            interface=server.interface,  # said, for the client takes a URL's `https` for a remark
            host=server.host,
            port=server.port,
            username=server.user,
            password=self._password(),
            database=database,
            ca_cert=str(ca_file) if ca_file else None,
            compress=_COMPRESSION,
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=self.access.answer_seconds,
            autogenerate_session_id=False,
            show_clickhouse_errors="scrub",
            settings={
                **_OURS,
                "max_memory_usage": self.memory_mebibytes * _MEBIBYTE,
                **(
                    cluster.QUERY_SETTINGS | cluster.CHANGE_SETTINGS | cluster.INSERT_SETTINGS
                    if self.access.cluster
                    else {}
                ),
            },
        )
        client.http_retries = 0  # type: ignore[attr-defined]  # urllib3's own
        return client

    def statements(self, sql: str) -> list[str]:
        """As it is, or for each server of a cluster."""
        return cluster.for_cluster(sql, self.access.cluster) if self.access.cluster else [sql]

    def put(self, client: Client, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Insert lines of `JSONCompactEachRow`, compressed, and sent once."""
        packed = memoryview(get_compressor(_COMPRESSION).compress_block(body))
        self.believe(_insert(client, table, columns, packed, token, _COMPRESSION))

    def listed(self, column: str, ids: bytes) -> AbstractContextManager[str]:
        """In the query's text; a table sent beside it takes a right of its own."""
        return nullcontext(listed.in_text(column, ids))

    def believe(self, answer: object) -> None:
        """A server says the query's number in a header, which no proxy makes up; 200 alone may be anybody's."""
        if isinstance(answer, QuerySummary):  # of `CHECK` the client keeps no headers, and no summary
            from_another = answer.summary.get("query_id") == ""
        else:  # text, where we ask for none; only servers of a cluster tell of each how it went
            from_another = not self.access.cluster
        if from_another:
            raise AnsweredByAnother

    def _password(self) -> str:
        file = self.access.password_file
        if file is None:
            return self.server.password
        return file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")


def _insert(
    client: Client,
    table: str,
    columns: Sequence[str],
    body: Any,  # noqa: ANN401 - the client's annotation knows no memoryview; urllib3, which sends it, does
    token: str,
    compression: str | None = None,
) -> QuerySummary:
    return client.raw_insert(
        table,
        column_names=columns,
        insert_block=body,
        fmt="JSONCompactEachRow",
        compression=compression,
        settings={**_INSERT, "insert_deduplication_token": token},
    )
