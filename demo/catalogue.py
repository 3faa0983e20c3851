"""What the demo shop sells, as plain data: categories, and products with prices in whole kroner."""

import re
from dataclasses import dataclass

CURRENCY = "NOK"

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the shop; `slug` is its address."""

    slug: str
    name: str
    lead: str


@dataclass(frozen=True, slots=True)
class Product:
    """One product. `picture` names its drawing in `pages/drawings.html`, `tint` the drawing's background."""

    id: str
    name: str
    price: int
    category: Category
    brand: str
    picture: str
    tint: str
    text: str
    weight: int
    """How often visitors look for it, beside the others."""

    @property
    def slug(self) -> str:
        """Its name as the last part of an address; a bare number would be taken for a secret there."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower().translate(_LETTERS)).strip("-")

    @property
    def path(self) -> str:
        """Its page's address within the shop."""
        return f"/{self.category.slug}/{self.slug}"


BUILD = Category("bygg", "Bygg og lek", "Klosser, tog og alt som kan settes sammen på en regnværsdag.")
PLAY = Category("spill", "Spill og puslespill", "For langbordet, hyttetaket og de sene høstkveldene.")
CUDDLE = Category("kosedyr", "Kosedyr og dukker", "Myke venner som tåler å bli med overalt.")
PETS = Category("kjaeledyr", "Til kjæledyret", "Til den firbeinte som også vil leke.")

CATEGORIES = (BUILD, PLAY, CUDDLE, PETS)

PRODUCTS = (
    Product("60316", "Politistasjon", 749, BUILD, "Lego", "bricks", "#dbe7f5",
            "Tre etasjer, to biler og en rømningstunnel som ingen voksne har oppdaget ennå.", 14),
    Product("40112", "Togbane i bjørk, 48 deler", 549, BUILD, "Nordlek", "train", "#e4efdc",
            "Norsk bjørk, myke kanter og en bro som alltid bygges først.", 9),
    Product("40127", "Byggeklosser i tre", 329, BUILD, "Nordlek", "blocks", "#f6e6d0",
            "Femti klosser i åtte farger. Oppbevaringsposen følger med.", 7),
    Product("51004", "Puslespill: Lofoten, 1000 brikker", 249, PLAY, "Fjellbekk", "puzzle", "#dcebf0",
            "Reine i januar. Himmelen er vanskelig, fjellet er verre.", 8),
    Product("51019", "Brettspillet Skjærgård", 399, PLAY, "Fjellbekk", "board", "#e9e2f3",
            "Seil mellom holmene, samle fangsten og kom hjem før kulingen. 2 til 5 spillere.", 6),
    Product("51033", "Kortspillet Vrien elg", 129, PLAY, "Fjellbekk", "cards", "#f7dfd8",
            "Ti minutter en runde, og ingen klarer å stoppe etter én.", 5),
    Product("22085", "Bamsen Birk", 299, CUDDLE, "Lun", "bear", "#f3e5d3",
            "Trettifem centimeter trygghet. Kan vaskes på 40 grader.", 10),
    Product("22091", "Kaninen Lo", 229, CUDDLE, "Lun", "rabbit", "#f2e0e8",
            "Lange ører, lavt tempo. God å sove ved siden av.", 6),
    Product("22107", "Filledukken Tuva", 349, CUDDLE, "Lun", "doll", "#dfeae4",
            "Kjole som kan tas av, og lommer som faktisk rommer noe.", 4),
    Product("73012", "Aktivitetsball for hund", 179, PETS, "Labb & Lek", "ball", "#e0ecd6",
            "Fyll den med godbiter og få en halvtime for deg selv.", 9),
    Product("73026", "Klatretre til katt, 120 cm", 899, PETS, "Labb & Lek", "tower", "#e8e3da",
            "To platåer, en hule og sisal som tåler alvorlig kloing.", 6),
    Product("73040", "Tyggebein i tau", 119, PETS, "Labb & Lek", "bone", "#dde6ef",
            "Flettet bomull for valper og voksne hunder.", 5),
)  # fmt: skip

BY_ID = {product.id: product for product in PRODUCTS}
GOES_WITH = {"60316": "40127", "40112": "40127", "51004": "51019", "22085": "22091", "73012": "73040"}
"""What many take along who put the first one into the cart."""
BY_PATH = {product.path: product for product in PRODUCTS}


def shelf(category: Category) -> tuple[Product, ...]:
    """The products of one category."""
    return tuple(product for product in PRODUCTS if product.category is category)


def find(term: str) -> tuple[Product, ...]:
    """Products in whose name, brand or category each word of the search term occurs."""
    words = term.casefold().split()
    return tuple(product for product in PRODUCTS if words and all(word in _said(product) for word in words))


def _said(product: Product) -> str:
    return f"{product.name} {product.brand} {product.category.name}".casefold()


def as_item(product: Product, quantity: int = 1) -> dict[str, str | int]:
    """The product under GA4's keys, as the page's calls and the native body carry it."""
    return {
        "item_id": product.id,
        "item_name": product.name,
        "item_brand": product.brand,
        "item_category": product.category.name,
        "price": product.price,
        "quantity": quantity,
    }
