"""ClickHouse, a server or embedded, behind the few things we ask of it.

Enters: rows as `JSONCompactEachRow`, and SQL with typed parameters. Leaves: columns and rows. The embedded engine
allows one process a folder, so only the back office opens a store; threads of it may use one at the same time.

    StoreError           the store said no, or could not be reached
    └── StoreInUse       another process owns the embedded engine's folder
"""

import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DataError

from pipeline import lock
from pipeline.schema import migrations, views

DATABASE = "sporlos"
EMBEDDED = "chdb"

_MEBIBYTE = 1024 * 1024


class StoreError(Exception):
    """The store said no, or could not be reached."""


class StoreInUse(StoreError):
    """Another process owns the embedded engine's folder."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query, with the names and ClickHouse types of their columns."""

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Sequence[Any]]


class Store:
    """One database: `insert` writes through a connection of its own, so that a slow panel never delays shipping.

    Args:
        url: `chdb` for the engine embedded in `folder`, or `http(s)://user:password@host:port/database`.
        folder: where the embedded engine keeps its files and every temporary file of the client.
        memory_mebibytes: what the embedded engine, or one query on a server, may take.

    Raises:
        StoreInUse: another process has the embedded engine open.
        StoreError: the store can't be opened.
    """

    def __init__(self, url: str, folder: Path, memory_mebibytes: int) -> None:
        self._embedded = url == EMBEDDED
        self._url = url
        self._folder = folder
        self._memory_bytes = memory_mebibytes * _MEBIBYTE
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._work_lock = threading.Lock()
        self._lock = _own(folder)
        _keep_temporary_files_in(folder / "tmp")
        with _speaking_plainly():
            self._admin = self._connect(database=None)
            self._admin.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
            self._writer = self._connect(DATABASE)
            self._reader = self._connect(DATABASE)
            self._worker = self._connect(DATABASE)

    def _connect(self, database: str | None) -> Client:
        limits = {"max_memory_usage": self._memory_bytes // 2, "max_threads": 2}
        if not self._embedded:
            return clickhouse_connect.get_client(dsn=self._url, settings=limits, autogenerate_session_id=False)
        engine = self._folder / "clickhouse"
        engine.mkdir(parents=True, exist_ok=True)
        return clickhouse_connect.get_client(
            interface=EMBEDDED,
            path=str(engine),
            database=database or "default",
            settings=limits,
            # of all queries, merges and caches together; what the engine takes otherwise is nine tenths of the machine
            chdb_options={
                "max_server_memory_usage": self._memory_bytes,
                "mark_cache_size": self._memory_bytes // 16,
            },
        )

    def migrate(self) -> list[str]:
        """Apply the numbered files that have not been applied yet, in order; the names of those it applied.

        The views are made anew.
        """
        with self._write_lock, _speaking_plainly():
            self._writer.command(
                "CREATE TABLE IF NOT EXISTS migrations (name String, applied DateTime DEFAULT now())"
                " ENGINE = MergeTree ORDER BY name"
            )
            done = {row[0] for row in self._writer.query("SELECT name FROM migrations").result_rows}
            pending = [(name, sql) for name, sql in migrations() if name not in done]
            for name, sql in pending:
                self._writer.command(sql)
                self._writer.insert("migrations", [[name]], column_names=["name"])
            for _, sql in views():
                self._writer.command(sql)
        return [name for name, _ in pending]

    def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Insert lines of `JSONCompactEachRow` as one block a partition; a `token` seen before is ignored.

        Raises:
            StoreError: it is not known whether the rows are in.
        """
        with self._write_lock, _speaking_plainly():
            self._writer.raw_insert(
                table,
                column_names=columns,
                insert_block=body,
                fmt="JSONCompactEachRow",
                settings={
                    "insert_deduplication_token": token,
                    # parallel parsing may cut the body into several blocks, each then a part of its own
                    "input_format_parallel_parsing": 0,
                },
            )

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one statement that changes something, through a connection of its own: closing must not hold up shipping.

        Raises:
            StoreError: it is not known whether it was carried out.
        """
        with self._work_lock, _speaking_plainly():
            self._worker.command(sql, parameters=dict(parameters or {}))

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Run one query. Parameters are typed in the SQL: `{site:String}`.

        Raises:
            StoreError: the query failed; the message is the engine's first line.
        """
        with self._read_lock, _speaking_plainly():
            result = self._reader.query(sql, parameters=dict(parameters or {}))
        types = (kind.name for kind in result.column_types)
        return Answer(tuple(zip(result.column_names, types, strict=True)), result.result_rows)

    def close(self) -> None:
        """Let go of the engine; the embedded one flushes what it holds."""
        for client in (self._reader, self._writer, self._worker, self._admin):
            client.close()
        self._lock.close()


def _own(folder: Path) -> BinaryIO:
    try:
        return lock.take(folder / "store.lock")
    except lock.Taken:
        raise StoreInUse(f"{folder} is in use by another process; is `sporlos backoffice` running?") from None


def _keep_temporary_files_in(folder: Path) -> None:
    """The client hands each insert to the embedded engine as a temporary file, which a kill leaves behind.

    Rows in a forgotten file of the system's would break the 48 hours, so they get a folder that is emptied at start.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    tempfile.tempdir = str(folder)


@contextmanager
def _speaking_plainly() -> Iterator[None]:
    """Turn the client's errors into ours, with the first line of what the engine said."""
    try:
        yield
    except (ClickHouseError, DataError, OSError, RuntimeError) as error:
        said = str(error).strip().splitlines()
        message = said[0][:500] if said else type(error).__name__
        raise StoreError(message) from None
