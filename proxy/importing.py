"""`sporlos import`: what another tool has counted becomes days of ours, marked as imported.

Enters: its files. Leaves: lines about what came of it, and an exit code. All files are read before the first day is
written, so a broken line imports nothing; then it goes day by day, and what is stopped in between goes on when it is
run again.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from io import BytesIO
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import aiohttp
import msgspec

from pipeline.event import EVENT_NAMES
from pipeline.imports.cells import ImportedDay
from pipeline.imports.standing import WRITES, Import
from pipeline.outcome import Note
from pipeline.store.database import StoreError
from proxy.admit import door_of
from proxy.imports import ga4, matomo, plausible, umami
from proxy.imports.cell import RawCell
from proxy.imports.cleaning import Cleaning
from proxy.imports.days import Gathered
from proxy.imports.table import File, Unreadable, files
from proxy.lookups import LOOKUPS
from proxy.office import Desk, NoAnswer, desk
from proxy.privacy import coarse
from proxy.privacy.caps import Caps
from proxy.privacy.memory import new_memory
from proxy.settings import Settings
from proxy.site import Site

_OK = 200

READERS: Mapping[str, Callable[[Sequence[File], ZoneInfo], Iterator[RawCell]]] = MappingProxyType(
    {
        "plausible": lambda found, _: plausible.read(found),
        "ga4": lambda found, _: ga4.read(found),
        "matomo": lambda found, _: matomo.read(found),
        "umami": umami.read,
    }
)
"""Tool → what reads its files."""

_SAID: Mapping[Import, str] = MappingProxyType(
    {
        Import.IMPORTED: "imported",
        Import.REPLACED: "replaced, as they differ from what this tool told before",
        Import.UNCHANGED: "there already, and the same",
        Import.COUNTED_HERE: "left out: counted here",
        Import.FROM_ANOTHER: "left out: imported from another tool; `--remove` takes that out",
        Import.TOO_RECENT: "left out: not over, or rows of them may still be here; try again in two days",
        Import.TOO_OLD: "left out: older than counts are kept (`counts_months` of `[retention]`)",
    }
)


class Unclear(ValueError):
    """The arguments don't say what to do; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator wants imported."""

    source: str
    paths: tuple[Path, ...]
    site: str = ""
    currency: str = ""
    dry_run: bool = False
    remove: bool = False


def site_of(settings: Settings, wish: Wish) -> Site:
    """The site that is meant.

    Raises:
        Unclear: that, or something else, is not said.
    """
    known = [site.id for site in settings.sites]
    if wish.source not in READERS:
        raise Unclear(f"the tool is one of {', '.join(READERS)}")
    if bool(wish.paths) == wish.remove:
        raise Unclear("expected files to import, or --remove and none")
    if wish.currency and not coarse.currency(wish.currency):
        raise Unclear("--currency: expected a code of ISO 4217, for example NOK")
    if wish.site and wish.site not in known:
        raise Unclear(f"--site: {wish.site} is not a site of these settings; known: {', '.join(known)}")
    if not wish.site and len(known) != 1:
        raise Unclear(f"--site: which? {', '.join(known) or 'The settings have none'}")
    return next(site for site in settings.sites if site.id == (wish.site or known[0]))


async def run(settings: Settings, wish: Wish) -> int:
    """Do what is wished. 0: done; 1: not, and why; 2: the wish is unclear."""
    try:
        site = site_of(settings, wish)
        if wish.remove:
            return await _remove(settings, site, wish.source)
        return await _import(settings, site, wish)
    except Unclear as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Unreadable as error:
        sys.stderr.write(f"{error}\nNothing was imported.\n")
    except (StoreError, NoAnswer, aiohttp.ClientError) as error:
        sys.stderr.write(f"stopped: {error}\nRun it again, and it goes on.\n")
    return 1


