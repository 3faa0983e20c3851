"""How well areas, hours and devices sell, and the two files that Google Ads takes of it."""

import csv
import io
import math
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audiences.exports import brief, google_ads, value_rules
from pipeline.audiences.exports.places import AREA, DAYPART, DEVICE, factors, location, shrunk, tempered, towards_one
from pipeline.audiences.exports.sums import Expected, Sum
from pipeline.audiences.persons import suspicious
from pipeline.audiences.released import Week
from pipeline.audiences.tables import DAYPARTS, DEVICES
from tests.pipeline.audiences.drawn import MONDAY, SHOP, shop_weeks, week

EVENING = "20-24"
REGIONS = ("NO-03", "NO-15", "SE-O", "NO")
EDITORS = """Campaign ID Location BidModifier AdSchedule DesktopBidModifier MobileBidModifier TabletBidModifier
    Comment""".split()
"""Headers that Google Ads Editor knows, for which "capitalization and spaces don't matter":
https://support.google.com/google-ads/editor/answer/57747."""
INTERVAL = r"\((Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day@(\d+)%\[\d\d:00-\d\d:00\]\)"


def rows(body: bytes) -> list[dict[str, str]]:
    """A file's lines by column."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def exact(visits: int = 12_000, areas: Sequence[str] = ("NO", "SE"), **orders: int) -> Week:
    """A week in which each cell has as many visits; and orders, in thousandths of them, by area, daypart or device."""
    cells = {}
    for area in areas:
        for part in DAYPARTS:
            for device in DEVICES:
                rate = orders.get(area, orders.get("p" + part[:2], orders.get(device, 30)))
                cells |= {
                    (area, part, device, "visit"): visits,
                    (area, part, device, "purchase"): visits * rate // 1000,
                }
    return week(places=cells)


def test_what_google_ads_editor_is_given() -> None:
    """To the byte: a campaign's devices and hours, then its locations; only campaigns of Google."""
    body = google_ads.export([exact(mobile=24)], SHOP).decode()
    head, whole, norway, sweden = body.splitlines()
    assert head.replace(" ", "").split(",") == EDITORS
    assert whole.startswith("jul,,,,(Monday@100%[00:00-04:00]);(Monday@100%[04:00-08:00]);(Monday@100%[08:00-12:00]);")
    assert whole.endswith("(Sunday@100%[20:00-24:00]),11,-11,-11,Sporløs 2026-W48")
    assert norway == "jul,2578,,0,,,,,Norway: Sporløs 2026-W48"
    assert sweden == "jul,2752,,0,,,,,Sweden: Sporløs 2026-W48"


def test_where_nobody_knows_is_no_place() -> None:
    """Where the shop declares no areas, those whose country no table tells are in the ledger, and in neither file."""
    weeks = [exact(areas=("NO", "(unknown)"))]
    assert "unknown" not in google_ads.export(weeks, SHOP).decode()
    assert [line["Location"] for line in rows(value_rules.export(weeks, SHOP))] == ["Norway", "Norway"]


def test_more_weeks_are_told_from_the_first_to_the_last() -> None:
    """Of what is added up, both ends; they pass the look for persons as one does."""
    before = Week(SHOP.site, MONDAY - timedelta(weeks=1), exact().tables)
    body = google_ads.export([before, exact()], SHOP)
    assert rows(body)[0]["Comment"] == "Sporløs 2026-W47 to 2026-W48"
    header, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert suspicious(header, lines, SHOP) == []


def test_a_region_goes_by_its_name_and_its_countrys() -> None:
    """As Google spells places, so without a number; in both files, in the brief, and past the look for persons."""
    weeks, shop = [exact(areas=REGIONS)], replace(SHOP, areas=REGIONS)
    names = ["Oslo, Norway", "Møre og Romsdal, Norway", "Västra Götaland, Sweden"]
    bids = google_ads.export(weeks, shop)
    by_name = [("", name) for name in names]
    assert [(line["ID"], line["Location"]) for line in rows(bids)[1:]] == [("2578", ""), *by_name]
    assert [line["Comment"].partition(":")[0] for line in rows(bids)[1:]] == ["Norway", *names]
    sheet = value_rules.export(weeks, shop)
    assert [(line["Location ID"], line["Location"]) for line in rows(sheet)[::2]] == [("2578", "Norway"), *by_name]
    for body in (bids, sheet):
        header, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig")))
        assert suspicious(header, lines, shop) == []
    liked = {
        (category, "area", area): number
        for area, lego in (("NO-15", 9000), ("SE-O", 1000))
        for category, number in (("Lego", lego), ("Brio", 10_000 - lego))
    }
    assert "### Møre og Romsdal, Norway" in brief.export([week(affinity=liked)], shop).decode()


