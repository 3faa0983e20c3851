"""The door: log in, stay in for twelve hours, and what keeps others out."""

import asyncio

import pytest
from aiohttp import ClientSession
from cryptography.fernet import Fernet

from dashboards.web.brake import Brake
from dashboards.web.session import COOKIE
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in

PASSWORD = "riktig hest batteri"


async def status(session: ClientSession, path: str, **options: object) -> int:
    """The status of a GET that follows no redirect."""
    async with session.get(path, allow_redirects=False, **options) as answer:
        return answer.status


async def try_password(session: ClientSession, name: str, password: str) -> tuple[int, str]:
    """Send the form as a browser would; (status, Retry-After)."""
    form = {"name": name, "password": password}
    async with session.post("/login", data=form, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Retry-After", "")


async def test_pages_lead_strangers_to_the_login(visit: Visit) -> None:
    """Every page but the open ones is a redirect, and the API says 401."""
    stranger = visit()
    for page in ("/", "/account", "/nowhere"):
        async with stranger.get(page, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/login")
    for path in ("/api/dashboard", "/api/panels/overview", "/api/panels/nothing"):
        assert await status(stranger, path) == 401
    for path in ("/login", "/healthz", "/readyz", "/metrics", "/static/style.css"):
        assert await status(stranger, path) == 200


async def test_password_logs_in_and_logging_out_ends_it(bench: Bench, visit: Visit) -> None:
    """The whole way with a form."""
    bench.accounts.set_password("kari", PASSWORD)
    kari = visit()
    assert (await try_password(kari, "kari", "feil passord her"))[0] == 403
    assert await status(kari, "/") == 303
    assert (await try_password(kari, "kari", PASSWORD))[0] == 303
    assert await status(kari, "/") == 200
    async with kari.post("/logout", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/login"
    assert await status(kari, "/") == 303


async def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(bench: Bench, visit: Visit) -> None:
    """HttpOnly, SameSite=Lax, twelve hours."""
    session = visit()
    once = {"once": bench.accounts.new_login_link_secret()}
    async with session.get("/login", params=once, allow_redirects=False) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))


async def test_one_time_link_used_twice_lets_nobody_in(bench: Bench, visit: Visit) -> None:
    """The first browser is in, the second sees the login page and why."""
    once = {"once": bench.accounts.new_login_link_secret()}
    first, second = visit(), visit()
    assert await status(first, "/login", params=once) == 303
    assert await status(second, "/login", params=once) == 403
    assert await status(first, "/") == 200
    assert await status(second, "/") == 303


async def test_head_of_a_link_checker_does_not_use_the_link_up(bench: Bench, visit: Visit) -> None:
    """A HEAD is refused before the secret is looked at."""
    once = {"once": bench.accounts.new_login_link_secret()}
    async with visit().head("/login", params=once, allow_redirects=False) as answer:
        assert answer.status == 405
    assert await status(visit(), "/login", params=once) == 303


async def test_session_ends_after_twelve_hours(bench: Bench, visit: Visit) -> None:
    """A minute before it is valid, a minute after it is not."""
    session = await log_in(bench, visit())
    bench.pass_time(hours=11, minutes=59)
    assert await status(session, "/api/dashboard", params={"site": bench.office.sites[0].id}) == 200
    bench.pass_time(minutes=2)
    assert await status(session, "/api/dashboard") == 401


@pytest.mark.parametrize("forge", ["other key", "flipped", "nonsense", "not ascii"])
async def test_forged_session_is_none(bench: Bench, visit: Visit, forge: str) -> None:
    """A cookie signed with another key, changed by one character, or that is none, opens nothing."""
    true = (await log_in(bench, visit())).cookie_jar.filter_cookies(visit()._base_url)[COOKIE].value
    middle = len(true) // 2
    forged = {
        "other key": Fernet(Fernet.generate_key()).encrypt(b'{"name":"owner","by":"link"}').decode(),
        "flipped": true[:middle] + ("A" if true[middle] != "A" else "B") + true[middle + 1 :],
        "nonsense": "owner",
        "not ascii": "ø",
    }[forge]
    for value, expected in ((forged, 303), (true, 200)):
        async with visit().get("/", headers={"Cookie": f"{COOKIE}={value}"}, allow_redirects=False) as answer:
            assert answer.status == expected


async def test_guessing_one_account_is_slowed_down_but_not_for_others(bench: Bench, visit: Visit) -> None:
    """Four tries are free; then 429 with doubling waits, even for the right password; another account isn't held up."""
    bench.accounts.set_password("kari", PASSWORD)
    bench.accounts.set_password("ola", PASSWORD)
    guesser = visit()
    for _ in range(4):
        assert (await try_password(guesser, "kari", "feil passord her"))[0] == 403
    assert await try_password(guesser, "kari", PASSWORD) == (429, "1")
    bench.pass_time(seconds=1)
    assert (await try_password(guesser, "kari", "feil passord her"))[0] == 403
    assert await try_password(guesser, "kari", PASSWORD) == (429, "2")
    assert (await try_password(visit(), "ola", PASSWORD))[0] == 303
    bench.pass_time(seconds=2)
    assert (await try_password(guesser, "kari", PASSWORD))[0] == 303


async def test_guesses_sent_at_once_gain_nothing(bench: Bench, visit: Visit) -> None:
    """Twelve at the same time: only the four free ones are looked at."""
    bench.accounts.set_password("kari", PASSWORD)
    session = visit()
    answers = await asyncio.gather(*(try_password(session, "kari", f"feil passord {n}") for n in range(12)))
    assert sorted(status for status, _ in answers) == [403] * 4 + [429] * 8


def test_guessing_with_ever_new_names_is_slowed_down_a_little_for_all() -> None:
    """Thirty failures under different names make everybody wait, but never longer than seconds."""
    now = 0.0
    brake = Brake(lambda: now)
    assert not any(brake.attempt(f"name {n}") for n in range(30))
    assert brake.attempt("kari") == 1
    for n in range(20):
        now += 8
        assert brake.attempt(f"other {n}") == 0
    assert brake.attempt("kari") == 8
    now += 900
    assert brake.attempt("kari") == 0


async def test_spaces_around_a_name_are_no_new_account_to_guess_at(bench: Bench, visit: Visit) -> None:
    """The password is looked up without them, so the tries are counted without them."""
    bench.accounts.set_password("eva", PASSWORD)
    guesser = visit()
    for name in ("eva ", " eva", "eva\t", f"eva{' ' * 58}x"):
        assert (await try_password(guesser, name, "feil passord her"))[0] == 403
    assert await try_password(guesser, "eva  ", PASSWORD) == (429, "1")
    bench.pass_time(seconds=1)
    assert (await try_password(guesser, " eva ", PASSWORD))[0] == 303
    assert await status(guesser, "/") == 200


def test_refused_tries_under_made_up_names_do_not_push_a_real_one_out() -> None:
    """A flood that is told to wait leaves no trace."""
    brake = Brake(lambda: 0.0)
    for _ in range(4):
        assert brake.attempt("kari") == 0
    for n in range(26):
        assert brake.attempt(f"name {n}") == 0
    for n in range(2000):
        assert brake.attempt(f"made up {n}") == 1
    assert set(brake._names) == {"kari", *(f"name {n}" for n in range(26))}
    brake.succeeded("name 0")
    assert brake.attempt("kari") == 1


def test_name_whose_latest_failure_is_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the one that came first."""
    monkeypatch.setattr("dashboards.web.brake._NAMES", 2)
    brake = Brake(lambda: 0.0)
    for name in ("kari", "ola", "kari", "eva"):
        assert brake.attempt(name) == 0
    assert set(brake._names) == {"kari", "eva"}


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\n\r\nx\r\n--a--\r\n"),
        (f"{FORM}; charset=klingon", b"name=kari&password=x"),
        (f"{FORM}; charset=hex", b"name=kari&password=x"),
        (f"{FORM}; charset=unicode_escape", rb"name=\ud800&password=x"),
        (FORM, b"name=\xff&password=x"),
        ("application/json", b"{}"),
    ],
)
async def test_form_that_can_not_be_read_is_refused_in_one_line(visit: Visit, kind: str, body: bytes) -> None:
    """It is the sender's fault, so it is no error of ours."""
    async with visit().post("/login", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == 400
        assert (await answer.text()).count("\n") == 1


async def test_form_in_broken_compression_is_refused(visit: Visit) -> None:
    """As above."""
    headers = {"Content-Type": FORM, "Content-Encoding": "gzip"}
    async with visit().post("/login", data=b"no gzip", headers=headers) as answer:
        assert answer.status == 400


async def test_post_from_another_site_changes_nothing(bench: Bench, visit: Visit) -> None:
    """A foreign page can't log anybody in or out, or set a password."""
    session = await log_in(bench, visit())
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        form = {"name": "evil", "password": PASSWORD}
        for path in ("/account", "/logout", "/login"):
            async with session.post(path, data=form, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 403
    assert not bench.accounts.has_users()
    assert await status(session, "/") == 200


async def test_post_from_our_own_page_works(bench: Bench, visit: Visit) -> None:
    """What a browser sends from the account page sets the password, and the hint on the dashboard goes."""
    session = await log_in(bench, visit())
    async with session.get("/") as answer:
        assert "/account" in (hint := await answer.text())
        assert 'class="hint"' in hint
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": str(session._base_url).rstrip("/")}
    async with session.post("/account", data={"name": "kari", "password": PASSWORD}, headers=headers) as answer:
        assert answer.status == 200
    assert bench.accounts.verify("kari", PASSWORD)
    async with session.get("/") as answer:
        assert 'class="hint"' not in await answer.text()


async def test_who_came_by_password_can_change_only_their_own(bench: Bench, visit: Visit) -> None:
    """A name sent along is ignored."""
    bench.accounts.set_password("kari", PASSWORD)
    bench.accounts.set_password("ola", PASSWORD)
    kari = visit()
    await try_password(kari, "kari", PASSWORD)
    async with kari.post("/account", data={"name": "ola", "password": "karis nye passord"}) as answer:
        assert answer.status == 200
    assert bench.accounts.verify("ola", PASSWORD)
    assert bench.accounts.verify("kari", "karis nye passord")


async def test_too_short_a_password_is_said_and_not_kept(bench: Bench, visit: Visit) -> None:
    """The page says so with a 400."""
    session = await log_in(bench, visit())
    async with session.post("/account", data={"name": "kari", "password": "kort"}) as answer:
        assert answer.status == 400
        assert 'role="alert"' in await answer.text()
    assert not bench.accounts.has_users()
