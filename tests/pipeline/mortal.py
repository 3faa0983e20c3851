"""A store whose user dies at one of its calls: for what is to be the same, whenever it was killed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pipeline.store.database import Answer, Store


class Killed(BaseException):
    """Like a `kill -9`, it is caught by nobody."""


class Mortal(Store):
    """A store whose user is killed at one of its calls, before or after it was carried out.

    Args:
        store: does what it is asked.
        at: which call, from 0 on; -1: none, they are only counted.
        carried_out: after the call, not before it.
        changes_only: asking kills nobody and is not counted.
    """

    def __init__(self, store: Store, at: int = -1, *, carried_out: bool = False, changes_only: bool = False) -> None:
        self._mortal, self.memory_mebibytes = store, store.memory_mebibytes
        self._at, self._carried_out, self._changes_only = at, carried_out, changes_only
        self.calls: list[str] = []

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, ids: bytes = b"") -> Answer:
        """As the store's."""
        if self._changes_only:
            return self._mortal.query(sql, parameters, ids)
        with self._fate(sql):
            return self._mortal.query(sql, parameters, ids)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """As the store's."""
        with self._fate(sql):
            self._mortal.command(sql, parameters)

    def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """As the store's."""
        with self._fate(f"INSERT {table}"):
            self._mortal.insert(table, columns, body, token)

    @contextmanager
    def _fate(self, said: str) -> Iterator[None]:
        dies = self.meets(said)
        if dies and not self._carried_out:
            raise Killed
        yield
        if dies:
            raise Killed

    def meets(self, said: str) -> bool:
        """One more call; whether it is the one."""
        self.calls.append(said)
        return len(self.calls) - 1 == self._at
