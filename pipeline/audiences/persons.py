"""No file that leaves holds a person: what looks like one is found before anybody gets the file.

Enters: a file's header and rows, what the shop has declared. Leaves: columns and reasons, never a value. Pure.

The first line is closed: each column that an export may have stands here with the form of what it may say, and most
forms leave no room for a person: a word of a list, a week, a few digits, an id of the catalogue, what the shop has told
itself. Only where words come from links that anybody can make, and the shop has declared none, `likeness.py` looks for
what persons and their orders are known by.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import iso3166

from pipeline.audiences.exports.brief import BANDS, band
from pipeline.audiences.exports.channels import CHANNELS, OTHER
from pipeline.audiences.exports.iab import parts_of
from pipeline.audiences.exports.keywords import keyword
from pipeline.audiences.exports.labels import WORDS
from pipeline.audiences.exports.mix import ORGANIC
from pipeline.audiences.exports.places import TOO_FEW
from pipeline.audiences.exports.sheet import plain
from pipeline.audiences.likeness import Likeness, looks_like
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import K_RELEASE


class Why(StrEnum):
    """What is suspicious about a value, whatever it looks like."""

    UNLISTED = "no export has such a column"
    FORM = "not of its column's form"
    UNDECLARED = "not among what the shop has declared"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """That a column may hold a person."""

    column: str
    """Its name, if it is a listed one; else its place, since the name may be the person."""
    why: Why | Likeness


Form = Callable[[str], Why | Likeness | None]
"""What is suspicious about a cell."""


def suspicious(header: Sequence[str], rows: Iterable[Sequence[str]], shop: Advertiser) -> list[Suspicion]:
    """What may be a person in a file, each column and reason once; none: it may leave.

    Args:
        header: The columns' names; of a text its title alone, `# …`.
        rows: Cells as they stand in the file, unquoted; of a text one cell a line.
        shop: Whose file it is. What it has declared was told by itself, and by no visitor.
    """
    if len(header) == 1 and header[0].startswith("# "):
        columns: list[tuple[str, Form]] = [("text", _of_a_text(shop))]
        rows = [header, *rows]
    else:
        forms = _forms(shop)
        columns = [(name, forms[name]) if name in forms else _unlisted(at) for at, name in enumerate(header, 1)]
        rows = [["?" if form is _nothing else "" for _, form in columns], *rows]  # a strange column without a row, too
    return list(dict.fromkeys(_found(columns, rows)))


def _found(columns: Sequence[tuple[str, Form]], rows: Iterable[Sequence[str]]) -> Iterator[Suspicion]:
    for row in rows:
        for at, cell in enumerate(row):
            name, form = columns[at] if at < len(columns) else _unlisted(at + 1)
            if cell and (why := form(cell)):
                yield Suspicion(name, why)


# --- the first line: what a column may say ---


def _forms(shop: Advertiser) -> Mapping[str, Form]:
    """All columns that there are, by name."""
    return _of_labels(shop) | _of_campaigns(shop) | _of_mixes(shop) | _of_places(shop) | _of_keywords(shop)


def _of_labels(shop: Advertiser) -> dict[str, Form]:
    forms: dict[str, Form] = {label: _one_of(words) for label, words in WORDS.items()}
    # a few digits are no number of anybody; of the first, a count of visitor-days, there are at least 50
    forms |= {f"custom_number_{at}": _whole(0, 99_999) for at in range(len(WORDS))}
    forms["custom_number_0"] = _whole(K_RELEASE, 9_999_999)
    # an id may look like a telephone or a card, as EANs do: so it must be the catalogue's, and stands nowhere else
    return forms | {"id": _one_of({product.own_id for product in shop.catalogue}, Why.UNDECLARED)}


def _of_campaigns(shop: Advertiser) -> dict[str, Form]:
    words = {plain(word) for campaign in shop.campaigns for word in campaign} | {OTHER, "(all)"}
    return {
        "week": _like(_WEEK),
        **dict.fromkeys(("source", "medium", "campaign"), _or_loose(words)),
        **dict.fromkeys(("visits", "product_views", "carts", "orders"), _whole(K_RELEASE, 9_999_999)),
        "channel": _one_of({*CHANNELS, OTHER}),
        "channel_revenue_tier": _like(r"revenue-[1-5]|too_few"),
    }


def _of_mixes(shop: Advertiser) -> dict[str, Form]:
    count = _whole(K_RELEASE, 9_999_999)
    forms: dict[str, Form] = {
        **dict.fromkeys(("time", "DATE"), _like(_DATE)),
        "geo": _one_of({shop.country}, Why.UNDECLARED),
        "kpi": count,
        "revenue_per_kpi": _like(r"[0-9]{1,7}\.[0-9]{2}"),
        # as long as a telephone's number, in a good week; of eleven digits, as a person's has, it can't be
        "revenue": _whole(K_RELEASE * shop.revenue_cap, 10**10 - 1),
    }
    for channel in {line.channel for line in shop.spend}:
        told = _number_of(_told(shop, channel))
        forms |= dict.fromkeys((f"{channel}_S", f"{channel}_I", f"spend_{channel}", f"media_{channel}"), told)
    none_or_many: Form = lambda cell: None if cell == "0" else count(cell)  # noqa: E731 - a form like the others
    return forms | {name: none_or_many for word in ORGANIC for name in (f"{word}_visits", f"organic_{word}")}


def _told(shop: Advertiser, channel: str) -> Iterator[float]:
    yield 0.0
    for line in shop.spend:
        if line.channel == channel:
            yield from (line.amount, float(line.impressions))


def _of_places(shop: Advertiser) -> dict[str, Form]:
    countries = {country.apolitical_name for country in iso3166.countries}
    place = _or_loose(countries | {plain(area) for area in shop.areas})
    weeks = rf"{_WEEK}( to {_WEEK})?"
    return {
        "Campaign": _one_of({plain(name) for _, _, name in shop.campaigns}, Why.UNDECLARED),
        "Location": place,
        **dict.fromkeys(("ID", "Location ID"), _like(r"2[0-9]{3}")),
        **{f"{kind}Bid Modifier": _like(r"-?[0-9]{1,2}") for kind in ("", "Desktop ", "Mobile ", "Tablet ")},
        "Ad Schedule": _like(rf"{_INTERVAL}(;{_INTERVAL})*"),
        "Comment": _like(rf"((?P<place>.*): )?Sporløs {weeks}|{TOO_FEW} \({_WEEK}\)", place),
        "Primary condition": _one_of({"Location"}),
        "Secondary condition": _one_of({"Device"}),
        "Device": _one_of({"Computers", "Mobile phones, Tablets"}),
        "Value adjustment": _one_of({"Multiply"}),
        "Value": _like(r"[01]\.[0-9]{2}"),
        "Note": _like(rf"{weeks}|{re.escape(plain(shop.site))}: {TOO_FEW}"),
    }


def _of_keywords(shop: Advertiser) -> dict[str, Form]:
    named = (word for one in shop.catalogue for word in (one.title, one.brand, *parts_of(one.product_type)))
    return {
        "keyword": _or_loose({keyword(word) for word in named}),
        "kind": _one_of({"category", "product", "brand"}),
        "visitor_days": _one_of({"too_few", *_BANDS}),
    }


def _of_a_text(shop: Advertiser) -> Form:
    title = re.compile(rf"# (?P<what>[^:]*): {re.escape(shop.site)}(?P<rest>.*)")

    def form(line: str) -> Why | Likeness | None:
        if found := title.fullmatch(line.replace("\\", "")):
            line = f"{found['what']}: {found['rest']}"  # whose it is, the shop has said itself: `1881.no`
        line = _HEADING.sub("", line)  # else a group that is called `1881.no` would be number 188
        cells = line.split(" | ") if line.startswith("| ") else [line]
        return next((why for cell in cells if cell not in _BANDS and (why := looks_like(cell))), None)

    return form


_HEADING = re.compile("^#{1,6} ")
_BANDS = frozenset(map(band, BANDS))
"""Steps as long as a telephone's number."""
_WEEK = "20[0-9]{2}-W[0-5][0-9]"
_DATE = "20[0-9]{2}-[01][0-9]-[0-3][0-9]"
_INTERVAL = r"\((Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day@[0-9]{2,3}%\[[0-2][0-9]:00-[0-2][0-9]:00\]\)"


