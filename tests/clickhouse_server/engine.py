"""The real engine, embedded, asked as a server is: with settings, a database and parameters for each question.

Enters: SQL as bytes (an insert carries its rows behind it) with everything that a request says about it. Leaves: the
answer's bytes, or `EngineRefused` with ClickHouse's own code and text.
"""

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path

import chdb
from chdb.state.sqlitelike import Connection

_COMMENTS = re.compile(rb"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_ANSWERING = frozenset({b"SELECT", b"WITH", b"SHOW", b"DESCRIBE", b"DESC", b"EXPLAIN", b"CHECK", b"EXISTS", b"("})
_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_INSERT = re.compile(
    rb"\A(?P<head>.{1,20000}?)\s+FORMAT\s+(?P<format>\w+)[ \t]*\r?(?:\n|\Z)", re.IGNORECASE | re.DOTALL
)
_NAME = re.compile(r"\A[A-Za-z_][A-Za-z0-9_]*\Z")


class EngineRefused(Exception):
    """The engine's own error: its code, and its text as a server words it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class Question:
    """One statement and what the request says about it."""

    sql: bytes
    database: str = ""
    format: str = "TabSeparated"
    settings: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    readonly: bool = False

    @property
    def word(self) -> bytes:
        """The first word, in capitals."""
        rest = _COMMENTS.sub(b"", self.sql[:4096])
        return b"(" if rest[:1] == b"(" else (re.match(rb"\w*", rest) or [b""])[0].upper()

    @property
    def answers(self) -> bool:
        """Whether rows come back, be it none."""
        return self.word in _ANSWERING

    @property
    def output_format(self) -> str:
        """What the rows come back as; the statement's own word wins."""
        own = _FORMAT.search(self.sql[-200:])
        return own[1].decode() if own else self.format


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    body: bytes
    read_rows: int
    written_rows: int
    written_bytes: int
    elapsed_seconds: float


class Engine:
    """One folder, owned by this process; questions may come from several threads."""

    def __init__(self, folder: Path, memory_mebibytes: int = 1024) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # one string for all connections: chDB compares paths literally
        self._where = f"{folder.resolve()}?max_server_memory_usage={memory_mebibytes * 1024 * 1024}"
        self._kept_open = chdb.connect(self._where)
        self._insert = threading.Lock()
        self.version = self._text("SELECT version()")
        self.time_zone = self._text("SELECT timezone()")

    def ask(self, question: Question) -> Done:
        """Run it on a connection of its own, so that its settings end with it.

        Raises:
            EngineRefused: with the engine's code.
        """
        if question.word == b"INSERT":
            with self._insert:
                return self._run(question)
        return self._run(question)

    def close(self) -> None:
        """Let go of the folder."""
        self._kept_open.close()

    def _run(self, question: Question) -> Done:
        connection = chdb.connect(self._where)
        try:
            if question.database:
                connection.query(f"USE {_quoted(question.database, '`')}")
            for name, value in question.settings.items():
                if not _NAME.match(name):
                    raise EngineRefused(
                        115, f"Code: 115. DB::Exception: Setting {name} is not known. (UNKNOWN_SETTING)"
                    )
                connection.query(f"SET {name} = {_quoted(value)}")
            if question.readonly:
                connection.query("SET readonly = 2")
            with_rows = _INSERT.match(question.sql) if question.word == b"INSERT" else None
            if with_rows:
                return _put(connection, with_rows, question.sql[with_rows.end() :])
            found = connection.query(question.sql, question.format, params=question.parameters)
            return Done(
                body=bytes(found.bytes() or b""),
                read_rows=found.storage_rows_read() or 0,
                written_rows=found.rows_written() or 0,
                written_bytes=found.bytes_written() or 0,
                elapsed_seconds=found.elapsed() or 0.0,
            )
        except (RuntimeError, UnicodeDecodeError) as error:  # ChdbError is a RuntimeError
            raise _refused(error) from None
        finally:
            connection.close()

    def _text(self, sql: str) -> str:
        return bytes(self._kept_open.query(sql, "TSVRaw").bytes()).decode().strip()


def _put(connection: Connection, statement: re.Match[bytes], rows: bytes) -> Done:
    """An insert's rows as a stream: within a statement the engine would take an empty line for their end."""
    stream = connection.send_insert(statement["head"].decode(), statement["format"].decode())
    stream.append(rows)
    done = stream.finish()
    return Done(b"", done.rows_written, done.rows_written, done.bytes_written, done.elapsed)


def _refused(error: RuntimeError | UnicodeDecodeError) -> EngineRefused:
    said = str(error)
    for reason in (error, error.__cause__):
        if isinstance(reason, UnicodeDecodeError):  # the engine quotes a row that is no UTF-8
            said = reason.object.decode(errors="replace")
    text = said[max(said.find("Code: "), 0) :].strip()
    code = re.match(r"Code: (\d+)", text)
    return EngineRefused(int(code[1]) if code else 1002, text)


def _quoted(text: str, quote: str = "'") -> str:
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"
