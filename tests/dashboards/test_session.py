"""How a session ends before its twelve hours are over."""

from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestServer

from dashboards.web.session import COOKIE
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in

PASSWORD = "riktig hest batteri"
OTHER = "noe helt annet"


async def by_password(session: ClientSession, name: str = "kari", password: str = PASSWORD) -> ClientSession:
    """Log a session in with a password."""
    form = {"name": name, "password": password}
    async with session.post("/login", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
    return session


async def is_in(session: ClientSession) -> bool:
    """Whether the session is let in to a page and to the API alike."""
    async with session.get("/account", allow_redirects=False) as page, session.get("/api/panels/nothing") as api:
        assert (page.status, api.status) in {(200, 404), (303, 401)}
        return page.status == 200


async def log_out(session: ClientSession) -> None:
    """Log a session out."""
    async with session.post("/logout", allow_redirects=False) as answer:
        assert answer.status == 303


async def test_copy_of_a_cookie_ends_with_the_log_out(bench: Bench, visit: Visit, server: TestServer) -> None:
    """Whoever kept the cookie is out as well, and so is the same user elsewhere; another user is not."""
    bench.accounts.set_password("kari", PASSWORD)
    bench.accounts.set_password("ola", PASSWORD)
    kari, elsewhere = await by_password(visit()), await by_password(visit())
    ola, link = await by_password(visit(), "ola"), await log_in(bench, visit())
    copied = kari.cookie_jar.filter_cookies(server.make_url("/"))[COOKIE].value
    async with ClientSession(server.make_url("/"), cookies={COOKIE: copied}, cookie_jar=CookieJar(unsafe=True)) as copy:
        assert await is_in(copy)
        await log_out(kari)
        assert not await is_in(copy)
    assert [await is_in(one) for one in (kari, elsewhere, ola, link)] == [False, False, True, True]
    assert await is_in(await by_password(kari))


async def test_log_out_of_the_operator_ends_sessions_of_links(bench: Bench, visit: Visit) -> None:
    """All who came by a one-time link, and nobody else; the next link opens again."""
    bench.accounts.set_password("kari", PASSWORD)
    first, second = await log_in(bench, visit()), await log_in(bench, visit())
    kari = await by_password(visit())
    await log_out(first)
    assert [await is_in(one) for one in (first, second, kari)] == [False, False, True]
    assert await is_in(await log_in(bench, first))


async def test_new_password_ends_the_other_sessions_of_its_user(bench: Bench, visit: Visit) -> None:
    """Who has just set it stays in."""
    bench.accounts.set_password("kari", PASSWORD)
    here, there = await by_password(visit()), await by_password(visit())
    async with here.post("/account", data={"name": "kari", "password": OTHER}) as answer:
        assert answer.status == 200
    assert [await is_in(here), await is_in(there)] == [True, False]


async def test_operator_sets_a_password_and_stays_in(bench: Bench, visit: Visit) -> None:
    """The user's sessions are over, the operator's isn't."""
    bench.accounts.set_password("kari", PASSWORD)
    kari, operator = await by_password(visit()), await log_in(bench, visit())
    async with operator.post("/account", data={"name": " kari ", "password": OTHER}) as answer:
        assert answer.status == 200
    assert [await is_in(kari), await is_in(operator)] == [False, True]


async def test_removed_user_is_out_and_stays_out(bench: Bench, visit: Visit) -> None:
    """Also where a user of the same name is made again."""
    bench.accounts.set_password("kari", PASSWORD)
    kari = await by_password(visit())
    assert bench.accounts.remove("kari")
    assert not await is_in(kari)
    bench.accounts.set_password("kari", PASSWORD)
    assert not await is_in(kari)
