"""What a visitor's browser brings, or a shop's own server: personal, needed for milliseconds, impossible to write down.

These classes are plain slotted classes on purpose: orjson, msgspec and pickle would serialise a dataclass or a struct
without being asked. Nothing here compares, hashes or shows itself.
"""

from typing import Any, NoReturn

from proxy.privacy.address import Address


class Personal:
    """A value that must not leave the memory of this process."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:  # noqa: ANN401 - pickle's own signature
        raise TypeError(f"{type(self).__name__} is personal: it is not written anywhere")

    __hash__ = None  # type: ignore[assignment]  # no key of a cache, no member of a set


class Arrival(Personal):
    """One request, as far as it says who sends it.

    Attributes:
        address: the client's, as `privacy/address.py` finds it; None where it has none.
        user_agent: header `User-Agent`, or empty.
        language: header `Accept-Language`, or empty.
        origin: header `Origin`, or empty.
        purpose: headers that tell a prefetch, joined; or empty.
        objects: `Sec-GPC: 1` or `DNT: 1` was sent.
        opted_out: the visitor has asked on the opt-out page not to be counted.
        bare: a header is missing that every browser sends.
        by_server: a shop's own server reports it, with its token; `address` and `user_agent` are those that it names as
            its visitor's, or None and empty, but never its own.
        now: seconds since 1970 when the request was read.
    """

    __slots__ = (
        "address",
        "bare",
        "by_server",
        "language",
        "now",
        "objects",
        "opted_out",
        "origin",
        "purpose",
        "user_agent",
    )

    def __init__(
        self,
        *,
        address: Address | None,
        user_agent: str = "",
        language: str = "",
        origin: str = "",
        purpose: str = "",
        objects: bool = False,
        opted_out: bool = False,
        bare: bool = False,
        by_server: bool = False,
        now: float,
    ) -> None:
        self.address = address
        self.user_agent = user_agent
        self.language = language
        self.origin = origin
        self.purpose = purpose
        self.objects = objects
        self.opted_out = opted_out
        self.bare = bare
        self.by_server = by_server
        self.now = now


class RawItem(Personal):
    """A product as the page named it. Money is a number of major units, as GA4 has it."""

    __slots__ = ("brand", "categories", "id", "index", "list", "name", "price", "quantity", "variant")

    def __init__(
        self,
        id: str = "",  # noqa: A002 - the field's name everywhere
        name: str = "",
        brand: str = "",
        variant: str = "",
        categories: tuple[str, ...] = (),
        list: str = "",  # noqa: A002 - as above
        index: int = 0,
        price: float = 0.0,
        quantity: int = 1,
    ) -> None:
        self.id = id
        self.name = name
        self.brand = brand
        self.variant = variant
        self.categories = categories
        self.list = list
        self.index = index
        self.price = price
        self.quantity = quantity


class RawEvent(Personal):
    """One event as the page reported it, before anything is forgotten."""

    __slots__ = (
        "age_ms",
        "currency",
        "engaged_ms",
        "id",
        "items",
        "name",
        "order",
        "props",
        "scroll",
        "search_term",
        "value",
    )

    def __init__(
        self,
        name: str,
        id: str = "",  # noqa: A002 - the field's name everywhere
        age_ms: int = 0,
        items: tuple[RawItem, ...] = (),
        value: float = 0.0,
        currency: str = "",
        order: str = "",
        search_term: str = "",
        engaged_ms: int = 0,
        scroll: int = 0,
        props: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.id = id
        self.age_ms = age_ms
        self.items = items
        self.value = value
        self.currency = currency
        self.order = order
        self.search_term = search_term
        self.engaged_ms = engaged_ms
        self.scroll = scroll
        self.props = props or {}


class RawPage(Personal):
    """What one page of one site had to say in one request.

    Attributes:
        site: the site's id as sent.
        url: the page's full address; empty where a shop's server reports what happened on none.
        referrer: the full address of the page before, or empty.
        viewport: width bucket in CSS pixels; 0: not said.
        mode: what the page's consent allows, see `privacy/modes.py`; empty: nothing was said.
        automated: the page saw that its browser is driven by a program.
        events: in the order sent.
        visitor: whom a shop's server names as the visitor; None: whoever sent the request.
    """

    __slots__ = ("automated", "events", "mode", "referrer", "site", "url", "viewport", "visitor")

    def __init__(
        self,
        *,
        site: str,
        url: str,
        events: tuple[RawEvent, ...],
        referrer: str = "",
        viewport: int = 0,
        mode: str = "",
        automated: bool = False,
        visitor: Arrival | None = None,
    ) -> None:
        self.site = site
        self.url = url
        self.referrer = referrer
        self.viewport = viewport
        self.mode = mode
        self.automated = automated
        self.visitor = visitor
        self.events = events
