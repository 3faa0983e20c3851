"""Words that many visitors were interested in: a list to choose keywords from.

Enters: ledger weeks, the catalogue. Leaves: TSV. Pure.

Of a category its narrowest name, of a product its title and brand, as the shop writes them; no visitor's search is
among them. In the form that Google takes: at most 80 characters and ten words, of letters, digits and few signs
(https://experienceleague.adobe.com/en/docs/advertising/search-social-commerce/campaign-management/management/campaigns/keywords/keyword-settings-by-network/keyword-settings-google).
"""

from collections.abc import Iterator, Sequence

from pipeline.audiences.exports.brief import band
from pipeline.audiences.exports.channels import OTHER
from pipeline.audiences.exports.iab import parts_of
from pipeline.audiences.exports.sheet import Cell, sheet
from pipeline.audiences.exports.sums import NOTHING, at, recent, totals
from pipeline.audiences.likeness import looks_like
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser

COLUMNS = ("keyword", "kind", "visitor_days")
TOO_FEW = "too_few"
_MOST_WORDS, _MOST_SIGNS = 10, 80


def export(weeks: Sequence[Week], shop: Advertiser) -> bytes:
    """The list, the largest first; `visitor_days` is a band, of the latest eight weeks together.

    Where no word may be said, one line says so.
    """
    lines: dict[str, tuple[int, str]] = {}
    for word, kind, number in (*_categories(weeks, shop), *_products(weeks, shop)):
        if (said := keyword(word)) and number > lines.get(said, (0, ""))[0]:
            lines[said] = number, kind
    ordered = sorted(lines.items(), key=lambda line: (-line[1][0], line[0]))
    rows: list[tuple[Cell, ...]] = [(word, kind, band(number)) for word, (number, kind) in ordered]
    return sheet(COLUMNS, rows or [(None, None, TOO_FEW)], "\t", for_people=True)


def keyword(text: str) -> str:
    """A text as a keyword; empty if nothing is left of it."""
    words = "".join(sign if sign.isalnum() or sign in " &'./-" else " " for sign in text.lower()).split()
    words = [word for word in words if any(sign.isalnum() for sign in word)][:_MOST_WORDS]
    while len(" ".join(words)) > _MOST_SIGNS:
        words.pop()
    return " ".join(words).strip("-./'& ")


def _categories(weeks: Sequence[Week], shop: Advertiser) -> Iterator[tuple[str, str, int]]:
    """By device, as the groups of that kind are fewest: the least noise. None that was marked as sensitive since."""
    for (category, kind), total in totals(recent(weeks), "affinity", at(0, 1)).items():
        said = total.known and category != OTHER and not (looks_like(category) or shop.is_sensitive(category))
        # as a keyword, too: without its signs `4, 6, 8, 10, 12, 14` looks like a telephone, and the file would stay
        if kind == "device" and said and (parts := parts_of(category)) and not looks_like(keyword(parts[-1])):
            yield parts[-1], "category", total.number


def _products(weeks: Sequence[Week], shop: Advertiser) -> Iterator[tuple[str, str, int]]:
    viewed = totals(recent(weeks), "interest", at(0))
    for product in shop.catalogue:
        if (total := viewed.get((product.id,), NOTHING)).known:
            yield product.title, "product", total.number
            yield product.brand, "brand", total.number
