"""The shops that have exports on, as they describe themselves today: files that they declare are read when they change.

Enters: settings, the shop's product file, what it has spent. Leaves: an `Advertiser` a site, or why there is none.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import Generic, NamedTuple, TypeVar

import structlog

from pipeline.audiences import catalogue
from pipeline.audiences.shop import Advertiser, Product, Spelling, Spent
from pipeline.audiences.spend import spending_of

_SETTLED_SECONDS = 60.0
"""A file that was written just now may be half a file; what it said before holds meanwhile."""
_FAULTS = 3
"""That are told of a file."""

_Line = TypeVar("_Line")

log = structlog.get_logger("sporlos.backoffice")


@dataclass(frozen=True, slots=True)
class Declared:
    """A shop with exports on: what its settings say, and where the rest stands."""

    settings: Advertiser
    """Without what stands in the files."""
    catalogue: Path | None = None
    spend: Path | None = None


class Advertisers(Mapping[str, Advertiser]):
    """Site → its shop. A shop whose product file has never been readable is not there: its keys aren't known.

    A file that can't be read any more leaves what it said before. Threads may use it at the same time.

    Args:
        declared: the shops that have exports on.
        clock: seconds since 1970.
    """

    def __init__(self, declared: Iterable[Declared] = (), clock: Callable[[], float] = time.time) -> None:
        self._shops = {one.settings.site: _Shop(one, clock) for one in declared}
        self._lock = threading.Lock()

    def __getitem__(self, site: str) -> Advertiser:
        with self._lock:
            found = self._shops[site].now()
        if found is None:
            raise KeyError(site)
        return found

    def __iter__(self) -> Iterator[str]:
        return (site for site in self._shops if site in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, site: object) -> bool:
        return isinstance(site, str) and self.get(site) is not None

    @property
    def sites(self) -> tuple[str, ...]:
        """All shops that have exports on, also those that are not there."""
        return tuple(self._shops)

    def switched_on(self, site: str) -> frozenset[str]:
        """Names of the site's exports, whether or not they can be made."""
        shop = self._shops.get(site)
        return shop.declared.settings.exports if shop else frozenset()

    def troubles(self, site: str) -> tuple[str, ...]:
        """What is wrong with files of the shop, a line each."""
        if site not in self._shops:
            return ()
        with self._lock:
            self._shops[site].now()
            return self._shops[site].troubles()

    def left_out(self, site: str) -> int:
        """How many products of the shop's file are of assortments that are marked as sensitive: none is told of."""
        if site not in self._shops:
            return 0
        with self._lock:
            self._shops[site].now()
            return self._shops[site].left_out

    def unkept(self, site: str) -> int:
        """How many of the shop's products have an id that no event can carry, as it looks like a person's number."""
        if site not in self._shops:
            return 0
        with self._lock:
            self._shops[site].now()
            return self._shops[site].unkept

    def lacks(self, site: str, *, spends: bool) -> str:
        """Why an export can't be made: a file has never been readable. `spends`: it tells what was spent, too."""
        with self._lock:
            self._shops[site].now()
            return self._shops[site].lacks(spends=spends)

    def settings(self, site: str) -> Advertiser | None:
        """What the site's settings say, whether or not its files can be read; None: no export is on."""
        shop = self._shops.get(site)
        return shop.declared.settings if shop else None


