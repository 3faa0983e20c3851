"""The audience brief, the taxonomy that it speaks in, and the list of keywords."""

import csv
import io
import re
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences.exports import brief, keywords
from pipeline.audiences.exports.iab import segments_of
from pipeline.audiences.released import Week
from pipeline.audiences.shop import Product
from pipeline.audiences.tables import Key
from tests.pipeline.audiences.drawn import MONDAY, SHOP, shop_weeks, week

TAXONOMY = resources.files("pipeline.audiences.exports").joinpath("iab.tsv").read_text(encoding="utf-8")


def rows(body: bytes) -> list[list[str]]:
    """The lines of a TSV file, without its header."""
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter="\t"))[1:]


CELLS: dict[Key, int] = {
    ("Hundefôr", "device", "desktop"): 3000,
    ("Hundefôr", "device", "mobile"): 1000,
    ("Leker > Lego", "device", "desktop"): 1000,
    ("Leker > Lego", "device", "mobile"): 3000,
    ("Diverse", "device", "desktop"): 90,
    ("Diverse", "area", "NO"): 70,
    ("Rør | <b>", "source", "vg.no"): 4000,
    ("Rør | <b>", "source", "google"): 1000,
    ("Annet", "source", "google"): 9000,
}
ENGLISH = """# Audience brief: leker.no, 2026-W48

Counts with noise, of at least 50 visitor-days each; no line is about a person. A lift of 1.3: this group's visitors \
look at the category 1.3 times as often as all visitors. Segments are those of the IAB Audience Taxonomy 1.1 (IAB Tech \
Lab, CC BY 3.0), by the category's name.

## Areas

Too few visitors to say.

## Devices

### desktop

| Category | Lift | Visitor-days | Segments |
| --- | ---: | ---: | --- |
| Hundefôr | 1.5 | 2500-5000 | 544 Interest \\| Pets \\| Dogs; 1281 Purchase Intent\\* \\| Consumer Packaged Goods \
\\| Non\\-edible \\| General Merchandise \\| Pet Care \\| Pet Food |

### mobile

| Category | Lift | Visitor-days | Segments |
| --- | ---: | ---: | --- |
| Leker \\> Lego | 1.5 | 2500-5000 | 451 Interest \\| Hobbies \\& Interests \\| Model Toys; 1366 Purchase Intent\\* \
\\| Consumer Packaged Goods \\| Non\\-edible \\| Toys and Games \\| Toys |

## Sources

### google

| Category | Lift | Visitor-days | Segments |
| --- | ---: | ---: | --- |
| Annet | 1.4 | 5000-10000 | none fits |

### vg.no

| Category | Lift | Visitor-days | Segments |
| --- | ---: | ---: | --- |
| Rør \\| \\<b\\> | 2.8 | 2500-5000 | none fits |
"""
NORWEGIAN = """# Målgruppenotat: leker.no, 2026-W48

Tall med støy, hvert av minst 50 besøksdager; ingen linje handler om en person. Løft 1,3: de besøkende i gruppen ser \
på kategorien 1,3 ganger så ofte som alle besøkende. Segmentene er fra IAB Audience Taxonomy 1.1 (IAB Tech Lab, CC BY \
3.0), valgt etter navnet på kategorien.

## Områder

For få besøkende til at noe kan sies.

## Enheter

### datamaskin

| Kategori | Løft | Besøksdager | Segmenter |
| --- | ---: | ---: | --- |
| Hundefôr | 1,5 | 2500-5000 | 544 Interest \\| Pets \\| Dogs; 1281 Purchase Intent\\* \\| Consumer Packaged Goods \
\\| Non\\-edible \\| General Merchandise \\| Pet Care \\| Pet Food |

### mobil

| Kategori | Løft | Besøksdager | Segmenter |
| --- | ---: | ---: | --- |
| Leker \\> Lego | 1,5 | 2500-5000 | 451 Interest \\| Hobbies \\& Interests \\| Model Toys; 1366 Purchase Intent\\* \
\\| Consumer Packaged Goods \\| Non\\-edible \\| Toys and Games \\| Toys |

## Kilder

### google

| Kategori | Løft | Besøksdager | Segmenter |
| --- | ---: | ---: | --- |
| Annet | 1,4 | 5000-10000 | ingen passer |

### vg.no

| Kategori | Løft | Besøksdager | Segmenter |
| --- | ---: | ---: | --- |
| Rør \\| \\<b\\> | 2,8 | 2500-5000 | ingen passer |
"""


