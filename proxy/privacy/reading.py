"""What the texts of one shop's pages say, once they are cleaned: addresses, referrers, products, searches.

Enters: texts as a page sent them. Leaves: the words that a row may hold, and what there is to note about them.

A shop's pages say the same again and again, so results are remembered for the day, without the texts (`memo.py`). They
are the same for the day whoever asks, since a column that has reached its cap stays there until midnight.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from pipeline.outcome import Note
from proxy.arrival import RawItem
from proxy.privacy import coarse
from proxy.privacy.caps import OTHER, Caps
from proxy.privacy.coarse import Agent
from proxy.privacy.memo import Remembered
from proxy.privacy.redact import REMOVED, clean
from proxy.privacy.scrub import host_of, locate
from proxy.privacy.sensitive import SENSITIVE
from proxy.privacy.shop import Lookups, Shop
from proxy.privacy.source import Source, source_of

Remarks = tuple[tuple[str, Note], ...]
"""Field and what is noted of it; mostly none."""

_MOST = 20_000


class PageWords(NamedTuple):
    """What is kept of a page's address and of the one before."""

    path: str
    source: Source
    remarks: Remarks


class ItemWords(NamedTuple):
    """What is kept of what a shop calls a product."""

    id: str
    name: str
    brand: str
    variant: str
    category: str
    list: str
    remarks: Remarks
    alone: tuple[tuple[str], tuple[str], tuple[str], tuple[str], tuple[str], tuple[str]]
    """The same six, each as the array of a row that has no other product: most rows have one."""


class Browser(NamedTuple):
    """What is kept of two headers."""

    agent: Agent
    language: str


class Place(NamedTuple):
    """What is kept of an address."""

    network: str
    country: str
    region: str


