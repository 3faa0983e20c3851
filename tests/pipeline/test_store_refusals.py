"""What the store will never take is told apart from what may go in later, and no row is quoted in doing so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from pipeline.event import COLUMNS
from pipeline.store import complaint
from pipeline.store.database import Store, StoreError, StoreInUse, StoreRefused

SECRET = "somebody@example.com"


@pytest.fixture
def site(request: pytest.FixtureRequest) -> str:
    """A site of the test's own: the store is shared."""
    return str(request.node.name)


def line(site: str, **broken: str) -> bytes:
    """A row of `notes` as JSON texts, some of them broken."""
    values = {"site": f'"{site}"', "day": '"2026-11-01"', "field": '"path"', "note": '"capped"', "times": "1"}
    return b"[%s]\n" % ",".join((values | broken).values()).encode(errors="surrogateescape")


def put(
    store: Store, body: bytes, token: str, columns: str = "site day field note times", table: str = "notes"
) -> None:
    """Insert."""
    store.insert(table, columns.split(), body, token)


def stored(store: Store, site: str) -> int:
    """Rows of the site."""
    return int(store.query("SELECT count() FROM notes WHERE site = {site:String}", {"site": site}).rows[0][0])


FAULTS = pytest.mark.parametrize(
    "broken",
    [
        {"day": '"yesterday"'},
        {"times": '"many"'},
        {"times": "-1"},
        {"times": "1.5"},
        {"times": "[1]"},
        {"field": r'"\ud800"'},
        {"note": '"no end'},
        {"note": f'"{SECRET}\udcff"', "times": '"x"'},
        {"times": "1,2"},
        {"times": f'"{SECRET}"'},
    ],
    ids=[f"fault {number}" for number in range(10)],
)


@FAULTS
def test_a_bad_row_is_refused_for_good(store: Store, site: str, broken: dict[str, str]) -> None:
    """With the good ones beside it, in words that quote none, and the store goes on working."""
    with pytest.raises(StoreRefused) as raised:
        put(store, line(site) + line(site, **broken), f"{site}-bad")
    assert raised.value.of_rows
    assert raised.value.code in complaint.OF_ROWS
    assert SECRET not in str(raised.value)
    assert stored(store, site) == 0
    put(store, line(site), f"{site}-good")
    assert stored(store, site) == 1


def quoting(store: Store, text: str) -> list[str]:
    """Names of the errors that the engine remembers with that text, be it as hexadecimal digits."""
    asked = """
        SELECT name FROM system.errors
        WHERE position(last_error_message, {text:String}) OR position(lower(last_error_message), {digits:String})
    """
    return [name for (name,) in store.query(asked, {"text": text, "digits": text.encode().hex()}).rows]


@FAULTS
def test_the_engine_forgets_a_row_that_it_has_refused(
    store: Store, site: str, broken: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its memory of errors may be read as long as it runs, and has lines of the row and of those beside it."""
    mark = "kari.nordmann@example.com"
    body = line(f"{mark} {site}") + line(f"{mark} {site}", **broken)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "_unquote", lambda *_: None)
        with pytest.raises(StoreRefused):
            put(store, body, f"{site}-kept")
    # of text without an end the engine has nothing left to quote
    assert quoting(store, mark) or broken == {"note": '"no end'}, "this fault doesn't show that anything is forgotten"
    with pytest.raises(StoreRefused):
        put(store, body, f"{site}-bad")
    assert quoting(store, mark) == []


BAD = {
    "LowCardinality(String)": '"no end',
    "String": '"no end',
    "Date": '"x"',
    "DateTime64(3, 'UTC')": '"x"',
    "Array(LowCardinality(String))": '"x"',
    "Array(UInt16)": "[[]]",
    "Array(UInt32)": '["x"]',
    "Array(Int64)": "{}",
    "Map(LowCardinality(String), String)": "[]",
    "UInt8": '"x"',
    "UInt16": "-1",
    "UInt32": "{}",
    "UInt64": "[]",
    "Int64": '"1e99"',
}


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_an_event_refuses_for_good(store: Store, column: str) -> None:
    """Whatever type it has, a value that is none of that type is the row's fault."""
    with pytest.raises(StoreRefused) as raised:
        put(store, f"[{BAD[COLUMNS[column]]}]\n".encode(), f"bad-{column}", column, "events")
    assert raised.value.of_rows


@pytest.mark.parametrize(("table", "columns"), [("notes", "site day nothing"), ("nothing", "site day")])
def test_a_column_or_table_that_is_not_there_is_no_rows_fault(store: Store, table: str, columns: str) -> None:
    """Refused for good, but taking rows out would not help."""
    with pytest.raises(StoreRefused, match="nothing") as raised:
        put(store, b'["a","2026-11-01",1]\n', "missing", columns, table)
    assert not raised.value.of_rows


def test_what_may_pass_is_not_refused(store: Store) -> None:
    """An error of the moment stays a plain `StoreError`."""
    with pytest.raises(StoreError) as raised:
        store.query("SELECT groupArray(number) FROM numbers(1e9) SETTINGS max_memory_usage = 10000000")
    assert type(raised.value) is StoreError
    assert "241" in str(raised.value)


@pytest.mark.parametrize("code", [159, 164, 202, 209, 210, 236, 241, 242, 243, 252, 319, 425, 497, 516, 999])
def test_these_pass(code: int) -> None:
    """No memory, no room, too many parts, read-only, shutting down, no right: try again, rows in hand."""
    error = DatabaseError("it was said", code=code)
    assert complaint.code_of(error) not in complaint.OF_ROWS.keys() | complaint.OF_STATEMENT.keys()


def test_codes_have_the_engines_names(store: Store) -> None:
    """Both lists say what the engine says, and no code stands in both."""
    named = complaint.OF_ROWS | complaint.OF_STATEMENT
    asked = "SELECT code, errorCodeToName(code) FROM (SELECT arrayJoin({codes:Array(UInt32)}) AS code)"
    assert dict(map(tuple, store.query(asked, {"codes": list(named)}).rows)) == named
    assert len(named) == len(complaint.OF_ROWS) + len(complaint.OF_STATEMENT)


def test_an_error_of_the_way_names_the_place_and_no_password() -> None:
    """What can't be understood is told in its first line, what can in ours."""
    broken = OperationalError("Error executing HTTP request")
    broken.__cause__ = ConnectionResetError(104, "reset")
    assert complaint.told(broken, "https://db:8443") == "https://db:8443: the connection broke"
    assert complaint.told(OSError("odd\nvery"), "https://db:8443") == "odd"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """For a store that is not opened."""
    return tmp_path


@pytest.mark.parametrize("url", ["sqlite:///x", "http://", "http://u:secret@h:port/x", "https://h/a/b", "http://h?a=b"])
def test_a_url_that_is_none_is_told_without_its_password(folder: Path, url: str) -> None:
    """In one line, with the form it should have."""
    with pytest.raises(StoreError, match=r"http\(s\)://user:password@host:port/database") as raised:
        Store(url, folder, 512)
    assert "secret" not in str(raised.value)


def test_a_store_that_did_not_open_holds_nothing(folder: Path) -> None:
    """The lock is free for the next try; no second fault hides the first."""
    for _ in range(2):
        with pytest.raises(StoreError, match="refused") as raised:
            Store("http://localhost:9", folder, 512)
        assert not isinstance(raised.value, StoreInUse)