def test_a_schedule_names_every_hour_of_the_week_once() -> None:
    """Since an advertisement runs in no others; with whole percent, six intervals a day at most, as Google has it."""
    whole = rows(google_ads.export(shop_weeks(2000, pull={EVENING: 1.4}), SHOP))[0]
    intervals = whole["Ad Schedule"].split(";")
    assert all(re.fullmatch(INTERVAL, interval) for interval in intervals)
    hours = [re.sub(r"@\d+%", "", interval) for interval in intervals]
    assert len(set(hours)) == len(hours) == 7 * 6
    assert {part for part in DAYPARTS if f"[{part[:2]}:00-{part[3:]}:00]" in whole["Ad Schedule"]} == set(DAYPARTS)


def test_an_hour_that_may_not_be_said_is_in_the_schedule_unchanged() -> None:
    """Else advertisements would stop running in it."""
    told = exact(p00=30, p20=60)
    few = {key: 1 if key[1] == "04-08" else number for key, number in told.tables["places"].cells.items()}
    schedule = rows(google_ads.export([week(places=few)], SHOP))[0]["Ad Schedule"]
    assert "(Monday@100%[04:00-08:00])" in schedule
    assert "(Monday@100%[20:00-24:00])" not in schedule


def test_an_area_or_device_that_may_not_be_said_has_no_line() -> None:
    """Nor one that nobody declared."""
    told = exact()
    cells = {key: 5 if key[0] == "SE" else number for key, number in told.tables["places"].cells.items()}
    cells |= {("(other)", "20-24", "mobile", deed): 9000 for deed in ("visit", "purchase")}
    found = rows(google_ads.export([week(places=cells)], SHOP))
    assert [line["ID"] for line in found] == ["", "2578"]
    sheet = rows(value_rules.export([week(places=cells)], SHOP))
    assert {line["Location"] for line in sheet} == {"Norway"}


def test_each_declared_campaign_of_google_has_its_lines() -> None:
    """Once; not those of others, nor a name that a spreadsheet would reckon with."""
    declared = [("google", "cpc", "jul"), ("Google", "cpc", "vår"), ("google", "cpc", "=1+1"), ("google", "x", "jul")]
    found = rows(google_ads.export([exact()], replace(SHOP, campaigns=(*declared, ("facebook", "cpc", "fb")))))
    assert [line["Campaign"] for line in found if line["Ad Schedule"]] == ["jul", "vår"]


def test_value_rules_are_written_as_google_asks_for_them() -> None:
    """One kind of first condition and one of the second in all rules, and a multiplier from 0.5 to 10."""
    found = rows(value_rules.export([exact(mobile=10)], SHOP))
    assert [(line["Location"], line["Location ID"], line["Device"]) for line in found] == [
        ("Norway", "2578", "Computers"),
        ("Norway", "2578", "Mobile phones, Tablets"),
        ("Sweden", "2752", "Computers"),
        ("Sweden", "2752", "Mobile phones, Tablets"),
    ]
    assert {(line["Primary condition"], line["Secondary condition"], line["Value adjustment"]) for line in found} == {
        ("Location", "Device", "Multiply")
    }
    assert [line["Value"] for line in found] == ["1.48", "0.52"] * 2


def test_a_factor_is_the_conversion_rate_against_the_shops() -> None:
    """Where numbers are large, and never over 1.5 or under 0.5."""
    assert factors([exact(mobile=24)], DEVICE)["mobile",] == pytest.approx(24 / 27, abs=0.01)
    assert factors([exact(mobile=1, desktop=300)], DEVICE) == {("desktop",): 1.5, ("mobile",): 0.5}
    assert factors([exact()], AREA, DEVICE)["NO", "mobile"] == pytest.approx(1)


def test_a_small_number_is_drawn_to_the_middle() -> None:
    """The smaller, the nearer to 1; what nobody can know is 1."""
    seen = [shrunk(Sum(3 * half, 2400), Expected(2 * half, 0)) for half in (1, 50, 500, 50_000)]
    assert seen == sorted(seen)
    assert seen[0] == pytest.approx(1, abs=0.001)
    assert seen[-1] == pytest.approx(1.5, abs=0.001)
    assert shrunk(Sum(150, 2400), Expected(100, 2400)) < shrunk(Sum(150, 2400), Expected(100, 0))