class Reading:
    """One shop's texts, read on one day after the other.

    Args:
        shop: whose pages.
        lookups: what must be known of the world.
        caps: the shared tables.
    """

    def __init__(self, shop: Shop, lookups: Lookups, caps: Caps) -> None:
        self.shop = shop
        self._lookups = lookups
        self._caps = caps
        self._day, self._day_number = "", 0
        self._sensitive_pages: set[int] = set()
        self.page = Remembered(self._page, _MOST)
        self.item = Remembered(self._item, _MOST)
        self.search = Remembered(self._search, _MOST)
        self.prop = Remembered(self._prop, _MOST)
        self.place = Remembered(self._place, _MOST)
        self.browser = Remembered(self._browser, _MOST)

    def on(self, day: str) -> "Reading":
        """The same on this day (ISO 8601): at midnight everything is read anew."""
        if day != self._day:
            self._day, self._day_number = day, date.fromisoformat(day).toordinal()
            for remembered in (self.page, self.item, self.search, self.prop, self.place, self.browser):
                remembered.forget()
            self._sensitive_pages.clear()
        return self

    def hides(self, path: str, items: Iterable[RawItem]) -> bool:
        """Whether a page shows a sensitive product, now or earlier that day: its address names the product."""
        if not self.shop.sensitive:
            return False
        key = hash(path)
        if any(self.words_of(item).id == SENSITIVE for item in items) and len(self._sensitive_pages) < _MOST:
            self._sensitive_pages.add(key)
        return key in self._sensitive_pages

    def words_of(self, item: RawItem) -> ItemWords:
        """What a product is called, cleaned."""
        return self.item(item.id, item.name, item.brand, item.variant, item.list, *item.categories)

    def referrer_of(self, referrer: str) -> str:
        """The registrable host of a referrer: all that is looked at of it, at the door as well."""
        return self._lookups.registrable(host_of(referrer))

    def _page(self, url: str, referrer: str) -> PageWords:
        shop = self.shop
        location = locate(url, shop.routes)
        source = source_of(location, referrer, shop.own_hosts, shop.hops, self._lookups.registrable)
        remarks: list[tuple[str, Note]] = [("path", Note.REDACTED)] if location.caught else []

        def fitting(column: str) -> str:
            return self._fit(column, self._unless_sensitive(getattr(source, column)), remarks)

        kept = source._replace(
            source=fitting("source"),
            medium=fitting("medium"),
            campaign=fitting("campaign"),
            content=fitting("content"),
            term=fitting("term"),
            referrer=fitting("referrer"),
        )
        return PageWords(self._fit("path", self._path(location.path), remarks), kept, tuple(remarks))

    def _path(self, path: str) -> str:
        """Cut where a marked assortment begins: below it stand its products."""
        segments = path.split("/")
        for depth, segment in enumerate(segments):
            if self.shop.sensitive.is_in(segment):
                return "/".join([*segments[:depth], SENSITIVE])
        return path

    def _item(self, item_id: str, name: str, brand: str, variant: str, item_list: str, *levels: str) -> ItemWords:
        sensitive = self.shop.sensitive
        if any(map(sensitive.is_in, (name, item_list, *levels))):
            return _item_words((SENSITIVE, SENSITIVE, "", "", SENSITIVE, ""), ())
        suggestion = sensitive.suggestion(levels)
        remarks: list[tuple[str, Note]] = [(suggestion, Note.LOOKS_SENSITIVE)] if suggestion else []
        words = (
            self._fit("item_id", _id_of(item_id), remarks),
            self._fit("item_name", clean(name, 100), remarks),
            self._fit("item_brand", clean(brand, 100), remarks),
            self._fit("item_variant", clean(variant, 100, prose=False), remarks),
            self._fit("item_category", clean(" / ".join(filter(None, levels))), remarks),
            self._fit("item_list", clean(item_list, 100), remarks),
        )
        return _item_words(words, tuple(remarks))

    def _search(self, typed: str) -> tuple[str, Remarks]:
        return self._text("search_term", clean(typed, 100).lower())

    def _prop(self, value: str) -> tuple[str, Remarks]:
        return self._text("props", clean(value, 100))

    def _place(self, network: str) -> Place:
        # country and region are looked up on what is left of the address, never on the whole of it
        area = self._lookups.area(network)
        return Place(self._fit("network", network, []), *coarse.area(area.country, area.region))

    def _browser(self, user_agent: str, accept_language: str) -> Browser:
        return Browser(self._lookups.agent(user_agent), coarse.language(accept_language))

    def _text(self, field: str, cleaned: str) -> tuple[str, Remarks]:
        remarks: list[tuple[str, Note]] = []
        return self._fit(field, self._unless_sensitive(cleaned), remarks), tuple(remarks)

    def _unless_sensitive(self, text: str) -> str:
        return SENSITIVE if self.shop.sensitive.is_in(text) else text

    def _fit(self, column: str, value: str, remarks: list[tuple[str, Note]]) -> str:
        if REMOVED in value:
            remarks.append((column, Note.REDACTED))
        fitting = self._caps.fit(self.shop.id, self._day_number, column, value)
        if fitting != value:
            remarks.append((column, Note.OVER_CAP))
        return fitting


def kept_as(item_id: str) -> str:
    """The id by which rows know a product of this one; empty: none can, as it looks like a person's number or address.

    For whoever has the shop's list of products, and looks for them in rows.
    """
    kept = _id_of(item_id)
    return "" if REMOVED in kept or kept in (OTHER, SENSITIVE) else kept


def _id_of(item_id: str) -> str:
    return clean(item_id, 100, prose=False)


def noted(read: tuple[str, Remarks], remarks: list[tuple[str, Note]]) -> str:
    """The text of a result; what there is to note of it joins the remarks."""
    text, more = read
    remarks += more
    return text


def _item_words(words: tuple[str, str, str, str, str, str], remarks: Remarks) -> ItemWords:
    first, second, third, fourth, fifth, sixth = words
    return ItemWords(*words, remarks, ((first,), (second,), (third,), (fourth,), (fifth,), (sixth,)))