async def _import(settings: Settings, site: Site, wish: Wish) -> int:
    gathered = Gathered(_read(site, settings, wish))
    door = door_of(site, site.time_zone or settings.time_zone, LOOKUPS, EVENT_NAMES, Caps(new_memory(), [site.id]))
    cleaning = Cleaning(door)
    currency = coarse.currency(wish.currency)
    minor = partial(_minor, currency)
    verdicts: dict[date, Import] = {}
    cells = 0
    async with desk(settings) as here:
        by_month = groupby(gathered.days(site.id, wish.source, currency, minor, cleaning), key=_month)
        for month, days in by_month:
            for day in days:
                verdicts[day.day] = await _send(here, day, only_say=wish.dry_run)
                cells += len(day.cells) if verdicts[day.day] in WRITES else 0
            sys.stderr.write(f"{site.id}: {month} …\n")
    _tell(site.id, wish, verdicts, cells)
    _tell_left_out(gathered, cleaning)
    return 0 if set(verdicts.values()) & {*WRITES, Import.UNCHANGED} else 1


def _read(site: Site, settings: Settings, wish: Wish) -> Iterator[RawCell]:
    found = files(wish.paths)
    sys.stderr.write(f"{site.id}: reading {len(found)} files …\n")
    for cell in READERS[wish.source](found, ZoneInfo(site.time_zone or settings.time_zone)):
        if cell.counts.get("revenue") and not wish.currency:
            raise Unclear("--currency: the files tell revenue; in which currency? For example NOK")
        yield cell


def _minor(currency: str, amount: float) -> int:
    return coarse.minor_units(amount, currency)


def _month(day: ImportedDay) -> str:
    return f"{day.day:%Y-%m}"


async def _send(here: Desk, day: ImportedDay, *, only_say: bool) -> Import:
    params = {"only_say": "1" if only_say else "0"}
    async with here.session.post("/imports", params=params, data=BytesIO(msgspec.json.encode(day))) as answer:
        body = await answer.read()
    if answer.status != _OK:
        raise NoAnswer(f"{day.day}: {body.decode()}")
    return msgspec.json.decode(body, type=Import)


async def _remove(settings: Settings, site: Site, source: str) -> int:
    params = {"site": site.id, "source": source}
    async with desk(settings) as here, here.session.delete("/imports", params=params) as answer:
        body = await answer.read()
    if answer.status != _OK:
        raise NoAnswer(body.decode())
    sys.stdout.write(f"{site.id}: {msgspec.json.decode(body, type=int)} days from {source} are taken out\n")
    return 0


def _tell(site: str, wish: Wish, verdicts: Mapping[date, Import], cells: int) -> None:
    first, last = min(verdicts), max(verdicts)
    would = "; nothing is written (--dry-run)" if wish.dry_run else ""
    sys.stdout.write(f"{site}: {len(verdicts)} days from {wish.source}, {first} to {last}, {cells} counts{would}\n")
    told = Counter(verdicts.values())
    for verdict, said in _SAID.items():
        if told[verdict]:
            sys.stdout.write(f"  {told[verdict]} {said}{_which(verdicts, verdict)}\n")


def _which(verdicts: Mapping[date, Import], verdict: Import) -> str:
    """The days that are left out, at both ends."""
    if verdict in WRITES or verdict is Import.UNCHANGED:
        return ""
    days = sorted(day for day, found in verdicts.items() if found is verdict)
    return f" ({days[0]})" if len(days) == 1 else f" ({days[0]} to {days[-1]})"


def _tell_left_out(gathered: Gathered, cleaning: Cleaning) -> None:
    redacted, capped = cleaning.noticed.get(Note.REDACTED, 0), cleaning.noticed.get(Note.OVER_CAP, 0)
    lines = (
        (len(gathered.untold), "days left out: no file tells their totals"),
        (cleaning.undeclared, "events left out: the settings don't declare their names (`events` of the site)"),
        (
            cleaning.unmarked,
            "counts of products and brands left out: nothing tells which are `sensitive`, as the settings mark some",
        ),
        (redacted, "values held something personal, which was taken out"),
        (capped, "values became (other): a day keeps so many"),
    )
    for number, said in lines:
        if number:
            sys.stdout.write(f"  {number} {said}\n")
