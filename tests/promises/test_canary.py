"""What a visitor brings is written nowhere: known strings are sent by every way in, then every byte is searched.

A search that finds nothing proves nothing by itself. So canaries are planted where it looks, and copies of the product
that were made leaky on purpose must be caught.
"""

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.promises.canaries import ADDRESSES, AGENT, ALL, EMAIL, IPV4, IPV6, NAME, NATIONAL_NUMBER, PHONE
from tests.promises.canary_places import TRUSTING, Searched, files, new_in_shared_memory, search, shared_memory
from tests.promises.canary_rows import rows, unread_parts
from tests.promises.canary_spellings import found, spellings
from tests.promises.leaks import CORE, GROUPS, Leak
from tests.system.product import ROOT, Product, engine, products

_CORE_PATTERN = Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8").strip()
_CORES_ARE_ELSEWHERE = "/" in _CORE_PATTERN or resource.getrlimit(resource.RLIMIT_CORE)[1] == 0
"""A path, perhaps that of a program, or nowhere at all."""


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """The product as it is, searched once for all tests."""
    with products() as make:
        product = make(tmp_path_factory.mktemp("canary") / "product", collector=TRUSTING)
        yield search(product, thorough=True)


def test_no_canary_is_written_anywhere(searched: Searched) -> None:
    """Of no kind, in no file, table, log, shared memory or answer, in no spelling."""
    finds = found(searched.places)
    assert not finds, "\n".join(finds)


def test_canaries_were_really_processed(searched: Searched) -> None:
    """The silence is not that of a closed door: most were accepted, and each address left its network in a row."""
    assert searched.answers.statuses[202] > 5000
    assert {200, 204, 303, 400, 401, 403, 404, 405, 413} <= searched.answers.statuses.keys()
    table = searched.places["table sporlos.events"]
    assert table.count(b"\n") > 5000
    for address in ADDRESSES:
        network = ip_network((address, 24 if "." in address else 48), strict=False)
        assert f"\t{network}\t".encode() in table, network
    assert b"\tChrome\t" in table
    assert b"(removed)" in table
    # by the doors of shops' servers
    assert table.count(b"\trefund\t") > 10
    assert table.count(b"\tpurchase\t") > 500
    tally = searched.places["table sporlos.tally"]
    assert all(word in tally for word in (b"opted_out", b"unknown_sender"))


def test_every_place_was_looked_into(searched: Searched) -> None:
    """Each kind of place was there and held something, so that a place which moves is missed."""
    for beginning in (
        "running: data/spool/worker-0.sqlite-wal",
        "stopped: data/spool/worker-0.sqlite",
        "stopped: data/backoffice.sqlite",
        "stopped: stdout",
        "stopped: stderr",
        "open memfd:counters",
        "open memfd:salts",
        "collector /metrics",
        "collector /status",
        "collector /healthz",
        "back office /metrics",
        "back office /healthz",
        "sporlos status",
        "panel overview",
        "panel pages",
        "page /",
        "page /login",
        "answers",
        "table sporlos.events",
        "table sporlos.tally",
        "table system.mutations",
        "table system.tables",
    ):
        assert any(place.startswith(beginning) for place in searched.places), beginning
    for beginning in ("running: data/spool/worker-0.sqlite-wal", "collector /metrics", "answers", "table sporlos."):
        assert any(content for place, content in searched.places.items() if place.startswith(beginning)), beginning


def test_every_part_of_the_store_was_read(searched: Searched) -> None:
    """No table is left that only its compressed parts are seen of."""
    store = searched.product.data / "clickhouse"
    assert unread_parts(store, searched.places["table system.tables"]) == []
    assert len(unread_parts(store, b"")) >= 3, "and were there no tables, it would be told"


def test_a_crash_leaves_no_memory_behind(searched: Searched) -> None:
    """Although the kernel was told to write what it likes, there is no file in the folder where the worker crashed."""
    assert not [place for place in searched.places if place.startswith(("stopped: here/", "stopped: home/"))]


def test_every_spelling_is_found_and_nothing_else() -> None:
    """A canary in any spelling is found, alone or among others, and only where it is."""
    for canary in ALL:
        spelt = spellings(canary)
        content = b" ".join(spelling.data for spelling in spelt)
        finds = found({"here": b"<" + content + b">", "there": b"nothing"})
        assert {f"here: {canary} ({spelling.name})" for spelling in spelt} <= set(finds), canary
        assert not [find for find in finds if not find.startswith(f"here: {canary}")]


def test_a_short_spelling_counts_where_it_stands_alone() -> None:
    """Eight digits within a longer number are no telephone number, with a letter or a blank beside them they are."""
    assert found({"here": b"1597183641", "there": b"159718364", "elsewhere": b"0159718364x"}) == []
    assert found({"here": b"tlf 59718364."}) == [f"here: {PHONE} (at home, plain)"]


def test_planted_in_any_place_is_found(searched: Searched) -> None:
    """A canary appended to any one thing that was searched is found there, and nowhere else."""
    for place, content in searched.places.items():
        assert f"{place}: {EMAIL} (as it is, plain)" in found({place: content + EMAIL.encode()}), place


