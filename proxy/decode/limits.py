"""How long and how many anything in a request may be, for every dialect."""

from typing import Annotated

import msgspec

from proxy.arrival import RawItem

BODY_BYTES = 64 * 1024
EVENTS = 50
ITEMS, ITEMS_OF_A_PURCHASE = 30, 100
AGE_MS = 5 * 60 * 1000
"""A browser may say that an event is older than its request by so much: more would let it choose the day."""
UNREADABLE = (msgspec.DecodeError, RecursionError, ValueError)
"""What decoding raises: no JSON of the shape, brackets a thousand deep, text that is no UTF-8 or no number."""

Url = Annotated[str, msgspec.Meta(max_length=2000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Money = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
"""Major units; a billion keeps the sum of a day within 64 bits of minor units."""
Identifier = Text | Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""Shops send product and order numbers as text and as numbers."""


class Item(msgspec.Struct):
    """GA4's item, the keys that are kept; others are dropped."""

    item_id: Identifier = ""
    item_name: Text = ""
    item_brand: Text = ""
    item_variant: Text = ""
    item_category: Text = ""
    item_category2: Text = ""
    item_category3: Text = ""
    item_category4: Text = ""
    item_category5: Text = ""
    item_list_name: Text = ""
    index: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    price: Money = 0.0
    quantity: Count = 1

    def raw(self) -> RawItem:
        """The same, as the privacy room takes it."""
        return RawItem(
            id=str(self.item_id),
            name=self.item_name,
            brand=self.item_brand,
            variant=self.item_variant,
            categories=(
                self.item_category,
                self.item_category2,
                self.item_category3,
                self.item_category4,
                self.item_category5,
            ),
            list=self.item_list_name,
            index=self.index,
            price=self.price,
            quantity=self.quantity,
        )


def clamp_age_ms(t: int) -> int:
    """Milliseconds before sending, from the script's `t` (negative or positive), at most five minutes."""
    return min(abs(t), AGE_MS)


def most_items(name: str) -> int:
    """How many items an event of this name may carry; the rest is cut off."""
    return ITEMS_OF_A_PURCHASE if name in ("purchase", "refund") else ITEMS
