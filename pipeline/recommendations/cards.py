"""What is said beside a product. Enters: products, ranked, and the shop's catalogue. Leaves: JSON. Pure.

Only the shop's own words are passed on: a name that stood in an event is whatever anybody's browser said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from pipeline.audiences.shop import Product
from pipeline.recommendations.ranked import Near, Seen

MOST = 12
"""Products in a list."""

Cards = Mapping[str, msgspec.Raw]
"""What may be recommended: product → `id`; of the catalogue `name`, `link`, `image`. No price: pages have today's."""


def on_offer(seen: Iterable[Seen], catalogue: Sequence[Product]) -> Cards:
    """What may be recommended: what the catalogue has available; without one, what ten visitors had to do with."""
    if catalogue:
        return {product.id: _card(product) for product in catalogue if product.available}
    return {one.product: _card(Product(one.product)) for one in seen if one.by_enough}


def popular(seen: Iterable[Seen], offer: Cards) -> list[str]:
    """The most popular now; one more than a list has, as a product isn't recommended beside itself."""
    return [one.product for one in seen if one.by_enough_lately and one.product in offer][: MOST + 1]


def front(warm: Sequence[str], offer: Cards) -> bytes:
    """What is said beside no product: `{"popular": […]}`."""
    return msgspec.json.encode({"popular": [offer[product] for product in warm[:MOST]]})


def cards(
    viewed: Near, bought: Near, warm: Sequence[str], offer: Cards, catalogue: Sequence[Product]
) -> Iterator[tuple[str, bytes]]:
    """Product and JSON, of each that the catalogue has, available or not; without one, of each on offer.

    With a catalogue, its own spelling of each id is told, by which the shop's pages ask.

    `{"product": id, "viewed_together": […], "bought_together": […], "popular": […]}`, up to 12 in each.
    """
    own = {one.id: one.own_id for one in catalogue} or {one: one for one in offer}
    for product, told in own.items():
        lists = {
            "viewed_together": viewed.get(product, ()),
            "bought_together": bought.get(product, ()),
            "popular": [one for one in warm if one != product],
        }
        said = {name: [offer[one] for one in ranked if one in offer][:MOST] for name, ranked in lists.items()}
        yield told, msgspec.json.encode({"product": told, **said})


def _card(product: Product) -> msgspec.Raw:
    words = {"id": product.own_id, "name": product.title, "link": product.link, "image": product.image_link}
    return msgspec.Raw(msgspec.json.encode({name: word for name, word in words.items() if word or name == "id"}))
