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


_TEXT_CHARACTERS = 2000
"""Far more than is kept of any: half an e-mail address is none, so a text is cut after it is cleaned, and not here."""
_MOST_PIECES = 10_000
"""Of one item in one order; with the highest price and a hundred items the sum still has its place in 64 bits."""

Loose = str | int | float | bool | None
"""What data layers hold where a text or a number should be: a purchase must not be lost over the type of a brand."""


class GoodItem(msgspec.Struct):
    """GA4's item as our own script sends it: of the right types, so that nothing has to be put right."""

    item_id: Text = ""
    item_name: Text = ""
    item_brand: Text = ""
    item_variant: Text = ""
    item_category: Text = ""
    item_category2: Text = ""
    item_category3: Text = ""
    item_category4: Text = ""
    item_category5: Text = ""
    item_list_name: Text = ""
    index: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    price: Money = 0.0
    quantity: Annotated[int, msgspec.Meta(ge=0, le=_MOST_PIECES)] = 1

    def raw(self) -> RawItem:
        """The same, as the privacy room takes it."""
        return RawItem(
            self.item_id,
            self.item_name,
            self.item_brand,
            self.item_variant,
            (self.item_category, self.item_category2, self.item_category3, self.item_category4, self.item_category5),
            self.item_list_name,
            self.index,
            self.price,
            self.quantity,
        )


class Item(msgspec.Struct):
    """GA4's item, the keys that are kept; others are dropped. Taken as it comes, and put right in `raw`."""

    item_id: Loose = None
    item_name: Loose = None
    item_brand: Loose = None
    item_variant: Loose = None
    item_category: Loose = None
    item_category2: Loose = None
    item_category3: Loose = None
    item_category4: Loose = None
    item_category5: Loose = None
    item_list_name: Loose = None
    index: Loose = None
    price: Loose = None
    quantity: Loose = None

    def raw(self) -> RawItem:
        """The same, as the privacy room takes it."""
        return RawItem(
            id=_text(self.item_id),
            name=_text(self.item_name),
            brand=_text(self.item_brand),
            variant=_text(self.item_variant),
            categories=(
                _text(self.item_category),
                _text(self.item_category2),
                _text(self.item_category3),
                _text(self.item_category4),
                _text(self.item_category5),
            ),
            list=_text(self.item_list_name),
            index=round(_number(self.index, 0, 65_535)),
            price=_number(self.price, -1e9, 1e9),
            quantity=1 if self.quantity is None else round(_number(self.quantity, 0, _MOST_PIECES)),
        )


def _text(found: Loose) -> str:
    if isinstance(found, str):
        return found if len(found) <= _TEXT_CHARACTERS else ""
    return "" if found is None else f"{found:.15g}" if isinstance(found, float) else str(found)


def _number(found: Loose, least: float, most: float) -> float:
    """Within its bounds; 0 where it is no number."""
    try:
        number = float(found) if found is not None else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return min(max(number, least), most) if number == number else 0.0  # noqa: PLR0124 - only NaN differs from itself


def clamp_age_ms(t: int) -> int:
    """Milliseconds before sending, from the script's `t` (negative or positive), at most five minutes."""
    return min(abs(t), AGE_MS)


def most_items(name: str) -> int:
    """How many items an event of this name may carry; the rest is cut off."""
    return ITEMS_OF_A_PURCHASE if name in ("purchase", "refund") else ITEMS
