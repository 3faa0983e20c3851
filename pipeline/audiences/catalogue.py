"""The shop's own product file, the one that it already makes for Google's Merchant Center.

Enters: a file's bytes: tab-delimited text, CSV, RSS 2.0 or Atom 1.0 with Google's attributes. Leaves: products, and
what is wrong with the others, by line. Products of assortments that are marked as sensitive don't leave, but for their
number (P3): whatever takes products from here says nothing of them. `parse` is pure; `read` is the file's edge.

Which attributes there are: https://support.google.com/merchants/answer/7052112. How they are written in text:
https://support.google.com/merchants/answer/160588, in XML: https://support.google.com/merchants/answer/160589 (RSS),
https://support.google.com/merchants/answer/160593 (Atom), in which encodings:
https://support.google.com/merchants/answer/160079.

XML is read by `defusedxml`: the file comes from the shop's platform, at times by way of others, and must not open files
or grow to gigabytes by its entities.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from pipeline.audiences.shop import Product, Spelling, as_it_is, nothing_is

GOOGLE = "http://base.google.com/ns/1.0"
"""The namespace of Google's attributes."""
LONGEST_ID = 50
"""Characters: https://support.google.com/merchants/answer/6324405."""
AVAILABLE = {"in_stock": True, "preorder": True, "backorder": True, "out_of_stock": False}
"""Whether one can order it: https://support.google.com/merchants/answer/6324448."""
_PLAIN = ("title", "product_type", "brand", "price")
_LINKS = ("link", "image_link")
_ATTRIBUTES = frozenset(("id", "availability", *_PLAIN, *_LINKS))
_GOOGLES = "google_product_category"
"""Google's own category: no ad is made of it here, but it tells what a product is."""
_KINDS = "kinds"
"""Under this name, which is no attribute of Google's, all that a line says of a product's kind, one under another."""
_BRACKETED = re.compile(r".*\[([\w ]+)\]")
"""`Image link [image_link]`, as in Google's own sheets."""
_LINK = re.compile(r"https?://[!-~\w]+", re.IGNORECASE)
_ALIKE = "the id {!r} is cleaned to what another's is, so events can't tell them apart"
_PIECE_BYTES = 1 << 20
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

Row = tuple[int, Mapping[str, str]]
"""The line that a product begins on, and its attributes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something in the file is no product."""

    line: int
    """From 1."""
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A product file, read."""

    products: tuple[Product, ...]
    """In the file's order, each id once."""
    faults: tuple[Fault, ...]
    """In the file's order. Where the file itself is broken, nothing after the last one was read."""
    left_out: int = 0
    """How many are not among the products because their assortment is marked as sensitive."""
    unkept: int = 0
    """How many are among the products, but have an id that no event can carry: it looks like a person's number."""


def read(path: Path, is_sensitive: Callable[[str], bool] = nothing_is, kept_as: Spelling = as_it_is) -> Catalogue:
    """A file's products.

    Raises:
        OSError: It can't be read.
    """
    return parse(path.read_bytes(), is_sensitive, kept_as)


