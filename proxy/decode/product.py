"""A product as a page shows it: as our script found it in JSON-LD, microdata or attributes, or as the page calls it.

Enters: an item of the native body, its keys as they stood on the page: GA4's, schema.org's, those of our attributes.
Leaves: a `RawItem`, and the currency that stood beside its price.
Source: https://schema.org/Product and Offer, as shops' platforms write them.
"""

from typing import Any

from proxy.arrival import RawItem
from proxy.decode import limits

_DEEPEST = 4
"""An offer in an aggregate of offers, with a price specification in it, is three deep."""


class Product(limits.Item):
    """GA4's keys go before our attributes', and these before schema.org's: the page's own word before its markup."""

    sporlosCart: limits.Loose = None  # noqa: N815 - as `dataset` spells `data-sporlos-cart`
    sporlosProduct: limits.Loose = None  # noqa: N815 - as above
    sporlosName: limits.Loose = None  # noqa: N815 - as above
    sporlosBrand: limits.Loose = None  # noqa: N815 - as above
    sporlosCategory: limits.Loose = None  # noqa: N815 - as above
    sporlosPrice: limits.Loose = None  # noqa: N815 - as above
    sporlosCurrency: limits.Loose = None  # noqa: N815 - as above
    sku: limits.Loose = None
    productID: limits.Loose = None  # noqa: N815 - as schema.org spells it
    productGroupID: limits.Loose = None  # noqa: N815 - as above
    gtin13: limits.Loose = None
    name: limits.Loose = None
    # what may be a text, an object or a list of either
    brand: Any = None
    category: Any = None
    offers: Any = None

    def raw(self) -> RawItem:
        """The same, as the privacy room takes it."""
        price = self.price
        if price is None:
            price = self.sporlosPrice or _found(self.offers, ("price", "lowPrice"))
        category = self.sporlosCategory or _word(self.category)
        return RawItem(
            _tidy(_said(self.item_id, self.sporlosCart, self.sporlosProduct, *self._of_schema())),
            _tidy(_said(self.item_name, self.sporlosName, self.name)),
            _tidy(_said(self.item_brand, self.sporlosBrand) or _word(self.brand)),
            limits.text(self.item_variant),
            self.categories() if self.item_category or not category else _levels(_tidy(category)),
            limits.text(self.item_list_name),
            self.place(),
            limits.number(price, -1e9, 1e9),
            self.pieces(),
        )

    def _of_schema(self) -> tuple[limits.Loose, ...]:
        return self.sku, self.productID, self.productGroupID, self.gtin13

    def currency(self) -> str:
        """Of its own price, where it says."""
        return _tidy(self.sporlosCurrency or _found(self.offers, ("priceCurrency",)))


def _said(*found: limits.Loose) -> limits.Loose:
    """The first that says something; 0 does."""
    for each in found:
        if each is not None and each != "":
            return each
    return None


def _tidy(found: limits.Loose) -> str:
    """Markup is full of line breaks."""
    said = limits.text(found)
    return " ".join(said.split()) if said else ""


def _word(found: Any) -> limits.Loose:  # noqa: ANN401 - whatever JSON holds
    """A text, the `name` of an object, or the first of a list of them."""
    if isinstance(found, list):
        found = found[0] if found else None
    if isinstance(found, dict):
        found = found.get("name")
    return found if isinstance(found, str | int | float) else None


def _found(offers: Any, names: tuple[str, ...], depth: int = 0) -> limits.Loose:  # noqa: ANN401 - whatever JSON holds
    """Under these names, in the first offer that has one: the offer's own, else what is within."""
    for offer in offers if isinstance(offers, list) else (offers,):
        if not isinstance(offer, dict) or depth > _DEEPEST:
            continue
        for name in names:
            said = offer.get(name)
            if isinstance(said, str | int | float):
                return said
        for within in ("priceSpecification", "offers"):
            if within in offer and (said := _found(offer[within], names, depth + 1)) is not None:
                return said
    return None


def _levels(category: str) -> tuple[str, str, str, str, str]:
    """`Leker > Lego > City` as the way to it that it is; what is deeper than five stands in the fifth."""
    first, second, third, fourth, fifth, *_ = *(level.strip() for level in category.split(">", 4)), *[""] * 5
    return first, second, third, fourth, fifth