def test_planted_in_spool_and_store_is_found(searched: Searched, tmp_path: Path) -> None:
    """A row put into a copy of the spool's log or of a table is found, although neither is plain text."""
    copied = tmp_path / "data"
    shutil.copytree(searched.product.data, copied, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    spool = sqlite3.connect(next((copied / "spool").glob("*.sqlite")), isolation_level=None)
    spool.execute("INSERT INTO tally VALUES (?, '2026-01-01', '', 'stored', 1)", (EMAIL,))
    spool.execute("INSERT INTO batches (format, events, body) VALUES (1, 1, ?)", (f"['{NAME}']".encode(),))
    places = {f"spool {name}": data for name, data in files(copied / "spool")}
    spool.close()
    store = copied / "clickhouse"
    engine(
        store,
        "INSERT INTO sporlos.events (day, ts, path, props)"  # noqa: S608 - ours
        f" VALUES (today(), now(), '/{NATIONAL_NUMBER}', {{'a': '{IPV6[0]}'}})",
        f"INSERT INTO sporlos.tally (day, name) VALUES (today(), '{IPV4[0]}')",  # noqa: S608 - ours
        f"INSERT INTO sporlos.migrations (name) VALUES ('{AGENT}')",  # noqa: S608 - ours
        f"ALTER TABLE sporlos.tally DELETE WHERE name = '{PHONE}' SETTINGS mutations_sync = 1",
    )
    finds = found(places | {f"table {name}": data for name, data in rows(store)})
    for place, canary in (
        ("spool worker-0.sqlite-wal", EMAIL),
        ("spool worker-0.sqlite-wal", NAME),
        ("table sporlos.events", NATIONAL_NUMBER),
        ("table sporlos.events", IPV6[0]),
        ("table sporlos.tally", IPV4[0]),
        ("table sporlos.migrations", AGENT),
        ("table system.mutations", PHONE),
    ):
        assert f"{place}: {canary} (as it is, plain)" in finds, (place, canary)


def test_planted_in_folders_and_shared_memory_is_found(tmp_path: Path) -> None:
    """Files that the product would write beside its data are seen: at home, in the temporary folder, in memory."""
    before = shared_memory()
    for folder in ("home", "tmp", "here"):
        (tmp_path / folder / "deep").mkdir(parents=True)
        (tmp_path / folder / "deep" / "file").write_text(EMAIL, encoding="utf-8")
    planted = Path("/dev/shm") / f"{tmp_path.name}-canary"  # noqa: S108 - removed below
    planted.write_text(EMAIL, encoding="utf-8")
    try:
        places = dict(files(tmp_path)) | dict(new_in_shared_memory(before))
    finally:
        planted.unlink()
    finds = [find.partition(":")[0] for find in found(places) if "as it is, plain" in find]
    assert set(finds) >= {"home/deep/file", "tmp/deep/file", "here/deep/file", f"shared memory {planted.name}"}


@pytest.mark.parametrize("leaks", GROUPS, ids=lambda leaks: ", ".join(leak.name for leak in leaks))
def test_leaky_product_is_caught(leaks: Sequence[Leak], tmp_path: Path, make_leaky: Callable[..., Product]) -> None:
    """With a few lines of the product changed for the worse, the same search finds each leak, where it leaks."""
    assert missed(search(make_leaky(tmp_path, leaks), thorough=False), leaks) == []


@pytest.mark.skipif(_CORES_ARE_ELSEWHERE, reason="this machine writes no memory into the folder of a crash")
def test_written_memory_is_caught(tmp_path: Path, make_leaky: Callable[..., Product]) -> None:
    """Where the product lets the kernel write its memory, the crash leaves visitors in a file, and that is found."""
    assert missed(search(make_leaky(tmp_path, [CORE]), thorough=False), [CORE]) == []


def missed(searched: Searched, leaks: Sequence[Leak]) -> list[tuple[str, str, str]]:
    """What should have shown and didn't: the leak, the place, the canary."""
    finds = found(searched.places)
    return [
        (leak.name, place, canary)
        for leak in leaks
        for place, canary in leak.shows
        if not any(find.startswith(place) and canary in find for find in finds)
    ]


@pytest.fixture
def make_leaky() -> Iterator[Callable[..., Product]]:
    """Make a product from a copy of the source with some lines changed."""
    with products() as make:

        def leaky(folder: Path, leaks: Sequence[Leak]) -> Product:
            source = folder / "source"
            for room in ("proxy", "pipeline", "dashboards", "demo"):
                shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
            for leak in leaks:
                for name, sound, worse in leak.edits:
                    file = source / name
                    text = file.read_text(encoding="utf-8")
                    assert sound in text, f"{leak.name}: {name} no longer has the line that would leak"
                    file.write_text(text.replace(sound, worse), encoding="utf-8")
                for name, text in leak.files.items():
                    (source / name).write_text(text, encoding="utf-8")
            return make(folder / "product", source=source, collector=TRUSTING)

        yield leaky
