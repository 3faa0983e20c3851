"""The chain of receipts: written once, and every change of it found."""

import asyncio
import os
import socket
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientSession, UnixConnector, web
from hypothesis import given
from hypothesis import strategies as st

from dashboards.local import reach
from dashboards.receipts import receipts_routes
from pipeline.chain import FIRST_PREVIOUS, Verdict
from pipeline.retain.receipts import RECEIPTS, Receipt, latest, next_after, write
from pipeline.store.database import Store, StoreError
from proxy import receipts as commands
from proxy import settings
from tests.pipeline.mortal import Mortal

NOW = 1_779_000_000.123
DROPS = st.lists(
    st.tuples(
        st.sampled_from(["events", "tally"]),
        st.text(max_size=12),
        st.integers(0, 2**63),
        st.integers(0, 2**63),
        st.floats(0, 4e9),
    ),
    min_size=1,
    max_size=12,
)


def chain_of(drops: list[tuple[str, str, int, int, float]]) -> list[Receipt]:
    """One receipt a drop."""
    made: list[Receipt] = []
    for what, span, rows, size, now in drops:
        made.append(next_after(made[-1] if made else None, now, what, span, rows, size))
    return made


def some(count: int) -> list[Receipt]:
    """A chain of so many."""
    return chain_of([("events", f"2026-05-{day + 1:02}", 10 + day, 1000, NOW + day) for day in range(count)])


def test_a_hash_is_reckoned_as_the_description_says() -> None:
    """By anybody, from what the list shows, with nothing of ours."""
    receipt = next_after(None, 1_779_000_000.1234, "events", "2026-05-14", 12, 3456)
    text = f'[1,"2026-05-17T06:40:00.123Z","events","2026-05-14",12,3456,"{"0" * 64}"]'
    assert receipt.hash == sha256(text.encode()).hexdigest()


@given(DROPS)
def test_a_chain_as_it_is_written_holds(drops: list[tuple[str, str, int, int, float]]) -> None:
    """Whatever was dropped; and its last hash is the one to note."""
    chain = chain_of(drops)
    assert RECEIPTS.examine(chain) == Verdict(len(chain), chain[-1].hash)
    assert RECEIPTS.examine(chain, noted=chain[0].hash).broken == 0


@given(DROPS, st.data())
def test_a_receipt_that_was_changed_is_the_first_that_does_not_hold(
    drops: list[tuple[str, str, int, int, float]], data: st.DataObject
) -> None:
    """Any word of it, and the forger's own hash over it doesn't help unless he writes all that follow."""
    chain = chain_of(drops)
    at = data.draw(st.integers(0, len(chain) - 1))
    field = data.draw(st.sampled_from(["at", "what", "span", "rows", "bytes", "previous", "hash"]))
    old = getattr(chain[at], field)
    forged = msgspec.structs.replace(chain[at], **{field: old + (1 if isinstance(old, int) else "x")})
    verdict = RECEIPTS.examine([*chain[:at], forged, *chain[at + 1 :]])
    assert (verdict.broken, verdict.lines) == (at + 1, at)
    if at + 1 < len(chain) and field not in ("previous", "hash"):
        forged = msgspec.structs.replace(forged, hash=forged.digest())
        assert RECEIPTS.examine([*chain[:at], forged, *chain[at + 1 :]]).broken == at + 2


@given(DROPS, st.data())
def test_a_receipt_that_is_missing_doubled_or_moved_is_found(
    drops: list[tuple[str, str, int, int, float]], data: st.DataObject
) -> None:
    """Its number says which; the last one is missed by who has noted its hash."""
    chain = chain_of(drops)
    at = data.draw(st.integers(0, len(chain) - 1))
    without = [*chain[:at], *chain[at + 1 :]]
    assert RECEIPTS.examine(without, noted=chain[-1].hash).broken == at + 1
    assert RECEIPTS.examine(without).broken == (at + 1 if at + 1 < len(chain) else 0)
    assert RECEIPTS.examine([*chain[: at + 1], *chain[at:]]).broken == at + 1
    for other in range(at):
        swapped = list(chain)
        swapped[at], swapped[other] = swapped[other], swapped[at]
        assert RECEIPTS.examine(swapped).broken == other + 1
        renumbered = [msgspec.structs.replace(receipt, number=place) for place, receipt in enumerate(swapped, start=1)]
        assert RECEIPTS.examine(renumbered).broken == other + 1


def test_an_empty_chain_holds() -> None:
    """Nothing was dropped yet."""
    assert RECEIPTS.examine([]) == Verdict(0, FIRST_PREVIOUS)


def test_what_is_written_is_read_again_and_twice_is_once(apart: Store) -> None:
    """A second sending of the same receipt, after a time-out, changes nothing."""
    chain = some(3)
    for receipt in [*chain, chain[-1]]:
        write(apart, receipt)
    assert RECEIPTS.page(apart, 0) == latest(apart) == chain
    assert RECEIPTS.verify(apart) == Verdict(3, chain[-1].hash)


def test_of_two_receipts_of_one_number_the_first_stays(apart: Store) -> None:
    """The second is told so, and nothing may be dropped on it."""
    first, _ = some(2)
    write(apart, first)
    with pytest.raises(StoreError, match="says something else"):
        write(apart, next_after(None, NOW, "events", "2026-05-09", 1, 1))
    assert RECEIPTS.page(apart, 0) == [first]


def test_a_number_whose_row_a_kill_took_away_is_sent_again(apart: Store) -> None:
    """The engine remembers the token and ignores the row: the next token brings it."""
    (first,) = some(1)

    class Forgetful(Mortal):
        def insert(self, table: str, columns: object, body: bytes, token: str) -> None:
            if not token.endswith("-0"):
                super().insert(table, columns, body, token)

    write(Forgetful(apart), first)
    assert RECEIPTS.page(apart, 0) == [first]


