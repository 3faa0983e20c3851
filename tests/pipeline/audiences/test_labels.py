"""Product labels: files as Google's and Meta's pages describe them, of the catalogue's products, no number under 50."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences.catalogue import parse
from pipeline.audiences.exports import google_labels, meta_labels
from pipeline.audiences.exports.labels import LABELS, WORDS
from pipeline.audiences.released import Released, Week
from pipeline.audiences.shop import Advertiser, Product
from pipeline.audiences.tables import DEVICES, STEPS, TABLES

GOOGLE_HEADER = "id custom_label_0 custom_label_1 custom_label_2 custom_label_3 custom_label_4".split()
META_HEADER = [*GOOGLE_HEADER, *(f"custom_number_{at}" for at in range(5))]
MONDAY = date(2026, 11, 2)


def a_shop(*ids: str) -> Advertiser:
    """One that sells these."""
    return Advertiser("labels.shop", frozenset({"google_labels", "meta_labels"}), catalogue=tuple(map(Product, ids)))


def released(name: str, words: Sequence[str], numbers: dict[str, tuple[int, int]]) -> Released:
    """Two cells a product, with the noise that the table has."""
    cells = {(product, word): n for product, pair in numbers.items() for word, n in zip(words, pair, strict=True)}
    return Released(name, cells, TABLES[name].epsilon, 0, TABLES[name].cells / TABLES[name].epsilon, 0)


def a_week(seen: dict[str, tuple[int, int]], bought: dict[str, tuple[int, int]], at: int = 0) -> Week:
    """Visitor-days by product on desktops and mobiles, and with it left in a cart and ordered."""
    tables = (released("interest", DEVICES, seen), released("conversion", STEPS, bought))
    return Week("labels.shop", MONDAY + timedelta(weeks=at), {table.table: table for table in tables})


SHOP = a_shop("60316", 'b-1, 12" høy', "new", "quiet")
SEEN = {"60316": (400, 800), 'b-1, 12" høy': (350, 150), "quiet": (20, 20), "gone": (300, 300)}
WEEKS = [
    a_week({**SEEN, 'b-1, 12" høy': (150, 50)}, {"60316": (160, 90), 'b-1, 12" høy': (0, 9)}, at=0),
    a_week({**SEEN, 'b-1, 12" høy': (130, 70)}, {"60316": (150, 85), 'b-1, 12" høy': (2, 2)}, at=1),
    a_week(SEEN, {"60316": (140, 85), 'b-1, 12" høy': (-9, 20)}, at=2),
]

GOOGLE_FILE = """\
id	custom_label_0	custom_label_1	custom_label_2	custom_label_3	custom_label_4
60316	interest-4	conversion-4	trend-steady	device-mobile	basket-4
"b-1, 12"" høy"	interest-3	too_few	trend-rising	device-desktop	too_few
new	too_few	too_few	too_few	too_few	too_few
quiet	too_few	too_few	too_few	too_few	too_few
"""
META_FILE = """\
id,custom_label_0,custom_label_1,custom_label_2,custom_label_3,custom_label_4,custom_number_0,custom_number_1,\
custom_number_2,custom_number_3,custom_number_4
60316,interest-4,conversion-4,trend-steady,device-mobile,basket-4,1200,71,100,67,195
"b-1, 12"" høy",interest-3,too_few,trend-rising,device-desktop,too_few,500,,250,30,
new,too_few,too_few,too_few,too_few,too_few,,,,,
quiet,too_few,too_few,too_few,too_few,too_few,,,,,
"""


def test_googles_file_is_tab_delimited_text() -> None:
    """Attributes' names first, a product a line, quotes as Google wants them: the whole of a small one."""
    assert google_labels.export(WEEKS, SHOP).decode() == GOOGLE_FILE


def test_metas_file_is_csv_with_the_numbers_behind_the_labels() -> None:
    """The same labels, and a number for each that isn't `too_few`."""
    assert meta_labels.export(WEEKS, SHOP).decode() == META_FILE


def rows(content: bytes, delimiter: str) -> list[list[str]]:
    """A file as a platform reads it: UTF-8, no mark, quotes doubled inside quotes."""
    assert not content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter, strict=True))


IDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" \",;'"), min_size=1)
CATALOGUES = st.lists(IDS.map(lambda name: f"x{name}"[:50].strip()), max_size=12, unique=True)
PAIRS = st.tuples(st.integers(-200, 2**33), st.integers(-200, 3000))


