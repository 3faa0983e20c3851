"""What a visitor brings is written nowhere: known strings are sent by every way in, then every byte is searched.

A search that finds nothing proves nothing by itself. So canaries are planted where it looks, and copies of the product
that were made leaky on purpose must be caught.
"""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.promises.canaries import ADDRESSES, AGENT, ALL, EMAIL, IPV4, IPV6, NATIONAL_NUMBER, found, spellings
from tests.promises.canary_traffic import LAST_PAGE, PLAIN, send_broken, send_everything, written
from tests.system.product import ROOT, Product, ask, engine, products, until

_TRUSTING = 'trusted_proxies = ["127.0.0.1/32", "10.0.0.0/8"]'
_PANELS = (
    "overview",
    "timeline",
    "sources",
    "pages",
    "products",
    "countries",
    "devices",
    "browsers",
    "systems",
    "live",
    "refused",
)
_TABLES = """
    SELECT database || '.' || name FROM system.tables
    WHERE (database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') OR engine LIKE '%MergeTree')
        AND engine NOT LIKE '%View' FORMAT TSVRaw
"""


@dataclass(frozen=True, slots=True)
class Searched:
    """A product that was given every canary, and everything that it wrote."""

    product: Product
    places: dict[str, bytes]
    answers: Counter[int]


def files(folder: Path, label: str) -> dict[str, bytes]:
    """Every file below a folder; one that goes away meanwhile is gone."""
    found_files = {}
    for file in folder.rglob("*"):
        try:
            if file.is_file():
                found_files[f"{label} {file.relative_to(folder)}"] = file.read_bytes()
        except FileNotFoundError:
            continue
    return found_files


def rows(store: Path) -> dict[str, bytes]:
    """Every table of the engine as rows: compressed parts can't be searched."""
    (names,) = engine(store, _TABLES)
    tables = names.decode().split()
    queries = (f"SELECT * FROM {name} FORMAT TSVRaw" for name in tables)  # noqa: S608 - the engine's own names
    return dict(zip((f"table {name}" for name in tables), engine(store, *queries), strict=True))


def told(product: Product, token: str) -> dict[str, bytes]:
    """What the running product says to whoever asks."""
    answers = {
        f"{side} {path}": ask(port, "GET", path).body
        for side, port in (("collector", product.admin), ("back office", product.office))
        for path in ("/healthz", "/readyz", "/metrics")
    }
    panels = {f"panel {name}": json.dumps(product.panel(name, token)).encode() for name in _PANELS}
    status = product.run("status")
    return {
        **answers,
        **panels,
        "collector /status": ask(product.admin, "GET", "/status").body,
        "sporlos status": (status.stdout + status.stderr).encode(),
    }


def search(product: Product, secrets: Iterable[str]) -> Searched:
    """Send everything, look at everything: while it runs, and after it has ended."""
    product.start("collect")
    product.wait_ready(product.admin)
    answers = send_everything(product, secrets)
    places = files(product.data, "running:")  # nobody ships yet: the spool's log holds all of it
    product.start("backoffice")
    product.wait_ready()
    send_broken(product)
    token = product.token()
    until(lambda: f"/{LAST_PAGE}" in json.dumps(product.panel("pages", token)), "all is shipped", product.died)
    places |= told(product, token)
    assert [product.stop("collect"), product.stop("backoffice")] == [0, 0]
    places |= files(product.data, "stopped:") | rows(product.data / "clickhouse")
    places |= {"stdout": product.out.read_bytes(), "stderr": product.err.read_bytes()}
    return Searched(product, places, answers)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """The product as it is, searched once for all tests."""
    with products() as make:
        yield search(make(tmp_path_factory.mktemp("canary") / "product", collector=_TRUSTING), written())


def test_no_canary_is_written_anywhere(searched: Searched) -> None:
    """E-mail, national number, user agent and addresses are in no file, table, log or answer, however spelt."""
    assert found(searched.places) == []


def test_canaries_were_really_processed(searched: Searched) -> None:
    """The silence is not that of a closed door: most were accepted, and each address left its network in a row."""
    assert searched.answers[202] > 1000
    table = searched.places["table sporlos.events"]
    assert table.count(b"\n") > 1000
    for address in ADDRESSES:
        network = ip_network((address, 24 if "." in address else 48), strict=False)
        assert f"\t{network}\t".encode() in table, network
    assert b"\tChrome\t" in table
    assert b"(removed)" in table
    assert any(content for place, content in searched.places.items() if place.startswith("running: spool/"))


def test_every_spelling_is_found_in_every_place(searched: Searched) -> None:
    """A canary appended to any one thing that was searched is found there, in each spelling, and nowhere else."""
    for canary in ALL:
        for name, spelt in spellings(canary):
            finds = found({"here": b"<" + spelt + b">", "there": b"nothing"})
            assert f"here: {canary} ({name})" in finds, (canary, name)
            assert not [find for find in finds if not find.startswith("here")]
    for place, content in searched.places.items():
        assert f"{place}: {EMAIL} (as it is)" in found({place: content + EMAIL.encode()})


