"""Assortments that say something about a person: pharmacy, sexual health, faith, politics, union, help for children.

Enters: the words of a category, a path, a search. Leaves: whether the operator has marked one of them, or whether an
unmarked one stands on the starter list, so that he is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from proxy.privacy.words import lines_of

SENSITIVE = "(sensitive)"
"""What a product, a page and a search of such an assortment become."""
_GOOGLES = "google_product_category"
"""Stands before one of Google's categories: 775 alone could be a number of anything."""

STARTER: Mapping[str, frozenset[str]] = MappingProxyType(
    {group: frozenset(words) for group, *words in (line.split() for line in lines_of("sensitive"))}
)
"""Group → slugs of its categories."""

_GROUP_OF = {word: group for group, words in STARTER.items() for word in words}
_BETWEEN_WORDS = re.compile(r"(?:[^\w']|_)+")


def slug(text: str) -> str:
    """`Reseptfrie legemidler` → `reseptfrie-legemidler`: names and paths of a category are spelt alike."""
    return _BETWEEN_WORDS.sub("-", text.lower()).strip("-")


def _googles() -> Iterator[tuple[str, str]]:
    """Group and slug of each of Google's categories, by its number and by its name: a product file has either."""
    for line in lines_of("google_categories"):
        number, group, name = line.split(" ", 2)
        yield from ((group, slug(f"{_GOOGLES} {said}")) for said in (number, name))


_OF_GOOGLE = tuple(_googles())


class Marked:
    """What one shop's operator has marked.

    Args:
        groups: of the starter list.
        categories: names of the shop's own.
    """

    def __init__(self, groups: Iterable[str] = (), categories: Iterable[str] = ()) -> None:
        groups = frozenset(groups)
        self._slugs = frozenset(map(slug, categories)).union(*(STARTER[group] for group in groups))
        self._googles = frozenset(f"-{spelt}-" for group, spelt in _OF_GOOGLE if group in groups)

    def __bool__(self) -> bool:
        """Whether anything is marked."""
        return bool(self._slugs)

    def is_in(self, text: str) -> bool:
        """Whether a marked name stands in a text as whole words: in a category, a product's name, a path, a search.

        Google's categories are known as a whole: `google_product_category 775`, or with the name behind it.
        """
        if not self._slugs or not text:
            return False
        spelt = f"-{slug(text)}-"
        return spelt in self._googles or any(f"-{name}-" in spelt for name in self._slugs)

    def suggestion(self, names: Iterable[str]) -> str:
        """The starter list's group of an unmarked name, or empty."""
        groups = (_GROUP_OF.get(spelt, "") for spelt in map(slug, names) if spelt not in self._slugs)
        return next(filter(None, groups), "")
