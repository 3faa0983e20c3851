"""The store over HTTP and HTTPS: the same calls, each change sent once, and errors told as they are."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.store.address import Access, Server
from pipeline.store.database import Store, StoreError, StoreRefused
from tests.clickhouse_server.away import Away, start
from tests.clickhouse_server.certificates import signed_for_localhost

PASSWORD = "p:ss/w@rd ø"
COLUMNS = ("site", "day", "field", "note", "times")
ROW = b'["shop","2026-11-01","path","capped",7]\n'
COUNT = "SELECT count() FROM notes"
FIRST = "t"

Open = Callable[..., Store]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    """A server that asks for a password and lives in another time zone."""
    folder = tmp_path_factory.mktemp("engine")
    zone = {"TZ": "America/New_York"}
    with start(folder, user="sporlos_ship", password=PASSWORD, environment=zone) as server:
        yield server


@pytest.fixture
def server(running: Away) -> Iterator[Away]:
    """Healthy before and after."""
    running.heal()
    yield running
    running.heal()


@pytest.fixture
def opened(server: Away, tmp_path: Path) -> Iterator[Open]:
    """Opens a store with tables, in a database of the test's own."""
    made: list[Store] = []

    def make(url: str = f"{server.url}/{tmp_path.name}", access: Access = Access(answer_seconds=20)) -> Store:  # noqa: B008
        store = Store(url, tmp_path, 512, access)
        made.append(store)
        store.migrate()
        return store

    yield make
    for store in made:
        store.close()


def put(store: Store, token: str = FIRST) -> None:
    """One row."""
    store.insert("notes", COLUMNS, ROW, token)


def inserts(server: Away) -> list[dict[str, dict[str, str]]]:
    """What the inserts of rows came with."""
    return [seen for seen in server.seen() if seen["sql"].startswith("INSERT INTO notes")]


def test_a_database_is_made_and_used(opened: Open, tmp_path: Path) -> None:
    """The URL names it; migrations, inserts, queries and statements mean that one."""
    store = opened()
    put(store)
    found = store.query(
        "SELECT currentDatabase(), site, day, times FROM notes WHERE times = {times:UInt64}", {"times": 7}
    )
    assert [[str(value) for value in row] for row in found.rows] == [[tmp_path.name, "shop", "2026-11-01", "7"]]
    store.command("ALTER TABLE notes DELETE WHERE site = {site:String} SETTINGS mutations_sync = 1", {"site": "shop"})
    assert store.query(COUNT).rows == [(0,)]
    assert store.migrate() == []


def test_a_token_is_one_insert(opened: Open) -> None:
    """As with the embedded engine."""
    store = opened()
    for token in ("a", "a", "b"):
        put(store, token)
    assert store.query(COUNT).rows == [(2,)]


def test_an_insert_is_compressed_waited_for_and_of_one_block(opened: Open, server: Away) -> None:
    """What makes it safe goes with each one, whatever the server's own settings are."""
    put(opened())
    came = inserts(server)[-1]
    assert came["headers"]["Content-Encoding"] == "lz4"
    wanted = {"async_insert": "0", "insert_deduplicate": "1", "wait_end_of_query": "1", "session_timezone": "UTC"}
    wanted |= {"input_format_parallel_parsing": "0", "insert_deduplication_token": "t"}
    assert {name: came["asked"].get(name) for name in wanted} == wanted


def test_the_servers_time_zone_does_not_matter(opened: Open) -> None:
    """Days stay days, and times are told in UTC."""
    store = opened()
    put(store)
    found = store.query(
        "SELECT timezone(), toString(day), toString(toDateTime(0)), toString(fromUnixTimestamp(0)) FROM notes"
    )
    assert found.rows == [("UTC", "2026-11-01", "1970-01-01 00:00:00", "1970-01-01 00:00:00")]


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("refuse", 0),
        ("cut", 0),
        ("cut_after", 1),
        ("500_before", 0),
        ("500_after", 1),
        ("page", 0),
        ("nothing", 0),
        ("memory", 0),
        ("parts", 0),
        ("denied", 0),
    ],
)
def test_an_insert_that_fails_is_sent_once(opened: Open, server: Away, kind: str, after: int) -> None:
    """The store says so, doesn't try by itself, and blames no row."""
    store = opened()
    came = len(inserts(server))
    server.fault(kind)
    with pytest.raises(StoreError) as raised:
        put(store)
    assert not isinstance(raised.value, StoreRefused)
    assert server.struck(kind) >= 1
    assert len(inserts(server)) - came <= 1
    assert store.query(COUNT).rows == [(after,)]
    put(store)
    assert store.query(COUNT).rows == [(1,)]


def test_a_statement_that_fails_is_sent_once(opened: Open, server: Away) -> None:
    """The closing job's inserts, too, are its own to repeat."""
    store = opened()
    put(store)
    server.fault("cut_after")
    with pytest.raises(StoreError, match="broke"):
        store.command("INSERT INTO notes SELECT * FROM notes")
    assert store.query(COUNT).rows == [(2,)]


