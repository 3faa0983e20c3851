"""The room's lists, as data beside it: `lists/`. Enters: a name. Leaves: its lines, without remarks.

They are files so that who audits can read them whole, and who runs a shop can suggest a line without reading code.
"""

from importlib import resources


def lines_of(name: str) -> tuple[str, ...]:
    """The lines of `lists/NAME.txt`, in their order."""
    text = resources.files("proxy.privacy").joinpath("lists", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def pairs_of(name: str) -> dict[str, str]:
    """The same where each line is a word and what it means."""
    return {word: meaning for word, _, meaning in (line.partition(" ") for line in lines_of(name))}
