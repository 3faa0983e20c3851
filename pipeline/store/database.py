"""ClickHouse, a server or embedded, behind the few things we ask of it.

Enters: rows as `JSONCompactEachRow`, and SQL with typed parameters. Leaves: columns and rows. The embedded engine
allows one process a folder, so only the back office opens a store; threads of it may use one at the same time.

    StoreError           transient, as far as we know: not reached, no memory, no room, no right just now; try again
    ├── StoreRefused     permanent: it understood, and the same input will always fail (`complaint.py` has the codes)
    ├── StoreUnfit       what the start-up check found: an operator has to do something
    └── StoreInUse       another process owns the embedded engine's folder
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_connect.driver.summary import QuerySummary

from pipeline import lock
from pipeline.schema import migrations, views
from pipeline.store import complaint, requirements
from pipeline.store.address import DATABASE, EMBEDDED, PLAIN, Access, Server
from pipeline.store.connection import Embedded, Place, Remote


class StoreError(Exception):
    """The store said no, or could not be reached."""


class StoreRefused(StoreError):
    """The store understood and will always refuse this input.

    Attributes:
        code: ClickHouse's.
        of_rows: a row among them is to blame, without which the rest would go in; else the statement is, or the tables.
    """

    def __init__(self, message: str, code: int = 0, *, of_rows: bool = True) -> None:
        super().__init__(message)
        self.code, self.of_rows = code, of_rows


class StoreUnfit(StoreError):
    """The store can't be used as it is; each line of the message names one fault, and what to do."""


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
        access: what else a server takes.

    Raises:
        StoreInUse: another process has the embedded engine open.
        StoreError: the store can't be opened.
    """

    def __init__(self, url: str, folder: Path, memory_mebibytes: int, access: Access = PLAIN) -> None:
        self.memory_mebibytes = memory_mebibytes
        self._place, self._name = _place(url, folder, memory_mebibytes, access)
        self._write_lock = threading.Lock()
        # a handle of the embedded engine takes one query at a time, a server's client as many as there are threads
        self._read_lock: AbstractContextManager[object] = threading.Lock() if url == EMBEDDED else nullcontext()
        self._work_lock = threading.Lock()
        self._lock = _own(folder)
        _keep_temporary_files_in(folder / "tmp")
        _end_deleting(folder / "clickhouse")
        try:
            with self._speaking_plainly():
                self._make_database()
                self._writer = self._place.connect(self._place.database)
                self._reader = self._place.connect(self._place.database)
                self._worker = self._place.connect(self._place.database)
        except BaseException:
            self._lock.close()  # so that a second try in this process isn't told that another one is in the way
            raise

    def _make_database(self) -> None:
        """Unless it is there: whoever may only use it may not make it, not even if it exists."""
        name = self._place.database
        admin = self._place.connect(None)
        try:
            there = admin.query("SELECT count() FROM system.databases WHERE name = {name:String}", {"name": name})
            if not there.result_rows[0][0]:
                self._execute(admin, f"CREATE DATABASE IF NOT EXISTS {name}")
        finally:
            admin.close()

    def check(self, now: float | None = None) -> None:
        """Whether the server is one that this version can work with. Call it before `migrate`.

        Raises:
            StoreUnfit: naming every fault.
            StoreError: it can't be asked.
        """
        if isinstance(self._place, Embedded):
            return  # it came with this version, and its clock is this machine's
        self._fit(requirements.of_server(lambda sql: self.query(sql).rows, time.time if now is None else lambda: now))

    def check_tables(self) -> None:
        """Whether the tables keep what we rely on, and we may do with them what we must. Call it after `migrate`.

        Raises:
            StoreUnfit: naming every fault.
            StoreError: it can't be asked.
        """
        self._fit(requirements.of_tables(lambda sql: self.query(sql).rows, self._place.database))

    def _fit(self, faults: list[str]) -> None:
        if faults:
            raise StoreUnfit("\n".join(f"{self._name}: {fault}" for fault in faults))

    def migrate(self) -> list[str]:
        """Apply the numbered files that have not been applied yet, in order; the names of those it applied.

        The views are made anew.
        """
        with self._write_lock, self._speaking_plainly():
            self._execute(
                self._writer,
                "CREATE TABLE IF NOT EXISTS migrations (name String, applied DateTime DEFAULT now())"
                " ENGINE = MergeTree ORDER BY name",
            )
            done = {row[0] for row in self._writer.query("SELECT name FROM migrations").result_rows}
            pending = [(name, sql) for name, sql in migrations() if name not in done]
            for name, sql in pending:
                self._execute(self._writer, sql)
                self._execute(self._writer, "INSERT INTO migrations (name) SELECT {name:String}", {"name": name})
            for _, sql in views():
                self._execute(self._writer, sql)
        return [name for name, _ in pending]

    def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Insert lines of `JSONCompactEachRow` as one block a partition; a `token` seen before is ignored.

        Raises:
            StoreRefused: none of them are in, and they never will be.
            StoreError: it is not known whether the rows are in.
        """
        with self._write_lock:
            try:
                with self._speaking_plainly():
                    self._place.put(self._writer, table, columns, body, token)
            except StoreRefused:
                self._unquote(self._writer)
                raise

    def _unquote(self, client: Client) -> None:
        """Take a refused row out of the engine's memory of its errors. What can't be now is with the next refusal."""
        with suppress(StoreError), self._speaking_plainly():
            for (code,) in client.query(complaint.QUOTED, complaint.quoted()).result_rows:
                with suppress(StoreRefused), self._speaking_plainly():
                    client.query(complaint.unquoting(code))

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one statement that changes something, through a connection of its own: closing must not hold up shipping.

        Raises:
            StoreError: it is not known whether it was carried out.
        """
        with self._work_lock, self._speaking_plainly():
            self._execute(self._worker, sql, parameters)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, ids: bytes = b"") -> Answer:
        """Run one query. Parameters are typed in the SQL: `{site:String}`.

        Args:
            ids: eight bytes each, for `{event_id IN ids}` in the SQL, which is sometimes true of others, too.

        Raises:
            StoreError: the query failed; the message is the engine's first line.
        """
        with self._read_lock, self._speaking_plainly(), self._listed(ids) as is_listed:
            asked = sql.replace("{event_id IN ids}", is_listed) if ids else sql
            result = self._reader.query(asked, parameters=dict(parameters or {}))
            self._place.believe(QuerySummary(result.summary))  # an empty page would be an answer without rows
        types = (kind.name for kind in result.column_types)
        return Answer(tuple(zip(result.column_names, types, strict=True)), result.result_rows)

    def _listed(self, ids: bytes) -> AbstractContextManager[str]:
        return self._place.listed("event_id", ids) if ids else nullcontext("")

    def _execute(self, client: Client, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        for statement in self._place.statements(sql):
            self._place.believe(client.command(statement, parameters=dict(parameters or {})))

    @contextmanager
    def _speaking_plainly(self) -> Iterator[None]:
        """Turn the client's errors into ours."""
        try:
            yield
        except (ClickHouseError, OSError, RuntimeError) as error:
            message, code = complaint.told(error, self._name), complaint.code_of(error)
            if code in complaint.OF_ROWS or code in complaint.OF_STATEMENT:
                raise StoreRefused(message, code or 0, of_rows=code in complaint.OF_ROWS) from None
            raise StoreError(message) from None

    def close(self) -> None:
        """Let go of the engine; the embedded one flushes what it holds."""
        for client in (self._reader, self._writer, self._worker):
            client.close()
        self._lock.close()


def _place(url: str, folder: Path, memory_mebibytes: int, access: Access) -> tuple[Place, str]:
    if url == EMBEDDED:
        return Embedded(folder / "clickhouse", memory_mebibytes, DATABASE), "the embedded engine"
    try:
        server = Server.at(url)
    except ValueError as error:
        raise StoreError(f"the store's URL: {error}") from None
    return Remote(server, access, memory_mebibytes), server.name


def _own(folder: Path) -> BinaryIO:
    try:
        return lock.take(folder / "store.lock")
    except lock.Taken:
        raise StoreInUse(f"{folder} is in use by another process; is `sporlos backoffice` running?") from None


def _end_deleting(engine: Path) -> None:
    """What the engine was deleting from `detached` when it was killed has rows in it, and no SQL removes it."""
    for left in engine.glob("store/*/*/detached/deleting_*"):
        shutil.rmtree(left)


def _keep_temporary_files_in(folder: Path) -> None:
    """The client hands each insert to the embedded engine as a temporary file, which a kill leaves behind.

    Rows in a forgotten file of the system's would break the 48 hours, so they get a folder that is emptied at start.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    tempfile.tempdir = str(folder)
