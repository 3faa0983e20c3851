"""A cart as text in the address, `60316x1,22085x2`: it needs no cookie and no storage.

Enters: that text, as anyone may have typed it. Leaves: products of the catalogue with quantities, nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from demo.catalogue import BY_ID, CURRENCY, Product, as_item

_LINE = re.compile(r"([0-9]{5})x([0-9]{1,2})")
_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Cart:
    """Products and how many of each, in the order they were added."""

    lines: tuple[tuple[Product, int], ...] = ()

    @property
    def total(self) -> int:
        """The price of everything, in whole kroner."""
        return sum(product.price * quantity for product, quantity in self.lines)

    @property
    def count(self) -> int:
        """How many things lie in the cart."""
        return sum(quantity for _, quantity in self.lines)

    def __str__(self) -> str:
        return ",".join(f"{product.id}x{quantity}" for product, quantity in self.lines)

    def changed(self, product: Product, by: int) -> "Cart":
        """A cart with more or less of one product; at none it is gone."""
        quantities = dict(self.lines)
        quantities[product] = min(quantities.get(product, 0) + by, _AT_MOST)
        return Cart(tuple((each, quantity) for each, quantity in quantities.items() if quantity > 0))

    def parameters(self) -> dict[str, object]:
        """What a call about the whole cart carries, under GA4's keys."""
        return {
            "currency": CURRENCY,
            "value": self.total,
            "items": [as_item(product, quantity) for product, quantity in self.lines],
        }


def read_cart(query: Mapping[str, str]) -> Cart:
    """The cart of an address; what is no product of the shop is left out."""
    cart = Cart()
    for number, quantity in _LINE.findall(query.get("kurv", "")):
        if number in BY_ID:
            cart = cart.changed(BY_ID[number], int(quantity))
    return cart