def test_planted_in_spool_and_store_is_found(searched: Searched, tmp_path: Path) -> None:
    """A row put into a copy of the spool's log or of a table is found, although neither is plain text."""
    copied = tmp_path / "data"
    shutil.copytree(searched.product.data, copied, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    spool = sqlite3.connect(next((copied / "spool").glob("*.sqlite")), isolation_level=None)
    spool.execute("INSERT INTO tally VALUES (?, '2026-01-01', '', 'stored', 1)", (EMAIL,))
    places = files(copied / "spool", "spool")
    spool.close()
    store = copied / "clickhouse"
    engine(
        store,
        "INSERT INTO sporlos.events (day, ts, path, props)"  # noqa: S608 - ours
        f" VALUES (today(), now(), '/{NATIONAL_NUMBER}', {{'a': '{IPV6[0]}'}})",
        f"INSERT INTO sporlos.tally (day, name) VALUES (today(), '{IPV4[0]}')",  # noqa: S608 - ours
        f"INSERT INTO sporlos.migrations (name) VALUES ('{AGENT}')",  # noqa: S608 - ours
    )
    places |= rows(store)
    spelt = " (as it is)"
    assert f"spool worker-0.sqlite-wal: {EMAIL}{spelt}" in found(places)
    assert f"table sporlos.events: {NATIONAL_NUMBER}{spelt}" in found(places)
    assert f"table sporlos.events: {IPV6[0]}{spelt}" in found(places)
    assert f"table sporlos.tally: {IPV4[0]}{spelt}" in found(places)
    assert f"table sporlos.migrations: {AGENT}{spelt}" in found(places)


@dataclass(frozen=True, slots=True)
class Leak:
    """A line of the product changed for the worse, and where that must show."""

    name: str
    file: str
    line: str
    worse: str
    shows: dict[str, str]
    """Beginning of a place → canary that must be found there."""


_ROWS = ("running: spool/", "table sporlos.events")
_LEAKS = [
    Leak(
        "path kept",
        "proxy/privacy/scrub.py",
        "path(parts.path)",
        "parts.path",
        dict.fromkeys([*_ROWS, "panel pages"], EMAIL),
    ),
    Leak(
        "number in a path kept",
        "proxy/privacy/redact.py",
        "_NATIONAL.sub(",
        "re.compile('kept').sub(",
        dict.fromkeys(_ROWS, NATIONAL_NUMBER),
    ),
    Leak(
        "whole address",
        "proxy/privacy/forget.py",
        "network=network_text",
        "network=str(address)",
        dict.fromkeys(_ROWS, IPV6[7]),
    ),
    Leak(
        "address hashed without a salt",
        "proxy/privacy/forget.py",
        "coarse.language(arrival.language)",
        "__import__('hashlib').md5(str(address).encode()).hexdigest()",
        dict.fromkeys(_ROWS, IPV4[7]),
    ),
    Leak(
        "tunnelled address",
        "proxy/privacy/address.py",
        "return address.sixtofour",
        "return address",
        dict.fromkeys(_ROWS, IPV4[5]),
    ),
    Leak(
        "whole user agent",
        "proxy/privacy/forget.py",
        "browser=shared.agent.browser",
        "browser=arrival.user_agent",
        dict.fromkeys([*_ROWS, "panel browsers"], AGENT),
    ),
    Leak(
        "search term as typed",
        "proxy/privacy/forget.py",
        "clean(raw.search_term, 100).lower()",
        "raw.search_term",
        dict.fromkeys(_ROWS, EMAIL),
    ),
    Leak(
        "event name echoed",
        "proxy/app.py",
        'event.name if known else ""',
        "event.name",
        {"running: spool/": EMAIL, "table sporlos.tally": EMAIL},
    ),
    Leak(
        "libraries' logs",
        "proxy/logs.py",
        "logger.disabled = True",
        "logger.addHandler(logging.StreamHandler())",
        {"stderr": IPV4[0]},
    ),
    Leak(
        "faults with their text",
        "proxy/app.py",
        "arrival = self._arrive(request)",
        "print(request.headers); arrival = self._arrive(request)",
        {"stdout": AGENT},
    ),
    Leak(
        "debug endpoint",
        "proxy/collector.py",
        'web.Response(text="ok\\n")',
        f"web.Response(text='ok, {IPV4[3]}')",
        {"collector /healthz": IPV4[3]},
    ),
]


@pytest.mark.parametrize("leak", _LEAKS, ids=lambda leak: leak.name)
def test_leaky_product_is_caught(leak: Leak, tmp_path: Path, make_leaky: Callable[..., Product]) -> None:
    """With one line of the product changed for the worse, the same search finds what leaks, where it leaks."""
    places = search(make_leaky(tmp_path, leak), PLAIN).places
    finds = found({place: content for place, content in places.items() if place.startswith(tuple(leak.shows))})
    for place, canary in leak.shows.items():
        assert any(find.startswith(place) and canary in find for find in finds), (place, canary, finds[:20])


@pytest.fixture
def make_leaky() -> Iterator[Callable[..., Product]]:
    """Make a product from a copy of the source with one line changed."""
    with products() as make:

        def leaky(folder: Path, leak: Leak) -> Product:
            source = folder / "source"
            for room in ("proxy", "pipeline", "dashboards", "demo"):
                shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
            file = source / leak.file
            sound = file.read_text(encoding="utf-8")
            assert sound.count(leak.line) >= 1, f"{leak.file} no longer has the line that would leak"
            file.write_text(sound.replace(leak.line, leak.worse), encoding="utf-8")
            return make(folder / "product", source=source, collector=_TRUSTING)

        yield leaky