@given(CATALOGUES, st.data())
def test_every_file_keeps_to_what_the_platforms_take(ids: list[str], data: st.DataObject) -> None:
    """Header, columns, the catalogue's ids in its order, lengths, values, ranges: whatever is sold and was counted."""
    known = st.dictionaries(st.sampled_from([*ids, "gone"]), PAIRS)
    weeks = [a_week(data.draw(known), data.draw(known), at) for at in range(data.draw(st.integers(0, 3)))]
    google = rows(google_labels.export(weeks, a_shop(*ids)), "\t")
    meta = rows(meta_labels.export(weeks, a_shop(*ids)), ",")
    assert google[0] == GOOGLE_HEADER
    assert meta[0] == META_HEADER
    assert [row[:6] for row in meta[1:]] == google[1:]
    assert [row[0] for row in google[1:]] == ids
    for row in meta[1:]:
        labels, numbers = row[1:6], row[6:]
        assert len(row) == 11
        assert all(word in WORDS[label] for label, word in zip(LABELS, labels, strict=True))
        untold = [number == "" for number in numbers]
        untold[3] &= labels[3] == "too_few"  # a share of few is no number, though its word is
        assert [word == "too_few" for word in labels] == untold
        assert all(re.fullmatch(r"0|[1-9]\d*", number) and int(number) <= 4_294_967_295 for number in numbers if number)
        assert numbers[0] == "" or int(numbers[0]) >= 50
        assert all(len(number) <= 5 for number in numbers[1:])


def test_labels_are_few_short_words_that_stay() -> None:
    """ASCII, 1 to 100 characters, and far from 1,000 values: campaigns are built on them, so they are pinned here."""
    assert {label: " ".join(words) for label, words in WORDS.items()} == {
        "custom_label_0": "too_few interest-1 interest-2 interest-3 interest-4 interest-5",
        "custom_label_1": "too_few conversion-1 conversion-2 conversion-3 conversion-4 conversion-5",
        "custom_label_2": "too_few trend-falling trend-steady trend-rising",
        "custom_label_3": "too_few device-desktop device-both device-mobile",
        "custom_label_4": "too_few basket-1 basket-2 basket-3 basket-4 basket-5",
    }
    assert all(re.fullmatch(r"[a-z0-9_-]{1,100}", word) for words in WORDS.values() for word in words)


@pytest.mark.parametrize("weeks", [[], [Week("labels.shop", MONDAY, {})], [a_week({}, {})]])
def test_a_shop_of_which_nothing_is_known_gets_its_products(weeks: list[Week]) -> None:
    """With `too_few` five times each, and no number."""
    assert rows(google_labels.export(weeks, SHOP), "\t")[1] == ["60316", *5 * ["too_few"]]
    assert rows(meta_labels.export(weeks, SHOP), ",")[1] == ["60316", *5 * ["too_few"], *5 * [""]]


def test_a_shop_without_a_catalogue_gets_a_header() -> None:
    """Labels are of products, and which there are only the catalogue says."""
    assert rows(google_labels.export(WEEKS, a_shop()), "\t") == [GOOGLE_HEADER]


def test_the_same_weeks_make_the_same_bytes() -> None:
    """Made again, and of cells that stand in another order."""
    turned = [
        Week(
            week.site,
            week.monday,
            {
                name: Released(name, dict(reversed(table.cells.items())), table.epsilon, 0, table.scale, 0)
                for name, table in reversed(week.tables.items())
            },
        )
        for week in WEEKS
    ]
    for export in (google_labels.export, meta_labels.export):
        assert export(WEEKS, SHOP) == export(WEEKS, SHOP) == export(turned, SHOP)


def test_what_is_not_in_the_catalogue_leaves_in_no_file() -> None:
    """However often it was seen."""
    assert b"gone" not in google_labels.export(WEEKS, SHOP) + meta_labels.export(WEEKS, SHOP)


def test_what_the_catalogue_reads_is_what_the_files_say() -> None:
    """Ids go through as they are, so that platforms find their products."""
    ids = ["60316", 'b-1, 12" høy', "A;B", "'x'"]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter="\t").writerows([["id"], *([name] for name in ids)])
    shop = Advertiser("labels.shop", frozenset(), catalogue=parse(text.getvalue().encode()).products)
    assert [row[0] for row in rows(google_labels.export(WEEKS, shop), "\t")[1:]] == ids
    assert [row[0] for row in rows(meta_labels.export(WEEKS, shop), ",")[1:]] == ids
