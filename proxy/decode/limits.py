"""How long and how many anything in a request may be, for every dialect, and what is made of what is not quite so."""

from bisect import bisect_right
from typing import Annotated

import msgspec

from proxy.arrival import RawItem
from proxy.decode.amount import amount

BODY_BYTES = 64 * 1024
URL_CHARACTERS = 2000
WIDTHS = (320, 360, 480, 768, 1024, 1280, 1536, 1920)
EVENTS = 50
ITEMS, ITEMS_OF_A_PURCHASE = 30, 100
AGE_MS = 5 * 60 * 1000
"""A browser may say that an event is older than its request by so much: more would let it choose the day."""
LATE_SECONDS = 600.0
"""Of a shop's server: what was under way at midnight stands at the day's first second, as a browser's events do
(`privacy/forget.py`)."""
UNREADABLE = (msgspec.DecodeError, RecursionError, ValueError)
"""What decoding raises: no JSON of the shape, brackets a thousand deep, text that is no UTF-8 or no number."""

Url = Annotated[str, msgspec.Meta(max_length=URL_CHARACTERS)]
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


class GoodItem(msgspec.Struct, forbid_unknown_fields=True):
    """GA4's item with its own keys and of the right types, so that nothing has to be put right."""

    item_id: Text = ""
    """Number of the product."""
    item_name: Text = ""
    """Its name."""
    item_brand: Text = ""
    """Its brand."""
    item_variant: Text = ""
    """Size, colour."""
    item_category: Text = ""
    """The widest category."""
    item_category2: Text = ""
    """Within it."""
    item_category3: Text = ""
    """Within that."""
    item_category4: Text = ""
    """Within that."""
    item_category5: Text = ""
    """The narrowest."""
    item_list_name: Text = ""
    """The list in which it was seen or clicked."""
    index: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """Its place in that list."""
    price: Money = 0.0
    """Of one piece, in major units."""
    quantity: Annotated[int, msgspec.Meta(ge=0, le=_MOST_PIECES)] = 1
    """Pieces."""

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
            id=text(self.item_id),
            name=text(self.item_name),
            brand=text(self.item_brand),
            variant=text(self.item_variant),
            categories=self.categories(),
            list=text(self.item_list_name),
            index=self.place(),
            price=number(self.price, -1e9, 1e9),
            quantity=self.pieces(),
        )

    def categories(self) -> tuple[str, str, str, str, str]:
        """From the widest to the narrowest."""
        return (
            text(self.item_category),
            text(self.item_category2),
            text(self.item_category3),
            text(self.item_category4),
            text(self.item_category5),
        )

    def place(self) -> int:
        """In a list."""
        return round(number(self.index, 0, 65_535)) if self.index is not None else 0

    def pieces(self) -> int:
        """One where nothing is said."""
        return 1 if self.quantity is None else round(number(self.quantity, 0, _MOST_PIECES))


def text(found: Loose) -> str:
    """Empty where it is longer than anything that is kept."""
    if isinstance(found, str):
        return found if len(found) <= _TEXT_CHARACTERS else ""
    return "" if found is None else f"{found:.15g}" if isinstance(found, float) else str(found)


def number(found: Loose, least: float, most: float) -> float:
    """Within its bounds; 0 where it is no number."""
    return min(max(measure(found) or 0.0, least), most)


def measure(found: Loose) -> float | None:
    """0 where nothing was said, None where it is no number."""
    if found is None or found == "":
        return 0.0
    try:
        return amount(found) if isinstance(found, str) else float(found)
    except OverflowError:
        return None


def width_bucket(width: float) -> int:
    """The lower bound of the bucket that a window's width lies in; 0: not said."""
    return WIDTHS[max(bisect_right(WIDTHS, width) - 1, 0)] if width else 0


def clamp_age_ms(t: int) -> int:
    """Milliseconds before sending, from the script's `t` (negative or positive), at most five minutes."""
    return min(abs(t), AGE_MS)


def most_items(name: str) -> int:
    """How many items an event of this name may carry; the rest is cut off."""
    return ITEMS_OF_A_PURCHASE if name in ("purchase", "refund") else ITEMS
