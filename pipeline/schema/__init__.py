"""What the store holds. Numbered files run once, in order, and are never changed after a release; `views/` are code.

Leaves: one statement a file. A view is made anew at each start, so it says what this version means by it.
"""

import re
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from pipeline.schema.inline import inlined, named

BACK_OFFICE = "sporlos_ship"
"""The user of a server that the back office logs in as, in the statements that give it its rights."""


def migrations() -> list[tuple[str, str]]:
    """The numbered SQL files as (name, statement), in order."""
    return [(name, sql) for name, sql in _statements(resources.files(__name__)) if name[:1].isdecimal()]


def views() -> list[tuple[str, str]]:
    """The views as (name, statement), each with the text of those that it reads in place of their names."""
    return [(name, f"CREATE OR REPLACE VIEW {name} AS\n{body}") for name, body in _bodies().items()]


def reading(sql: str) -> str:
    """A query that reads views, as one that reads tables: see `inline.py`."""
    return inlined(sql, _bodies())


@cache
def _bodies() -> dict[str, str]:
    bodies: dict[str, str] = {}
    for _, statement in _statements(resources.files(__name__).joinpath("views")):
        name, body = named(statement)
        bodies[name] = inlined(body, bodies)
    return bodies


def grants(database: str = "sporlos") -> list[str]:
    """The statements that give the three users of a server their rights, each on one line."""
    text = resources.files(__name__).joinpath("grants.sql").read_text(encoding="utf-8")
    spoken = re.sub(r"--[^\n]*", "", text)
    lines = (" ".join(statement.split()) for statement in spoken.split(";"))
    return [line.replace("sporlos.", f"{database}.") for line in lines if line]


def _statements(folder: Traversable) -> list[tuple[str, str]]:
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return [(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")) for file in files]
