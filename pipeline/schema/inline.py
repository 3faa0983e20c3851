"""A view's text in place of its name. Enters: SQL that reads views with parameters. Leaves: SQL that reads tables.

The engine takes four views in a row apart one within the other, each time with all their columns: half a second before
it reads a row, where one text takes a fifth of that. So the files are written as views that read views, and run as one.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial

_READS = r"FROM\s+(%s)\("
_PARAMETER = re.compile(r"\{(\w+):[^}]+\}")
_HEAD = re.compile(r"(?:\s*--[^\n]*\n)*\s*CREATE OR REPLACE VIEW (\w+) AS\n")


def inlined(sql: str, bodies: Mapping[str, str]) -> str:
    """The SQL with each `FROM view(name = value, …)` replaced by the view's text, the values in its parameters' places.

    Args:
        sql: a statement; its parameters stay as they are.
        bodies: view → its text, in which nothing is left to replace.
    """
    reads = re.compile(_READS % "|".join(bodies or ["(?!)"]))
    while found := reads.search(sql):
        end = _closing(sql, found.end())
        given = dict(_arguments(sql[found.end() : end]))
        body = _PARAMETER.sub(partial(_value, given), bodies[found[1]])
        sql = f"{sql[: found.start()]}FROM\n(\n{body}\n){sql[end + 1 :]}"
    return sql


def named(statement: str) -> tuple[str, str]:
    """The name of a view and its text, of the statement that makes it.

    Raises:
        ValueError: it makes no view.
    """
    head = _HEAD.match(statement)
    if head is None:
        raise ValueError(f"not a view: {statement.strip().splitlines()[0]}")
    return head[1], statement[head.end() :].rstrip()


def _value(given: Mapping[str, str], parameter: re.Match[str]) -> str:
    return given.get(parameter[1], parameter[0])


def _closing(sql: str, start: int) -> int:
    """Where the parenthesis is closed that was opened just before `start`."""
    depth = 1
    for place in range(start, len(sql)):
        depth += (sql[place] == "(") - (sql[place] == ")")
        if not depth:
            return place
    raise ValueError("a parenthesis is not closed")


def _arguments(text: str) -> Iterator[tuple[str, str]]:
    """`name = value` pairs, divided by commas that stand in no parentheses."""
    depth = start = 0
    for place, sign in enumerate(f"{text},"):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            name, _, value = text[start:place].partition("=")
            yield name.strip().strip("`"), value.strip()
            start = place + 1
