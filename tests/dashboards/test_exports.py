"""Files for advertisers on the pages and for commands: what is switched on, how files begin, the way to each."""

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser
from structlog.testing import capture_logs

from dashboards.advertisers import Advertisers
from dashboards.commands import make_commands
from dashboards.outgoing import NotOut, Outgoing
from dashboards.premises import Status
from dashboards.web import words
from dashboards.web.exports import OUTGOING
from dashboards.web.feeds import PACE
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.release import Why
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES
from pipeline.retain.retention import Limits
from pipeline.store.database import Store
from pipeline.upkeep import Upkeep
from tests.dashboards.advertising import (
    BEFORE,
    MONDAY,
    WEEK,
    advertising,
    declared,
    feed_path,
    site_of,
    text_of,
)
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in
from tests.dashboards.test_page import ARTEFACTS, opened

_AT_ONCE = 40
"""More than a pool has threads."""
_CUT = """[...document.querySelectorAll('.wraps th')].filter((cell) => {
  const range = document.createRange(), text = cell.firstChild;
  return [...text.data.matchAll(/\\S+/g)].some((word) => {
    range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  });
}).map((cell) => cell.innerText)"""
"""Heads of columns in which a word is broken in two."""


@pytest.fixture
def bench(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    """Shops that advertise, named after the test."""
    return advertising(store, tmp_path, request.node.name)


async def test_page_shows_what_is_on_and_how_each_file_begins(bench: Bench, visit: Visit) -> None:
    """The newest week first; each file with a way to all of it; what is off is named as that."""
    kari = await log_in(bench, visit())
    shown = await text_of(kari, f"/exports?site={site_of(bench)}")
    assert f"<option selected>{WEEK}</option>" in shown
    assert f"<option >{BEFORE}</option>" in shown
    assert "<td>60300</td>" in shown
    assert f'href="/exports/{site_of(bench)}/{WEEK}/campaigns.csv"' in shown
    assert "<td>lego-høst</td>" in shown
    on, off = shown.split("Switched off")
    assert ("Labels for Google" in on, "Meridian" in on, "Meridian" in off) == (True, False, True)
    assert f"<option selected>{BEFORE}</option>" in await text_of(kari, f"/exports?site={site_of(bench)}&week={BEFORE}")


async def test_shop_without_a_released_week_is_told_why(bench: Bench, visit: Visit) -> None:
    """No file, no preview, but when the first may come. A shop without exports reads how to have some."""
    kari = await log_in(bench, visit())
    waiting = await text_of(kari, f"/exports?site={site_of(bench)}-new")
    assert "No week is released yet" in waiting
    assert f"is over on Monday {MONDAY + timedelta(weeks=2)}." in waiting
    assert WEEK not in waiting
    assert "<td>" not in waiting
    off = await text_of(kari, f"/exports?site={site_of(bench)}-off")
    assert "Labels for Google" in off
    assert f"No export is switched on for {site_of(bench)}-off." in off
    assert f'id = "{site_of(bench)}-off"' in off
    assert "No week is released yet" not in off
    assert "/feeds/" not in off.replace("/feeds/ need", "")


async def test_week_that_waits_is_named_with_its_reason(bench: Bench, visit: Visit) -> None:
    """Of a shop that has released weeks, so that it sees at once that one is missing."""
    bench.pass_time(days=7)
    kari = await log_in(bench, visit())
    shown = await text_of(kari, f"/exports?site={site_of(bench)}")
    assert f"{MONDAY + timedelta(weeks=1):%G-W%V} is not released: nothing of it was counted for exports." in shown


async def test_who_waits_for_a_file_holds_up_no_other_page(
    bench: Bench, visit: Visit, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many fetch while one is being made: it is made in a thread of its own, and others have theirs."""
    listed, goes_on, many, arrived = EXPORTS["google_labels"], Event(), asyncio.Event(), []

    def make(weeks: Sequence[Week], shop: Advertiser) -> bytes:
        assert goes_on.wait(30)
        return listed.make(weeks, shop)

    def fetch(site: str) -> float:
        arrived.append(site)
        if len(arrived) == _AT_ONCE:
            many.set()
        return 0.0

    server.app[OUTGOING].listed = {**EXPORTS, "google_labels": replace(listed, make=make)}
    monkeypatch.setattr(server.app[PACE], "fetch", fetch)
    kari = await log_in(bench, visit())
    fetches = [asyncio.create_task(text_of(visit(), feed_path(bench))) for _ in range(_AT_ONCE)]
    try:
        async with asyncio.timeout(20):
            await many.wait()
            await text_of(kari, "/settings")
    finally:
        goes_on.set()
    assert len(set(await asyncio.gather(*fetches))) == 1


async def test_file_is_handed_out_whole_and_the_same_each_time(bench: Bench, visit: Visit) -> None:
    """Under a name that says whose and which week it is; another week is another file, an unknown one none."""
    kari, site = await log_in(bench, visit()), site_of(bench)
    path = f"/exports/{site}/{WEEK}/campaigns.csv"
    async with kari.get(path) as answer:
        body = await answer.read()
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{site}-{WEEK}-campaigns.csv"'
        assert (answer.content_type, answer.charset) == ("text/csv", "utf-8")
    rows = list(csv.DictReader(body.decode("utf-8-sig").splitlines()))
    assert [row["campaign"] for row in rows] == ["lego-høst", "jul", "uke 48"]
    assert {row["visits"] for row in rows} == {"4000"}
    async with kari.get(path) as again, kari.get(path.replace(WEEK, BEFORE)) as older:
        assert (await again.read() == body, await older.read() == body) == (True, False)
    for wrong in (f"/exports/{site}/2020-W01/campaigns.csv", f"/exports/{site}/{WEEK}/robyn.csv", f"{path}x"):
        await text_of(kari, wrong, 404)


async def test_strangers_see_neither_page_nor_file(bench: Bench, visit: Visit) -> None:
    """They are led to the login."""
    for path in ("/exports", f"/exports/{site_of(bench)}/{WEEK}/campaigns.csv", "/leaving"):
        async with visit().get(path, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/login")


async def test_what_looks_like_a_person_does_not_leave(bench: Bench, visit: Visit, server: TestServer) -> None:
    """Neither by page, download nor feed; the log names the column, nobody sees the value."""
    listed = EXPORTS["google_labels"]
    planted = replace(
        listed, make=lambda weeks, shop: listed.make(weeks, shop).replace(b"interest-5", b"kari@online.no")
    )
    server.app[OUTGOING].listed = {**EXPORTS, "google_labels": planted}
    kari = await log_in(bench, visit())
    with capture_logs() as logs:
        shown = await text_of(kari, f"/exports?site={site_of(bench)}")
        refused = await text_of(kari, f"/exports/{site_of(bench)}/{WEEK}/google-labels.tsv", 404)
        fed = await text_of(visit(), feed_path(bench), 503)
    assert "Something in it looks like a person" in shown
    assert "custom_label_0" in refused
    assert "custom_label_0" in str(logs)
    assert "kari@" not in f"{shown}{refused}{fed}{logs}"


async def test_command_is_told_what_there_is_and_gets_the_same_bytes(bench: Bench, visit: Visit) -> None:
    """By the local socket: a standing, a file with its week, or 409 and one line."""
    site, upkeep = site_of(bench), Upkeep(bench.store, {}, Limits(), bench.clock)
    commands = make_commands(lambda: Status([]), bench.store, upkeep, bench.office.outgoing)
    async with TestClient(TestServer(commands)) as client:
        said = await (await client.get("/exports", params={"site": site})).json()
        assert (said["switched_on"], said["weeks"]) == (["google_labels", "meta_labels", "campaigns"], [BEFORE, WEEK])
        waiting = await (await client.get("/exports", params={"site": f"{site}-new"})).json()
        assert (waiting["weeks"], waiting["waits"]) == ([], [])
        file = await client.get("/exports/campaigns", params={"site": site, "week": BEFORE})
        body = await file.read()
        assert (file.status, file.headers["Week"]) == (200, BEFORE)
        refused = await client.get("/exports/robyn", params={"site": site})
        assert (refused.status, await refused.text()) == (
            409, f"robyn is not switched on: put it into `exports` of {site}",
        )  # fmt: skip
        verdict = await (await client.get("/ledger/verify")).json()
        assert (verdict["why"], verdict["lines"] >= 2 * len(TABLES)) == ("", True)
        unknown = await client.get("/exports/campaigns", params={"site": "nobody.shop"})
        assert unknown.status == 409
    async with (await log_in(bench, visit())).get(f"/exports/{site}/{BEFORE}/campaigns.csv") as page:
        assert await page.read() == body


async def test_command_and_page_have_one_file(bench: Bench, visit: Visit, server: TestServer) -> None:
    """It is made once, whoever asks first, and says the same time at which it was made."""
    listed, times = EXPORTS["google_labels"], []

    def make(weeks: Sequence[Week], shop: Advertiser) -> bytes:
        times.append(shop.site)
        return listed.make(weeks, shop)

    assert server.app[OUTGOING] is bench.office.outgoing
    bench.office.outgoing.listed = {**EXPORTS, "google_labels": replace(listed, make=make)}
    upkeep = Upkeep(bench.store, {}, Limits(), bench.clock)
    commands = make_commands(lambda: Status([]), bench.store, upkeep, bench.office.outgoing)
    async with TestClient(TestServer(commands)) as desk:
        file = await desk.get("/exports/google_labels", params={"site": site_of(bench)})
        assert (await file.read()).decode() == await text_of(visit(), feed_path(bench))
    assert times == [site_of(bench)]


async def test_command_is_told_why_where_the_only_shops_file_was_never_readable(bench: Bench, tmp_path: Path) -> None:
    """Not that its exports are off; and once the file is there, it gets what it asks for."""
    site, upkeep = site_of(bench), Upkeep(bench.store, {}, Limits(), bench.clock)
    said = declared(tmp_path, site)
    assert said.catalogue is not None
    kept = said.catalogue.read_bytes()
    said.catalogue.unlink()
    commands = make_commands(lambda: Status([]), bench.store, upkeep, Outgoing(bench.store, Advertisers([said])))
    async with TestClient(TestServer(commands)) as client:
        refused = await client.get("/exports/google_labels", params={"site": site})
        assert (refused.status, "No such file" in await refused.text()) == (409, True)
        said.catalogue.write_bytes(kept)
        assert (await client.get("/exports/google_labels", params={"site": site})).status == 200


def test_every_export_and_every_reason_has_its_words_in_both_languages() -> None:
    """A page that shows one shows no bare code, and no place for a number is left open."""
    names = {f"export_{name}{part}" for name in EXPORTS for part in ("", "_says", "_next")}
    names |= {f"not_out_{why}" for why in NotOut} | {f"waits_{why.name.lower()}" for why in Why}
    for language in ("en", "nb"):
        assert names <= set(words.WORDS[language])
        assert all("%" not in words.WORDS[language][name] for name in names)


@pytest.mark.parametrize("width", [1280, 390])
async def test_pages_are_whole_on_phone_and_desktop(
    browser: Browser, server: TestServer, bench: Bench, width: int
) -> None:
    """Nothing in the console, from another host, or scrolling sideways; without a script of its own."""
    page, complaints = await opened(browser, server, bench, "/", viewport={"width": width, "height": 844})
    for path in (f"/exports?site={site_of(bench)}", f"/leaving?site={site_of(bench)}"):
        await page.goto(str(server.make_url(path)))
        assert await page.evaluate("document.scrollingElement.scrollWidth") == width
        assert await page.locator("script").count() == 0
        assert await page.evaluate(_CUT) == []
        ARTEFACTS.mkdir(exist_ok=True)
        await page.screenshot(path=ARTEFACTS / f"{path.split('?')[0].strip('/')}-{width}.png", full_page=True)
    assert complaints == []
    await page.context.close()