def _one_of(words: Iterable[str], why: Why = Why.FORM) -> Form:
    listed = frozenset(words)
    return lambda cell: None if cell in listed else why


def _like(pattern: str, of_place: Form | None = None) -> Form:
    compiled = re.compile(pattern)

    def form(cell: str) -> Why | Likeness | None:
        found = compiled.fullmatch(cell)
        named = found["place"] if found and of_place else None
        return Why.FORM if found is None else of_place(named) if of_place and named else None

    return form


def _number_of(told: Iterable[float]) -> Form:
    numbers, digits = {float(f"{number:.2f}") for number in told}, re.compile(r"[0-9]{1,13}(\.[0-9]{1,4})?")
    return lambda cell: None if digits.fullmatch(cell) and float(cell) in numbers else Why.UNDECLARED


def _whole(least: int, most: int) -> Form:
    digits = re.compile("[0-9]{1,13}")
    return lambda cell: None if digits.fullmatch(cell) and least <= int(cell) <= most else Why.FORM


def _or_loose(words: Iterable[str]) -> Form:
    listed = frozenset(words)
    return lambda cell: None if cell in listed else looks_like(cell)


def _unlisted(at: int) -> tuple[str, Form]:
    return f"column {at}", _nothing


def _nothing(_: str) -> Why:
    return Why.UNLISTED
