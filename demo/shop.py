"""The demo shop's pages. Enters: what an operator would paste into them. Leaves: an aiohttp application.

The shop sets no cookie and asks for no personal data: the cart travels in the address, an order is a number.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from demo.cart import Cart, read_cart
from demo.catalogue import BY_ID, BY_PATH, CATEGORIES, CURRENCY, as_item, find, shelf

PAGES = Path(__file__).with_name("pages")

_FILES = {
    "stil.css": "text/css",
    "butikk.js": "text/javascript",
    "andre.js": "text/javascript",
    "ikon.svg": "image/svg+xml",
}
_REMEMBERED_ORDERS = 1_000
_FEATURED, _RELATED = 4, 3


@dataclass(frozen=True, slots=True)
class Stats:
    """What the pages have of the statistics."""

    tag: str
    """The whole script element as HTML, for every page's head."""
    base: str
    """Where browsers reach the collector; what others looked at is read from there."""
    site: str


def make_shop(stats: Stats) -> web.Application:
    """The shop as an application."""
    shop = _Shop(stats, Markup(stats.tag))  # noqa: S704 - the operator's own tag is the one text that is markup
    app = web.Application()
    app.add_routes(
        [
            web.get("/", shop.front),
            web.get("/handlekurv", shop.cart),
            web.get("/kasse", shop.checkout),
            web.post("/kasse", shop.pay),
            web.get("/kvittering/{order:[0-9]+}", shop.receipt),
            web.get("/sok", shop.search),
            web.get("/om-oss", shop.about),
            web.get("/fil/{name}", _file),
            web.get("/bilde/{product}.svg", shop.picture),
            web.get("/{category}", shop.category),
            web.get("/{category}/{product}", shop.product),
        ]
    )
    return app


def _templates() -> Environment:
    """The templates, with prices as Norwegians write them."""
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kroner"] = lambda amount: f"{amount:,}".replace(",", "\N{NO-BREAK SPACE}") + ",\N{EN DASH}"
    environment.globals.update(categories=CATEGORIES, currency=CURRENCY, as_item=as_item)
    return environment


async def _file(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _FILES:
        raise web.HTTPNotFound
    text = (PAGES / name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type=_FILES[name], headers={"Cache-Control": "max-age=60"})


def _with_cart(path: str, cart: Cart) -> str:
    """An address within the shop that carries the cart along."""
    return f"{path}?kurv={quote(str(cart), safe=',')}" if cart.lines else path


@dataclass(frozen=True, slots=True)
class _Shop:
    """The pages, and the last orders in memory: what a receipt needs to show them."""

    stats: Stats
    tag: Markup
    templates: Environment = field(default_factory=_templates)
    orders: OrderedDict[str, Cart] = field(default_factory=OrderedDict)

    def page(self, request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
        cart = read_cart(request.query)
        html = self.templates.get_template(template).render(
            tag=self.tag,
            stats=self.stats,
            cart=cart,
            link=lambda path: _with_cart(path, cart),
            here=request.path,
            **values,
        )
        return web.Response(text=html, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})

    def missing(self, request: web.Request) -> web.Response:
        return self.page(request, "missing.html", status=404)

    async def front(self, request: web.Request) -> web.Response:
        return self.page(request, "front.html", products=[shelf(category)[0] for category in CATEGORIES][:_FEATURED])

    async def category(self, request: web.Request) -> web.Response:
        for category in CATEGORIES:
            if request.path == f"/{category.slug}":
                return self.page(request, "category.html", category=category, products=shelf(category))
        return self.missing(request)

    async def product(self, request: web.Request) -> web.Response:
        product = BY_PATH.get(request.path)
        if product is None:
            return self.missing(request)
        related = [other for other in shelf(product.category) if other is not product][:_RELATED]
        # shops describe their products in two ways; the demo shows that both are understood
        structured = product.category in CATEGORIES[:2]
        return self.page(request, "product.html", product=product, related=related, structured=structured)

    async def picture(self, request: web.Request) -> web.Response:
        product = BY_ID.get(request.match_info["product"])
        if product is None:
            raise web.HTTPNotFound
        drawn = self.templates.get_template("picture.svg").render(product=product)
        return web.Response(text=drawn, content_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    async def search(self, request: web.Request) -> web.Response:
        term = request.query.get("q", "").strip()[:100]
        return self.page(request, "search.html", term=term, products=find(term))

    async def about(self, request: web.Request) -> web.Response:
        return self.page(request, "about.html")

    async def cart(self, request: web.Request) -> web.Response:
        cart = read_cart(request.query)
        for key, by in (("legg", 1), ("fjern", -1)):
            product = BY_ID.get(request.query.get(key, ""))
            if product is not None:
                raise web.HTTPSeeOther(_with_cart("/handlekurv", cart.changed(product, by)))
        return self.page(request, "cart.html")

    async def checkout(self, request: web.Request) -> web.Response:
        if not read_cart(request.query).lines:
            raise web.HTTPSeeOther("/handlekurv")
        return self.page(request, "checkout.html")

    async def pay(self, request: web.Request) -> web.Response:
        cart = read_cart(request.query)
        if not cart.lines:
            raise web.HTTPSeeOther("/handlekurv")
        # drawn, not counted up: after a restart a number that comes again would look like a repeated order
        order = str(1_000_000 + secrets.randbelow(9_000_000))
        self.orders[order] = cart
        if len(self.orders) > _REMEMBERED_ORDERS:
            self.orders.popitem(last=False)
        raise web.HTTPSeeOther(f"/kvittering/{order}")

    async def receipt(self, request: web.Request) -> web.Response:
        order = request.match_info["order"]
        if order not in self.orders:
            return self.missing(request)
        return self.page(request, "receipt.html", order=order, bought=self.orders[order])
