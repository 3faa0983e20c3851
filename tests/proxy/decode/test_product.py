"""Products as pages show them."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.decode.product import Product

decode = msgspec.json.Decoder(Product).decode


def read(**found: object) -> dict[str, object]:
    """What is said of a product, without what isn't."""
    product = decode(json.dumps(found))
    item = product.raw()
    said = {"id": item.id, "name": item.name, "brand": item.brand, "price": item.price, "currency": product.currency()}
    return {key: value for key, value in (said | {"categories": item.categories}).items() if value and any(str(value))}


OFFERS: dict[str, tuple[object, tuple[float, str]]] = {
    "an offer": ({"price": "749.00", "priceCurrency": "NOK"}, (749.0, "NOK")),
    "a number": ({"price": 749, "priceCurrency": "NOK"}, (749.0, "NOK")),
    "several": ([{"availability": "x"}, {"price": 5, "priceCurrency": "NOK"}, {"price": 6}], (5.0, "NOK")),
    "from a lowest price": ({"lowPrice": 5, "highPrice": 9, "priceCurrency": "EUR"}, (5.0, "EUR")),
    "as WooCommerce": ([{"priceSpecification": [{"price": "5.00", "priceCurrency": "NOK"}]}], (5.0, "NOK")),
    "within an aggregate": ({"offers": [{"price": 5, "priceCurrency": "NOK"}]}, (5.0, "NOK")),
    "none": (None, (0.0, "")),
    "a link": ("https://shop.no/tilbud", (0.0, "")),
    "empty": ([], (0.0, "")),
    "for nothing": ({"price": 0, "priceCurrency": "NOK"}, (0.0, "NOK")),
}


@pytest.mark.parametrize(("offers", "expected"), OFFERS.values(), ids=OFFERS.keys())
def test_a_price_is_found_in_its_offer(offers: object, expected: tuple[float, str]) -> None:
    """However deep a platform puts it."""
    product = decode(json.dumps({"sku": "a", "offers": offers}))
    assert (product.raw().price, product.currency()) == expected


NAMES: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "sku": ({"sku": 5, "productID": "b", "gtin13": "c"}, {"id": "5"}),
    "productID": ({"sku": "", "productID": "b", "gtin13": "c"}, {"id": "b"}),
    "gtin": ({"gtin13": 7038010009457}, {"id": "7038010009457"}),
    "a group": ({"productGroupID": "g"}, {"id": "g"}),
    "attributes": (
        {
            "sporlosProduct": "a",
            "sporlosName": "Ball",
            "sporlosBrand": "B",
            "sporlosPrice": "7,50",
            "sporlosCurrency": "NOK",
        },
        {"id": "a", "name": "Ball", "brand": "B", "price": 7.5, "currency": "NOK"},
    ),
    "a cart button's": ({"sporlosCart": "a", "sporlosProduct": "b", "sku": "c"}, {"id": "a"}),
    "the page's own word first": (
        {"item_id": "a", "sku": "b", "item_name": "A", "name": "B", "price": 0, "offers": {"price": 5}},
        {"id": "a", "name": "A"},
    ),
    "text over several lines": ({"name": "\n  Rød\n\t ball "}, {"name": "Rød ball"}),
    "a brand's name": ({"brand": {"@type": "Brand", "name": "Lego"}}, {"brand": "Lego"}),
    "several brands": ({"brand": [{"name": "Lego"}, "x"]}, {"brand": "Lego"}),
    "a brand of nothing": ({"brand": [[]]}, {}),
    "a category": ({"category": "Leker > Lego > City"}, {"categories": ("Leker", "Lego", "City", "", "")}),
    "a deep category": ({"category": "a>b>c>d>e>f"}, {"categories": ("a", "b", "c", "d", "e>f")}),
    "categories": ({"category": ["Leker", "Gaver"]}, {"categories": ("Leker", "", "", "", "")}),
    "GA4's category first": ({"item_category": "A", "category": "B"}, {"categories": ("A", "", "", "", "")}),
}


@pytest.mark.parametrize(("found", "said"), NAMES.values(), ids=NAMES.keys())
def test_a_product_is_called_as_the_page_calls_it(found: dict[str, object], said: dict[str, object]) -> None:
    """By whichever of its names there is."""
    assert {key: value for key, value in read(**found).items() if key != "categories" or any(value)} == said  # type: ignore[call-overload]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("name price priceCurrency offers priceSpecification lowPrice".split()), inner)
    ),
    max_leaves=10,
)


@given(anything, anything, anything)
def test_whatever_markup_holds_is_a_product(brand: object, category: object, offers: object) -> None:
    """Texts are texts, the price is a number."""
    product = decode(json.dumps({"sku": "a", "brand": brand, "category": category, "offers": offers}))
    item = product.raw()
    assert isinstance(item.price, float)
    assert all(isinstance(text, str) for text in (item.id, item.brand, *item.categories, product.currency()))
