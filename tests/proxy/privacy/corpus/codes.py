"""Ten thousand codes that name no person, to count false alarms on.

Enters: the shapes beside this file, one a line, each as a shop really writes them. Leaves: the same codes at each
run, since the seed is fixed. Promised: no shape is a UUID, a hash or a token, which P3 asks to remove.

A shape holds `#` (a digit), `{n:4}` (a number of four digits), `{d:4}` (four digits, zeros in front), `{A}` (a capital
letter), `{number}` (of four to twelve digits), the numbers of the trade with their check digit (`{ean:13}`,
`{isbn10}` …), and any word of `words.txt`. A shape that begins with `~` is one that shops seldom write.
"""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
SEED = 20261126
OF_EACH = 2_500
OFTEN, SELDOM = 10, 1
GROUPS = ("product_ids", "paths", "names", "campaigns")

_SLOT = re.compile(r"#|\{([\w-]+)(?::(\d+))?\}")


def codes(group: str) -> list[str]:
    """The 2,500 of a group, each once, in an order that is always the same."""
    chance = random.Random(f"{SEED} {group}")
    shapes = (HERE / f"{group}.txt").read_text(encoding="utf-8").splitlines()
    weights = [SELDOM if shape.startswith("~") else OFTEN for shape in shapes]
    made: dict[str, None] = {}
    while len(made) < OF_EACH:
        [shape] = chance.choices(shapes, weights)
        code = _SLOT.sub(lambda slot: _filled(slot, chance), shape.removeprefix("~").strip())
        made[_spelled(code, chance) if group == "paths" else code] = None
    return list(made)


def _words() -> Iterator[tuple[str, list[str]]]:
    for line in (HERE / "words.txt").read_text(encoding="utf-8").splitlines():
        name, _, choices = line.partition(":")
        yield name, [choice.strip() for choice in choices.split("|")]


WORDS = dict(_words())


def _filled(slot: re.Match[str], chance: random.Random) -> str:
    name = slot[1] or "d"
    if name in _NUMBERS:
        return _NUMBERS[name](int(slot[2] or 1), chance)
    return chance.choice(WORDS[name])


def _digits(length: int, chance: random.Random) -> str:
    return "".join(chance.choice("0123456789") for _ in range(length))


def _number(length: int, chance: random.Random) -> str:
    return chance.choice("123456789") + _digits(length - 1, chance)


def _spelled(path: str, chance: random.Random) -> str:
    """Half of the shops write `ø` as it is into a link, half percent-encode it; some write a path in plain letters."""
    path = path.replace(" ", "-").replace(",", "-").lower() if chance.random() < 0.9 else path.replace(" ", "-")
    spelling = chance.choice(("as it is", "encoded", "encoded", "plain"))
    if spelling == "plain":
        return path.replace("æ", "ae").translate(str.maketrans("øåô", "oao"))
    return quote(path, safe="/?=,") if spelling == "encoded" else path


def ean(length: int, chance: random.Random) -> str:
    """A GTIN of 8, 12, 13 or 14 digits; those of 13 begin with a country that Norwegian shops buy from."""
    match length:
        case 13:
            return with_check_digit(chance.choice(WORDS["eanland"]) + _digits(10, chance))
        case 14:  # a box of the same thing
            return with_check_digit(chance.choice("01111123") + chance.choice(WORDS["eanland"]) + _digits(10, chance))
        case 12:  # American; 673419 is LEGO's
            start = chance.choice(("0", "0", "0", "1", "6", "673419", "7", "8"))
            return with_check_digit(start + _digits(11 - len(start), chance))
        case _:
            return with_check_digit(chance.choice(("70", "73", "40", "57", "96")) + _digits(length - 3, chance))


def with_check_digit(body: str) -> str:
    """The body and GS1's check digit: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def isbn10(body: str) -> str:
    """Nine digits and their check digit modulo 11, ten written as X."""
    rest = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    return f"{body}{'X' if rest == 10 else rest}"


def _isbn13(_: int, chance: random.Random) -> str:
    return with_check_digit("97882" + _digits(7, chance))


def _isbn_with_hyphens(_: int, chance: random.Random) -> str:
    plain = _isbn13(_, chance)
    return "-".join((plain[:3], plain[3:5], plain[5:7], plain[7:12], plain[12]))


_NUMBERS: dict[str, Callable[[int, random.Random], str]] = {
    "d": _digits,
    "n": _number,
    "number": lambda _, chance: _number(chance.randint(4, 12), chance),
    "A": lambda _, chance: chance.choice("ABCDEFGHJKLMNPRSTUVWXYZ"),
    "ean": ean,
    "isbn10": lambda _, chance: isbn10("82" + _digits(7, chance)),
    "isbn13": _isbn13,
    "isbn-hyphen": _isbn_with_hyphens,
}
