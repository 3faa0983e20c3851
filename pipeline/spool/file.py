"""The file under a spool: SQLite, set so that what is committed is on the disk, and what is deleted is on it no more.

Enters: a path and how far it may grow. Leaves: transactions, and SQLite's errors in words that say what to do.

What is deleted is overwritten in the same transaction, but for what was shipped, which is nearly all: to write each of
its pages once more takes five times as long as to let go of them, and the collector waits meanwhile. So that is left in
free pages; the next rows overwrite most of them, and `erase` does away with the others.

    SpoolError       the spool could not be read or written
    └── SpoolFull    it has reached its limit, or the disk has
"""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

_SEQ_BITS = 40
"""Of the 64 bits of a batch number: 34 years at a thousand commits a second; the rest names the spool."""
_MADE_ANEW_PAGES = 4096
"""With no more than 16 MB in use, a file is written anew rather than its free pages overwritten: it is smaller then."""
_OVERWRITTEN_AT_ONCE = 1000
"""Pages a transaction: the collector waits for it."""
_SPARE_BYTES = 4 << 20
"""With less left a disk counts as full: an unfinished write has given back what it could not use."""
_UNTIL_THEN = "visitors get 503 until then"
_SCHEMA = resources.files("pipeline.spool").joinpath("spool.sql").read_text(encoding="utf-8")


class SpoolError(Exception):
    """The spool could not be read or written; nothing of the call is in it."""


class SpoolFull(SpoolError):
    """The spool has reached its limit, or the disk has."""


class SpoolFile:
    """One open file.

    Args:
        path: made if it isn't there.
        limit_bytes: it doesn't grow past it.

    Raises:
        SpoolError: it can't be opened, or is no spool.
    """

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path = path
        with self.plainly():
            self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")  # the 202 leaves after the fsync, not before
            self.db.execute("PRAGMA secure_delete = ON")  # a row that is gone must not linger in a free page
            self.db.execute("PRAGMA temp_store = MEMORY")  # nor in a temporary file, from `erase`
            self._page_bytes = int(self.db.execute("PRAGMA page_size").fetchone()[0])
            self.db.execute(f"PRAGMA max_page_count = {max(64, limit_bytes // self._page_bytes)}")
            self.db.executescript(_SCHEMA)
        with self.transaction():
            self._number = self._read_number()
        self._holds_deleted = True  # for all we know: the process before may have been killed before it erased

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """All of it or nothing.

        Raises:
            SpoolFull: no room.
            SpoolError: the file can't be read or written.
        """
        with self.plainly():
            self.db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                # SQLite has already rolled back by itself when the disk is full
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    @contextmanager
    def erasing_later(self) -> Iterator[None]:
        """Whole pages that are deleted within it keep what they hold until `erase`."""
        with self.plainly():
            self.db.execute("PRAGMA secure_delete = FAST")
        self._holds_deleted = True
        try:
            yield
        finally:
            with self.plainly():
                self.db.execute("PRAGMA secure_delete = ON")

    def erase(self) -> None:
        """What was deleted is in the file no more, and after a cut of the log in that neither.

        Raises:
            SpoolError: it may still be there; call it again.
        """
        if not self._holds_deleted:
            return
        with self.transaction():
            self.db.execute("DELETE FROM blanks")  # of a process that was killed here
        with self.plainly():
            if self.used_bytes() // self._page_bytes <= _MADE_ANEW_PAGES:
                self.db.execute("VACUUM")
            else:
                self._overwrite_free_pages()
        self._holds_deleted = False

    def _overwrite_free_pages(self) -> None:
        """By rows of zeros that fill them all, and go again."""
        with self.transaction(write=False):
            left = self._free_pages()
        while left > 0:
            with self.transaction():
                pages = min(self._free_pages(), _OVERWRITTEN_AT_ONCE)
                # SQLite keeps between an eighth and nearly all of a page of a row in the tree, so that the rest fills
                # whole pages: a quarter of a page more makes it just so many, and none of them half written
                zeros = pages * (self._page_bytes - 4) + self._page_bytes // 4
                self.db.execute("INSERT INTO blanks VALUES (zeroblob(?))", (zeros,))
            left -= pages or left
        with self.erasing_later(), self.transaction():
            self.db.execute("DELETE FROM blanks")

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """SQLite's errors as ours. Its messages name no values, so none can leak."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")  # misuse of the module has none
            raise self._error(str(error), name) from None

    def _error(self, said: str, name: str) -> SpoolError:
        folder = self._path.parent
        if not folder.is_dir():
            return SpoolError(f"the folder {folder.name} is gone")
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")) and shutil.disk_usage(folder).free < _SPARE_BYTES:
            return SpoolFull(f"the disk is full: free some space; {_UNTIL_THEN}")
        if name == "SQLITE_FULL":
            return SpoolFull(f"the spool has reached its limit: ship it, or raise spool_mebibytes; {_UNTIL_THEN}")
        if not os.access(folder, os.W_OK):
            return SpoolError(f"the disk is read-only: make it writable; {_UNTIL_THEN}")
        return SpoolError(f"{said} ({name})")

    def batch(self, seq: int) -> int:
        """The number of a commit of this spool, different from any other spool's."""
        return self._number << _SEQ_BITS | seq

    def seq(self, batch: int) -> int:
        """The commit that `batch` gave that number."""
        return batch & (1 << _SEQ_BITS) - 1

    def used_bytes(self) -> int:
        """What is taken by something, without free pages."""
        pages = int(self.db.execute("PRAGMA page_count").fetchone()[0])
        return (pages - self._free_pages()) * self._page_bytes

    def _free_pages(self) -> int:
        return int(self.db.execute("PRAGMA freelist_count").fetchone()[0])

    def format_of(self, columns: tuple[str, ...]) -> int:
        """The number under which these columns are known here."""
        text = ",".join(columns)
        self.db.execute("INSERT OR IGNORE INTO formats (columns) VALUES (?)", (text,))
        return int(self.db.execute("SELECT format FROM formats WHERE columns = ?", (text,)).fetchone()[0])

    def next_seq(self) -> int:
        """After the last commit's, also where that has been shipped."""
        row = self.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batches'").fetchone()
        return 1 if row is None else int(row[0]) + 1

    def _read_number(self) -> int:
        row = self.db.execute("SELECT number FROM spool").fetchone()
        if row is None:
            row = (secrets.randbits(64 - _SEQ_BITS),)
            self.db.execute("INSERT INTO spool VALUES (?)", row)
        return int(row[0])


def spools(folder: Path) -> list[Path]:
    """The spool files of a folder, in order of name."""
    return sorted(folder.glob("*.sqlite"))