def parse(content: bytes, is_sensitive: Callable[[str], bool] = nothing_is, kept_as: Spelling = as_it_is) -> Catalogue:
    """The products in a file, whichever of the four forms it has.

    Args:
        content: the file's.
        is_sensitive: whether a name of a product, a level of its category or a part of its page's path is marked.
        kept_as: how events spell an id; empty: none can carry it.
    """
    products: dict[str, Product] = {}
    lines: dict[str, int] = {}
    sensitive: set[str] = set()
    faults: list[Fault] = []
    for found in _rows(content):
        if isinstance(found, Fault):
            faults.append(found)
            continue
        line, row = found
        product = _product(row)
        if isinstance(product, Product) and any(map(is_sensitive, _told_by(row))):
            sensitive.add(product.id)  # also where another line of the same id says nothing of it
        if isinstance(product, Product) and product.id in products:
            product = f"the id {product.id!r} stands twice"
        if isinstance(product, str):
            faults.append(Fault(line, product))
        else:
            products[product.id], lines[product.id] = product, line
    if not products and not faults:
        faults.append(Fault(1, "there is no product in it"))
    spelt = {own: kept_as(own) for own in products}
    # neither can have the numbers of both, nor one those of another that is sensitive
    alike = {name for name, times in Counter(spelt.values()).items() if name and times > 1}
    faults += (Fault(lines[own], _ALIKE.format(own)) for own, name in spelt.items() if name in alike)
    faults.sort(key=lambda fault: fault.line)
    kept = [one for own, one in products.items() if own not in sensitive and spelt[own] not in alike]
    unkept = sum(not spelt[one.id] for one in kept)
    return Catalogue(tuple(_met(one, spelt[one.id]) for one in kept), tuple(faults), len(sensitive), unkept)


def _met(product: Product, name: str) -> Product:
    """By the id that events have; where none can carry it, by the shop's own, which is met nowhere."""
    return product if name in ("", product.id) else replace(product, id=name, spelt=product.id)


def _product(row: Mapping[str, str]) -> Product | str:
    """A product, or what is wrong with it."""
    name = row.get("id", "")
    if not 1 <= len(name) <= LONGEST_ID or not name.isprintable():
        return f"expected an id of 1 to {LONGEST_ID} characters"
    availability = row.get("availability", "").lower().replace(" ", "_") or "in_stock"
    if availability not in AVAILABLE:
        return f"expected an availability among {', '.join(AVAILABLE)}"
    for attribute in _LINKS:
        if (link := row.get(attribute)) and not _LINK.fullmatch(link):
            return f"expected a {attribute} that begins with https:// or http://"
    words = {attribute: row.get(attribute, "") for attribute in (*_PLAIN, *_LINKS)}
    return Product(name, available=AVAILABLE[availability], **words)


def _told_by(row: Mapping[str, str]) -> Iterator[str]:
    """All words that tell what a product is: what the collector looks at of an event, and of its page."""
    yield row.get("title", "")
    yield from row.get(_KINDS, "").split("\n")
    yield from unquote(row.get("link", "")).split("/")[3:]  # below the host, which is the shop's name and no assortment


