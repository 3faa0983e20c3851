"""What of a file's values may stay: what may stay of a visitor's, by the same room."""

from datetime import date, timedelta

import pytest

from pipeline.imports.cells import KINDS
from pipeline.outcome import Note
from proxy import importing
from proxy.imports import days
from proxy.imports.cell import CAME, Came, RawCell
from proxy.imports.cleaning import Cleaning
from proxy.imports.days import Gathered
from proxy.imports.table import Unreadable
from proxy.privacy.caps import CAPS
from tests.proxy.imports.told import MARKED, SITE, cleaned, door

DAY = date(2026, 5, 1)
PERSONS = ("kari@example.com", "kari%40example.com", "+47 912 34 567", "4111 1111 1111 1111", "13097248022")


def values(dim: str, *raw: str) -> set[str]:
    """What values of a dimension become."""
    return {cell.value for cell in cleaned(dim, *raw, site=MARKED)}


@pytest.mark.parametrize("dim", ["path", "entry", "exit"])
def test_a_path_is_read_as_a_visitors_is(dim: str) -> None:
    """Numbers and orders, the shop's routes, its marked assortments; nothing of queries and fragments."""
    raw = {
        "/lego/60316": "/lego/:id",
        "/ordre/10485/kvittering": "/ordre",
        "/klubb/kari-nordmann": "/klubb/:medlem",
        "/helse/kondomer/stor": "/helse/(sensitive)",
        "/sok?q=kari#x": "/sok",
        "https://www.shop.no/a?utm_source=b": "/a",
        "reset/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl": "/reset",
        "": "(unknown)",
        "(not set)": "(unknown)",
        "(other)": "(other)",
    }
    assert {one: values(dim, one) for one in raw} == {one: {kept} for one, kept in raw.items()}


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("dim", [*(dim for dim in KINDS if dim not in ("all", "hour", *CAME)), "came"])
def test_no_dimension_lets_a_person_through(dim: str, person: str) -> None:
    """Whichever field of a file he stands in."""
    came = Came(name=person, source=person, medium=person, campaign=person, referrer=person)
    kept = cleaned(dim, person, came=came, label=person)
    assert not [part for part in ("kari", "912 34 567", "1111 1111", "13097248022") if part in repr(kept)]


def test_a_dimension_without_a_rule_is_not_imported() -> None:
    """There is no default that lets through what nobody has thought of."""
    with pytest.raises(KeyError):
        cleaned("city", "Horten")


def test_where_visits_came_from_has_our_words() -> None:
    """By the link's words, else by the page before, else by the tool's name for it; payment is no source."""
    cases = {
        Came(name="Google", referrer="www.google.com"): ("google", "search"),
        Came(name="Google"): ("google", "search"),
        Came(source="Nyhetsbrev", medium="email", referrer="mail.google.com"): ("nyhetsbrev", "email"),
        Came(source="google", medium="cpc"): ("google", "paid_search"),
        Came(referrer="https://blogg.example.com/kari-nordmann?x=y"): ("example.com", "referral"),
        Came(referrer="pay.klarna.com"): ("(direct)", "direct"),
        Came(referrer="www.shop.no"): ("(direct)", "direct"),
        Came(name="(not set)"): ("(direct)", "direct"),
        Came(): ("(direct)", "direct"),
    }
    for came, expected in cases.items():
        found = {cell.dim: cell.value for cell in cleaned("came", "", came=came)}
        assert (found["source"], found["channel"]) == expected, came
        assert set(found) == set(CAME)


def test_only_what_can_be_told_is_told() -> None:
    """A file of sources says nothing of campaigns."""
    assert {cell.dim for cell in cleaned("came", "", came=Came(name="Google", tells=("source",)))} == {"source"}


def test_events_that_the_settings_do_not_know_are_counted_without_their_names() -> None:
    """As at the door; how many, the operator is told."""
    cleaning = Cleaning(door())
    told = [RawCell("f", DAY, "event", name, {"events": 3}) for name in ("Signup", "purchase", "Kari liked it")]
    gathered = Gathered([RawCell("f", DAY, "all", "", {"views": 1, "events": 9}), *told])
    (day,) = gathered.days(SITE.id, "umami", "", round, cleaning)
    assert {cell.value for cell in day.cells if cell.dim == "event"} == {"Signup", "purchase"}
    assert cleaning.undeclared == 3
    (total,) = (cell for cell in day.cells if cell.dim == "all")
    assert total.events == 6


