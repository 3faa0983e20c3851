"""A shop that advertises: its product file, what it spent, and weeks of it in the ledger, as a release writes them."""

from collections.abc import Iterable
from datetime import date, timedelta
from html import unescape
from pathlib import Path

from aiohttp import ClientSession

from dashboards.advertisers import Advertisers, Declared
from dashboards.office import Shop
from pipeline.audiences import ledger
from pipeline.audiences.public import CHANNELS
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import DAYPARTS, DEEDS, DEVICES, TABLES, Key
from pipeline.store.database import Store
from tests.dashboards.shop import TODAY, Bench

WEEK, BEFORE = (f"{TODAY - timedelta(days=TODAY.weekday() + ago):%G-W%V}" for ago in (7, 14))
"""The two latest that are over."""
MONDAY = TODAY - timedelta(days=TODAY.weekday() + 7)
"""Of the latest week that is over."""
FEEDS = ("google_labels", "meta_labels")
CAMPAIGNS = (("google", "cpc", "lego-høst"), ("facebook", "paid_social", "jul"), ("nyhetsbrev", "email", "uke 48"))
AREAS = ("NO", "SE")
CATEGORIES = ("Leker > Lego", "Leker > Puslespill", "Dyr > Hund", "Bøker > Barn")
_TITLES = "Politistasjon Brannbil Slott Romskip Puslespill Fjord Fjell Ball Seng Bånd Eventyr Atlas".split()


def week_of(monday: date) -> str:
    """`2026-W48`."""
    return Week("", monday, {}).name


def declared(folder: Path, site: str, exports: Iterable[str] = FEEDS, *, spend: bool = False) -> Declared:
    """The shop as its settings tell it, with its files in `folder`."""
    catalogue, spent = folder / f"{site}.tsv", folder / f"{site}.csv"
    catalogue.write_text(product_file(), encoding="utf-8")
    if spend:
        weeks = (week_of(MONDAY - timedelta(weeks=ago)) for ago in range(8))
        spent.write_text(
            "week,channel,amount\n" + "".join(f"{week},google,12500\n" for week in weeks), encoding="utf-8"
        )
    said = Advertiser(site, frozenset(exports), "NO", "NOK", campaigns=CAMPAIGNS, areas=AREAS)
    return Declared(said, catalogue, spent if spend else None)


def product_file(products: int = len(_TITLES)) -> str:
    """Tab-delimited text, as Google takes it."""
    lines = ["id\ttitle\tproduct_type\tbrand\tavailability\tprice"]
    for number, title in enumerate(_TITLES[:products]):
        kind = CATEGORIES[number % len(CATEGORIES)]
        lines.append(f"{60300 + number}\t{title}\t{kind}\tLego\tin_stock\t749.00 NOK")
    return "\n".join(lines) + "\n"


def release(store: Store, site: str, monday: date = MONDAY, much: int = 1000) -> None:
    """Put a week into the ledger, once; `much`: of the most seen product."""
    assert (site, monday) not in ledger.released(store), "twice costs too much, and others verify this ledger"
    tables = [(_released(name, much), table.most) for name, table in TABLES.items()]
    now = (TODAY - date(1970, 1, 1)).total_seconds()
    assert ledger.write(store, ledger.lines_after(ledger.last(store), now, site, monday, tables))


def _released(name: str, much: int) -> Released:
    table = TABLES[name]
    most = 1000 if name == "revenue" else table.most
    return Released(name, _cells(name, much), table.epsilon, 0.0, table.cells * most / table.epsilon, 0)


def _cells(name: str, much: int) -> dict[Key, int]:
    ids = [str(60300 + number) for number in range(len(_TITLES))]
    if name == "interest":
        return {(x, d): much * (1 + i) // (1 + n) for n, x in enumerate(ids) for i, d in enumerate(DEVICES)}
    if name == "conversion":
        return {(x, step): much // (2 + n) for n, x in enumerate(ids) for step in ("cart", "order")}
    if name == "campaigns":
        return {(*c, deed): 4 * much // 2**n for c in CAMPAIGNS for n, deed in enumerate(DEEDS)}
    if name == "revenue":
        return {(channel,): much * 400 for channel in CHANNELS}
    if name == "places":
        places = [(a, p, d) for a in (*AREAS, "(other)") for p in DAYPARTS for d in DEVICES]
        return {
            (*p, deed): much * (1 + n % 5) // by
            for n, p in enumerate(places)
            for deed, by in (("visit", 1), ("purchase", 8))
        }
    groups = [("area", area) for area in AREAS] + [("device", device) for device in DEVICES] + [("source", "google")]
    kinds = (" / ".join(part.strip() for part in category.split(">")) for category in CATEGORIES)
    return {(k, *group): much * (1 + (n + m) % 4) for n, k in enumerate(kinds) for m, group in enumerate(groups)}


def advertising(store: Store, folder: Path, site: str) -> Bench:
    """An office with two shops that advertise, the second one without a released week, and one that doesn't."""
    names = (site, f"{site}-new", f"{site}-off")
    made = Bench(store, folder, tuple(Shop(name, "Europe/Oslo") for name in names))
    shops = (declared(folder, names[0], [*FEEDS, "campaigns"]), declared(folder, names[1]))
    made.advertise(Advertisers(shops, made.clock))
    release(store, site, MONDAY - timedelta(weeks=1), 900)
    release(store, site, MONDAY, 1000)
    return made


def site_of(bench: Bench) -> str:
    """The shop with two released weeks."""
    return bench.sites[0].id


async def text_of(session: ClientSession, path: str, status: int = 200) -> str:
    """A page's text, without its escapes."""
    async with session.get(path, allow_redirects=False) as answer:
        assert answer.status == status, await answer.text()
        return unescape(await answer.text())


def feed_path(bench: Bench, file: str = "google-labels.tsv", site: str = "") -> str:
    """The path that a platform is given."""
    return f"/feeds/{bench.accounts.feed_secret(site or site_of(bench))}/{file}"