def _rows(content: bytes) -> Iterator[Row | Fault]:
    if content[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ").startswith(b"<"):
        return _of_xml(content)
    try:
        # line by line: a file with descriptions has hundreds of megabytes, and one sign beyond Latin-1 makes it four
        # times as large as a text
        return _of_text(io.TextIOWrapper(io.BytesIO(content), _encoding(content), newline=""))
    except UnicodeDecodeError:
        return iter([Fault(1, "it is neither XML nor text in UTF-8, UTF-16 or Latin-1")])


def _encoding(content: bytes) -> str:
    marked = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), "")
    decoder = codecs.getincrementaldecoder(marked or "utf-8")()
    try:
        for at in range(0, len(content), _PIECE_BYTES):
            decoder.decode(content[at : at + _PIECE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if marked:
            raise
        return "latin-1"
    return marked or "utf-8"


def _of_text(text: io.TextIOWrapper) -> Iterator[Row | Fault]:
    """Lines below one that names the columns; tabs, commas or semicolons, whichever that one has most of."""
    head = text.readline()
    text.seek(0)
    reader = csv.reader(text, delimiter=max("\t,;", key=head.count))
    columns: list[str] | None = None
    begins = 1
    try:
        for cells in reader:
            if columns is None:
                columns = [_attribute(cell) for cell in cells]
                if fault := _head(columns):
                    yield Fault(begins, fault)
                    return
            elif any(cell.strip() for cell in cells):
                yield _line(begins, reader.line_num, columns, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        yield Fault(begins, str(error))
    if columns is None:
        yield Fault(1, "the file is empty")


def _attribute(cell: str) -> str:
    bracketed = _BRACKETED.fullmatch(cell)
    return (bracketed[1] if bracketed else cell).strip().lower().removeprefix("g:").replace(" ", "_")


def _head(columns: Sequence[str]) -> str | None:
    if "id" not in columns:
        return "expected the names of columns, id among them"
    twice = sorted(name for name in _ATTRIBUTES if columns.count(name) > 1)
    return f"the column {twice[0]} stands twice" if twice else None


def _line(begins: int, ends: int, columns: Sequence[str], cells: Sequence[str]) -> Row | Fault:
    if len(cells) != len(columns):
        also = f" up to line {ends}, maybe of a quote that doesn't close" if ends > begins else ""
        return Fault(begins, f"expected {len(columns)} cells, found {len(cells)}{also}")
    row = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    kinds = "\n".join(_kind(column, row.get(column, "")) for column in ("product_type", _GOOGLES))
    return begins, {name: cell for name, cell in row.items() if name in _ATTRIBUTES} | {_KINDS: kinds}


def _kind(attribute: str, category: str) -> str:
    """A category, Google's as such: it may be a number of their list, and the shop has numbers of its own."""
    return f"{attribute} {category}" if attribute == _GOOGLES and category else category


def _of_xml(content: bytes) -> Iterator[Row | Fault]:
    items = _Items()
    parser = make_parser()
    parser.forbid_dtd = True  # no feed needs one, and entities are born there
    parser.setFeature(feature_namespaces, True)  # noqa: FBT003 - xml.sax has it so
    parser.setContentHandler(items)
    broken = None
    try:
        parser.parse(io.BytesIO(content))
    except SAXParseException as error:
        broken = Fault(error.getLineNumber() or items.line, f"it is no XML: {error.getMessage()}")
    except DefusedXmlException:
        broken = Fault(items.line, "it declares a document type or entities, which a product file has no use for")
    yield from items.rows
    if broken or not items.rows:
        yield broken or Fault(1, "expected elements item (RSS) or entry (Atom)")


class _Items(ContentHandler):
    """Collects the attributes of each `item` or `entry`: its own children, since `g:shipping` has a `g:price`, too."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._locator: Locator | None = None
        self._begins = 0
        self._google: dict[str, str] | None = None
        self._plain: dict[str, str] = {}
        self._kinds: list[str] = []
        self._depth = 0
        self._text: list[str] = []

    @property
    def line(self) -> int:
        """Where it is being read."""
        return (self._locator.getLineNumber() if self._locator else None) or 1

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - xml.sax's name
        self._locator = locator

    def startElementNS(  # noqa: N802 - xml.sax's name
        self, name: tuple[str | None, str], _qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        if self._google is not None:
            self._depth += 1
            if self._depth == 1:
                # Atom's own link is in an attribute
                self._text = [attrs.get((None, "href"), "")] if name[1] == "link" else []
        elif name[1] in ("item", "entry"):
            self._google, self._plain, self._kinds, self._begins = {}, {}, [], self.line

    def characters(self, content: str) -> None:
        if self._depth == 1:
            self._text.append(content)

    def endElementNS(self, name: tuple[str | None, str], _qname: str | None) -> None:  # noqa: N802 - xml.sax's name
        if self._google is None:
            return
        if self._depth == 0:
            kinds = {_KINDS: "\n".join(self._kinds)}
            self.rows.append((self._begins, {**self._plain, **self._google, **kinds}))
            self._google = None
            return
        if self._depth == 1 and name[1] in _ATTRIBUTES:
            # Of an attribute that is repeated, product_type, the first is the one that ads go by
            (self._google if name[0] == GOOGLE else self._plain).setdefault(name[1], "".join(self._text).strip())
        if self._depth == 1 and name[1] in ("product_type", _GOOGLES):
            self._kinds.append(_kind(name[1], "".join(self._text).strip()))
        self._depth -= 1
