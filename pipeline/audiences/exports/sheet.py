"""Rows as the bytes of a CSV or TSV file.

Enters: a header, rows. Leaves: text in UTF-8 that no spreadsheet takes for anything but data. Pure.

What a text cell says may have come from outside: a campaign's name stands in a link that anybody can make. So none
begins like a formula, and none holds a tab, a line break or a sign that can't be seen.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence

Cell = str | int | float | None
"""Numbers are ours; a text may be anybody's. None: nothing may be said here."""

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - Excel takes the wide ones for their kin
"""How a cell begins that spreadsheets reckon with."""


def sheet(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], delimiter: str = ",", *, for_people: bool = False
) -> bytes:
    """A file with a header, quoted as RFC 4180 has it, a line feed after each line.

    Args:
        header: The columns' names.
        rows: Each as long as the header. Floats are written with two decimals.
        delimiter: `,` or a tab.
        for_people: With a byte order mark, without which Excel takes æøå for something else. Not for tools: R makes it
            part of a name.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow([plain(name) for name in header])
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return (BOM_UTF8 if for_people else b"") + text.getvalue().encode()


def plain(text: str) -> str:
    """A text in one line, of signs that are seen, and no formula."""
    line = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return f"'{line}" if line.startswith(FORMULA) else line


def _written(cell: Cell) -> str | int | None:
    if isinstance(cell, str):
        return plain(cell)
    return f"{cell:.2f}" if isinstance(cell, float) else cell