@pytest.mark.parametrize("kind", ["page", "nothing"])
def test_a_success_that_is_not_clickhouses_is_none(opened: Open, server: Away, kind: str) -> None:
    """A proxy's 200 is believed of no insert, statement or query, and told as what it is; the next try is well."""
    store = opened()
    calls: tuple[Callable[[], object], ...] = (
        lambda: put(store),
        lambda: store.command("INSERT INTO notes (site, day) SELECT 'shop', today()"),
        lambda: store.query(COUNT),
    )
    for call in calls:
        server.fault(kind, target="any")
        with pytest.raises(StoreError) as raised:
            call()
        assert not isinstance(raised.value, StoreRefused)
        if call is not calls[-1] or kind == "nothing":  # a page for rows can't be read as such
            assert str(raised.value).startswith(f"http://localhost:{server.port}: something between us and ClickHouse")
    assert store.query(COUNT).rows == [(0,)]
    for call in calls:
        call()
    assert store.query(COUNT).rows == [(2,)]


def test_a_query_is_tried_again(opened: Open, server: Away) -> None:
    """Reading changes nothing: a connection that broke is no reason for an empty panel."""
    store = opened()
    server.fault("cut_after", target="any", matching="count()")
    assert store.query(COUNT).rows == [(0,)]


def test_a_server_that_is_silent_is_given_up(opened: Open, server: Away) -> None:
    """After the time that the settings say."""
    store = opened(access=Access(answer_seconds=1))
    server.fault("hang", seconds=10)
    with pytest.raises(StoreError, match="answer_seconds"):
        put(store)


def test_a_bad_row_is_refused(opened: Open) -> None:
    """The same family as with the embedded engine, and what it was is forgotten there, too."""
    store = opened()
    with pytest.raises(StoreRefused, match=r"CANNOT_PARSE_DATE \(code 38\), column day") as raised:
        store.insert("notes", COLUMNS, ROW + b'["shop","somebody","path","capped",7]\n', "bad")
    assert raised.value.of_rows
    assert "somebody" not in str(raised.value)
    remembered = "SELECT name, position(last_error_message, 'somebo') FROM system.errors WHERE code = 38"
    assert store.query(remembered).rows == [("CANNOT_PARSE_DATE", 0)]


def test_a_slow_panel_delays_neither_shipping_nor_another(opened: Open, server: Away) -> None:
    """Each has its connection; a server takes as many as there are threads."""
    store = opened()
    server.fault("slow", target="any", seconds=60, matching="sleepless")
    slow = threading.Thread(target=store.query, args=("SELECT 'sleepless'",))
    slow.start()
    while server.struck("slow") == 0:
        assert slow.is_alive()
    put(store)
    assert store.query(COUNT).rows == [(1,)]
    assert slow.is_alive()
    server.heal()
    slow.join()


def test_it_comes_back_when_the_server_does(tmp_path: Path) -> None:
    """Killed with `kill -9` between two calls: an error, then all as before."""
    with start(tmp_path / "engine") as server:
        store = Store(server.url, tmp_path, 512)
        store.migrate()
        put(store)
        server.kill()
        with pytest.raises(StoreError, match=r"refused|broke"):
            put(store, "u")
        server.start()
        put(store, "u")
        assert store.query(COUNT).rows == [(2,)]
        store.close()


def test_the_password_may_stand_in_a_file(opened: Open, server: Away, tmp_path: Path) -> None:
    """Its first line; the URL names the user only."""
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nnot this\n", encoding="utf-8")
    store = opened(f"http://sporlos_ship@localhost:{server.port}/{tmp_path.name}", Access(file))
    put(store)
    assert store.query(COUNT).rows == [(1,)]


@pytest.mark.parametrize(
    ("password", "said"), [("not-it", "Authentication failed"), (None, "password")], ids=["wrong", "no file"]
)
def test_a_password_that_is_wrong_or_missing_is_said(
    server: Away, tmp_path: Path, password: str | None, said: str
) -> None:
    """In one line, which doesn't quote it."""
    file = tmp_path / "password"
    if password is not None:
        file.write_text(password)
    with pytest.raises(StoreError, match=said) as raised:
        Store(f"http://sporlos_ship@localhost:{server.port}", tmp_path, 512, Access(file))
    assert "\n" not in str(raised.value)
    assert "not-it" not in str(raised.value)


def test_a_certificate_is_checked(tmp_path: Path) -> None:
    """A private authority has to be named, and nothing is sent to a server that it doesn't vouch for."""
    made = signed_for_localhost(tmp_path)
    with start(tmp_path / "engine", tls=made.tls, authority=made.authority, user="u", password="p") as server:
        with pytest.raises(StoreError, match=r"certificate is not trusted.*ca_file"):
            Store(server.url, tmp_path, 512)
        assert server.seen() == []
        store = Store(server.url, tmp_path, 512, Access(ca_file=made.authority))
        store.migrate()
        put(store)
        assert store.query(COUNT).rows == [(1,)]
        store.close()


def test_the_way_into_a_server_is_read_from_its_url() -> None:
    """Ports and database have their usual values; what stands for a character is that character."""
    assert Server.at("https://h") == Server("https", "h", 8443, "sporlos", "default", "")
    assert Server.at("http://u:p%2F%40@[::1]:1/d_b") == Server("http", "::1", 1, "d_b", "u", "p/@")
    assert "p/@" not in repr(Server.at("http://u:p%2F%40@h"))
