"""The addresses that platforms fetch from: open to who has the secret, and a path that isn't there to all others."""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.store.database import Store
from tests.dashboards.advertising import MONDAY, WEEK, advertising, feed_path, release, site_of, text_of
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in


@pytest.fixture
def bench(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    """Shops that advertise, named after the test."""
    return advertising(store, tmp_path, request.node.name)


async def test_platform_fetches_the_newest_week_without_a_login(bench: Bench, visit: Visit) -> None:
    """The same bytes as the file of that week; the page shows the address."""
    kari, path = await log_in(bench, visit()), feed_path(bench)
    assert path in await text_of(kari, f"/exports?site={site_of(bench)}")
    async with visit().get(path) as answer, kari.get(f"/exports/{site_of(bench)}/{WEEK}/google-labels.tsv") as file:
        body = await answer.read()
        assert (answer.status, answer.content_type) == (200, "text/tab-separated-values")
        assert body == await file.read()
        assert body.startswith(b"id\tcustom_label_0\t")
    async with visit().head(path) as head:
        assert (head.status, await head.read()) == (200, b"")


async def test_platform_that_has_the_feed_is_told_so(bench: Bench, visit: Visit) -> None:
    """304 by tag or by date, the tag before the date; once another week is released, 200 and another tag."""
    platform, path = visit(), feed_path(bench)
    async with platform.get(path) as answer:
        tag, made = answer.headers["ETag"], answer.headers["Last-Modified"]
    bench.pass_time(hours=1)
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f'"other", W/{tag}'}, 304),
        ({"If-Modified-Since": made}, 304),
        ({"If-None-Match": '"other"', "If-Modified-Since": made}, 200),
        ({"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, 200),
    ):
        async with platform.get(path, headers=headers) as answer:
            assert (answer.status, answer.headers["Last-Modified"], answer.headers["ETag"]) == (status, made, tag)
    release(bench.store, site_of(bench), MONDAY + timedelta(weeks=1), 60)
    async with platform.get(path, headers={"If-None-Match": tag}) as answer:
        assert answer.status == 200
        assert answer.headers["ETag"] != tag


async def test_wrong_secret_is_a_path_that_is_not_there(bench: Bench, visit: Visit) -> None:
    """Whatever is wrong: byte for byte one answer; and what is no feed, or another shop's, has no address."""
    secret, other = bench.accounts.feed_secret(site_of(bench)), bench.accounts.feed_secret(f"{site_of(bench)}-off")
    answers = set()
    for wrong in (
        f"/feeds/{secret[:-1]}/google-labels.tsv",
        f"/feeds/{'x' * 43}/google-labels.tsv",
        f"/feeds/{secret}/nothing.tsv",
        f"/feeds/{secret}/campaigns.csv",
        f"/feeds/{other}/google-labels.tsv",
        f"/feeds/{secret}/google-labels.tsv/more",
        "/feeds/",
    ):
        async with visit().get(wrong, allow_redirects=False) as answer:
            answers.add((answer.status, await answer.read()))
    assert answers == {(404, b"404: Not Found")}
    async with visit().post(f"/feeds/{secret}/google-labels.tsv") as answer:
        assert answer.status == 405


async def test_renewed_secret_makes_the_old_address_worthless(bench: Bench, visit: Visit) -> None:
    """At once, and for this shop alone."""
    old, others = feed_path(bench), feed_path(bench, site=f"{site_of(bench)}-new")
    bench.accounts.renew_feed_secret(site_of(bench))
    assert await text_of(visit(), old, 404)
    assert await text_of(visit(), feed_path(bench))
    assert others == feed_path(bench, site=f"{site_of(bench)}-new")


async def test_feed_before_the_first_week_asks_to_come_again(bench: Bench, visit: Visit) -> None:
    """503 and when: the address is right, so the platform must not give it up."""
    async with visit().get(feed_path(bench, site=f"{site_of(bench)}-new")) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "3600")
        assert "no week of" in await answer.text()


async def test_feed_that_cannot_be_made_does_not_say_why(bench: Bench, visit: Visit) -> None:
    """Whoever has the address is no member of the staff: which file is broken is in the log and on the page."""
    site = f"{site_of(bench)}-new"
    (bench.folder / f"{site}.tsv").unlink()
    with capture_logs() as logs:
        async with visit().get(feed_path(bench, site=site)) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "3600")
            assert await answer.text() == "This file can't be made at the moment.\n"
    assert f"{site}.tsv: No such file" in str(logs)


async def test_feed_that_is_fetched_without_end_has_to_wait(bench: Bench, visit: Visit) -> None:
    """Thirty at once, then one each ten seconds; wrong secrets, however many, hold nobody up."""
    platform, path = visit(), feed_path(bench)
    for _ in range(40):
        await text_of(platform, f"/feeds/{'x' * 43}/google-labels.tsv", 404)
    for _ in range(30):
        await text_of(platform, path)
    async with platform.get(path) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "10")
    bench.pass_time(seconds=10)
    await text_of(platform, path)
    await text_of(platform, path, 429)


async def test_fetch_is_noted_without_the_asker(bench: Bench, visit: Visit) -> None:
    """Site, file, week; no address, no agent, no secret."""
    path = feed_path(bench)
    with capture_logs() as logs:
        async with visit().get(path, headers={"User-Agent": "Canary/1.0", "X-Forwarded-For": "192.0.2.77"}) as answer:
            await answer.read()
    fetched = [line for line in logs if line["event"] == "a feed was fetched"]
    assert [(line["site"], line["file"], line["week"]) for line in fetched] == [
        (site_of(bench), "google-labels.tsv", WEEK)
    ]
    assert not [word for word in ("Canary", "192.0.2", "127.0.0.1", path.split("/")[2]) if word in str(logs)]
