"""The job: a week that is closed is drawn and written down, or refused.

Enters: the week's sums, what the shop has declared. Leaves: lines of the ledger. Killed anywhere, a week has been
released or it has not: noise is drawn in memory, and the lines are one insert into one part. What was drawn and not
written was seen by nobody, so drawing again costs nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import resources

from pipeline.audiences import ledger
from pipeline.audiences.contribute import rules
from pipeline.audiences.noise import NoNoise, noised
from pipeline.audiences.public import public_keys
from pipeline.audiences.released import Released, Week, week_name
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES, Key, Table
from pipeline.closing.span import rests_on
from pipeline.store.database import Store, StoreError

_WEEK = """
    SELECT argMax(rests_on, run) FROM closings WHERE site = {site:String} AND grain = 'week' AND day = {monday:Date}"""
_ATTEMPTS = 3
"""At a place in the ledger that another release takes first."""


class Why(StrEnum):
    """The closed list of reasons that a week is not released for."""

    SWITCHED_OFF = "no export is switched on"
    ALREADY = "it is in the ledger, and a week is drawn once"
    OPEN = "it is not closed yet"
    NOTHING = "nothing of it was counted for exports"
    PARTLY = "not all of its days were counted for exports, by one rule: they were switched on in it, or updated"
    OVER_BUDGET = "its tables would cost more than a visitor-day may"
    NO_NOISE = "exports need OpenDP: pip install 'sporlos[audiences]'"


@dataclass(frozen=True, slots=True)
class NotReleased:
    """A week that is not released."""

    site: str
    monday: date
    why: Why

    @property
    def line(self) -> str:
        """For whoever asked."""
        return f"{self.site} {week_name(self.monday)} is not released: {self.why}"


@dataclass(frozen=True, slots=True)
class _Day:
    """A day that was closed."""

    run: int
    currency: str
    rules: str
    """Empty: it was not counted for exports."""
    cap: int


def release_due(store: Store, advertisers: Mapping[str, Advertiser], now: float) -> Iterator[Week | NotReleased]:
    """Release each week that was counted and is in no ledger; each is done when it is yielded.

    Args:
        store: with `contributions`.
        advertisers: site → shop; those that aren't in it are left alone.
        now: seconds since 1970.

    Raises:
        StoreError: it is not known whether a week has been released; asked again, the ledger says it.
    """
    counted = store.query("SELECT DISTINCT site, toMonday(day) AS monday FROM contributions ORDER BY monday, site").rows
    done = ledger.released(store)
    for site, monday in counted:
        if site in advertisers and (site, monday) not in done:
            yield release(store, advertisers[site], monday, now)


def release(
    store: Store, shop: Advertiser, monday: date, now: float, tables: Mapping[str, Table] = TABLES
) -> Week | NotReleased:
    """Draw a week and write it down, all tables or none.

    Args:
        store: with the week's `contributions`.
        shop: whose.
        monday: the ISO week's.
        now: seconds since 1970, for the ledger.
        tables: what is released of it.

    Raises:
        StoreError: it is not known whether it has been.
    """
    for _ in range(_ATTEMPTS):
        why = refusal(store, shop, monday, tables)
        if why is not None:
            return NotReleased(shop.site, monday, why)
        try:
            drawn = _draw(store, shop, monday, tables)
        except NoNoise:
            return NotReleased(shop.site, monday, Why.NO_NOISE)
        # asked for last: the shorter the time until the lines stand there, the seldomer another's do
        lines = ledger.lines_after(ledger.last(store), now, shop.site, monday, drawn)
        if ledger.write(store, lines):
            return Week(shop.site, monday, {line.table: line.released() for line in lines})
    raise StoreError(f"{shop.site}: others write into the ledger all the time; the week of {monday} waits")


def refusal(store: Store, shop: Advertiser, monday: date, tables: Mapping[str, Table] = TABLES) -> Why | None:
    """Why a week can't be released now; None: it can.

    Raises:
        StoreError: the store can't be asked.
    """
    if (shop.site, monday) in ledger.released(store):
        return Why.ALREADY
    if not shop.exports:
        return Why.SWITCHED_OFF
    if not ledger.affordable(table.epsilon for table in tables.values()):
        return Why.OVER_BUDGET
    if _is_open(store, shop.site, monday):
        return Why.OPEN
    days = _days(store, shop.site, monday)
    if not any(day.rules for day in days):
        return Why.NOTHING
    return None if all(day.rules == rules(tables) for day in days) else Why.PARTLY


def _is_open(store: Store, site: str, monday: date) -> bool:
    names = {"site": site, "monday": monday.isoformat()}
    held = store.query(_WEEK, names).rows[0][0]
    # a day that was closed again since makes another week of it
    if not held or held != rests_on(store, site, "week", monday):
        return True
    return bool(store.query(_sql("open"), names).rows)


def _days(store: Store, site: str, monday: date) -> list[_Day]:
    found = store.query(_sql("counted"), {"site": site, "monday": monday.isoformat()}).rows
    return [_Day(run, "".join(key[:1]), "".join(key[1:]), cap) for _, run, _, key, cap in found]


def _draw(store: Store, shop: Advertiser, monday: date, tables: Mapping[str, Table]) -> list[tuple[Released, int]]:
    """Each table with its noise, and what a visitor-day adds to a cell of it at most."""
    days = _days(store, shop.site, monday)
    # by the caps that the days were counted with: the one of today may be lower
    caps = [day.cap for day in days if day.currency == shop.currency] or [shop.revenue_cap]
    known = public_keys(shop)
    sums = _sums(store, shop, monday, days)
    drawn = []
    for name, table in tables.items():
        most = table.most * max(caps) if name == "revenue" else table.most
        public, own = known[name], sums.get(name, {})
        # what was declared on Monday may be no more on Sunday
        own = own if public is None else {key: number for key, number in own.items() if key in public}
        drawn.append((noised(table, most, own, public), most))
    return drawn


def _sums(store: Store, shop: Advertiser, monday: date, days: list[_Day]) -> dict[str, dict[Key, int]]:
    runs = [day.run for day in days]
    paid = [day.run for day in days if day.currency == shop.currency]
    names = {"site": shop.site, "monday": monday.isoformat(), "runs": runs, "paid": paid}
    sums: dict[str, dict[Key, int]] = {}
    for name, key, amount in store.query(_sql("sums"), names).rows:
        sums.setdefault(name, {})[tuple(key)] = int(amount)
    return sums


def _sql(name: str) -> str:
    return resources.files("pipeline.audiences").joinpath(f"{name}.sql").read_text(encoding="utf-8")
