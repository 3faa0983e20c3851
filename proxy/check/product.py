"""Whether the page's product was found. Enters: one visit. Leaves: findings."""

from collections.abc import Iterator

from proxy.check.finding import Finding, Word, fault, ok, warning
from proxy.check.observed import Markup, Visit


def judge(visit: Visit) -> Iterator[Finding]:
    """Nothing tells a product's page from a front page but its markup: what must be there is said by --expect."""
    seen = visit.markup
    products = tuple(dict.fromkeys(name for report in visit.reports for name in report.products))
    unnumbered = tuple(dict.fromkeys(name for report in visit.reports for name in report.unnumbered))
    if seen.unreadable:
        yield fault(
            Word.MARKUP_UNREADABLE,
            f"{seen.unreadable} blocks of JSON-LD are no JSON, and nobody can read them, search engines neither",
            "look for a quote or a line break inside a product's text that the template doesn't escape.",
        )
    if unnumbered:
        yield fault(
            Word.PRODUCT_WITHOUT_ID,
            f"a product without a number can't be counted: {', '.join(name or '(no name)' for name in unnumbered)}",
            'give its markup a "sku", its dataLayer an item_id, or mark the page: data-sporlos-product="…".',
        )
    elif products:
        yield ok(Word.PRODUCT_SEEN, f"product found: {', '.join(products)}")
    else:
        yield warning(Word.NO_PRODUCT, f"no product found ({_there(seen)})", _advice(seen))


def _there(seen: Markup) -> str:
    found = {
        "in JSON-LD": seen.described,
        "product groups": seen.groups,
        "in microdata": seen.microdata,
        "marked with data-sporlos-product": seen.marked,
    }
    return ", ".join(f"{count} {where}" for where, count in found.items() if count) or "no markup of one"


def _advice(seen: Markup) -> str:
    several = seen.described > 1 or seen.microdata > 1 or seen.marked > 1
    mark = "data-sporlos-view and data-sporlos-product on the product's element, or a view_item in dataLayer"
    if several:
        return f"right for a list; a product's page says which one it is about by {mark}."
    return f"right for any page but a product's; there it takes schema.org's Product with a sku, or {mark}."
