"""What advertising has cost, as shops write it down."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences.shop import Spent
from pipeline.audiences.spend import Fault, Spending, spending, spending_of

W48 = date(2026, 11, 23)
GOOD = "week,channel,amount,impressions\n2026-W48,paid_search,12500,310000\n2026-11-23,paid_social,8000.50,\n"
SAID = (Spent(W48, "paid_search", 12500, 310000), Spent(W48, "paid_social", 8000.5))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(".50", ",50").replace(",", ";").replace("8000;50", "8000,50"),
        GOOD.replace(",", "\t"),
        GOOD.replace("2026-W48", "2026W48").replace("paid_search", '" paid_search "'),
        GOOD.replace("week,channel", "Week, Channel") + "\n,,,\n",
    ],
    ids=["commas", "windows", "norwegian-excel", "tabs", "quotes", "blank-lines"],
)
def test_a_file_is_read_however_a_spreadsheet_writes_it(text: str) -> None:
    """Commas, semicolons with a comma in the numbers, tabs; a week by its number or its Monday."""
    assert spending(text) == (SAID, ())


def test_impressions_may_be_left_out() -> None:
    """The whole column, by those who don't know them."""
    assert spending("week,channel,amount\n2026-W48,tv,9\n") == ((Spent(W48, "tv", 9),), ())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2026-W54,tv,1,", "expected a week like 2026-W48, or the date of its Monday"),
        ("2026-11-24,tv,1,", "expected a week like 2026-W48, or the date of its Monday"),
        ("48,tv,1,", "expected a week like 2026-W48, or the date of its Monday"),
        ("2026-W48,Paid Search,1,", "expected a channel of small letters, digits and _, for example paid_search"),
        ("2026-W48,=cmd,1,", "expected a channel of small letters, digits and _, for example paid_search"),
        ("2026-W48,tv,-1,", "expected an amount like 12500 or 8000.50, without blanks or a currency"),
        ("2026-W48,tv,,", "expected an amount like 12500 or 8000.50, without blanks or a currency"),
        ("2026-W48,tv,1 000,", "expected an amount like 12500 or 8000.50, without blanks or a currency"),
        ("2026-W48,tv,nan,", "expected an amount like 12500 or 8000.50, without blanks or a currency"),
        ("2026-W48,tv,1,1.5", "expected impressions as a whole number, or nothing"),
        ("2026-W48,tv,1", "expected 4 cells, found 3"),
        ("2026-11-23,paid_search,1,", "this week of paid_search stands in line 2 already"),
    ],
)
def test_each_fault_is_told_with_its_line_and_the_rest_is_read(line: str, why: str) -> None:
    """All of them at once, without what stands there."""
    assert spending(f"{GOOD}{line}\nx,y,z,0\n") == (
        SAID,
        (Fault(4, why), Fault(5, "expected a week like 2026-W48, or the date of its Monday")),
    )
    assert str(Fault(4, why)) == f"line 4: {why}"


@pytest.mark.parametrize("head", ["", "amount,week,channel", "week,channel,amount,impressions,note", "uke,kanal,beløp"])
def test_other_columns_are_refused(head: str) -> None:
    """Rather than guessed at."""
    why = "expected the columns week, channel, amount and, if known, impressions"
    assert spending(f"{head}\n1,2,3\n") == ((), (Fault(1, why),))


def test_quotes_that_do_not_close_are_a_fault() -> None:
    """Of the line that they are found on."""
    found = spending(GOOD + '2026-W47,"tv,1,\n')
    assert not found.spent
    assert [fault.line for fault in found.faults] == [4]


def test_a_file_is_read_from_its_folder(tmp_path: Path) -> None:
    """With a byte order mark, as Excel saves it."""
    (tmp_path / "spend.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert spending_of(tmp_path / "spend.csv") == (SAID, ())


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """Missing, not a text, or far too large."""
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff")
    (tmp_path / "large.csv").write_bytes(b"a" * 10_000_001)
    found = [spending_of(tmp_path / name) for name in ("none.csv", "picture.csv", "large.csv")]
    assert [str(fault) for _, faults in found for fault in faults] == [
        "can't be read: No such file or directory",
        "not text in UTF-8",
        "larger than 10000000 bytes: spending by week isn't",
    ]


@given(
    st.dictionaries(
        st.tuples(st.integers(-2000, 2000), st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)),
        st.tuples(st.decimals(0, 10**11, places=2), st.integers(0, 10**11)),
        max_size=20,
    )
)
def test_what_is_written_is_what_is_read(lines: dict[tuple[int, str], tuple[object, int]]) -> None:
    """Any weeks, channels and amounts."""
    spent = tuple(
        Spent(W48 + timedelta(weeks=weeks), channel, float(str(amount)), seen)
        for (weeks, channel), (amount, seen) in lines.items()
    )
    rows = "".join(
        f"{W48 + timedelta(weeks=weeks)},{channel},{amount},{seen}\n"
        for (weeks, channel), (amount, seen) in lines.items()
    )
    assert spending(f"week,channel,amount,impressions\n{rows}") == Spending(spent, ())


@given(st.text(st.sampled_from('2026-W48,;"\t\n\r\0tv.1 x')))
def test_no_text_makes_it_fail(text: str) -> None:
    """It is read, or a fault is told; what is read is of a Monday, and no line is both."""
    found = spending(GOOD + text)
    assert all(line.monday.isoweekday() == 1 and line.amount >= 0 for line in found.spent)
    assert found.spent[:2] == SAID or found.faults
