"""A shop's day, simulated: where visitors come from, what they look at, who buys, what browser and server report of it.

Leaves: rows as in `shops.py`, the same for the same seed. Who buys depends on nothing else, so that whoever guesses a
buyer's source or device better than visits are spread has learnt it from the counts.
"""

import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import Any

from tests.pipeline.closing.shops import OSLO, SUMMER, row, starts_ms

Said = dict[str, Any]

_ORIGINS: tuple[tuple[float, Said], ...] = (
    (30, {}),
    (26, {"channel": "search", "source": "google", "referrer": "google.com"}),
    (12, {"channel": "paid", "source": "google", "medium": "cpc", "campaign": "jul"}),
    (9, {"channel": "social", "source": "facebook", "referrer": "facebook.com"}),
    (7, {"channel": "paid", "source": "facebook", "medium": "cpc", "campaign": "nye-lego"}),
    (6, {"channel": "mail", "source": "nyhetsbrev", "medium": "email", "campaign": "uke-24"}),
    (4, {"channel": "referral", "referrer": "prisjakt.no"}),
    (3, {"channel": "search", "source": "bing", "referrer": "bing.com"}),
    (2, {"channel": "referral", "referrer": "barnebloggen.no"}),
    (1, {"channel": "social", "source": "snapchat", "referrer": "snapchat.com"}),
)
_DEVICES: tuple[tuple[float, Said], ...] = (
    (38, {"device": "mobile", "browser": "Safari", "os": "iOS", "viewport": 360}),
    (22, {"device": "mobile", "browser": "Chrome", "os": "Android", "viewport": 360}),
    (18, {"device": "desktop", "browser": "Chrome", "os": "Windows", "viewport": 1280}),
    (7, {"device": "desktop", "browser": "Edge", "os": "Windows", "viewport": 1536}),
    (6, {"device": "desktop", "browser": "Safari", "os": "macOS", "viewport": 1280}),
    (5, {"device": "tablet", "browser": "Safari", "os": "iOS", "viewport": 768}),
    (4, {"device": "desktop", "browser": "Firefox", "os": "Linux", "viewport": 1536}),
)
_PLACES: tuple[tuple[float, Said], ...] = (
    (25, {"country": "NO", "region": "NO-03", "language": "nb"}),
    (22, {"country": "NO", "region": "NO-32", "language": "nb"}),
    (15, {"country": "NO", "region": "NO-46", "language": "nb"}),
    (10, {"country": "NO", "region": "NO-11", "language": "nb"}),
    (6, {"country": "NO", "region": "NO-50", "language": "nb"}),
    (2, {"country": "NO", "region": "NO-56", "language": "nb"}),
    (8, {"country": "NO", "language": "nb"}),
    (5, {"country": "NO", "region": "NO-03", "language": "en"}),
    (3, {"country": "SE", "region": "SE-AB", "language": "sv"}),
    (1, {"country": "SE", "region": "SE-O", "language": "sv"}),
    (2, {"country": "DK", "language": "da"}),
    (1, {"country": "", "language": "en"}),
)
_CATEGORIES = ("Lego / City", "Lego / Technic", "Lego", "Brio / Tog", "Brio", "Spill", "Dukker", "Uteleker / Sykler")
_SHARE_COUNTED, _SHARE_BACK, _SHARE_BROWSING_BUYERS = 0.25, 0.15, 0.5
_MINUTE = 60_000


