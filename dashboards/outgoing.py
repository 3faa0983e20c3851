"""A file for advertisers, or why there is none: the one way by which the command, the page and the feeds get theirs.

Enters: a site, an export, a week. Leaves: bytes that have passed `persons.py`, or a refusal with one clear line. It is
made of nothing but the ledger and what the shop has declared.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from importlib.util import find_spec
from types import MappingProxyType
from zoneinfo import ZoneInfo

import structlog

from dashboards.advertisers import Advertisers
from pipeline.audiences import ledger
from pipeline.audiences.exports.listed import EXPORTS, Export
from pipeline.audiences.persons import suspicious
from pipeline.audiences.release import Why, refusal
from pipeline.audiences.released import Week, week_name
from pipeline.audiences.shop import Advertiser
from pipeline.chain import Verdict
from pipeline.store.database import Store

_ANYTHING = """
    SELECT 1 FROM closings WHERE site = {site:String} AND grain = 'day' AND toMonday(day) = {monday:Date} LIMIT 1
    UNION ALL SELECT 1 FROM events WHERE site = {site:String} AND toMonday(day) = {monday:Date} LIMIT 1"""
"""Of a week."""

log = structlog.get_logger("sporlos.backoffice")


class NotOut(StrEnum):
    """Why a file does not leave."""

    SWITCHED_OFF = "switched_off"
    UNREADABLE = "unreadable"
    """A file that the shop declares has never been readable."""
    NOTHING_RELEASED = "nothing_released"
    NOT_RELEASED = "not_released"
    """Other weeks are."""
    HOLDS_A_PERSON = "holds_a_person"
    """Something in it looks like one."""


@dataclass(frozen=True, slots=True)
class NoFile:
    """No file, and why not."""

    why: NotOut
    line: str


@dataclass(frozen=True, slots=True)
class File:
    """What leaves."""

    export: Export
    site: str
    week: str
    """`2026-W48`."""
    body: bytes
    made_at: float
    """When these bytes were first made by this process, seconds since 1970."""

    @property
    def etag(self) -> str:
        """The same for the same bytes."""
        return sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Wait:
    """A week that is over and not released."""

    week: str
    why: Why


@dataclass(frozen=True, slots=True)
class _Made:
    """A file, and all that it rests on: released weeks never change, but another may come before them."""

    shop: Advertiser
    mondays: tuple[date, ...]
    found: File | NoFile


class Outgoing:
    """Makes files. Threads may ask at the same time; a file is made once, as long as nothing of it changes.

    Args:
        store: that has the ledger.
        advertisers: the shops that have exports on.
        clock: seconds since 1970.
        listed: what can be made.
        zones: the time zone of each site (IANA), which says when its week is over; UTC where there is none.
    """

    def __init__(
        self,
        store: Store,
        advertisers: Advertisers,
        clock: Callable[[], float] = time.time,
        listed: Mapping[str, Export] = EXPORTS,
        zones: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.advertisers, self.listed = advertisers, listed
        self._store, self._clock, self._zones = store, clock, zones
        self._one_at_a_time = threading.Lock()
        self._kept: dict[tuple[str, str, bool], _Made] = {}
        """By site, export, and whether it is the newest week's: a look at an older one mustn't hold up a platform."""

    def weeks(self, site: str) -> tuple[str, ...]:
        """Names of the weeks that are released, oldest first.

        Raises:
            StoreError: the ledger can't be read.
        """
        return tuple(week_name(monday) for monday in self._mondays(site))

    def verify(self) -> Verdict:
        """Whether the ledger holds: no line of it changed or taken out.

        Raises:
            StoreError: it can't be read.
        """
        return ledger.LEDGER.verify(self._store)

    def waits(self, site: str) -> tuple[Wait, ...]:
        """The latest week that is over, if it is not released and will not be within a minute.

        Raises:
            StoreError: the store can't be asked.
        """
        shop, zone = self.advertisers.get(site), ZoneInfo(self._zones.get(site, "UTC"))
        today = datetime.fromtimestamp(self._clock(), zone).date()
        monday = today - timedelta(days=today.weekday() + 7)
        if shop is None or monday in self._mondays(site):
            return ()
        why = refusal(self._store, shop, monday)
        if why is Why.OPEN and not self._store.query(_ANYTHING, {"site": site, "monday": monday.isoformat()}).rows:
            if not self._mondays(site):
                return ()  # a shop that begins; its first week is yet to come
            why = Why.NOTHING
        if why is None and find_spec("opendp") is None:
            why = Why.NO_NOISE
        return () if why is None else (Wait(week_name(monday), why),)

    def file(self, site: str, name: str, week: str = "") -> File | NoFile:
        """A week's file, of the newest week if none is named.

        Raises:
            StoreError: the ledger can't be read.
        """
        return self.files(site, (name,), week)[name]

    def files(self, site: str, names: Iterable[str], week: str = "") -> dict[str, File | NoFile]:
        """The same of several exports, for which the ledger is read once."""
        with self._one_at_a_time:
            mondays = self._mondays(site)
            released = [week_name(monday) for monday in mondays]
            rests_on = mondays[: released.index(week) + 1] if week in released else mondays
            weeks: tuple[Week, ...] = ()
            found: dict[str, File | NoFile] = {}
            for name in names:
                if refused := self._refused(site, name, week, released):
                    found[name] = refused
                    continue
                place = (site, name, rests_on == mondays)
                shop, kept = self.advertisers[site], self._kept.get(place)
                if kept is None or kept.shop is not shop or kept.mondays != rests_on:
                    weeks = weeks or ledger.weeks(self._store, site)
                    asked = tuple(one for one in weeks if one.monday in rests_on)
                    kept = _Made(shop, rests_on, self._made(self.listed[name], shop, asked, kept))
                    self._kept[place] = kept
                found[name] = kept.found
            return found

    def _mondays(self, site: str) -> tuple[date, ...]:
        return tuple(sorted(monday for one, monday in ledger.released(self._store) if one == site))

    def _refused(self, site: str, name: str, week: str, released: list[str]) -> NoFile | None:
        if name not in self.advertisers.switched_on(site) or name not in self.listed:
            return NoFile(NotOut.SWITCHED_OFF, f"{name} is not switched on: put it into `exports` of {site}")
        if lack := self.advertisers.lacks(site, spends=self.listed[name].spends):
            return NoFile(NotOut.UNREADABLE, lack)
        if not released:
            return NoFile(NotOut.NOTHING_RELEASED, f"no week of {site} is released yet")
        if week and week not in released:
            return NoFile(NotOut.NOT_RELEASED, f"{week} is not released; these are: {', '.join(released)}")
        return None

    def _made(self, export: Export, shop: Advertiser, weeks: tuple[Week, ...], before: _Made | None) -> File | NoFile:
        body = export.make(weeks, shop)
        header, *rows = export.form.rows(body)
        if found := suspicious(header, rows, shop):
            columns = ", ".join(sorted({f"{one.column} ({one.why})" for one in found}))
            log.error("an export looks as if it held a person; it does not leave", export=export.name, columns=columns)
            return NoFile(NotOut.HOLDS_A_PERSON, f"{export.name} looks as if it held a person, so it stays: {columns}")
        made_at = self._clock()
        if before is not None and isinstance(before.found, File) and before.found.body == body:
            made_at = before.found.made_at
        return File(export, shop.site, weeks[-1].name, body, made_at)
