"""P5: no column of any export can hold a person. Files that could are made by planting one, in each column of each."""

import csv
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import pipeline.audiences.exports
from pipeline.audiences.persons import suspicious
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser
from tests.promises.p5_shop import DECLARED, UNDECLARED, weeks_of

Make = Callable[[Sequence[Week], Advertiser], bytes]
MODULES = (
    importlib.import_module(f"pipeline.audiences.exports.{module.name}")
    for module in pkgutil.iter_modules(pipeline.audiences.exports.__path__)
)
EXPORTS: dict[str, Make] = {
    module.__name__.rpartition(".")[2]: module.export for module in MODULES if hasattr(module, "export")
}
PERSONS = {
    "an e-mail address": "kari.nordmann@example.no",
    "an IPv4 address": "192.0.2.17",
    "an IPv6 address": "2001:db8::8a2e:370:7334",
    "a telephone": "+47 998 87 766",
    "a telephone in one": "99887766",
    "a national number": "13097248022",
    "an account": "8601 11 17947",
    "an IBAN": "NO93 8601 1117 947",
    "a card": "4111 1111 1111 1111",
    "an order number": "#10485",
    "an order number in one": "100010485",
    "a click id of Google": "EAIaIQobChMI9rWm4Ky5iQMVBkCRBR0sCgKgEAAYASAAEgKcvfD_BwE",
    "a click id of Meta": "IwAR2F3xkPq9LmVb7TzYcWdNs0uHgJ4eRoA1iX8vKhQyZ5tCnUwMfBpElD6aS",
    "a token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrYXJpIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "a hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "a UUID": "123e4567-e89b-12d3-a456-426614174000",
}
each_export = pytest.mark.parametrize("name", EXPORTS)


def rows_of(body: bytes) -> list[list[str]]:
    """A file's cells; of a text one cell a line."""
    text = body.decode("utf-8-sig")
    if text.startswith("# "):
        return [[line] for line in text.splitlines()]
    return list(csv.reader(text.splitlines(keepends=True), delimiter="\t" if "\t" in text.split("\n")[0] else ","))


@cache
def file_of(name: str, shop: Advertiser) -> list[list[str]]:
    """What an export makes of eight weeks."""
    return rows_of(EXPORTS[name](weeks_of(shop), shop))


def test_all_exports_are_looked_at() -> None:
    """None is forgotten, nor is one listed whose file isn't here."""
    files = "google_labels meta_labels campaigns meridian robyn google_ads value_rules brief keywords".split()
    assert sorted(EXPORTS) == sorted(files)


@each_export
@pytest.mark.parametrize("shop", [DECLARED, UNDECLARED], ids=["declared", "undeclared"])
def test_what_the_shop_exports_holds_nobody(name: str, shop: Advertiser) -> None:
    """As it is made, of busy weeks and of ones in which nobody came: else the guard would be switched off one day."""
    header, *rows = file_of(name, shop)
    assert suspicious(header, rows, shop) == []
    assert len(rows) > 0 or not shop.catalogue
    header, *rows = rows_of(EXPORTS[name]([Week(shop.site, weeks_of(shop)[0].monday, {})], shop))
    assert suspicious(header, rows, shop) == []


@each_export
@pytest.mark.parametrize("shop", [DECLARED, UNDECLARED], ids=["declared", "undeclared"])
def test_no_number_of_visitors_below_fifty_is_said(name: str, shop: Advertiser) -> None:
    """Of weeks whose cells are about that large: columns of counts have nothing else, which `persons.py` holds to."""
    weeks = weeks_of(shop, 40)
    header, *rows = rows_of(EXPORTS[name](weeks, shop))
    assert suspicious(header, rows, shop) == []
    released = [table for week in weeks for table in week.tables.values()]
    said = [number for table in released for key in table.cells if (number := table.said(key)) is not None]
    assert min(said) >= 50
    assert min(number for table in released for number in table.cells.values()) < 50


@each_export
@pytest.mark.parametrize("shop", [DECLARED, UNDECLARED], ids=["declared", "undeclared"])
def test_a_person_in_any_column_of_any_export_is_found(name: str, shop: Advertiser) -> None:
    """Whatever the column, as its whole value; in a text, in any line. Only money has as many digits as a telephone."""
    header, *rows = file_of(name, shop)
    is_text = len(header) == 1
    row = rows[len(rows) // 2] if rows else [""] * len(header)
    for kind, person in PERSONS.items():
        planted = [
            [*row[:at], f"{row[at]} {person}" if is_text else person, *row[at + 1 :]] for at in range(len(header))
        ]
        missed = {"revenue"} if person in ("99887766", "100010485") else set()
        found = {one.column for one in suspicious(header, planted, shop)}
        assert found == ({"text"} if is_text else {*header} - missed), kind


@each_export
def test_a_column_that_no_export_has_is_refused(name: str) -> None:
    """Even an empty one, and without repeating its name."""
    header, *rows = file_of(name, DECLARED)
    if len(header) > 1:
        strange = suspicious([*header, "customer@example.no"], [[*row, ""] for row in rows], DECLARED)
        assert [(one.column, one.why.name) for one in strange] == [(f"column {len(header) + 1}", "UNLISTED")]


def test_an_article_number_passes_where_the_catalogue_has_it() -> None:
    """And nowhere else, since it looks like a card or a telephone."""
    known, strange = DECLARED.catalogue[0].id, "4006381333931"
    assert suspicious(["id"], [[known]], DECLARED) == []
    assert suspicious(["id"], [[strange]], DECLARED) != []
    assert suspicious(["id"], [["kari"]], DECLARED) != []
    assert suspicious(["campaign"], [[known]], UNDECLARED) != []


def week_of(word: str) -> Week:
    """A week in which many had a word: as a source, a medium, a campaign, a category; its group prefers it."""
    pairs = [(word, "Lego"), ("Ball", "Dukker")]
    cells = {
        "campaigns": {(*key, "visit"): 5000 for key in ((word, "", ""), ("google", word, ""), ("google", "cpc", word))},
        "affinity": {
            (category, kind, group): 9000 if category == mine else 900
            for kind, groups in (("source", (word, "nrk.no")), ("device", ("mobile", "desktop")))
            for group, (mine, _) in zip(groups, pairs, strict=True)
            for category in (word, "Ball")
        },
    }
    tables = {name: Released(name, of, 1.0, 0.0, 1.0, 0) for name, of in cells.items()}
    return Week(UNDECLARED.site, weeks_of(UNDECLARED)[0].monday, tables)


@pytest.mark.parametrize("name", ["campaigns", "brief", "keywords"])
@settings(max_examples=150)
@given(word=st.text(max_size=30) | st.text("0123456789 .,–-@%40#'=>/\u200b\n", max_size=30))  # noqa: RUF001 - a dash
@example("1881.no")
@example("@kari")
@example("4, 6, 8, 10, 12, 14")
@example("kari%\u200b40example.no")
def test_no_word_keeps_a_whole_file_in_the_house(name: str, word: str) -> None:
    """What looks like a person is left out by the line: else anybody could end a shop's exports with a link."""
    header, *rows = rows_of(EXPORTS[name]([week_of(word)], UNDECLARED))
    assert suspicious(header, rows, UNDECLARED) == []
    assert rows