def test_the_latest_eight_weeks_count() -> None:
    """An older one does not, and a week that is missing is missing."""
    old = Week(SHOP.site, MONDAY - timedelta(weeks=8), exact(mobile=1).tables)
    assert factors([old, exact()], DEVICE)["mobile",] == pytest.approx(1)
    newer = Week(SHOP.site, MONDAY - timedelta(weeks=7), exact(mobile=1).tables)
    assert factors([newer, exact()], DEVICE)["mobile",] < 0.9


TRUE = {"mobile": 0.8, "desktop": 1.2, EVENING: 1.4, "00-04": 0.6, "SE": 0.7}


@pytest.mark.parametrize("seed", range(3))
def test_the_factors_of_a_middling_shop_tell_more_than_none(seed: int) -> None:
    """Two thousand visitors a day: nearer to what is true than 1 is, noise and all."""
    weeks = shop_weeks(2000, seed=seed, pull=TRUE)
    found = {word: number for column in (AREA, DAYPART, DEVICE) for (word,), number in factors(weeks, column).items()}
    shop = 0.85 + 0.15 * TRUE["SE"]
    hours = sum(TRUE.get(part, 1) for part in DAYPARTS) / 6
    true = {word: TRUE[word] / (hours if "-" in word else shop if word == "SE" else 1) for word in TRUE}
    error = math.sqrt(sum((found[word] - true[word]) ** 2 for word in TRUE))
    assert error < 0.8 * math.sqrt(sum((1 - number) ** 2 for number in true.values()))


@pytest.mark.parametrize("seed", range(5))
def test_a_small_shop_gets_files_that_say_too_few(seed: int) -> None:
    """A hundred visitors a day: nothing is adjusted by noise."""
    weeks = shop_weeks(100, seed=seed)
    (only,) = rows(google_ads.export(weeks, SHOP))
    assert only == dict.fromkeys(only, "") | {"Campaign": "jul", "Comment": "too few visitors to say (2026-W48)"}
    (only,) = rows(value_rules.export(weeks, SHOP))
    assert only == dict.fromkeys(only, "") | {"Note": "leker.no: too few visitors to say"}


def test_weeks_without_the_table_say_too_few() -> None:
    """As before the first release."""
    bare = [Week(SHOP.site, MONDAY, {})]
    assert "too few" in google_ads.export(bare, SHOP).decode()
    assert "too few" in value_rules.export(bare, SHOP).decode()
    assert len(google_ads.export(bare, replace(SHOP, campaigns=())).splitlines()) == 1


FACTORS = st.dictionaries(st.sampled_from("abcd"), st.floats(0.5, 1.5))


@given(st.lists(FACTORS, min_size=3, max_size=3))
def test_all_adjustments_of_a_click_together_stay_within_half(columns: list[dict[str, float]]) -> None:
    """Since Google multiplies them; as written, in whole percent."""
    written = [[1 + towards_one(number) / 100 for number in (*column.values(), 1)] for column in tempered(*columns)]
    assert math.prod(map(max, written)) <= 1.5
    assert math.prod(map(min, written)) >= 0.5


@given(st.integers(0, 2**32), st.integers(-500, 20_000))
def test_whatever_the_ledger_says_the_file_is_one_that_google_takes(seed: int, most: int) -> None:
    """Negative and wild numbers, too: whole percent from -50 to 50."""
    chance = random.Random(seed)
    cells = {
        (area, part, device, deed): chance.randint(-500, max(-500, most))
        for area in ("NO", "SE", "(other)", "")
        for part in DAYPARTS
        for device in DEVICES
        for deed in ("visit", "purchase")
    }
    for line in rows(google_ads.export([week(places=cells)], SHOP)):
        said = [line[name] for name in line if name.endswith("Modifier") and line[name]]
        said += [str(int(percent) - 100) for percent in re.findall(r"@(\d+)%", line["Ad Schedule"])]
        assert all(-50 <= int(number) <= 50 for number in said)
    for line in rows(value_rules.export([week(places=cells)], SHOP)):
        assert 0.5 <= float(line["Value"] or 1) <= 1.5


@pytest.mark.parametrize(
    ("area", "number", "name"),
    [
        ("NO", "2578", "Norway"),
        ("SE", "2752", "Sweden"),
        ("DK", "2208", "Denmark"),
        ("NO-32", "", "Akershus, Norway"),
        ("NO-30", "", "Viken, Norway"),
        ("DE-BY", "", "Bavaria, Germany"),
        ("NO-99", "", "NO-99"),
        ("XX-03", "", "XX-03"),
        ("Viken", "", "Viken"),
        ("", "", ""),
    ],
)
def test_a_country_has_googles_number(area: str, number: str, name: str) -> None:
    """What is no country is found by its name, and what nobody has named stays as it is."""
    assert location(area) == (number, name)