@pytest.mark.parametrize(("country", "text"), [("NO", NORWEGIAN), ("SE", ENGLISH)])
def test_a_brief(country: str, text: str) -> None:
    """To the byte, in the shop's language: what a group prefers, by lift and band, with segments, or that none fits."""
    assert brief.export([week(affinity=CELLS)], replace(SHOP, country=country)).decode() == text


def test_a_group_that_stands_out_nowhere_is_told_in_both_languages() -> None:
    """With how many numbers there were, and how many of them may be said."""
    weeks = [week(affinity={("Leker", "device", "mobile"): 900, ("Dyr", "device", "mobile"): 30})]
    for country, said in (("NO", "av 2 tall kan 1 oppgis."), ("GB", "of 2 counts, 1 may be said.")):
        assert said in brief.export(weeks, replace(SHOP, country=country)).decode()


def test_a_middling_shop_learns_what_its_groups_prefer_and_nothing_else() -> None:
    """Two thousand visitors a day, half again as much dog food on desktops: that line, and none that noise made."""
    found = [
        line for seed in range(5) for line in brief.export(shop_weeks(2000, seed=seed), SHOP).decode().splitlines()
    ]
    categories = [line.split(" | ")[0] for line in found if re.match(r"\| \w", line) and "Kategori" not in line]
    assert categories == ["| Hundefôr"] * 5


SAYS_NOTHING = r"^(Ingen gruppe skiller seg ut: av \d+ tall kan \d+ oppgis|For få besøkende til at noe kan sies)\.$"


@pytest.mark.parametrize("seed", range(5))
def test_a_small_shop_gets_a_brief_that_makes_nothing_up(seed: int) -> None:
    """A hundred visitors a day: no group is said to prefer anything."""
    text = brief.export(shop_weeks(100, seed=seed), SHOP).decode()
    assert "| --- |" not in text
    assert len(re.findall(SAYS_NOTHING, text, re.MULTILINE)) == 3


def test_a_preference_of_few_is_not_told() -> None:
    """However clear it is: 112 visitor-days with a noise of 28 (its standard deviation) are too few to say."""
    cells = {("Leker", "area", "NO"): 14_000, ("Leker", "area", "SE"): 1800, ("Dyr", "area", "NO"): 53}
    assert "### Sweden" not in brief.export([week(affinity=cells | {("Dyr", "area", "SE"): 112})], SHOP).decode()
    assert "### Sweden" in brief.export([week(affinity=cells | {("Dyr", "area", "SE"): 114})], SHOP).decode()


@given(st.integers(50, 10**7))
def test_a_band_holds_its_number_and_tells_of_none_under_fifty(number: int) -> None:
    """Its lower end is at least 50, its upper one a step of two or two and a half."""
    low, _, high = brief.band(number).rstrip("+").partition("-")
    assert 50 <= int(low) <= number
    assert number < int(high or 10**8)


HOSTILE = "[x](http://a) **b** <script>|`c` \n# d"


def test_no_text_from_outside_is_mark_up() -> None:
    """A source's name stands in a link that anybody can make."""
    cells = {(HOSTILE, "source", HOSTILE): 900, ("b", "source", "c"): 900}
    text = brief.export([week(affinity=cells)], SHOP).decode()
    bare = re.sub(r"\\.", "", text)
    assert "script" in text
    assert not re.search(r"\]\(|\*\*|<|`|^# d", bare, re.MULTILINE)
    assert {line.count("|") for line in bare.splitlines() if line.startswith("| ")} == {5}


def test_the_taxonomys_rows_are_its_own() -> None:
    """Each number once, below a first tier that there is; with where they are from and their licence."""
    lines = [line.split("\t") for line in TAXONOMY.splitlines() if not line.startswith("#")]
    assert len({number for number, _, _ in lines}) == len(lines) > 50
    assert {tiers.split("|")[0] for _, tiers, _ in lines} == {"Interest", "Purchase Intent*"}
    # ranges of the two first tiers in version 1.1
    assert all((206 < int(number) < 752) == tiers.startswith("Interest") for number, tiers, _ in lines)
    for said in (
        "Audience Taxonomy 1.1",
        "creativecommons.org/licenses/by/3.0",
        "776766ccde2c716b85e2713b0c17ef408cb0076c",
    ):
        assert said in TAXONOMY