class _Shop:
    """One day being made up."""

    def __init__(self, seed: int, day: date, products: int) -> None:
        self.chance = random.Random(seed)
        self.day = day
        self.rows: list[Said] = []
        # a long tail: the nth product is looked at 1 / n as often as the first
        self._popularity = list(accumulate(1 / n for n in range(1, products + 1)))
        self._prices = [self.chance.randrange(49, 1500) * 100 - 10 * self.chance.randrange(2) for _ in range(products)]

    def among(self, weighted: Sequence[tuple[float, Said]]) -> Said:
        """One of them, by weight."""
        return self.chance.choices([said for _, said in weighted], [weight for weight, _ in weighted])[0]

    def product(self) -> int:
        """Its number."""
        return bisect(self._popularity, self.chance.random() * self._popularity[-1])

    def goods(self, numbers: Sequence[int]) -> Said:
        """The columns that tell of products."""
        categories = [_CATEGORIES[n % len(_CATEGORIES)] for n in numbers]
        return {
            "item_id": tuple(f"p{n}" for n in numbers),
            "item_name": tuple(f"Leke {n}" for n in numbers),
            "item_brand": tuple(category.split(" / ")[0] for category in categories),
            "item_category": tuple(categories),
            "item_price": tuple(self._prices[n] for n in numbers),
            "item_quantity": tuple(self.chance.choice((1, 1, 1, 2)) for _ in numbers),
            "currency": "NOK",
        }

    def say(self, ts: int, name: str, **said: Any) -> None:  # noqa: ANN401 - columns of every type
        """One event."""
        self.rows.append(row(self.day, ts, name, batch=ts // 2000, **said))


def shop_of(
    visitors: int, seed: int, day: date = SUMMER, orders: int | None = None, products: int = 2_000
) -> list[Said]:
    """Rows of one day, of so many visitors; one in fifty of those with a number buys, unless `orders` says how many."""
    shop = _Shop(seed, day, products)
    midnight = starts_ms(day, OSLO)
    counted = int(visitors * _SHARE_COUNTED)
    buyers = set(
        shop.chance.sample(range(visitors - counted), (visitors - counted) // 50 if orders is None else orders)
    )
    for nth in range(visitors):
        person = {**shop.among(_DEVICES), **shop.among(_PLACES)}
        ts = midnight + int(shop.chance.betavariate(4, 2) * 22 * 60 * _MINUTE) + 30 * _MINUTE
        if nth >= visitors - counted:
            _browse_uncounted(shop, ts, person)
            continue
        person["visitor"] = shop.chance.getrandbits(63) + 1
        ts = _visit(shop, ts, person, buys=nth in buyers)
        if shop.chance.random() < _SHARE_BACK:
            _visit(shop, ts + shop.chance.randrange(31, 90) * _MINUTE, person, buys=False)
    return shop.rows


def _browse_uncounted(shop: _Shop, ts: int, person: Said) -> None:
    """Page views of someone who was not asked yet: known by nothing but where the first came from."""
    for nth in range(shop.chance.randrange(1, 5)):
        came = {"entry": 1, **shop.among(_ORIGINS)} if nth == 0 else {}
        shop.say(ts, "page_view", path=f"/leke/p{shop.product()}", **person, **came)
        ts += shop.chance.randrange(3, 300) * 1000


def _visit(shop: _Shop, ts: int, person: Said, *, buys: bool) -> int:
    """One visit; when it ended."""
    chance, came = shop.chance, {"entry": 1, **shop.among(_ORIGINS)}
    seen: list[int] = []
    for _ in range(1 + int(chance.expovariate(0.5 if not buys else 0.2))):
        number = shop.product()
        is_product = chance.random() < 0.6
        path = f"/leke/p{number}" if is_product else f"/{_CATEGORIES[number % 8].split(' / ')[0].lower()}"
        ts = _page(shop, ts, path, {**person, **came}, [number] if is_product else [])
        seen += [number] * is_product
        came = {}
        if is_product and chance.random() < 0.12:
            shop.say(ts, "add_to_cart", path=path, **person, **shop.goods([number]))
    if chance.random() < 0.05:
        shop.say(ts, "search", path="/sok", search_term=chance.choice(("lego", "duplo", f"leke {number}")), **person)
    wants = list(dict.fromkeys(seen))[:6] or [shop.product()]
    if buys or chance.random() < 0.04 * _SHARE_BROWSING_BUYERS:
        shop.say(ts, "add_to_cart", path=f"/leke/p{wants[0]}", **person, **shop.goods(wants[:1]))
        ts = _page(shop, ts + 5_000, "/kasse", person, [])
        shop.say(ts, "begin_checkout", path="/kasse", **person, **shop.goods(wants))
    if buys:
        ts = _buy(shop, ts + 60_000, person, wants)
    return ts


def _page(shop: _Shop, ts: int, path: str, person: Said, products: list[int]) -> int:
    """A page opened, looked at, and left; not every leaving is reported."""
    shop.say(ts, "page_view", path=path, **person)
    if products:
        shop.say(ts, "view_item", path=path, **person, **shop.goods(products))
    looked_ms = int(shop.chance.expovariate(1 / 25_000)) + 500
    if shop.chance.random() < 0.9:
        plain = {**person, "entry": 0}
        engaged, scroll = int(looked_ms * 0.8), shop.chance.randrange(0, 101, 25)
        shop.say(ts + looked_ms, "engagement", path=path, engaged_ms=engaged, scroll=scroll, **plain)
    return ts + looked_ms + 1


def _buy(shop: _Shop, ts: int, person: Said, wants: Sequence[int]) -> int:
    """An order, as the browser tells of it, the server, or both; the server knows no products."""
    goods = shop.goods(wants) | {"currency": shop.chance.choices(("NOK", "SEK"), (15, 1))[0]}
    value = sum(price * count for price, count in zip(goods["item_price"], goods["item_quantity"], strict=True))
    key = shop.chance.getrandbits(63) + 1
    ts = _page(shop, ts, "/kvittering", person, [])
    told = shop.chance.choice(("both", "both", "both", "browser"))
    shop.say(ts, "purchase", path="/kvittering", order_key=key, value=value, **person, **goods)
    if told == "both":
        late = ts + shop.chance.randrange(-2_000, 4_000)
        shop.say(
            late, "purchase", order_key=key, value=value, currency="NOK", visitor=0, path="", viewport=0, device=""
        )
    return ts


def purchases(rows: Sequence[Said]) -> Iterator[Said]:
    """The reports with a number: one an order, with who and what."""
    return (one for one in rows if one["name"] == "purchase" and one["visitor"])
