"""One event about nobody, and the one table that says which field is which column of which type.

Enters: values that `proxy/privacy` has already made coarse. Leaves: one line of `FORMAT JSONCompactEachRow`.
A test compares `COLUMNS` with the table that the migrations make.
"""

from typing import Annotated, NewType, get_type_hints

import msgspec

VisitorNumber = NewType("VisitorNumber", int)
"""64 bits that mean one visitor of one site on one calendar day; 0: counted without a number."""

SiteId = NewType("SiteId", str)

PAGE_VIEW = "page_view"

EVENT_NAMES = frozenset(
    """page_view view_item_list select_item view_item add_to_wishlist add_to_cart remove_from_cart view_cart
    begin_checkout add_shipping_info add_payment_info purchase refund search sign_up login generate_lead
    file_download click form_submit web_vitals page_not_found engagement""".split()
)
"""GA4's names for what happens in a shop, and `engagement` (time and depth on a page)."""

EVENT_PROPS = {
    "click": frozenset({"link_domain"}),
    "file_download": frozenset({"file_extension"}),
    "web_vitals": frozenset({"lcp", "inp", "cls"}),
}
"""Properties that these have at every site, without being declared."""

Word = Annotated[str, "LowCardinality(String)"]
Words = Annotated[tuple[str, ...], "Array(LowCardinality(String))"]


class Event(msgspec.Struct, frozen=True, array_like=True):
    """A row of `events`: pseudonymised (Z1), at most 48 hours old.

    First what all events of one page have in common, then what each has of its own: a page's part is made once.
    """

    site: Word
    day: Annotated[str, "Date"]
    """The site's calendar day, ISO 8601; not the UTC day."""
    visitor: Annotated[int, "UInt64"]
    path: Annotated[str, "String"]
    network: Word
    """The truncated address: an IPv4 /24 or an IPv6 /48."""
    country: Word
    """ISO 3166-1 alpha-2, or empty."""
    region: Word
    device: Word
    browser: Word
    os: Word
    language: Word
    viewport: Annotated[int, "UInt16"]
    """Width bucket in CSS pixels, its lower bound; 0: not said."""
    channel: Word
    source: Word
    medium: Word
    campaign: Word
    content: Word
    term: Word
    referrer: Word
    """Registrable host of the page that led here, where it was outside the shop."""
    paid_by: Word
    marked: Word
    """Which layer takes the sender for a robot, where the operator lets such events count; else empty."""
    continued: Annotated[int, "UInt8"]
    """1: the number is the day before's, of a visit that was open at midnight."""
    ts: Annotated[str, "DateTime64(3, 'UTC')"]
    """Seconds since 1970 with three decimals, as text: as a number ClickHouse would read it in ticks."""
    name: Word
    event_id: Annotated[int, "UInt64"]
    """Keyed hash of the sender's random id, for recognising a retry; 0 where it sent none."""
    entry: Annotated[int, "UInt8"]
    """1 on a page view that came from outside the shop."""
    value: Annotated[int, "Int64"] = 0
    """Minor units of `currency`."""
    currency: Word = ""
    """ISO 4217."""
    order_key: Annotated[int, "UInt64"] = 0
    """Keyed hash of the order number under the day's salt; 0: no order, or no number."""
    search_term: Annotated[str, "String"] = ""
    engaged_ms: Annotated[int, "UInt32"] = 0
    scroll: Annotated[int, "UInt8"] = 0
    """Deepest point seen on the page, percent."""
    props: Annotated[dict[str, str], "Map(LowCardinality(String), String)"] = {}
    item_id: Words = ()
    item_name: Words = ()
    item_brand: Words = ()
    item_variant: Words = ()
    item_category: Words = ()
    """Categories from the widest to the narrowest, joined by ` / `."""
    item_list: Words = ()
    item_index: Annotated[tuple[int, ...], "Array(UInt16)"] = ()
    item_price: Annotated[tuple[int, ...], "Array(Int64)"] = ()
    """Minor units (øre, cent) of `currency`."""
    item_quantity: Annotated[tuple[int, ...], "Array(UInt32)"] = ()

    def marked_as(self, layer: str) -> "Event":
        """The same with the layer's word, unless an earlier layer has put its own."""
        return self if self.marked else msgspec.structs.replace(self, marked=layer)


COLUMNS: dict[str, str] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Event, include_extras=True).items()
}
"""Column → ClickHouse type, in the order of the row; an insert names them, so the table may have another."""

_encode = msgspec.json.Encoder().encode


def encode(event: Event) -> bytes:
    """The row without its closing bracket: the spool appends the batch number that identifies it."""
    return _encode(event)[:-1]
