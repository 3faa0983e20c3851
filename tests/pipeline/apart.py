"""A database of a test's own in the one engine of the process: what is dropped or forged there is nobody else's."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from pipeline.store.database import Answer, Store


@contextmanager
def database_apart(store: Store, name: str, *, migrated: bool = True) -> Iterator[Store]:
    """The same engine with another database, all migrations applied unless told otherwise."""
    store.command(f"DROP DATABASE IF EXISTS {name} SYNC")
    store.command(f"CREATE DATABASE {name}")
    path = store.query("SELECT path FROM system.disks WHERE name = 'default'").rows[0][0]
    apart = copy.copy(store)
    for attribute, value in vars(store).items():
        if isinstance(value, Client):
            setattr(apart, attribute, clickhouse_connect.get_client(interface="chdb", path=path, database=name))
    if migrated:
        apart.migrate()
    yield apart
    for value in vars(apart).values():
        if isinstance(value, Client):
            value.close()
    store.command(f"DROP DATABASE {name} SYNC")


class Killed(BaseException):
    """The process ended here."""


class Mortal:
    """A store whose process is killed at one of its calls, before or after it was carried out."""

    def __init__(self, store: Store, at: int = -1, *, carried_out: bool = False) -> None:
        self._store = store
        self._at, self._carried_out = at, carried_out
        self.calls: list[str] = []

    def _dies(self, said: str) -> bool:
        self.calls.append(said)
        dies = len(self.calls) - 1 == self._at
        if dies and not self._carried_out:
            raise Killed
        return dies

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """As the store's."""
        dies = self._dies(sql)
        answer = self._store.query(sql, parameters)
        if dies:
            raise Killed
        return answer

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """As the store's."""
        dies = self._dies(sql)
        self._store.command(sql, parameters)
        if dies:
            raise Killed

    def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """As the store's."""
        dies = self._dies(f"INSERT {table}")
        self._store.insert(table, columns, body, token)
        if dies:
            raise Killed
