"""What the engine, or the way to it, complains of: would the same input always fail, and how is an operator told?

Enters: an exception of the client. Leaves: ClickHouse's error code, and one line. A row that is at fault is never
quoted: logs are kept longer than rows. The engine quotes it, and keeps that in its memory as the latest error of its
code, which anybody may read in `system.errors` until it ends; `unquoting` finds what takes such a text's place.
"""

import re
import ssl
from collections.abc import Iterator

from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ReadTimeoutError, SSLError

OF_ROWS = {
    6: "CANNOT_PARSE_TEXT",
    25: "CANNOT_PARSE_ESCAPE_SEQUENCE",
    26: "CANNOT_PARSE_QUOTED_STRING",
    27: "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
    33: "CANNOT_READ_ALL_DATA",
    38: "CANNOT_PARSE_DATE",
    41: "CANNOT_PARSE_DATETIME",
    53: "TYPE_MISMATCH",
    69: "ARGUMENT_OUT_OF_BOUND",
    70: "CANNOT_CONVERT_TYPE",
    72: "CANNOT_PARSE_NUMBER",
    117: "INCORRECT_DATA",
    128: "TOO_LARGE_ARRAY_SIZE",
    130: "CANNOT_READ_ARRAY_FROM_TEXT",
    131: "TOO_LARGE_STRING_SIZE",
    190: "SIZES_OF_ARRAYS_DONT_MATCH",
    321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
    407: "DECIMAL_OVERFLOW",
    467: "CANNOT_PARSE_BOOL",
    469: "VIOLATED_CONSTRAINT",
}
"""A row among them is at fault: without it, the rest would go in."""
OF_STATEMENT = {
    8: "THERE_IS_NO_COLUMN",
    10: "NOT_FOUND_COLUMN_IN_BLOCK",
    15: "DUPLICATE_COLUMN",
    16: "NO_SUCH_COLUMN_IN_TABLE",
    20: "NUMBER_OF_COLUMNS_DOESNT_MATCH",
    36: "BAD_ARGUMENTS",
    42: "NUMBER_OF_ARGUMENTS_DOESNT_MATCH",
    43: "ILLEGAL_TYPE_OF_ARGUMENT",
    44: "ILLEGAL_COLUMN",
    46: "UNKNOWN_FUNCTION",
    47: "UNKNOWN_IDENTIFIER",
    48: "NOT_IMPLEMENTED",
    50: "UNKNOWN_TYPE",
    60: "UNKNOWN_TABLE",
    62: "SYNTAX_ERROR",
    73: "UNKNOWN_FORMAT",
    115: "UNKNOWN_SETTING",
    456: "UNKNOWN_QUERY_PARAMETER",
    457: "BAD_QUERY_PARAMETER",
}
"""The statement is at fault, or the tables are of another version: no row is."""


class AnsweredByAnother(OSError):
    """A success that no ClickHouse has announced: a proxy's page, or a portal's. Nothing is known to be done."""


_OF_THE_WAY: tuple[tuple[type[Exception], str], ...] = (
    (NameResolutionError, "there is no such host"),
    (NewConnectionError, "the connection was refused; is the server up, and the port right?"),
    (ConnectTimeoutError, "no connection within the time for it; is the server up, and the port right?"),
    (ReadTimeoutError, "no answer within `answer_seconds`"),
    (SSLError, "TLS failed; is the port one for HTTPS?"),
    (ssl.SSLError, "TLS failed; is the port one for HTTPS?"),
    (ConnectionError, "the connection broke"),
    (AnsweredByAnother, "something between us and ClickHouse answered in its place; is the address right?"),
)
"""The way's own faults, the more exact ones first."""

_CODE = re.compile(r"\b[Cc]ode: ?(\d+)")
_COLUMN = re.compile(r"while reading the value of key (\w+)")
_ENGINE = re.compile(r"^.*?(?=Code: \d+)", re.DOTALL)
_LONGEST = 500
_HARMLESS = "Value passed to 'throwIf' function"

QUOTED = """
    SELECT DISTINCT code FROM system.errors
    WHERE has({codes:Array(Int32)}, code) AND NOT remote AND last_error_message != ''
        AND NOT startsWith(last_error_message, {harmless:String})
"""
"""The codes whose latest error may quote a row; of `quoted`'s parameters."""


def quoted() -> dict[str, object]:
    """Parameters of `QUOTED`."""
    return {"codes": list(OF_ROWS), "harmless": _HARMLESS}


def unquoting(code: int) -> str:
    """A query that fails on purpose with that code: there is no statement that empties `system.errors`."""
    return f"SELECT throwIf(1, '', {code}::Int16) SETTINGS allow_custom_error_code_in_throwif = 1"


def code_of(error: BaseException) -> int | None:
    """ClickHouse's number for it, if it was the engine that complained."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code
    found = _CODE.search(_text(error))
    return int(found[1]) if found else None


def told(error: BaseException, place: str) -> str:
    """One line: what is wrong, and where it helps, what to do. `place` is the store's name without a password."""
    text, code = _text(error), code_of(error)
    if code in OF_ROWS:
        column = _COLUMN.search(text)
        return f"a row is refused: {OF_ROWS[code]} (code {code}){f', column {column[1]}' if column else ''}"
    if code is not None:
        first, *_ = _ENGINE.sub("", text, count=1).strip().splitlines() or [""]
        return (first or f"the store's error {code}")[:_LONGEST]
    of_the_way = _of_the_way(list(_reasons(error)))
    if of_the_way:
        return f"{place}: {of_the_way}"
    first, *_ = text.strip().splitlines() or [type(error).__name__]
    return first[:_LONGEST]


def _of_the_way(reasons: list[BaseException]) -> str:
    for reason in reasons:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({reason.verify_message}); `ca_file` names a private authority"
    return next((words for kind, words in _OF_THE_WAY if any(isinstance(one, kind) for one in reasons)), "")


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """Itself, and what it came of."""
    seen: list[BaseException] = []
    following: object = error
    while isinstance(following, BaseException) and following not in seen:
        seen.append(following)
        yield following
        following = getattr(following, "reason", None) or following.__cause__ or following.__context__


def _text(error: BaseException) -> str:
    for reason in _reasons(error):
        if isinstance(reason, UnicodeDecodeError):  # the embedded engine quotes a row that is no UTF-8
            return reason.object.decode(errors="replace")
    return str(error)