@pytest.mark.parametrize(
    ("category", "segments"),
    [
        ("Leker", [355, 1366]),
        ("Leker > LEGO", [451, 1366]),
        ("leker/Uteleker", [355, 1364]),
        ("Toys & Games > Puzzles", [446, 1365]),
        ("Brettspill", [446, 1363]),
        ("Bøker > Barnebøker", [261, 1360]),
        ("Books", [258, 1360]),
        ("Dyr > Hund > Hundefôr", [544, 1281]),
        ("Cat food", [543, 1281]),
        ("Baby > Bleier", [354, 1350]),
        ("Dataspill", [733, 971]),
        ("Leker > Noe rart", [355, 1366]),
        ("Rørdeler", []),
        ("Hundrevis", []),
        ("", []),
        (" > ", []),
    ],
)
def test_a_category_is_known_by_its_words(category: str, segments: list[int]) -> None:
    """Norwegian and English; the narrowest part that is known decides, and what fits nothing is in no segment."""
    assert [segment.id for segment in segments_of(category)] == segments


def test_keywords_are_categories_products_and_brands_that_many_looked_at() -> None:
    """The largest first, with a band and no number."""
    shop = replace(SHOP, catalogue=(*SHOP.catalogue, Product("7", "Ukjent ting", brand="Nei")))
    views = {("60316", "desktop"): 40, ("60316", "mobile"): 80, ("7", "mobile"): 49}
    cells = {("Leker > Lego", "device", "mobile"): 300, ("Leker > Lego", "area", "NO"): 9000, ("X", "device", "m"): 60}
    body = keywords.export([week(interest=views, affinity=cells)], shop)
    assert body.decode("utf-8-sig") == (
        "keyword\tkind\tvisitor_days\nlego\tcategory\t250-500\nlego city politistasjon\tproduct\t100-250\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  LEGO® City: Politi-stasjon (60316)! ", "lego city politi-stasjon 60316"),
        ("=1+1 @SUM", "1 1 sum"),
        ("a\tb\n\"c\" 'd' e&f", "a b c 'd' e&f"),
        (" ".join("abcdefghijklm"), "a b c d e f g h i j"),
        ("x" * 81 + " y", ""),
        ("kort " + "x" * 80, "kort"),
        ("– & –", ""),  # noqa: RUF001 - as titles have it
    ],
)
def test_a_keyword_is_one_that_google_takes(text: str, said: str) -> None:
    """Letters, digits and few signs, at most ten words and 80 characters."""
    assert keywords.keyword(text) == said


@given(st.text())
def test_any_title_becomes_a_keyword_within_googles_limits(text: str) -> None:
    """Or none; and never one that a spreadsheet would reckon with."""
    said = keywords.keyword(text)
    assert len(said) <= 80
    assert len(said.split()) <= 10
    assert said[:1] not in tuple("=+-@'")
    assert all(sign.isalnum() or sign in " &'./-" for sign in said)


def test_a_very_small_shop_gets_a_list_that_says_too_few() -> None:
    """Ten visitors a day; and one whose weeks have no such tables."""
    assert rows(keywords.export(shop_weeks(10), SHOP)) == [["", "", "too_few"]]
    bare = [Week(SHOP.site, MONDAY, {})]
    assert rows(keywords.export(bare, SHOP)) == [["", "", "too_few"]]
    assert brief.export(bare, SHOP).decode().count("For få besøkende til at noe kan sies.") == 3


def test_five_thousand_products_take_one_pass() -> None:
    """Each product's sum is looked up, not reckoned: a year's end with a full catalogue is made as any week is."""
    catalogue = tuple(Product(str(number), f"Ting {number}") for number in range(5000))
    views = {(product.id, device): 60 for product in catalogue for device in ("desktop", "mobile")}
    body = keywords.export([week(ago, interest=views) for ago in range(4)][::-1], replace(SHOP, catalogue=catalogue))
    assert len(rows(body)) == 5000
