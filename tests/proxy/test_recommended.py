"""What others looked at, as a shop's page asks for it: plain files, the same for everyone, and nothing but them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio

from pipeline.recommendations.shelf import FRONT, file_of, publish, shelf, withdraw
from tests.proxy.doorway import PAGE, SITE, Worker, opened

TOYS, HOME, OTHER_HOME = "toys.no", "https://toys.no", "https://www.toys.no"
TOYS_SETTINGS = f'[[sites]]\nid = "{TOYS}"\norigins = ["{HOME}", "{OTHER_HOME}"]\nrecommendations = true'
PRODUCTS = ("60316", "popular", "æ / ?#&+%2F", "..", "")
BODIES = {product: b'{"product":"number %d"}' % number for number, product in enumerate(PRODUCTS)}
SECRET = b"a secret beside the published files"


@pytest_asyncio.fixture
async def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    """A worker of a shop that has published, and of one that has files but doesn't want them told."""
    data = tmp_path / "data"
    monkeypatch.setenv("SPORLOS_DATA", str(data))
    publish(shelf(data, TOYS), [(FRONT, b'{"popular":[]}'), *((file_of(one), body) for one, body in BODIES.items())])
    publish(shelf(data, SITE), [(file_of("60316"), b"{}")])
    for folder in (data, data / "published", shelf(data, TOYS)):
        for name in ("secret", "secret.json", "none"):
            (folder / name).write_bytes(SECRET)
    async for one in opened(tmp_path, TOYS_SETTINGS):
        yield one


def of(product: str, site: str = TOYS) -> str:
    """Where a product's file is asked for."""
    return f"/r/{quote(product, safe='')}.json?s={site}"


async def raw(worker: Worker, target: str, method: str = "GET") -> tuple[int, bytes]:
    """Status and all of an answer to a target that no client would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", worker.port)
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    said = await reader.read()
    writer.close()
    return int(said.split()[1]), said


@pytest.mark.parametrize("product", PRODUCTS[:4])
async def test_a_products_file_is_handed_out_as_it_is(worker: Worker, product: str) -> None:
    """Whatever its id looks like, and to be kept for an hour; nothing is stored or counted."""
    status, said = await raw(worker, of(product))
    head, _, body = said.partition(b"\r\n\r\n")
    assert (status, body) == (200, BODIES[product])
    for line in (b"Content-Type: application/json", b"Cache-Control: public, max-age=3600", b"nosniff"):
        assert line in head
    assert (worker.shelf.events, dict(worker.shelf.tally)) == ([], {})


async def test_what_is_popular_is_told_of_no_product(worker: Worker) -> None:
    """For a front page, or a product that nothing is known of; a product may be called `popular` all the same."""
    assert (await worker.ask("GET", f"/r.json?s={TOYS}"))[2] == {"popular": []}
    assert (await worker.ask("GET", of("popular")))[2] == {"product": "number 1"}


NOT_THERE = {
    "a product nobody declared": of("60317"),
    "no product": of(""),
    "a site that hasn't asked for it": of("60316", SITE),
    "a site that isn't there": of("60316", "nobody.no"),
    "a site above": of("60316", "../published/toys.no"),
    "no site": "/r/60316.json",
    "a folder above": f"/r/../secret.json?s={TOYS}",
    "a folder above, encoded": f"/r/%2e%2e%2fsecret.json?s={TOYS}",
    "encoded twice": f"/r/%252e%252e%252fsecret.json?s={TOYS}",
    "an absolute path": of("/etc/passwd"),
    "a file's own name": f"/r/{file_of('60316')}?s={TOYS}",
    "a name of ours": of("none"),
    "a zero byte": of("60316\0"),
    "half a letter": f"/r/%ff%fe.json?s={TOYS}",
    "a long one": of("6" * 5_000),
    "another ending": f"/r/60316.html?s={TOYS}",
}


@pytest.mark.parametrize("target", [pytest.param(target, id=name) for name, target in NOT_THERE.items()])
async def test_what_is_not_published_is_not_found(worker: Worker, target: str) -> None:
    """404 without a word."""
    status, said = await raw(worker, target)
    assert status == 404
    assert said.partition(b"\r\n\r\n")[2] == b""


async def test_what_is_not_there_need_not_be_asked_for_again(worker: Worker) -> None:
    """For ten minutes: pages of products that nobody looks at ask as often as others."""
    _, headers, _ = await worker.ask("GET", of("60317"))
    assert headers["Cache-Control"] == "public, max-age=600"


async def test_who_has_it_is_not_sent_it_again(worker: Worker) -> None:
    """304 for the tag that came with it, also as a proxy weakens it, or one of several; a new file has a new one."""
    _, headers, _ = await worker.ask("GET", of("60316"))
    tag = headers["Etag"]
    for tags in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        status, again, said = await worker.ask("GET", of("60316"), If_None_Match=tags)
        assert (status, again["Etag"], said) == (304, tag, b"")
    assert (await worker.ask("GET", of("60316"), If_None_Match='"other"'))[0] == 200
    assert (await worker.ask("GET", of("popular")))[1]["Etag"] != tag


async def test_only_the_shops_pages_may_read_it(worker: Worker) -> None:
    """A browser is told so of the origin that asks, and a cache that it depends on that; nothing else does."""
    for origin in (HOME, OTHER_HOME):
        _, headers, _ = await worker.ask("GET", of("60316"), Origin=origin)
        assert headers["Access-Control-Allow-Origin"] == origin
        assert headers["Vary"] == "Origin"
    for strange in ("https://annen.no", PAGE, "null", "https://toys.no.annen.no"):
        for target in (of("60316"), of("60317")):
            _, headers, _ = await worker.ask("GET", target, Origin=strange)
            assert "Access-Control-Allow-Origin" not in headers
            assert headers["Vary"] == "Origin"


async def test_everyone_gets_the_same(worker: Worker) -> None:
    """Whoever he is, and whatever he wants of us."""
    who = (
        {},
        {"User_Agent": "Googlebot"},
        {"Sec_GPC": "1"},
        {"Cookie": "sporlos_opt_out=1"},
        {"X_Forwarded_For": "1.2.3.4"},
    )
    answers = [await worker.ask("GET", of("60316"), **headers) for headers in who]
    for _, headers, _ in answers:
        headers.pop("Date")
    assert all(answer == answers[0] for answer in answers)
    assert "Set-Cookie" not in answers[0][1]


async def test_it_can_only_be_read(worker: Worker) -> None:
    """405 for other methods; `HEAD` is `GET` without the body."""
    for method in ("POST", "PUT", "DELETE"):
        assert (await worker.ask(method, of("60316"), b"{}"))[0] == 405
    status, said = await raw(worker, of("60316"), "HEAD")
    assert (status, said.endswith(b"\r\n\r\n")) == (200, True)
    assert f"Content-Length: {len(BODIES['60316'])}\r\n".encode() in said


async def test_a_new_set_is_handed_out_at_once(worker: Worker, tmp_path: Path) -> None:
    """The worker keeps nothing of the old one; a set that is withdrawn is gone."""
    folder = shelf(tmp_path / "data", TOYS)
    assert (await worker.ask("GET", of("60316")))[0] == 200
    publish(folder, [(file_of("60316"), b'{"product":"new"}')])
    assert (await worker.ask("GET", of("60316")))[2] == {"product": "new"}
    assert (await worker.ask("GET", of("popular")))[0] == 404
    withdraw(folder)
    assert (await worker.ask("GET", of("60316")))[0] == 404