def test_a_day_keeps_the_largest_up_to_the_cap() -> None:
    """The rest becomes `(other)`, and a new day begins anew."""
    most = CAPS["medium"]
    cells = [
        RawCell("f", day, "came", "", {"visits": n}, Came(source="x", medium=f"m{n:03}"))
        for day in (DAY, DAY + timedelta(days=1))
        for n in range(1, most + 11)
    ]
    totals = [RawCell("f", DAY + timedelta(days=n), "all", "", {"views": 1}) for n in (0, 1)]
    cleaning = Cleaning(door())
    for day in Gathered([*cells, *totals]).days(SITE.id, "umami", "", round, cleaning):
        kept = {cell.value: cell.visits for cell in day.cells if cell.dim == "medium"}
        assert len(kept) == most + 1
        assert kept["(other)"] == sum(range(1, 11))
        assert f"m{most + 10:03}" in kept
    assert cleaning.noticed[Note.OVER_CAP] == 20


def test_what_was_taken_out_is_counted() -> None:
    """So that the operator learns that his addresses name people."""
    cleaning = Cleaning(door())
    path = RawCell("f", DAY, "path", "/kunde-kari@example.com", {"views": 1})
    list(Gathered([RawCell("f", DAY, "all", "", {"views": 1}), path]).days(SITE.id, "ga4", "", round, cleaning))
    assert cleaning.noticed == {Note.REDACTED: 1}


def test_values_that_become_one_are_added_up_and_no_more_visitors_than_the_day_had() -> None:
    """Three products' pages, each seen by two of three visitors."""
    cells = [RawCell("f", DAY, "path", f"/lego/6031{n}", {"views": 4, "visitors": 2}) for n in range(3)]
    total = RawCell("f", DAY, "all", "", {"views": 12, "visitors": 3})
    (day,) = Gathered([*cells, total]).days(SITE.id, "ga4", "", round, Cleaning(door()))
    (path,) = (cell for cell in day.cells if cell.dim == "path")
    assert (path.value, path.views, path.visitors) == ("/lego/:id", 12, 3)


def test_days_without_their_total_are_left_out() -> None:
    """And said."""
    cells = [RawCell("f", DAY, "all", "", {"views": 1}), RawCell("f", date(2026, 5, 2), "path", "/", {"views": 1})]
    gathered = Gathered(cells)
    assert gathered.untold == [date(2026, 5, 2)]
    assert [day.day for day in gathered.days(SITE.id, "ga4", "", round, Cleaning(door()))] == [DAY]


@pytest.mark.parametrize("marked", [{"sensitive": ("Graviditet",)}, {"sensitive_groups": ("pharmacy",)}])
def test_where_an_assortment_is_marked_no_products_and_brands_are_imported(
    marked: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing tells which products it has: `Clearblue` doesn't say what it is for. How much that was, is counted."""
    cleaning = Cleaning(door(SITE.model_copy(update=marked)))
    told = [RawCell("f", DAY, dim, "8812", {"carts": 1}, label="Clearblue Digital") for dim in ("product", "brand")]
    gathered = Gathered([RawCell("f", DAY, "all", "", {"views": 1}), *told])
    (day,) = gathered.days(SITE.id, "ga4", "", round, cleaning)
    assert [cell.dim for cell in day.cells] == ["all"]
    assert cleaning.unmarked == 2
    importing._tell_left_out(gathered, cleaning)
    assert "  2 counts of products and brands left out: " in capsys.readouterr().out
    assert {cell.value for cell in cleaned("product", "8812")} == {"8812"}


def test_a_search_that_two_spellings_share_has_the_visitors_of_the_larger() -> None:
    """Six and six may be six: fewer than ten, who must not be shown; ten and one are ten."""
    told = {"Lego Batman": 6, "lego batman": 6, "Duplo": 10, "duplo": 1}
    cells = [RawCell("f", DAY, "search", term, {"visitors": n, "events": n}) for term, n in told.items()]
    total = RawCell("f", DAY, "all", "", {"views": 99, "visitors": 99})
    (day,) = Gathered([total, *cells]).days(SITE.id, "ga4", "", round, Cleaning(door()))
    kept = {cell.value: (cell.visitors, cell.events) for cell in day.cells if cell.dim == "search"}
    assert kept == {"lego batman": (6, 12), "duplo": (10, 11)}


def test_views_of_a_day_without_its_visits_do_not_take_a_whole_days_place() -> None:
    """Where visits are told of other days, this one is left out."""
    other = date(2026, 5, 2)
    gathered = Gathered(
        [RawCell("f", DAY, "all", "", {"views": 1, "visits": 1}), RawCell("f", other, "all", "", {"views": 1})]
    )
    assert gathered.untold == [other]


def test_more_counts_than_memory_is_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it."""
    monkeypatch.setattr(days, "MOST_LINES", 2)
    cells = [RawCell("f", DAY, "all", "", {"views": 1}), *(RawCell("f", DAY, "path", f"/{n}", {}) for n in range(2))]
    assert len(Gathered(cells[:2])) == 1
    with pytest.raises(Unreadable, match="split the files by year"):
        Gathered(cells)