def test_a_receipt_that_never_arrives_is_an_error(apart: Store) -> None:
    """So nothing is dropped without one."""

    class Deaf(Mortal):
        def insert(self, *_said: object) -> None:
            """Take it, and forget it."""

    with pytest.raises(StoreError, match="does not arrive"):
        write(Deaf(apart), some(1)[0])


@pytest.mark.parametrize(
    ("forgery", "broken"),
    [
        ("UPDATE rows = rows - 1 WHERE number = 3", 3),
        ("UPDATE span = '2026-05-30' WHERE number = 5", 5),
        ("DELETE WHERE number = 1", 1),
        ("DELETE WHERE number = 3", 3),
        ("UPDATE at = at + 1 WHERE number = 2", 2),
        ("UPDATE rows = 5 - rows, span = '' WHERE number IN (2, 4)", 2),
    ],
)
def test_a_forged_table_is_found(apart: Store, forgery: str, broken: int) -> None:
    """Through SQL, as somebody with the database's password would do it."""
    for receipt in some(5):
        write(apart, receipt)
    apart.command(f"ALTER TABLE receipts {forgery} SETTINGS mutations_sync = 2")
    assert RECEIPTS.verify(apart).broken == broken


def test_numbers_that_change_places_are_found(apart: Store) -> None:
    """The order is what the numbers say, and each is in its own hash."""
    chain = some(4)
    swapped = [
        msgspec.structs.replace(receipt, number=number) for receipt, number in zip(chain, (1, 3, 2, 4), strict=True)
    ]
    for receipt in swapped:
        write(apart, receipt)
    assert RECEIPTS.verify(apart).broken == 2


def test_a_chain_is_read_in_pages(apart: Store) -> None:
    """However long it is; a number that stands twice at a page's end is seen."""
    in_twos = replace(RECEIPTS, page_lines=2)
    for receipt in some(5):
        write(apart, receipt)
    assert in_twos.verify(apart).lines == 5
    apart.command("INSERT INTO receipts SELECT * FROM receipts WHERE number = 2")
    assert in_twos.verify(apart) == Verdict(2, some(2)[1].hash, 2, "number 2 is not one of its own")


async def test_the_command_asks_the_back_office_while_it_runs(
    apart: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over its local socket, page by page, as a list, as JSON and as a verdict with its exit code."""
    monkeypatch.setattr("dashboards.receipts.RECEIPTS", replace(RECEIPTS, page_lines=2))
    monkeypatch.chdir(tmp_path)  # a socket's path may have 100 characters
    chain = some(3)
    for receipt in chain:
        write(apart, receipt)
    found = settings.Settings(data=Path())
    app = web.Application()
    app.add_routes(receipts_routes(apart))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, "backoffice.sock").start()
    assert await commands.show(found, as_json=True) == 0
    assert [msgspec.json.decode(line, type=Receipt) for line in capsys.readouterr().out.splitlines()] == chain
    assert await commands.show(found, as_json=False) == 0
    assert (
        capsys.readouterr().out.splitlines()[1].startswith("2\t2026-05-17T06:40:01.123Z\tevents\t2026-05-02\t11 rows")
    )
    async with ClientSession(connector=UnixConnector("backoffice.sock")) as there:
        told = await (await there.get("http://localhost/receipts/verify")).text()
    assert told == f'{{"receipts":3,"head":"{chain[-1].hash}","broken":0,"why":""}}'
    assert await commands.verify(found, "") == 0
    assert capsys.readouterr().out == f"3 receipts hold; the last hash: {chain[-1].hash}\n"
    assert await commands.verify(found, "f" * 64) == 1
    await asyncio.to_thread(apart.command, "ALTER TABLE receipts DELETE WHERE number = 2 SETTINGS mutations_sync = 2")
    assert await commands.verify(found, "") == 1
    assert capsys.readouterr().out.endswith("receipt 2: number 2 is missing; 1 before it hold\n")
    await runner.cleanup()


WRITE = """
import sys
from pathlib import Path
from pipeline.retain.receipts import Receipt, write
from pipeline.store.database import Store
from tests.pipeline.retain.test_receipts import some
store = Store("chdb", Path(sys.argv[1]), 512)
store.migrate()
for receipt in some(3):
    write(store, receipt)
for sql in sys.argv[2:]:
    store.command(sql)
store.close()
"""


def test_the_command_opens_the_store_where_no_back_office_runs(tmp_path: Path) -> None:
    """Also where a killed one has left its socket; the exit code says whether the chain holds."""
    root = Path(__file__).parents[3]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"SPORLOS_DATA": str(tmp_path / "data")}
        return subprocess.run(
            [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
        )

    assert run("-m", "proxy.cli", "receipts", "verify").returncode == 2
    assert not (tmp_path / "data").exists()
    assert run("-c", WRITE, str(tmp_path / "data")).returncode == 0
    with socket.socket(socket.AF_UNIX) as left, reach(tmp_path / "data" / "backoffice.sock") as name:
        left.bind(name)
    listed = run("-m", "proxy.cli", "receipts", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert [msgspec.json.decode(line, type=Receipt) for line in listed.stdout.splitlines()] == some(3)
    assert run("-m", "proxy.cli", "receipts", "verify").returncode == 0
    forgery = "ALTER TABLE receipts DELETE WHERE number = 2 SETTINGS mutations_sync = 2"
    assert run("-c", WRITE, str(tmp_path / "data"), forgery).returncode == 0
    verified = run("-m", "proxy.cli", "receipts", "verify")
    assert (verified.returncode, verified.stdout) == (1, "receipt 2: number 2 is missing; 1 before it hold\n")
