"""Promise 3: a column has a finite number of values a day, and what was caught or cut is told to the operator."""

from collections.abc import Callable

import pytest

from pipeline.event import Event
from pipeline.outcome import Note
from proxy.arrival import RawEvent, RawItem, RawPage
from proxy.privacy.caps import CAPS, OTHER, Caps
from proxy.privacy.memory import new_memory
from proxy.privacy.reading import Reading
from tests.proxy.visit import LOOKUPS, SHOP, SITE, arrive, at, left_of, make_salts, page_of

SALTS = make_salts()


def item(**said: object) -> RawPage:
    """A page with one product."""
    return page_of(RawEvent(name="view_item", items=(RawItem(**said),)))


WRITE: dict[str, Callable[[str], RawPage]] = {
    "path": lambda word: page_of(url=f"https://{SITE}/{word}"),
    "referrer": lambda word: page_of(referrer=f"https://{word}.no/"),
    **{
        name: lambda word, name=name: page_of(url=f"https://{SITE}/?utm_{name}={word}")
        for name in ("source", "medium", "campaign", "content", "term")
    },
    "item_id": lambda word: item(id=word),
    "item_name": lambda word: item(name=word),
    "item_brand": lambda word: item(brand=word),
    "item_variant": lambda word: item(variant=word),
    "item_category": lambda word: item(categories=(word,)),
    "item_list": lambda word: item(list=word),
    "search_term": lambda word: page_of(RawEvent(name="search", search_term=word)),
    "props": lambda word: page_of(RawEvent(name="page_view", props={"colour": word})),
}
"""Column → a page that writes a word there."""


def value(event: Event, column: str) -> str:
    """What stands in a column."""
    held = getattr(event, column)
    return held["colour"] if column == "props" else held if isinstance(held, str) else held[0]


@pytest.fixture
def nearly_full(monkeypatch: pytest.MonkeyPatch) -> Reading:
    """A shop of which each column has room for one more value."""
    caps = Caps(new_memory(), [SITE])
    monkeypatch.setattr(Caps, "_admits", _after(lambda _column: 1))
    return Reading(SHOP, LOOKUPS, caps)


def _after(room: Callable[[int], int]) -> Callable[..., bool]:
    """As the table does it, with so much room: filling it for real takes its time, and `test_caps.py` does."""
    known: dict[int, set[str]] = {}

    def admits(_self: Caps, _at: int, column: int, _key: bytes, word: str) -> bool:
        values = known.setdefault(column, set())
        if word in values:
            return True
        if len(values) >= room(column):
            return False
        values.add(word)
        return True

    return admits


@pytest.mark.parametrize("column", WRITE)
def test_what_is_one_too_many_is_another(nearly_full: Reading, column: str) -> None:
    """The first word stays, the second doesn't come in, and the operator hears in which column."""
    first, second = (left_of(SALTS, page=WRITE[column](word), reading=nearly_full) for word in ("lego", "dukke"))
    assert value(first.events[0], column).strip("/").removesuffix(".no") == "lego"
    assert value(second.events[0], column) == OTHER
    assert (column, Note.OVER_CAP) in second.remarks
    assert first.remarks == ()


def test_a_cap_holds_for_all_workers_and_a_day() -> None:
    """Two processes' tables are one; at midnight it is empty again."""
    memory = new_memory()
    workers = [Reading(SHOP, LOOKUPS, Caps(memory, [SITE])) for _ in range(2)]

    def campaign(number: int, now: float) -> str:
        page = page_of(url=f"https://{SITE}/?utm_campaign=c{number}")
        return left_of(SALTS, arrive(now), page, workers[number % 2]).events[0].campaign

    today, tomorrow = at("2026-05-12T12:00"), at("2026-05-13T12:00")
    kept = [campaign(number, today) for number in range(CAPS["campaign"] + 50)]
    assert kept == [f"c{number}" for number in range(CAPS["campaign"])] + [OTHER] * 50
    assert campaign(3, today) == "c3"
    assert campaign(CAPS["campaign"] + 1, tomorrow) == f"c{CAPS['campaign'] + 1}"


@pytest.mark.parametrize("column", [column for column in WRITE if column != "referrer"])
def test_what_was_taken_out_is_told_by_its_field(column: str) -> None:
    """An e-mail address in a campaign or a name is an alarm: somewhere a page or a link sends it."""
    left = left_of(SALTS, page=WRITE[column]("kari@post.no"))
    assert (column, Note.REDACTED) in left.remarks
    assert "kari" not in str(left.events[0])


def test_what_was_told_to_one_visitor_is_told_of_the_next_one_too() -> None:
    """Results are remembered, and what there is to note with them: ten visitors are ten times."""
    reading = Reading(SHOP, LOOKUPS, Caps(new_memory(), [SITE]))
    page = WRITE["content"]("kari@post.no")
    remarks = [left_of(SALTS, page=page, reading=reading).remarks for _ in range(10)]
    assert remarks == [(("content", Note.REDACTED),)] * 10


def test_an_undeclared_property_is_counted_without_its_name() -> None:
    """By the event's name, which is ours; the sender's word is in nothing that is kept."""
    left = left_of(SALTS, page=page_of(RawEvent(name="page_view", props={"kari": "x", "colour": "red"})))
    assert left.remarks == (("page_view", Note.UNDECLARED),)
    assert left.events[0].props == {"colour": "red"}
