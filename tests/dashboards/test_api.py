"""The panels' JSON, the combined answer of the page, health, and the headers of all of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from dashboards.panels import PANELS
from dashboards.web.app import make_app
from pipeline.closing.day import Closed, commit
from pipeline.store.database import Answer, StoreError
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import TODAY, Bench, at, event, log_in, put, put_tally, until


@pytest.fixture
def site(bench: Bench) -> str:
    """The shop's id: its test's name."""
    return bench.office.sites[0].id


async def get(visit: Visit, bench: Bench, path: str, **query: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON for a valid token."""
    headers = {"Authorization": f"Bearer {bench.accounts.new_token('test')}"}
    async with visit().get(path, params=query, headers=headers) as answer:
        assert answer.content_type == "application/json"
        return answer.status, await answer.json()


async def test_panel_answers_a_token_with_columns_and_rows(bench: Bench, visit: Visit, site: str) -> None:
    """The contract that other programs rely on; from and to default to the site's today."""
    put(bench.store, [event(site, at("09:00"), visitor=5, entry=1), event(site, at("12:00"), path="/kasse")])
    assert await get(visit, bench, "/api/panels/pages", site=site) == (
        200,
        {
            "columns": [
                {"name": "path", "type": "String"},
                {"name": "page_views", "type": "UInt64"},
                {"name": "visitors", "type": "UInt64"},
                {"name": "entries", "type": "UInt64"},
            ],
            "rows": [["/", 1, 1, 1], ["/kasse", 1, 0, 0]],
        },
    )
    cut = await get(visit, bench, "/api/panels/pages", site=site, until=until("11:00"), to=str(TODAY))
    assert cut[1]["rows"] == [["/", 1, 1, 1]]


async def test_every_panel_answers_a_session(bench: Bench, visit: Visit, site: str) -> None:
    """All of them, also for a shop without events."""
    session = await log_in(bench, visit())
    for panel in PANELS:
        async with session.get(f"/api/panels/{panel}", params={"site": site}) as answer:
            assert answer.status == 200, panel
            assert (await answer.json())["columns"], panel


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"site": "nobody.shop"}, "site is unknown"),
        ({}, "site is unknown"),
        ({"from": "yesterday"}, "from is no date"),
        ({"to": "2026-02-30"}, "to is no date"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "is after"),
        ({"from": "1990-01-01"}, "days apart"),
        ({"until": "soon"}, "until is no instant"),
        ({"from": "9999-01-01", "to": "9999-02-01"}, "from lies outside the years 1971 to 2148"),
        ({"until": "9999-01-01T00:00:00Z"}, "until lies outside the years 1971 to 2148"),
    ],
)
async def test_bad_question_is_answered_in_one_line(
    bench: Bench, visit: Visit, site: str, query: Mapping[str, str], said: str
) -> None:
    """400, and what to write instead."""
    asked = {"site": site, **query} if query else {}
    status, answer = await get(visit, bench, "/api/panels/overview", **asked)
    assert status == 400
    assert said in answer["error"]
    assert "\n" not in answer["error"]


async def test_unknown_panel_is_404_and_says_which_there_are(bench: Bench, visit: Visit, site: str) -> None:
    """The list of panels is the answer."""
    status, answer = await get(visit, bench, "/api/panels/nothing", site=site)
    assert status == 404
    assert "overview" in answer["error"]


async def test_revoked_or_invented_token_opens_nothing(bench: Bench, visit: Visit, site: str) -> None:
    """401 with the way in, from the next request on."""
    token = bench.accounts.new_token("grafana")
    for credentials, expected in ((f"Bearer {token}", 200), (f"Basic {token}", 401), ("Bearer x", 401), ("", 401)):
        headers = {"Authorization": credentials}
        async with visit().get("/api/panels/live", params={"site": site}, headers=headers) as answer:
            assert answer.status == expected
    bench.accounts.revoke("grafana")
    headers = {"Authorization": f"Bearer {token}"}
    async with visit().get("/api/panels/live", params={"site": site}, headers=headers) as answer:
        assert answer.status == 401
        assert "error" in await answer.json()


