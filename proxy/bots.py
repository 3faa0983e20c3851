"""Who isn't a visitor, by what is said of it. Enters: a user agent, or a referrer's host. Leaves: yes or no.

Two lists are kept by communities: the package `crawler-user-agents`, refreshed with the dependencies, and isbot's
patterns in `lists/`, refreshed by `script/lists`. Together they find what either misses; what both miss, and what they
would take from people, stands in lists of ours. Neither list is asked who sent the request: a robot that lies is found,
if at all, by the other layers of `admit.py`.
"""

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import NamedTuple

import crawleruseragents

_SHORTEST = 12
"""No browser's user agent is shorter; libraries' are (`curl/8.5.0`)."""
_LONGEST = 500
"""What stands beyond is not searched, so that nobody can make a search long."""
_LETTERS = 4
_META = frozenset(".^$*+?{}[]|()")


class _Signs(NamedTuple):
    """Expressions, sorted by how they are searched, since most are plain words and there are 1,500 of them."""

    words: Mapping[str, tuple[str, ...]]
    """First letters → words that begin so: few are ever compared with a text that nobody made for this purpose."""
    shapes: re.Pattern[str]

    def in_(self, text: str) -> bool:
        begun = self.words.keys() & {text[at : at + _LETTERS] for at in range(len(text) - _LETTERS + 1)}
        return any(word in text for start in begun for word in self.words[start]) or bool(self.shapes.search(text))


def is_robot(user_agent: str) -> bool:
    """Whether the sender says that it is a program, or says nothing, which no browser does."""
    if len(user_agent) < _SHORTEST:
        return True
    said = _PEOPLE.sub("", user_agent[:_LONGEST])
    return _CRAWLERS.in_(said) or _ROBOTS.in_(said.lower())


def is_referrer_spam(host: str) -> bool:
    """Whether a host, or a domain above it, is one that referrer spammers advertise."""
    labels = host.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in _SPAMMERS for start in range(len(labels) - 1))


def _lines(name: str) -> tuple[str, ...]:
    text = resources.files("proxy.lists").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def _word(expression: str) -> str | None:
    r"""The plain word that an expression stands for (`Slurp`, `bot\/`), if it does and is long enough."""
    bare = re.sub(r"\\([^\w\s])", "", expression)
    word = re.sub(r"\\([^\w\s])", r"\1", expression)
    return None if "\\" in bare or _META & set(bare) or len(word) < _LETTERS else word


def _signs(expressions: Iterable[str]) -> _Signs:
    words: dict[str, tuple[str, ...]] = {}
    shapes: list[str] = []
    for expression in expressions:
        if (word := _word(expression)) is None:
            shapes.append(expression)
        else:
            words[word[:_LETTERS]] = (*words.get(word[:_LETTERS], ()), word)
    return _Signs(words, re.compile("|".join(shapes)))


_CRAWLERS = _signs(entry["pattern"] for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA)
_ROBOTS = _signs((*_lines("isbot"), *_lines("programs")))
_PEOPLE = re.compile("|".join(_lines("people")))
_SPAMMERS = frozenset(_lines("referrer_spam"))
