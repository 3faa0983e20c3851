"""What regions are called. Enters: a code of ISO 3166-2, as rows have it. Leaves: `Oslo` for `NO-03`.

Names in English of the Unicode CLDR (`regions.tsv`, refreshed by `script/lists`); Norway's counties have their own. It
is the list that browsers and systems take names from, so it is kept, and it is small enough to come along. A code that
it hasn't is shown as it is.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def names() -> Mapping[str, str]:
    """Code → name, old codes too: places' files lag behind reforms, and counts are kept for two years."""
    text = resources.files(__package__).joinpath("regions.tsv").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return dict(pairs)


def name_of(code: str) -> str:
    """A region's name; its code, if it isn't known by one."""
    return names().get(code, code)
