"""What the store holds. Numbered files run once, in order, and are never changed after a release; `views/` are code.

Leaves: one statement a file. A view is made anew at each start, so it says what this version means by it.
"""

from importlib import resources
from importlib.resources.abc import Traversable


def migrations() -> list[tuple[str, str]]:
    """The numbered SQL files as (name, statement), in order."""
    return _statements(resources.files(__name__))


def views() -> list[tuple[str, str]]:
    """The views as (name, statement), each after those that it reads."""
    return _statements(resources.files(__name__).joinpath("views"))


def _statements(folder: Traversable) -> list[tuple[str, str]]:
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return [(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")) for file in files]
