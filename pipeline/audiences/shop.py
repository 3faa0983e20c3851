"""What a shop has said of itself in its settings and files: public, and about no visitor.

Enters: settings, a catalogue, what was spent. Leaves: one frozen value, as exports and releases take it. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipeline.audiences.tables import Key


@dataclass(frozen=True, slots=True)
class Product:
    """A line of the catalogue, as shops write it for Google: https://support.google.com/merchants/answer/7052112."""

    id: str
    """As events spell it, see `Advertiser.kept_as`."""
    title: str = ""
    product_type: str = ""
    """The shop's own category, `Leker > Lego`."""
    brand: str = ""
    available: bool = True
    link: str = ""
    image_link: str = ""
    price: str = ""
    """`749.00 NOK`."""
    spelt: str = ""
    """The id as the shop spells it, where events spell it otherwise."""

    @property
    def own_id(self) -> str:
        """The shop's own spelling of the id: by it the shop's pages and the platforms know the product."""
        return self.spelt or self.id


@dataclass(frozen=True, slots=True)
class Spent:
    """What a channel has cost in a week."""

    monday: date
    channel: str
    amount: float
    """In the shop's currency, major units."""
    impressions: int = 0


def nothing_is(_text: str) -> bool:
    """Of a shop that has marked no assortment as sensitive."""
    return False


Spelling = Callable[[str], str]
"""How events spell an id of the shop's; empty: none can carry it."""


def as_it_is(name: str) -> str:
    """Where no event is cleaned, its ids are the shop's own."""
    return name


@dataclass(frozen=True, slots=True)
class Advertiser:
    """A shop that has exports switched on."""

    site: str
    exports: frozenset[str]
    """Names of those that are."""
    country: str = "NO"
    """ISO 3166-1, two letters."""
    currency: str = "NOK"
    revenue_cap: int = 1000
    """What of a visitor-day's orders is counted at most, whole units of the currency; a public number, and no reckoned
    one: what orders are on average would have to be told with noise, too."""
    catalogue: tuple[Product, ...] = ()
    campaigns: tuple[Key, ...] = ()
    """Declared (source, medium, campaign); all others are `(other)`. None: nothing is declared."""
    areas: tuple[str, ...] = ()
    """Countries or regions that ads are shown in, as events have them; all others are `(other)`."""
    spend: tuple[Spent, ...] = ()
    is_sensitive: Callable[[str], bool] = nothing_is
    """Whether a text names an assortment that is marked: the collector's own rule, as products must be left out that no
    event has named yet, and categories of weeks before they were marked."""
    kept_as: Spelling = as_it_is
    """The collector's own rule, too: products are looked for in events by it."""
