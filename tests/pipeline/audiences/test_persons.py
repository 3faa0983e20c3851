"""What looks like a person in a file that is to leave: by its columns' forms, and by what persons are known by."""

import base64
import random
import uuid
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.audiences.exports.sheet import plain
from pipeline.audiences.likeness import Likeness, looks_like
from pipeline.audiences.persons import Suspicion, Why, suspicious
from pipeline.audiences.shop import Advertiser, Product, Spent

SHOP = Advertiser(
    "leker.no",
    frozenset(),
    catalogue=(Product("5702017416205", "LEGO City 60316", "Leker > Lego", "LEGO"),),
    campaigns=(("google", "cpc", "21738495012"),),
    areas=("NO",),
    spend=(Spent(date(2026, 11, 23), "paid_search", 99887766.0, 310_000),),
)
STRANGER = Advertiser("leker.no", frozenset())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kari@example.no", Likeness.EMAIL),
        ("kari.nordmann (at) example.no", Likeness.EMAIL),
        ("kari%40example.no", Likeness.EMAIL),
        ("kari\uff20example.no", Likeness.EMAIL),
        ("192.0.2.17", Likeness.ADDRESS),
        ("192.0.2.0/24", Likeness.ADDRESS),
        ("2001:db8:1::/48", Likeness.ADDRESS),
        ("from ::ffff:c000:211", Likeness.ADDRESS),
        ("01:23:45:67:89:ab", Likeness.ADDRESS),
        ("123e4567-e89b-12d3-a456-426614174000", Likeness.UUID),
        ("123e4567e89b12d3a456426614174000", Likeness.UUID),
        ("9f86d081884c7d65", Likeness.TOKEN),
        ("EAIaIQobChMI9rWm4Ky5iQMVBkCRBR0sCgKgEAAYASAAEgKcvfD_BwE", Likeness.TOKEN),
        ("+47 998 87 766", Likeness.NUMBER),
        ("99 88 77 66", Likeness.NUMBER),
        ("130972 48022", Likeness.NUMBER),
        ("8601.11.17947", Likeness.NUMBER),
        ("NO93 8601 1117 947", Likeness.NUMBER),
        ("4111-1111-1111-1111", Likeness.NUMBER),
        ("order #1048", Likeness.NUMBER),
        ("ORD-10485", Likeness.NUMBER),
        ("٩٩٨٨٧٧٦٦", Likeness.NUMBER),
        ("99–88–77–66", Likeness.NUMBER),  # noqa: RUF001 - dashes, as a text program makes them
        ("99+88+77+66", Likeness.NUMBER),
        ("bestilling nr. 1048", Likeness.NUMBER),
        ("order_id=104", Likeness.NUMBER),
        ("kari%2540example.no", Likeness.EMAIL),
        ("kari%\u200b40example.no", Likeness.EMAIL),
        ("kari_nordmann-at-example-dot-no", Likeness.EMAIL),
        ("kari at example.no", Likeness.EMAIL),
        ("@kari", Likeness.EMAIL),
        ("192-0-2-17", Likeness.ADDRESS),
    ],
)
def test_what_persons_and_their_orders_are_known_by(text: str, why: Likeness) -> None:
    """Each kind, in the ways that it is written."""
    assert looks_like(text) is why
    assert looks_like(f"jul {text} tilbud") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "google",
        "nrk.no",
        "black friday 2026",
        "sommer-2026-leker-og-spill-til-hele-familien",
        "(other)",
        "uke 48",
        "2026-11-27",
        "2026-W48",
        "lego2026-Duplo4you",
        "3-for-2",
        "Leker / Lego / 4-6 år",
        "kl. 10:30",
        "newsletter_november_hovedsending",
        "2026-11_black_friday",
        "20261127-nyhetsbrev",
        "nyhetsbrev_2026_11_27",
        "27.11.2026",
        "vinter-2026-2027",
        "4–6 år, 6–8 år, 8–10 år",  # noqa: RUF001 - dashes, as a text program makes them
        "åpent 10:30-12:30",
        "10 %, 20 %, 30 % og 40 %",
        "kundeklubb 2026",
        "order-2026",
        "1881.no",
    ],
)
def test_what_shops_call_things_is_left_alone(text: str) -> None:
    """Years, weeks, slugs, prices."""
    assert looks_like(text) is None


def test_codes_that_were_drawn_by_lot_are_found() -> None:
    """However they are spelt: of each thousand not more than ten pass."""
    rng = random.Random(7)
    drawn = [rng.randbytes(16) for _ in range(1000)]
    for spelling in (bytes.hex, lambda b: str(uuid.UUID(bytes=b)), base64_of, base32_of):
        assert sum(looks_like(spelling(one)) is None for one in drawn) <= 10


def base64_of(drawn: bytes) -> str:
    """As in links."""
    return base64.urlsafe_b64encode(drawn).decode().rstrip("=")


def base32_of(drawn: bytes) -> str:
    """In capitals."""
    return base64.b32encode(drawn).decode().rstrip("=")


