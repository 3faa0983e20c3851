"""What leaves the house, as it is told: the page changes with what is switched on, and says no more and no less."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from dashboards.advertisers import Advertisers
from dashboards.leaving import leaving
from dashboards.office import Shop
from dashboards.web.words import WORDS
from pipeline.audiences.exports.listed import EXPORTS
from pipeline.audiences.shop import Advertiser
from pipeline.audiences.tables import TABLES
from pipeline.store.database import Store
from tests.dashboards.advertising import MONDAY, declared, release, week_of
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in

SITES = ("labels.shop", "mix.shop", "plain.shop")
RECOMMENDING = "lists.shop"


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    """A shop with labels for Google, one with a mix table too, one with nothing, one that recommends."""
    plain = (Shop(site, "Europe/Oslo") for site in SITES)
    made = Bench(store, tmp_path, (*plain, Shop(RECOMMENDING, "Europe/Oslo", recommends=True)))
    shops = declared(tmp_path, SITES[0], ["google_labels"]), declared(tmp_path, SITES[1], ["google_labels", "meridian"])
    made.advertise(Advertisers(shops))
    return made


async def told(bench: Bench, visit: Visit, site: str, language: str = "en") -> str:
    """The page's text, without marks."""
    session = await log_in(bench, visit())
    async with session.get(f"/leaving?site={site}&lang={language}") as answer:
        assert answer.status == 200, await answer.text()
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", await answer.text())).split())


async def test_page_tells_just_what_is_switched_on(bench: Bench, visit: Visit) -> None:
    """Files with their columns, tables with their ε and bounds; one more export is one more of each."""
    labels, mix = await told(bench, visit, SITES[0]), await told(bench, visit, SITES[1])
    for text, also in ((labels, False), (mix, True)):
        assert "Labels for Google's products google-labels.tsv" in text
        assert "Columns: id, custom_label_0, custom_label_1" in text
        assert "Products that were looked at, by device 4 1 0.8" in text
        assert ("meridian.csv" in text, "organic" in text) == (also, False)
        assert ("Revenue by channel, cut off above what stands to the right 1 1000 NOK 0.08" in text) == also
    assert "ε = 1.0, and never more than 2.0" in labels
    assert "ε = 1.8, and never more than 2.0" in mix
    assert "no count below 50" in labels


async def test_page_of_a_shop_without_exports_says_that_nothing_leaves(bench: Bench, visit: Visit) -> None:
    """No table, no ε, no text for a policy; what never leaves is told all the same."""
    text = await told(bench, visit, SITES[2])
    assert "Nothing. No export is switched on" in text
    assert "No single visit and no single order" in text
    assert "ε" not in text
    assert ".csv" not in text


async def test_page_tells_of_lists_that_anybody_can_read(bench: Bench, visit: Visit) -> None:
    """What the shop's pages show of others is public, with or without exports; where it is off, nothing is said."""
    assert "fewer than 10 visitors of a week" in await told(bench, visit, RECOMMENDING)
    assert "færre enn 10 besøkende i en uke" in await told(bench, visit, RECOMMENDING, "nb")
    assert "Others also looked at" not in await told(bench, visit, SITES[0])


async def test_page_tells_columns_of_the_file_that_was_made(bench: Bench, visit: Visit, store: Store) -> None:
    """Once there is one: those of a mix table follow from what was said of the weeks, which are counted."""
    release(store, SITES[1])
    text = await told(bench, visit, SITES[1])
    assert "Columns: time, geo, kpi, revenue_per_kpi, organic_email" in text
    assert f"Released so far: {week_of(MONDAY)}. What is released stands in a ledger" in text


async def test_page_says_what_left_before_exports_were_switched_off(bench: Bench, visit: Visit, store: Store) -> None:
    """Nothing leaves now, and that weeks of it once did isn't hushed up."""
    for ago in (1, 0):
        release(store, SITES[2], MONDAY - timedelta(weeks=ago))
    text = await told(bench, visit, SITES[2])
    assert "Nothing. No export is switched on" in text
    before = week_of(MONDAY - timedelta(weeks=1))
    assert f"switched on earlier. Released so far: 2 weeks, from {before} to {week_of(MONDAY)}." in text


async def test_page_of_a_shop_whose_file_cannot_be_read_still_tells_what_leaves(bench: Bench, visit: Visit) -> None:
    """Exports are on: "nothing leaves" would be untrue as soon as the file is there again."""
    (bench.folder / f"{SITES[0]}.tsv").unlink()
    text = await told(bench, visit, SITES[0])
    assert "No such file" in text
    assert "Labels for Google's products google-labels.tsv" in text
    assert "Nothing. No export" not in text


async def test_page_is_told_in_norwegian_too(bench: Bench, visit: Visit) -> None:
    """The same facts."""
    text = await told(bench, visit, SITES[1], "nb")
    assert "Etiketter til produktene hos Google google-labels.tsv" in text
    assert "ε = 1,8, og aldri mer enn 2,0" in text
    assert "Ingen enkeltbesøk og ingen enkeltordre" in text


@pytest.mark.parametrize("name", EXPORTS)
def test_switching_an_export_on_adds_it_and_what_it_needs(name: str) -> None:
    """Its file, its tables, and their ε; no export costs more than a week may."""
    shop = Advertiser("one.shop", frozenset({name}))
    alone, nothing = leaving("one.shop", shop), leaving("one.shop", replace(shop, exports=frozenset()))
    assert [file.name for file in alone.files] == [name]
    assert {table.name for table in alone.tables} == set(EXPORTS[name].tables)
    assert alone.epsilon == pytest.approx(sum(TABLES[table].epsilon for table in EXPORTS[name].tables))
    assert (nothing.files, nothing.tables, nothing.epsilon) == ((), (), 0)
    everything = leaving("one.shop", replace(shop, exports=frozenset(EXPORTS)))
    assert len(everything.files) == len(EXPORTS)
    assert everything.epsilon <= everything.most_epsilon


def test_every_table_has_its_words_in_both_languages() -> None:
    """What is counted is told in words."""
    for language in ("en", "nb"):
        assert {f"table_{name}" for name in TABLES} <= set(WORDS[language])
