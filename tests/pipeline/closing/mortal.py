"""A store whose user dies while it changes something: for what is to be the same, whenever it was killed."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.store.database import Store


class Killed(BaseException):
    """Like a `kill -9`, it is caught by nobody."""


class Mortal(Store):
    """A store whose user dies just before the n-th statement that changes something."""

    def __init__(self, store: Store, dies_at: int) -> None:
        self._mortal, self._dies_at, self.memory_mebibytes = store, dies_at, store.memory_mebibytes
        self.changes = 0

    def insert(self, table: str, columns: Sequence[str], body: bytes, token: str) -> None:
        """Write rows."""
        self.fate()
        self._mortal.insert(table, columns, body, token)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Change something."""
        self.fate()
        self._mortal.command(sql, parameters)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - as the store's
        """Asking kills nobody."""
        return self._mortal.query(sql, parameters)

    def fate(self) -> None:
        """One more."""
        self.changes += 1
        if self.changes == self._dies_at:
            raise Killed
