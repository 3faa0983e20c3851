"""How rows spell a product's id is known to whoever looks for the shop's own products in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.event import Event
from proxy.arrival import RawEvent, RawItem
from proxy.privacy.reading import kept_as
from tests.proxy.visit import left_of, make_salts, page_of

SALTS = make_salts()
SPELT = {
    "a number": ("60316", "60316"),
    "zeros before it": ("000123", "000123"),
    "an article number": ("7038010009457", "7038010009457"),
    "large and small letters": ("Lego-City", "Lego-City"),
    "signs of its own": ("A/B+C_1.0#x:y&z=50%", "A/B+C_1.0#x:y&z=50%"),
    "two blanks": ("AB  12", "AB  12"),
    "a platform's": ("gid://shopify/Product/7654321", "gid://shopify/Product/7654321"),
    "a blank that doesn't break": ("AB\u00a012", "AB 12"),
    "a raised two": ("m²-12", "m2-12"),
    "a half": ("vinyl-½", "vinyl-1\u20442"),
    "wide letters": ("\uff21\uff22\uff11\uff12", "AB12"),
    "a ring of its own": ("bla\u030a-1", "blå-1"),
    "a hyphen that isn't seen": ("AB\u00ad12", "AB12"),
    "a family": ("👨\u200d👩\u200d👧-1", "👨👩👧-1"),
    "in percents": ("AB%2F12", "AB/12"),
    "a telephone": ("+4791234567", ""),
    "an e-mail address": ("kari@example.no", ""),
    "a card": ("4111111111111111", ""),
    "a network address": ("10.20.30.40", ""),
    "a UUID": ("123e4567-e89b-12d3-a456-426614174000", ""),
    "a hash": ("d41d8cd98f00b204e9800998ecf8427e", ""),
    "a person within": ("vare kari@example.no", ""),
    "a row's own word": ("(other)", ""),
    "nothing": ("", ""),
}


def row_of(item_id: str) -> Event:
    """A product seen."""
    [event] = left_of(SALTS, page=page_of(RawEvent(name="view_item", items=(RawItem(id=item_id, name="x"),)))).events
    return event


@pytest.mark.parametrize(("own", "kept"), SPELT.values(), ids=SPELT.keys())
def test_an_id_is_known_as_rows_have_it(own: str, kept: str) -> None:
    """In their one spelling; what looks like a person's number is in no row, and so is nobody's id."""
    assert kept_as(own) == kept
    assert row_of(own).item_id == (kept,) or not kept


@given(st.text(max_size=50) | st.text("0123456789+-. %²½abc@", max_size=50))
def test_whatever_an_id_is_a_row_has_it_so(own: str) -> None:
    """And what a row has is known as itself: no other id of the shop's can be mistaken for one that is in no row."""
    [found] = row_of(own).item_id
    kept = kept_as(own)
    assert found == kept or (not kept and ("(removed)" in found or found in ("(other)", "(sensitive)")))
    assert kept_as(found) == kept
