"""What is known of a batch without reading its rows again, whatever the rows are."""

from array import array
from collections import Counter

import pytest

from pipeline.event import COLUMNS
from pipeline.spool.contents import Contents, Head, contents_of, head_of, together
from pipeline.spool.leaving import rows_text
from tests.pipeline.test_ship import DAYS, NOW, row

_COLUMNS = (*COLUMNS, "batch")
GOOD = row("a.no", 7, ts=NOW - 60) + b",5]\n"


def ids_of(contents: Contents) -> list[int]:
    """One a line."""
    return array("Q", contents.ids).tolist()


def test_good_rows_are_known_by_moment_day_site_and_id() -> None:
    """The oldest moment, the first day, and the ids in the order of the lines."""
    lines = GOOD + row("b.no", 2**64 - 1, DAYS[1]) + b",5]\n" + row("a.no", 0) + b",5]\n"
    contents = contents_of(lines, _COLUMNS)
    assert (contents.oldest, contents.first_day) == (pytest.approx(NOW - 60, abs=0.001), DAYS[1])
    assert ids_of(contents) == [7, 2**64 - 1, 0]
    assert contents.rows == Counter({("a.no", DAYS[0]): 2, ("b.no", DAYS[1]): 1})


@pytest.mark.parametrize(
    ("broken", "rows"),
    [
        (b"garbage", ("", "")),
        (b'["a.no","%s",1,5]' % DAYS[0].encode(), ("a.no", DAYS[0])),
        (b"", ("", "")),
        (GOOD.strip().replace(b",7,", b",-7,", 1), ("a.no", DAYS[0])),
        (GOOD.strip().replace(b",7,", b",18446744073709551616,", 1), ("a.no", DAYS[0])),
        (b"\xff\xfe\r\x0b\x85", ("", "")),
    ],
)
def test_a_line_that_is_no_row_has_its_place_among_the_others(broken: bytes, rows: tuple[str, str]) -> None:
    """It has no id, and what can be told of it is; the others are known as well as without it."""
    contents = contents_of(GOOD + broken + b"\n" + GOOD, _COLUMNS)
    assert ids_of(contents) == [7, 0, 7]
    assert contents.rows == Counter([("a.no", DAYS[0]), rows, ("a.no", DAYS[0])])
    assert contents.oldest == pytest.approx(NOW - 60, abs=0.001)


def test_columns_of_another_version_are_found_by_name() -> None:
    """Rows outlive an upgrade, and their columns may have stood elsewhere."""
    columns = ("event_id", "name", "ts", "site", "day", "batch")
    line = b'[7,"search","1800000000.5","a.no","2026-05-12",5]\n'
    assert head_of(line, columns) == Head("a.no", "2026-05-12", "search", 1800000000.5, 7)
    assert ids_of(contents_of(line, columns)) == [7]


def test_batches_add_up_in_order() -> None:
    """What a shipment holds is what its batches hold."""
    parts = [GOOD, row("b.no", 8, DAYS[1]) + b",6]\n", b"garbage\n", GOOD]
    held = [contents_of(part, _COLUMNS) for part in parts]
    one_by_one = together((one.oldest, one.first_day, one.ids, rows_text(one.rows)) for one in held)
    assert one_by_one == contents_of(b"".join(parts), _COLUMNS)
    assert together([]) == Contents(None, "", b"", Counter())