class _Shop:
    """One shop, made anew when a file of it has changed: the same value as long as none has."""

    def __init__(self, declared: Declared, clock: Callable[[], float]) -> None:
        self.declared = declared
        said = declared.settings
        products = partial(_products, is_sensitive=said.is_sensitive, kept_as=said.kept_as)
        self._products = _File(declared.catalogue, products, clock)
        self._spent = _File(declared.spend, _spent, clock)
        self._made: Advertiser | None = None

    def now(self) -> Advertiser | None:
        products, spent = self._products.now(), self._spent.now()
        if products is None:
            return None
        spent = spent or ()
        if self._made is None or self._made.catalogue is not products or self._made.spend is not spent:
            self._made = replace(self.declared.settings, catalogue=products, spend=spent)
        return self._made

    def troubles(self) -> tuple[str, ...]:
        return tuple(file.trouble for file in (self._products, self._spent) if file.trouble)

    @property
    def left_out(self) -> int:
        return self._products.left_out

    @property
    def unkept(self) -> int:
        return self._products.unkept

    def lacks(self, *, spends: bool) -> str:
        files = (self._products, self._spent) if spends else (self._products,)
        return "; ".join(file.trouble for file in files if file.lines is None)


class _Read(NamedTuple, Generic[_Line]):
    """What a file says."""

    lines: tuple[_Line, ...]
    trouble: str = ""
    """What is wrong with others; empty: nothing."""
    left_out: int = 0
    unkept: int = 0


class _File(Generic[_Line]):
    """The lines of a file that may be declared; none are declared where there is no file.

    Args:
        file: where it is.
        read: gives its lines and what is wrong with others, or raises `ValueError`.
        clock: seconds since 1970.
    """

    def __init__(self, file: Path | None, read: Callable[[Path], _Read[_Line]], clock: Callable[[], float]) -> None:
        self._file, self._read, self._clock = file, read, clock
        self._seen: tuple[int, int] | None = None
        self.lines: tuple[_Line, ...] | None = () if file is None else None
        self.trouble = ""
        self.left_out = self.unkept = 0

    def now(self) -> tuple[_Line, ...] | None:
        """What it says, or said when it could be read; None: it never could."""
        if self._file is None:
            return self.lines
        try:
            found = _regular(self._file)
            seen = _seen(found)
            is_fresh = self.lines is not None and self._clock() - found.st_mtime < _SETTLED_SECONDS
            if seen != self._seen and not is_fresh:
                self._seen = seen
                read = self._read(self._file)
                if self.lines is not None and _seen(self._file.stat()) != seen:
                    self._seen = None  # it was replaced meanwhile, so that may be half of each
                    return self.lines
                self.lines, faults, self.left_out, self.unkept = read
                self._complain(faults)
        except OSError as error:
            self._seen = None
            self._complain(error.strerror or "can't be read")
        except ValueError as error:
            self._complain(str(error))
        return self.lines

    def _complain(self, fault: str) -> None:
        trouble = f"{self._file}: {fault}" if fault else ""
        if trouble and trouble != self.trouble:
            log.error("a file of the shop has faults", reason=trouble)
        self.trouble = trouble


def _regular(file: Path) -> os.stat_result:
    found = file.stat()
    if not S_ISREG(found.st_mode):
        raise ValueError("it is not a file")  # a pipe would be waited for without end
    return found


def _seen(found: os.stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size


def _products(file: Path, is_sensitive: Callable[[str], bool], kept_as: Spelling) -> _Read[Product]:
    """A product that can't be read is one that is not advertised; the others are."""
    found = catalogue.read(file, is_sensitive, kept_as)
    if not found.products:
        # not an empty catalogue: that would be a shop which declares none, and whatever visitors saw would be told
        marked = "each of its products is of an assortment that is marked as sensitive" if found.left_out else ""
        raise ValueError(_said(found.faults) or marked or "it has no products")
    return _Read(found.products, _said(found.faults), found.left_out, found.unkept)


def _spent(file: Path) -> _Read[Spent]:
    """All or nothing: a week that is missing would be a week without spending."""
    found = spending_of(file)
    if found.faults:
        raise ValueError(_said(found.faults))
    return _Read(found.spent)


def _said(faults: Sequence[object]) -> str:
    more = f"; and {len(faults) - _FAULTS} more" if len(faults) > _FAULTS else ""
    return "; ".join(str(fault) for fault in faults[:_FAULTS]) + more
