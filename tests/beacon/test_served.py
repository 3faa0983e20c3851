"""The bytes that browsers get: made of the source, small, the same for everyone."""

import gzip
import re
from base64 import b64encode
from hashlib import sha384
from pathlib import Path

import brotli
import pytest
from playwright.async_api import Page

from proxy import reply
from proxy.beacon import script
from tests.beacon.built import BEACON, GOAL, built, sizes
from tests.beacon.stage import Stage
from tests.proxy.doorway import opened

LARGEST = 2360
"""Bytes gzipped that it may have now; the goal is further down. Lower this when the script gets smaller."""
SCRIPT = script.load()


def test_what_is_served_is_made_of_the_source() -> None:
    """Who changes the source runs `script/beacon`; the same source gives the same bytes, twice."""
    made = built()
    assert made == built()
    assert {name: (BEACON / name).read_bytes() for name in made} == made


def test_the_script_is_no_larger_than_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    """Raw, gzipped and with brotli, beside the goal."""
    with capsys.disabled():
        print(f"\nthe script: {sizes({name: (BEACON / name).read_bytes() for name in built()})}")  # noqa: T201 - asked for
    gzipped = len(SCRIPT.encoded["gzip"])
    assert gzipped <= LARGEST, f"{gzipped} bytes gzipped; goal: {GOAL}"


def test_each_encoding_is_the_same_script() -> None:
    """Whatever a browser unpacks is what the hash is of."""
    assert gzip.decompress(SCRIPT.encoded["gzip"]) == brotli.decompress(SCRIPT.encoded["br"]) == SCRIPT.plain
    assert SCRIPT.integrity == f"sha384-{b64encode(sha384(SCRIPT.plain).digest()).decode()}"
    assert re.fullmatch("[0-9a-f]{8}", SCRIPT.version)


ASKED = {
    "": "",
    "identity": "",
    "gzip": "gzip",
    "gzip, deflate, br": "br",
    "gzip, deflate, br, zstd": "br",
    "br;q=0, gzip;q=0.5": "gzip",
    "GZIP": "gzip",
    "deflate": "",
}


@pytest.mark.parametrize(("asked", "got"), ASKED.items())
def test_the_smallest_that_a_browser_takes_is_sent(asked: str, got: str) -> None:
    """And caches are told that it depends on that alone."""
    answer = reply.script(*SCRIPT.accepted(asked))
    assert (answer.headers.get("Content-Encoding", ""), answer.headers["Vary"]) == (got, "Accept-Encoding")
    assert answer.body == SCRIPT.encoded.get(got, SCRIPT.plain)


def test_an_address_of_just_these_bytes_may_be_kept() -> None:
    """For a year, since other bytes have another; the plain one for an hour."""
    assert SCRIPT.lasting("/min/kikk.js") == f"/min/kikk.{SCRIPT.version}.js"
    assert "immutable" in reply.script(*SCRIPT.accepted(""), lasting=True).headers["Cache-Control"]
    assert reply.script(*SCRIPT.accepted("")).headers["Cache-Control"] == "public, max-age=3600"


def test_nothing_in_it_is_evaluated() -> None:
    """A strict policy allows neither `eval` nor its kin, and the script needs none; no cookie, no storage is named."""
    words = set(re.findall(r"[A-Za-z_$][\w$]*", SCRIPT.plain.decode()))
    assert {
        "eval",
        "Function",
        "cookie",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "caches",
        "title",
    } & words == set()


async def test_a_browser_that_knows_the_hash_runs_it(stage: Stage, page: Page) -> None:
    """The tag with `integrity`, from another origin; a byte more or less and it would not run."""
    address = stage.put("/", more=f'integrity="{SCRIPT.integrity}" crossorigin')
    await page.goto(address)
    await stage.wait("page_view")


async def test_the_collector_serves_it_at_both_addresses(tmp_path: Path) -> None:
    """Where the operator wants it, and beside that under its version; another version is not there."""
    async for worker in opened(tmp_path, 'script = "/min/kikk.js"'):
        for path, kept in (("/min/kikk.js", "max-age=3600"), (SCRIPT.lasting("/min/kikk.js"), "immutable")):
            status, headers, said = await worker.ask("GET", path, Accept_Encoding="gzip")
            assert (status, said, headers["Content-Encoding"]) == (200, SCRIPT.plain, "gzip")
            assert kept in headers["Cache-Control"]
        assert (await worker.ask("GET", "/min/kikk.00000000.js"))[0] == 404
