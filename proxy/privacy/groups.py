"""How digits stand in a text: in groups, with blanks and hyphens between them, and something at either end.

Enters: a text in one spelling. Leaves: windows, each a few neighbouring groups that could be one number together. What
number it is, `numbers.py` says.
"""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

_HYPHENS = "‐‑‒–—−"  # noqa: RUF001 - what people, and their word processors, write
_SEPARATORS = rf"[ .·_/()+{_HYPHENS}-]{{0,3}}"
NUMBER_LIKE = rf"\d(?:{_SEPARATORS}\d){{7}}"
"""The least that a window holds: eight digits."""
_RUN = re.compile(rf"{NUMBER_LIKE}(?:{_SEPARATORS}\d)*+")
_GROUP = re.compile(r"\d+")
_FEWEST_DIGITS, _MOST_DIGITS = 8, 19
_MOST_GROUPS = 32
"""In one text. Each is tried together with those behind it, so nobody may send thousands."""
_ONE_HYPHEN = str.maketrans(_HYPHENS, "-" * len(_HYPHENS))
_JOINED_BEFORE = re.compile(r"(\d{1,19})([ ./-])$")
_JOINED_BEHIND = re.compile(r"([ ./-])(\d{1,19})")
_WITHIN_REACH = 20
_LARGEST_STEP = 10


class Window(NamedTuple):
    """Some neighbouring groups of digits."""

    text: str
    begin: int
    end: int
    digits: str
    """All of them, in ASCII."""
    shape: tuple[int, ...]
    """How many digits each group has."""
    signs: frozenset[str]
    """What stands between the groups, without its blanks."""

    @property
    def before(self) -> str:
        """What stands right in front of it."""
        return self.text[max(0, self.begin - _WITHIN_REACH) : self.begin]

    @property
    def is_joined(self) -> bool:
        """Groups as long as its own, or any that a hyphen joins, go on at either end: it is a piece of something."""
        before, behind = _JOINED_BEFORE.search(self.before), _JOINED_BEHIND.match(self.text, self.end)
        if before and (before[2] in "-/" or len(before[1]) == self.shape[0]):
            return True
        return behind is not None and (behind[1] in "-/" or len(behind[2]) == self.shape[-1])

    @property
    def is_row(self) -> bool:
        """36 38 40 42: each is as much more than the one before, and not much, as sizes are."""
        ends = accumulate(self.shape)
        numbers = [int(self.digits[end - length : end]) for end, length in zip(ends, self.shape, strict=True)]
        steps = {other - one for one, other in pairwise(numbers)}
        return len(steps) == 1 and 0 < steps.pop() <= _LARGEST_STEP


def groups_in(text: str) -> Iterator[list[tuple[int, int]] | None]:
    """The groups of each run of digits, by their places; a last `None` once there are more than anybody types."""
    left = _MOST_GROUPS
    for run in _RUN.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        left -= len(groups)
        if left < 0:
            yield None
            return
        yield groups


def windows(text: str, groups: list[tuple[int, int]]) -> list[Window]:
    """All that begin with the first group, the longest first: a card's beginning is no telephone."""
    found: list[Window] = []
    digits, shape, signs = "", list[int](), set[str]()
    start, behind = groups[0][0], 0
    for begin, end in groups:
        if len(digits) + end - begin > _MOST_DIGITS:
            break
        if shape:
            sign = text[behind:begin].strip()
            signs.add(sign if sign.isascii() else sign.translate(_ONE_HYPHEN))
        group = text[begin:end]
        digits += group if group.isascii() else "".join(str(int(digit)) for digit in group)
        shape.append(end - begin)
        behind = end
        if len(digits) >= _FEWEST_DIGITS:
            found.append(Window(text, start, end, digits, tuple(shape), frozenset(signs)))
    return found[::-1]