@given(st.text(max_size=60))
def test_any_text_can_be_looked_at(text: str) -> None:
    """Nothing that a link can hold makes it fail, and what is found in a text is found in a longer one."""
    assert looks_like(text) in {None, *Likeness}
    assert looks_like(f"{text} kari@example.no") is not None


@given(st.text(max_size=30) | st.text("0123456789 .–-@%40#'=\u200b\n", max_size=30))  # noqa: RUF001 - a dash
@example("@kari")
@example("kari%\u200b40example.no")
def test_what_is_written_looks_no_worse_than_what_was_looked_at(text: str) -> None:
    """Else a word that an export has let pass keeps its whole file from leaving, and anybody can make such a word."""
    if looks_like(text) is None:
        assert looks_like(plain(text)) is None


def test_words_that_the_shop_has_declared_may_look_like_anything() -> None:
    """A number of Google's campaign is one that the shop has told; of a shop that has told nothing it stays."""
    header, row = ["campaign"], ["21738495012"]
    assert suspicious(header, [row], SHOP) == []
    assert suspicious(header, [row], STRANGER) == [Suspicion("campaign", Likeness.NUMBER)]
    assert suspicious(["Campaign"], [["21738495012"]], SHOP) == []
    assert suspicious(["Campaign"], [["jul"]], SHOP) == [Suspicion("Campaign", Why.UNDECLARED)]
    assert suspicious(header, [["jul"], ["(other)"], [""]], STRANGER) == []


def test_an_id_is_the_catalogues() -> None:
    """Whatever else it looks like."""
    assert suspicious(["id"], [["5702017416205"]], SHOP) == []
    assert suspicious(["id"], [["5702017416206"]], SHOP) == [Suspicion("id", Why.UNDECLARED)]
    assert suspicious(["keyword"], [["lego city 60316"], ["lego"], ["leker"]], SHOP) == []


@pytest.mark.parametrize("number", ["49", "-3", "5e1", "50.5", "५०", "99887766", "050 "])
def test_a_count_is_one_of_fifty_or_more(number: str) -> None:
    """In digits as they are written here, and of so few that they are nobody's number."""
    assert suspicious(["visits"], [["50"], ["2300"], [""]], SHOP) == []
    assert suspicious(["visits"], [[number]], SHOP) == [Suspicion("visits", Why.FORM)]


def test_what_was_spent_is_what_the_shop_has_told() -> None:
    """To the cent, and only of channels that it has told of."""
    assert suspicious(["paid_search_S", "paid_search_I"], [["99887766.00", "310000.00"], ["0.00", "0.00"]], SHOP) == []
    assert suspicious(["paid_search_S"], [["99887767.00"]], SHOP) == [Suspicion("paid_search_S", Why.UNDECLARED)]
    assert suspicious(["paid_social_S"], [["0.00"]], SHOP) == [Suspicion("column 1", Why.UNLISTED)]


def test_a_strange_column_is_told_by_its_place() -> None:
    """Its name may be the person; what stands beyond the header is of no column at all."""
    assert suspicious(["week", "kari@example.no"], [], SHOP) == [Suspicion("column 2", Why.UNLISTED)]
    assert suspicious(["week"], [["2026-W48", "Kari"]], SHOP) == [Suspicion("column 2", Why.UNLISTED)]


def test_a_reason_is_told_once_a_column() -> None:
    """A file of a million wrong lines makes no million suspicions."""
    assert len(suspicious(["week", "visits"], [["Kari", "7"]] * 1000, SHOP)) == 2


def test_a_text_is_looked_through_line_by_line() -> None:
    """Its title, too; steps of numbers are no telephones where they stand as such."""
    table = "| Lego | 1.3 | 10000-25000 | 451 Interest |"
    assert suspicious(["# Audience brief: leker.no"], [[""], [table]], SHOP) == []
    assert suspicious(["# Audience brief: leker.no"], [["| Lego | 1.3 | 10000-25001 | 451 |"]], SHOP) != []
    assert suspicious(["# Audience brief: kari@example.no"], [[table]], SHOP) == [Suspicion("text", Likeness.EMAIL)]
    assert suspicious(["# Brief"], [["kari\\.nordmann\\@example\\.no"]], SHOP) == [Suspicion("text", Likeness.EMAIL)]


def test_who_is_named_by_a_number_gets_his_text() -> None:
    """A group under `### 1881.no` is no order 188, and the shop itself may be called so; a number is one."""
    shop = Advertiser("leker24680.no", frozenset())
    title = "# Audience brief: leker24680\\.no, 2026-W41 to 2026-W48"
    assert suspicious([title], [["### 1881\\.no"], ["## Areas"]], shop) == []
    assert suspicious([title], [["# order 99887766"]], shop) == [Suspicion("text", Likeness.NUMBER)]
    assert suspicious([title], [["### order #188"]], shop) == [Suspicion("text", Likeness.NUMBER)]
    assert suspicious([title], [["leker24680.no"]], shop) == [Suspicion("text", Likeness.NUMBER)]
    assert suspicious([title.replace(" to", " 24680 to")], [], shop) == [Suspicion("text", Likeness.NUMBER)]
