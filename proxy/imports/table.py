"""Files as tables. Enters: paths of CSV files and zips of them. Leaves: tables, line by line, each knowing its place.

What is wrong is said with file and line, and without the cell's text: it may be a customer's.
"""

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import IO, TextIO

_NULL = r"\N"
"""ClickHouse's, in its CSV."""
_NUMBER = re.compile(r"\d{1,15}(?:\.\d+)?")
_MONEY = re.compile(r"-?\d{1,15}(?:\.\d+)?(?:[Ee][+-]?\d{1,2})?")
_MOST_MONEY = 10.0**12
_LONGEST_CELL = _LONGEST_LINE = 1 << 20
_ENCRYPTED = 0x1
_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, struct.error)
"""What comes of a zip that is cut off, damaged, or packed in a way that is not known here."""
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")

YEARS = (1971, 2148)
"""The whole years of the store's dates."""

MOST_LINES = 750_000
"""What is held of them is up to 1.3 kilobytes each: a gigabyte."""
TOO_MUCH = (
    f"more than {MOST_LINES} lines or counts: split the files by year, or shorter, and import one after the other"
)

csv.field_size_limit(_LONGEST_CELL)


class Unreadable(Exception):
    """A file is not what it should be; the message says where, and what was expected."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table."""

    file: str
    number: int
    """In the file, from 1; where a cell holds line breaks, its last."""
    cells: Mapping[str, str]

    def text(self, *columns: str) -> str:
        """The first of the columns that the table has; empty if none."""
        found = next((self.cells[column] for column in columns if column in self.cells), "")
        return "" if found == _NULL else found.strip()

    def count(self, *columns: str) -> int:
        """The same as a whole number; 0 where nothing stands.

        Raises:
            Unreadable: something else stands there.
        """
        return round(self.amount(*columns))

    def amount(self, *columns: str) -> float:
        """The same as a number that is not negative.

        Raises:
            Unreadable: something else stands there.
        """
        said = self.text(*columns)
        if not said:
            return 0.0
        if not _NUMBER.fullmatch(said):
            raise self.fault(f"expected a number in the column {columns[0]!r}")
        return float(said)

    def money(self, *columns: str) -> float:
        """The same as an amount, which refunds make negative, and which is told with an exponent where it is large.

        Raises:
            Unreadable: something else stands there.
        """
        said = self.text(*columns)
        if not said:
            return 0.0
        if not _MONEY.fullmatch(said) or abs(float(said)) > _MOST_MONEY:
            raise self.fault(f"expected an amount in the column {columns[0]!r}")
        return float(said)

    def day(self, column: str) -> date:
        """A date, `2026-01-31` or `20260131`.

        Raises:
            Unreadable: it is none.
        """
        found = _DATE.fullmatch(self.text(column))
        try:
            if found and YEARS[0] <= int(found[1]) <= YEARS[1]:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        raise self.fault(f"expected a date in the column {column!r}, for example 2026-01-31")

    def fault(self, why: str) -> Unreadable:
        """What is wrong with it."""
        return Unreadable(f"{self.file}: line {self.number}: {why}")


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be read line by line, alone or out of a zip."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """Without folders."""
        return PurePosixPath(self.member).name if self.member else self.path.name

    @property
    def origin(self) -> str:
        """Which one it is, among others of its name."""
        return f"{self.path.resolve()}: {self.member}" if self.member else str(self.path.resolve())

    @contextmanager
    def text(self) -> Iterator[TextIO]:
        """Its text, in whichever Unicode it is written.

        Raises:
            Unreadable: it is no text, or can't be read.
        """
        try:
            with self._bytes() as raw:
                mark = raw.read(2)
                raw.seek(0)
                encoding = "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
                yield io.TextIOWrapper(raw, encoding=encoding, newline="")
        except UnicodeDecodeError:
            raise Unreadable(f"{self.name}: it is not text in UTF-8") from None
        except _BROKEN as error:
            raise Unreadable(f"{self.name}: it can't be read: {_why(error)}") from None

    @contextmanager
    def _bytes(self) -> Iterator[IO[bytes]]:
        with ExitStack() as opened:
            if not self.member:
                yield opened.enter_context(self.path.open("rb"))
                return
            try:
                archive = opened.enter_context(zipfile.ZipFile(self.path))
                if archive.getinfo(self.member).flag_bits & _ENCRYPTED:
                    raise Unreadable(f"{self.name}: it is encrypted: unpack it first")
                raw = opened.enter_context(archive.open(self.member))
            except ValueError:  # an offset that is none
                raise Unreadable(f"{self.name}: it can't be read: the zip is broken") from None
            yield raw


def files(paths: Sequence[Path]) -> list[File]:
    """The CSV files among the paths, and those in the zips among them.

    Raises:
        Unreadable: one is neither, or stands twice.
    """
    found: list[File] = []
    for path in paths:
        if not path.is_file():
            raise Unreadable(f"{path}: there is no such file")
        if zipfile.is_zipfile(path):
            found += [File(path, name) for name in _members(path) if name.lower().endswith(".csv")]
        elif path.suffix.lower() in (".csv", ".tsv"):
            found.append(File(path))
        else:
            raise Unreadable(f"{path.name}: it is neither a zip nor a CSV file")
    if len({(file.path.resolve(), file.member) for file in found}) < len(found):
        raise Unreadable("a file stands twice")
    return found


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (*_BROKEN, ValueError) as error:
        raise Unreadable(f"{path.name}: it can't be read: {_why(error)}") from None


def _why(error: Exception) -> str:
    return " ".join(str(error).split()) or "it ends too early"


def lines(file: File) -> Iterator[Line]:
    """The lines of a file whose first line names its columns.

    Raises:
        Unreadable: a line is broken.
    """
    with file.text() as text:
        yield from table(file.name, numbered(file.name, text))


def numbered(name: str, text: TextIO, *, blank: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that has any; commas or tabs, whichever the first line has more of.

    Args:
        name: the file's.
        text: its text, from the beginning.
        blank: lines without cells, too.

    Raises:
        Unreadable: quotes that don't close, a cell or a line too long.
    """
    head = text.readline(_LONGEST_LINE)
    text.seek(0)
    delimiter = "\t" if head.count("\t") > head.count(",") else ","
    reader = csv.reader(_short(name, text), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if blank or any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Unreadable(f"{name}: line {reader.line_num}: {error}") from None


def _short(name: str, text: TextIO) -> Iterator[str]:
    """The lines of a text; what has none, a picture of some gigabytes, is not taken into memory to find that out."""
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise Unreadable(f"{name}: line {number}: it is longer than {_LONGEST_LINE} characters")
        yield line


def table(name: str, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Line]:
    """Lines of one table, the first of which names the columns.

    Raises:
        Unreadable: a line has another number of cells.
    """
    head = next(rows, None)
    columns = [column.strip() for column in head[1]] if head else []
    if len(set(columns)) < len(columns):
        raise Unreadable(f"{name}: a column stands twice")
    for number, cells in rows:
        if len(cells) != len(columns):
            raise Unreadable(f"{name}: line {number}: expected {len(columns)} cells, found {len(cells)}")
        yield Line(name, number, dict(zip(columns, cells, strict=True)))


def columns_of(file: File) -> frozenset[str]:
    """The names in its first line.

    Raises:
        Unreadable: it has none.
    """
    with file.text() as text:
        head = next(numbered(file.name, text), None)
    if head is None:
        raise Unreadable(f"{file.name}: it is empty")
    return frozenset(column.strip() for column in head[1])