async def test_token_opens_the_api_but_no_page(bench: Bench, visit: Visit) -> None:
    """A program has no business on the account page."""
    headers = {"Authorization": f"Bearer {bench.accounts.new_token('grafana')}"}
    async with visit().get("/account", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303


async def test_page_sees_a_new_event_in_its_next_question(bench: Bench, visit: Visit, site: str) -> None:
    """Nothing new: no panels are sent; something new: all of them, with the comparison."""
    put(bench.store, [event(site, at("14:58"), visitor=5, entry=1)])
    status, first = await get(visit, bench, "/api/dashboard", site=site)
    assert status == 200
    assert first["panels"]["overview"]["rows"][0][:3] == [1, 1, 1]
    assert first["live"]["rows"] == [["5 min", 1, 1], ["30 min", 1, 1]]
    same = (await get(visit, bench, "/api/dashboard", site=site, version=first["version"]))[1]
    assert (same["version"], same["panels"]) == (first["version"], None)
    put(bench.store, [event(site, at("14:59"), visitor=6, entry=1)])
    newer = (await get(visit, bench, "/api/dashboard", site=site, version=first["version"]))[1]
    assert newer["panels"]["overview"]["rows"][0][:3] == [2, 2, 2]


async def test_refusal_alone_changes_the_page_too(bench: Bench, visit: Visit, site: str) -> None:
    """A shop whose every event is refused must see why."""
    first = (await get(visit, bench, "/api/dashboard", site=site))[1]
    put_tally(bench.store, [(site, TODAY, "page_view", "wrong_origin", 3)])
    newer = (await get(visit, bench, "/api/dashboard", site=site, version=first["version"]))[1]
    assert ["wrong_origin", 3] in newer["panels"]["refused"]["rows"]


def had_days_before(bench: Bench, site: str, first: date) -> None:
    """As if the shop had been counted since then."""
    commit(bench.store, Closed(site, "day", first, int(bench.now * 1e6), 1), bench.now)


async def test_today_is_compared_with_yesterday_until_the_same_time(bench: Bench, visit: Visit, site: str) -> None:
    """At three, what came yesterday after three doesn't count; yesterday itself is compared with the day before."""
    day = TODAY - timedelta(days=1)
    had_days_before(bench, site, TODAY - timedelta(days=4))
    put(bench.store, [event(site, at("14:59", day)), event(site, at("15:01", day)), event(site, at("09:00"))])
    today = (await get(visit, bench, "/api/dashboard", site=site, period="today"))[1]
    assert today["panels"]["before"]["rows"][0][2] == 1
    yesterday = (await get(visit, bench, "/api/dashboard", site=site, period="yesterday"))[1]
    assert yesterday["panels"]["overview"]["rows"][0][2] == 2
    assert yesterday["panels"]["before"]["rows"][0][2] == 0
    both = (await get(visit, bench, "/api/dashboard", site=site, period="both"))[1]
    assert both["panels"]["overview"]["rows"][0][2] == 3
    assert sum(row[2] for row in both["panels"]["timeline"]["rows"]) == 3


@pytest.mark.parametrize(("period", "whole_since"), [("today", 2), ("yesterday", 3), ("week", 15), ("month", 61)])
async def test_a_shop_grows_against_nothing_that_it_was_not_there_for(
    bench: Bench, visit: Visit, site: str, period: str, whole_since: int
) -> None:
    """Compared is with a time that it was counted all through, after its first day, which is seldom a whole one."""
    put(bench.store, [event(site, at("09:00"), visitor=5, entry=1)])
    for ago in range(1, whole_since - 1):
        had_days_before(bench, site, TODAY - timedelta(days=ago))
    for first, compared in ((whole_since - 1, False), (whole_since, True)):
        had_days_before(bench, site, TODAY - timedelta(days=first))
        bench.pass_time(minutes=1)
        panels = (await get(visit, bench, "/api/dashboard", site=site, period=period))[1]["panels"]
        assert (panels["before"] is not None) is compared, first


@pytest.mark.parametrize(
    ("missing", "compared"), [((), True), ((10, 11), True), ((10, 11, 12), False), ((8, 9, 10), False), ((14,), True)]
)
@pytest.mark.parametrize("taken_back", [False, True])
async def test_nothing_is_compared_over_a_gap(
    bench: Bench, visit: Visit, site: str, missing: tuple[int, ...], *, compared: bool, taken_back: bool
) -> None:
    """An empty weekend is believed; three days running were not counted. A closing that was taken back is no day."""
    for ago in range(1, 90):
        day = TODAY - timedelta(days=ago)
        if ago not in missing:
            had_days_before(bench, site, day)
        elif taken_back:
            had_days_before(bench, site, day)
            commit(bench.store, Closed(site, "day", day, int(bench.now * 1e6) + 1, 0), bench.now)
    panels = (await get(visit, bench, "/api/dashboard", site=site, period="week"))[1]["panels"]
    assert (panels["before"] is not None) is compared


async def test_a_long_gone_import_is_no_day_before(bench: Bench, visit: Visit, site: str) -> None:
    """Another tool's days, a gap of years, and a handful of our own: there is nothing yet to grow against."""
    for ago in (900, 899, *range(1, 11)):
        had_days_before(bench, site, TODAY - timedelta(days=ago))
    panels = (await get(visit, bench, "/api/dashboard", site=site, period="week"))[1]["panels"]
    assert panels["before"] is None


async def test_a_new_shop_is_compared_with_nothing(bench: Bench, visit: Visit, site: str) -> None:
    """Not a single row, and then the first."""
    for _ in range(2):
        assert (await get(visit, bench, "/api/dashboard", site=site))[1]["panels"]["before"] is None
        put(bench.store, [event(site, at("09:00"), visitor=5, entry=1)])


@pytest.mark.parametrize(("period", "redrawn"), [("today", True), ("both", True), ("week", False)])
async def test_days_that_are_over_stay_drawn_while_the_clock_goes(
    bench: Bench, visit: Visit, site: str, period: str, *, redrawn: bool
) -> None:
    """Only what yesterday had until now moves on by itself; days that are over change with a closing."""
    had_days_before(bench, site, TODAY - timedelta(days=3))
    first = (await get(visit, bench, "/api/dashboard", site=site, period=period))[1]
    bench.pass_time(minutes=1)
    second = (await get(visit, bench, "/api/dashboard", site=site, period=period, version=first["version"]))[1]
    assert (second["panels"] is not None) is redrawn
    had_days_before(bench, site, TODAY - timedelta(days=2))
    third = (await get(visit, bench, "/api/dashboard", site=site, period=period, version=second["version"]))[1]
    assert third["panels"] is not None


async def test_health_readiness_and_metrics_need_no_login(bench: Bench, visit: Visit) -> None:
    """For the machines that watch the office."""
    bench.is_ready = False
    async with visit().get("/readyz") as answer:
        assert answer.status == 503
    async with visit().get("/healthz") as answer:
        assert answer.status == 200
    async with visit().get("/metrics") as answer:
        assert "looked_total 1.0" in await answer.text()


async def test_every_answer_carries_the_security_headers(bench: Bench, visit: Visit) -> None:
    """Pages, errors, redirects, files and JSON; the policy allows no inline code, no eval, no other host."""
    session = await log_in(bench, visit())
    paths = ("/", "/login", "/account", "/nowhere", "/api/dashboard", "/healthz", "/static/board.js", "/static/nothing")
    for path in paths:
        async with session.get(path, allow_redirects=False) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';"), path
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert path.startswith("/static/board") or answer.headers["Cache-Control"] == "no-store", path
            assert "Server" not in answer.headers, path


class BrokenStore:
    """A store that fails as told."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def query(self, _sql: str, _parameters: Mapping[str, Any] | None = None) -> Answer:
        """Fail."""
        raise self.error


async def with_store(bench: Bench, store: BrokenStore, path: str) -> tuple[int, str]:
    """Ask an office whose store is broken."""
    office = replace(bench.office, store=store)  # type: ignore[arg-type]  # stands in for a Store that is down
    headers = {"Authorization": f"Bearer {bench.accounts.new_token('test')}"}
    async with TestClient(TestServer(make_app(office))) as client, client.get(path, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("path", ["/api/panels/overview", "/api/dashboard"])
async def test_store_that_is_down_is_503_and_logged_without_the_asker(bench: Bench, site: str, path: str) -> None:
    """The asker may try again; the operator reads the store's reason."""
    with capture_logs() as logs:
        status, text = await with_store(bench, BrokenStore(StoreError("no disk")), f"{path}?site={site}")
    assert status == 503
    assert "no disk" not in text
    assert [line["reason"] for line in logs] == ["no disk"]
    assert "127.0.0.1" not in str(logs)


async def test_error_of_ours_is_one_plain_line_and_logged_without_the_asker(bench: Bench, site: str) -> None:
    """500 without a traceback; the log has places in the code and neither query, cookie, token nor address."""
    with capture_logs() as logs:
        status, text = await with_store(
            bench, BrokenStore(ZeroDivisionError("secret")), f"/api/panels/overview?site={site}"
        )
    assert (status, text.count("\n")) == (500, 1)
    assert "Traceback" not in text
    assert [line["error"] for line in logs] == ["ZeroDivisionError"]
    assert not [word for word in ("secret", "127.0.0.1", "Bearer", site) if word in str(logs)]


async def test_page_of_an_office_without_sites_says_so(bench: Bench) -> None:
    """503 in one line."""
    app = make_app(replace(bench.office, sites=()))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        secret = bench.accounts.new_login_link_secret()
        async with client.get("/login", params={"once": secret}) as answer:
            assert (answer.status, await answer.text()) == (503, "No site is set up here yet.\n")
