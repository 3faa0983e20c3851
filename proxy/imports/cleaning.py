"""Each value through the audited room. Enters: counts with whatever a file holds. Leaves: what may be kept of them.

A path, a source, a search, a product is read by the `Reading` that reads visitors' pages: the same routes, marked
assortments, hops, e-mail addresses and numbers taken out, the same caps a day. Words of closed lists go by `names.py`.
There is no way around: a dimension without a rule here can't be imported.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import quote, urlencode

from pipeline.event import PAGE_VIEW
from pipeline.outcome import Note
from proxy.admit import Door
from proxy.arrival import RawItem
from proxy.imports import names
from proxy.imports.cell import RawCell
from proxy.privacy.coarse import OTHER
from proxy.privacy.reading import Reading, Remarks

_PAGE = "https://shop.invalid"
"""Of which nothing is kept but the path and the query: where a page lives is not looked at."""
_OF_PRODUCTS = frozenset({"product", "brand"})
_VIEWS = frozenset({"pageview", PAGE_VIEW})


class Cleaning:
    """What the values of one shop's files become, day after day.

    Args:
        door: of the shop, with a reading of its own.

    Attributes:
        noticed: how often what was noticed; nothing of the values.
    """

    def __init__(self, door: Door) -> None:
        self._reading, self._names = door.reading, door.names
        self.noticed: dict[Note, int] = {}
        self.undeclared = 0
        """Events whose name the settings don't declare."""
        self.unmarked = 0
        """Counts of products and brands that may be of a marked assortment."""

    def clean(self, cell: RawCell) -> Iterator[tuple[str, str, str]]:
        """Dimension, value and label of each cell that its counts go to: none, one, or several for `came`.

        Call it for one day after the other, the largest counts first: who comes first keeps his name under a cap.
        """
        reading = self._reading.on(cell.day.isoformat())
        if cell.dim == "came":
            yield from self._came(cell, reading)
        elif cell.dim == "event":
            name = PAGE_VIEW if cell.value in _VIEWS else cell.value
            if name in self._names:
                yield "event", name, ""
            else:
                self.undeclared += round(cell.counts.get("events", 0))
        elif cell.dim in _OF_PRODUCTS and reading.shop.sensitive:
            # no file tells the category beside them, by which those of a marked assortment are known
            self.unmarked += 1
        elif cell.dim in _CLOSED:
            yield cell.dim, _CLOSED[cell.dim](cell.value), ""
        else:
            value, label, remarks = _OPEN[cell.dim](reading, cell)
            self._note(remarks)
            yield cell.dim, value, label

    def _came(self, cell: RawCell, reading: Reading) -> Iterator[tuple[str, str, str]]:
        came, said = cell.came, names.said
        referrer = said(came.referrer)
        query = {"utm_source": said(came.source), "utm_medium": said(came.medium), "utm_campaign": said(came.campaign)}
        if not query["utm_source"] and not referrer:
            query["ref"] = said(came.name)
        # blanks as %20: a plus could be that of a telephone number, which must be seen
        given = urlencode({key: value for key, value in query.items() if value}, quote_via=quote)
        url = f"{_PAGE}/?{given}"
        words = reading.page(url, referrer if "://" in referrer else f"https://{referrer}" if referrer else "")
        self._note(words.remarks)
        source = words.source
        found = {
            "source": (source.source if source.source.startswith("(") else source.source.lower()) or source.referrer,
            "channel": source.channel or "direct",
            "medium": source.medium,
            "campaign": source.campaign,
            "referrer": source.referrer,
        }
        found["source"] = found["source"] or "(direct)"
        yield from ((dim, found[dim], "") for dim in came.tells)

    def _note(self, remarks: Remarks) -> None:
        for _, note in remarks:
            self.noticed[note] = self.noticed.get(note, 0) + 1


def _path(reading: Reading, cell: RawCell) -> tuple[str, str, Remarks]:
    raw = names.said(cell.value)
    if not raw or raw == OTHER:
        return raw or "(unknown)", "", ()
    url = raw if raw.startswith(("https://", "http://")) else f"{_PAGE}/{raw.lstrip('/')}"
    words = reading.page(url, "")
    return words.path, "", words.remarks


def _search(reading: Reading, cell: RawCell) -> tuple[str, str, Remarks]:
    value, remarks = reading.search(cell.value)
    return value, "", remarks


def _product(reading: Reading, cell: RawCell) -> tuple[str, str, Remarks]:
    words = reading.words_of(RawItem(id=cell.value, name=cell.label or cell.value))
    return words.id, words.name, words.remarks


def _brand(reading: Reading, cell: RawCell) -> tuple[str, str, Remarks]:
    words = reading.words_of(RawItem(brand=cell.value, categories=(cell.value,)))
    return words.brand or words.id, "", words.remarks


def _category(reading: Reading, cell: RawCell) -> tuple[str, str, Remarks]:
    words = reading.words_of(RawItem(categories=(cell.value,)))
    return words.category, "", words.remarks


_CLOSED: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "all": lambda _: "",
        "hour": lambda hour: hour,
        "channel": names.channel,
        "country": names.country,
        "device": names.device,
        "browser": names.browser,
        "os": names.system,
        "language": names.language,
    }
)
_OPEN: Mapping[str, Callable[[Reading, RawCell], tuple[str, str, Remarks]]] = MappingProxyType(
    {
        "path": _path,
        "entry": _path,
        "exit": _path,
        "search": _search,
        "product": _product,
        "brand": _brand,
        "category": _category,
    }
)
