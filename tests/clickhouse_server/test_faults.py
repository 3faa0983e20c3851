"""Each fault does what it says: to the one request it was meant for, with the rows in or not."""

import threading

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from tests.clickhouse_server.away import Away

BODY = b"".join(b'[%d,"%s"]\n' % (number, b"x" * 200) for number in range(2000))
ALL, NONE = 2000, 0


def put(client: Client, body: bytes = BODY) -> None:
    """One insert, which the client itself doesn't try again: it doesn't for what is no `bytes` object."""
    client.raw_insert(
        "t", column_names=["a", "s"], insert_block=memoryview(body), fmt="JSONCompactEachRow", compression=None
    )  # type: ignore[arg-type]


def stored(client: Client) -> int:
    """Rows in the table."""
    return int(client.query("SELECT count() FROM t").result_rows[0][0])


@pytest.mark.parametrize(
    ("kind", "raises", "after"),
    [
        ("refuse", OperationalError, NONE),
        ("500_before", DatabaseError, NONE),
        ("500_after", DatabaseError, ALL),
        ("cut", OperationalError, NONE),
        ("cut_after", OperationalError, ALL),
        ("memory", DatabaseError, NONE),
        ("parts", DatabaseError, NONE),
        ("denied", DatabaseError, NONE),
    ],
)
def test_a_fault_strikes_once_and_leaves_what_it_says(
    server: Away, client: Client, kind: str, raises: type[ClickHouseError], after: int
) -> None:
    """The insert fails, the rows are in or not, queries are let be, and the next insert is well."""
    server.fault(kind)
    assert stored(client) == NONE
    with pytest.raises(raises):
        put(client)
    assert stored(client) == after
    put(client, b'[0,"another"]\n')  # the same rows would be taken for the same insert
    assert stored(client) == after + 1
    assert server.struck(kind) == 1


@pytest.mark.parametrize(("kind", "code"), [("memory", 241), ("parts", 252), ("denied", 497)])
def test_an_exception_has_its_code(server: Away, client: Client, kind: str, code: int) -> None:
    """The header that clients read, too."""
    server.fault(kind)
    with pytest.raises(DatabaseError) as raised:
        put(client)
    assert raised.value.code == code


@pytest.mark.parametrize(("kind", "after"), [("hang", NONE), ("hang_after", ALL)])
def test_what_hangs_is_let_go_when_healed(server: Away, client: Client, kind: str, after: int) -> None:
    """No answer until then, and none afterwards: the connection is closed."""
    server.fault(kind)
    failed: list[Exception] = []

    def insert() -> None:
        try:
            put(client)
        except ClickHouseError as error:
            failed.append(error)

    waiting = threading.Thread(target=insert)
    waiting.start()
    while server.struck(kind) == 0:
        assert waiting.is_alive()
    server.heal()
    waiting.join()
    assert len(failed) == 1
    assert stored(client) == after


def test_slow_is_slow_and_right(server: Away, client: Client) -> None:
    """The rows are in, with no error; it waits for being healed, or its time."""
    server.fault("slow", seconds=60)
    insert = threading.Thread(target=put, args=(client,))
    insert.start()
    while server.struck("slow") == 0:
        assert insert.is_alive()
    server.heal()
    insert.join()
    assert stored(client) == ALL


@pytest.mark.parametrize("kind", ["page", "nothing"])
def test_a_page_looks_like_success_and_leaves_nothing(server: Away, client: Client, kind: str) -> None:
    """The client itself takes 200 for an answer; only the headers that are ClickHouse's are missing."""
    server.fault(kind)
    put(client)
    assert stored(client) == NONE
    put(client)
    assert stored(client) == ALL


def test_half_an_answer_is_no_answer(server: Away, client: Client) -> None:
    """A query that is cut doesn't look like a short result."""
    put(client)
    server.fault("cut", target="any", times=0)
    with pytest.raises(ClickHouseError):
        client.query("SELECT * FROM t")


def test_until_cleared_and_for_matching_statements_only(server: Away, client: Client) -> None:
    """`times=0` goes on; `matching` picks."""
    server.fault("memory", times=0, target="any", matching="max(a)")
    for _ in range(3):
        with pytest.raises(DatabaseError):
            client.query("SELECT max(a) FROM t")
    assert stored(client) == NONE
    server.heal()
    assert client.query("SELECT max(a) FROM t").result_rows == [(0,)]


def test_it_says_of_itself_what_it_is_told_to(server: Away, client: Client) -> None:
    """For trying what a start-up check makes of another version."""
    server.pretend({"version()": "'21.8.1.1'"})
    assert client.query("SELECT version()").result_rows == [("21.8.1.1",)]
