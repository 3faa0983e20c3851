"""Files for advertisers on the pages and for commands: what is switched on, how files begin, the way to each."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser
from structlog.testing import capture_logs

from dashboards.commands import make_commands
from dashboards.outgoing import NotOut
from dashboards.premises import Status
from dashboards.web import words
from dashboards.web.exports import OUTGOING
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.release import Why
from pipeline.audiences.tables import TABLES
from pipeline.retain.retention import Limits
from pipeline.store.database import Store
from pipeline.upkeep import Upkeep
from tests.dashboards.advertising import (
    BEFORE,
    WEEK,
    advertising,
    feed_path,
    site_of,
    text_of,
)
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in
from tests.dashboards.test_page import ARTEFACTS, opened


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
    """No file, no preview; the last week that is over is named with its reason. A shop without exports reads how to."""
    kari = await log_in(bench, visit())
    waiting = await text_of(kari, f"/exports?site={site_of(bench)}-new")
    assert "No week is released yet" in waiting
    assert f"{WEEK} is not released: not all of its days are closed yet." in waiting
    assert "<td>" not in waiting
    off = await text_of(kari, f"/exports?site={site_of(bench)}-off")
    assert "Labels for Google" in off
    assert "/feeds/" not in off.replace("/feeds/ need", "")


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
    commands = make_commands(lambda: Status([]), bench.store, upkeep, bench.office.advertisers)
    async with TestClient(TestServer(commands)) as client:
        said = await (await client.get("/exports", params={"site": site})).json()
        assert (said["switched_on"], said["weeks"]) == (["google_labels", "meta_labels", "campaigns"], [BEFORE, WEEK])
        waiting = await (await client.get("/exports", params={"site": f"{site}-new"})).json()
        assert waiting["waits"] == [f"{WEEK} is not released: it is not closed yet"]
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


def test_every_export_and_every_reason_has_its_words_in_both_languages() -> None:
    """A page that shows one shows no bare code, and no place for a number is left open."""
    names = {f"export_{name}{part}" for name in EXPORTS for part in ("", "_says")}
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
        ARTEFACTS.mkdir(exist_ok=True)
        await page.screenshot(path=ARTEFACTS / f"{path.split('?')[0].strip('/')}-{width}.png", full_page=True)
    assert complaints == []
    await page.context.close()
