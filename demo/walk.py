"""What one visitor does in the demo shop. Enters: a source and a random generator. Leaves: steps.

The rates make a shop of ordinary fortune: two visits in five see one page only, one in ten fills a cart,
two or three in a hundred buy.
"""

import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from urllib.parse import quote_plus

from demo.cart import Cart
from demo.catalogue import BY_ID, CATEGORIES, CURRENCY, GOES_WITH, PRODUCTS, Category, Product, as_item, find, shelf
from demo.people import Source

Said = dict[str, object]
"""One event in the native body's keys, without its random number."""

_LEAVES_AFTER = {"front": 0.30, "category": 0.27, "product": 0.43, "search": 0.25}
_SEARCHES, _FILLS_CART, _TAKES_ALONG, _GOES_ON_TO_CART, _CHECKS_OUT, _PAYS = 0.08, 0.075, 0.4, 0.75, 0.62, 0.66
_TERMS = ("lego", "bamse", "puslespill", "tog", "hund", "katt", "spill", "dukke", "bursdagsgave", "drage")
_PAYMENT_PAGES = ("https://pay.klarna.com/", "https://api.vipps.no/", "")
_STAYS_ON_THE_SHELF = 0.7
_MOST_PAGES = 25


@dataclass(frozen=True, slots=True)
class Step:
    """A page: what it reports at once, how long it is looked at, and what is done before it is left."""

    path: str
    loaded: tuple[Said, ...]
    seconds: float
    depth: int
    done: tuple[Said, ...] = ()
    referrer: str | None = None
    """The page that led here, where it is not the step before."""


def walk(rng: random.Random, source: Source) -> Iterator[Step]:
    """The pages of one visit, from where the source lands to where the visitor leaves."""
    cart, kind = Cart(), source.lands
    category = rng.choice(CATEGORIES)
    for _ in range(_MOST_PAGES):
        if kind == "front":
            yield _look(rng, "/", cart)
        elif kind == "search":
            yield _search(rng, cart)
        elif kind == "category":
            category = _category(rng)
            yield _look(rng, f"/{category.slug}", cart)
        else:
            product = _product(rng, category if rng.random() < _STAYS_ON_THE_SHELF else None)
            filled = rng.random() < _FILLS_CART
            yield _product_page(rng, product, cart, filled=filled)
            if filled:
                cart = cart.changed(product, 1)
                yield _cart_page(rng, cart)
                if product.id in GOES_WITH and rng.random() < _TAKES_ALONG:
                    cart = yield from _take_along(rng, BY_ID[GOES_WITH[product.id]], cart)
                if rng.random() < _GOES_ON_TO_CART:
                    yield from _buy(rng, cart)
                    return
        if rng.random() < _LEAVES_AFTER[kind]:
            return
        kind = _next(rng, kind)


def crawl(rng: random.Random) -> Iterator[Step]:
    """What a robot fetches: a few pages, fast, and nothing else."""
    for product in rng.sample(PRODUCTS, rng.randint(3, 8)):
        yield Step(product.path, ({"n": "page_view"},), rng.uniform(0.5, 4), 0)


def _next(rng: random.Random, kind: str) -> str:
    if rng.random() < _SEARCHES:
        return "search"
    if kind == "product":
        return rng.choices(("product", "category", "front"), (55, 35, 10))[0]
    if kind == "front":
        return rng.choices(("category", "product"), (60, 40))[0]
    return rng.choices(("product", "category"), (82, 18))[0]


def _category(rng: random.Random) -> Category:
    return rng.choices(CATEGORIES, (36, 24, 18, 22))[0]


def _product(rng: random.Random, category: Category | None) -> Product:
    among = shelf(category) if category else PRODUCTS
    return rng.choices(among, [product.weight for product in among])[0]


def _at(path: str, cart: Cart) -> str:
    return f"{path}?kurv={cart}" if cart.lines else path


def _seconds(rng: random.Random, typical: float) -> float:
    """How long people look: most a moment, a few very long."""
    return min(rng.lognormvariate(0, 0.9) * typical, 900.0)


def _look(rng: random.Random, path: str, cart: Cart) -> Step:
    return Step(_at(path, cart), ({"n": "page_view"},), _seconds(rng, 14), rng.randint(35, 100))


def _search(rng: random.Random, cart: Cart) -> Step:
    term = rng.choice(_TERMS)
    path = f"/sok?q={quote_plus(term)}" + (f"&kurv={cart}" if cart.lines else "")
    found = find(term)
    loaded: tuple[Said, ...] = ({"n": "page_view"}, {"n": "search", "q": term})
    if len(found) == 1:
        # the page then shows one product only, which the script takes for its subject
        loaded = (*loaded, _about("view_item", found[0]))
    return Step(path, loaded, _seconds(rng, 9), rng.randint(40, 100))


def _about(name: str, product: Product) -> Said:
    return {"n": name, "items": [as_item(product)], "currency": CURRENCY}


def _product_page(rng: random.Random, product: Product, cart: Cart, *, filled: bool) -> Step:
    return Step(
        path=_at(product.path, cart),
        loaded=({"n": "page_view"}, _about("view_item", product)),
        seconds=_seconds(rng, 32),
        depth=rng.randint(30, 100),
        done=({**_about("add_to_cart", product), "v": product.price},) if filled else (),
    )


def _whole(name: str, cart: Cart) -> Said:
    parameters = cart.parameters()
    return {"n": name, "items": parameters["items"], "currency": CURRENCY, "v": cart.total}


def _cart_page(rng: random.Random, cart: Cart) -> Step:
    loaded: tuple[Said, ...] = ({"n": "page_view"}, _whole("view_cart", cart))
    return Step(_at("/handlekurv", cart), loaded, _seconds(rng, 15), 100)


def _take_along(rng: random.Random, product: Product, cart: Cart) -> Generator[Step, None, Cart]:
    """From the cart to what goes with it, and back; the cart then."""
    yield _product_page(rng, product, cart, filled=True)
    cart = cart.changed(product, 1)
    yield _cart_page(rng, cart)
    return cart


def _buy(rng: random.Random, cart: Cart) -> Iterator[Step]:
    """The way from the cart to the receipt, which most who begin it do not finish."""
    if rng.random() > _CHECKS_OUT:
        return
    loaded: tuple[Said, ...] = ({"n": "page_view"}, _whole("begin_checkout", cart))
    yield Step(_at("/kasse", cart), loaded, _seconds(rng, 70), 100)
    if rng.random() > _PAYS:
        return
    order = str(rng.randrange(1_000_000, 10_000_000))
    loaded = ({"n": "page_view"}, {**_whole("purchase", cart), "o": order})
    # who has paid comes back from the payment's pages, which must not look like a new source
    back = rng.choice(_PAYMENT_PAGES) or None
    yield Step(f"/kvittering/{order}", loaded, _seconds(rng, 12), 100, referrer=back)
