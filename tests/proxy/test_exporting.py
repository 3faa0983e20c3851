"""`sporlos export`: what it takes, what the settings say of a shop that advertises, and how it writes."""

import os
from pathlib import Path

import pytest

from pipeline.audiences.exports.listed import EXPORTS
from pipeline.chain import Verdict
from proxy import settings
from proxy.exporting import Unclear, Wish, put, said_of, sites_of
from proxy.serving import premises
from proxy.settings import Invalid, Settings
from proxy.site import Export

ONE = """
[[sites]]
id = "one.shop"
origins = ["https://one.shop"]
profile = "NO"
exports = ["google_labels", "campaigns"]
catalogue = "products.tsv"
spend = "spend.csv"
campaigns = [["google", "cpc", "lego"], ["facebook", "paid_social", ""]]
areas = ["NO", "SE"]
revenue_cap = 3000
"""
TWO = ONE.replace("one.shop", "two.shop").replace('profile = "NO"', 'profile = "UK"')
NO_FEED = ONE.replace('"google_labels", ', "")
OFF = '[[sites]]\nid = "off.shop"\norigins = ["https://off.shop"]\n'


def loaded(folder: Path, text: str) -> Settings:
    """Settings of these sites."""
    file = folder / "sporlos.toml"
    file.write_text(text, encoding="utf-8")
    return settings.load(file)


def test_settings_know_the_exports_that_there_are() -> None:
    """No more and no less, though they must not import what makes them: workers read settings, too."""
    assert set(Export.__args__) == set(EXPORTS)


def test_what_the_settings_say_reaches_who_makes_the_files(tmp_path: Path) -> None:
    """Country and currency follow from the profile; a site without exports is not among them."""
    one, two = premises(loaded(tmp_path, ONE + TWO + OFF)).declared
    assert (one.catalogue, one.spend) == (Path("products.tsv"), Path("spend.csv"))
    said = one.settings
    assert (said.site, said.exports, said.country, said.currency) == (
        "one.shop", frozenset({"google_labels", "campaigns"}), "NO", "NOK",
    )  # fmt: skip
    assert (said.revenue_cap, said.areas) == (3000, ("NO", "SE"))
    assert said.campaigns == (("google", "cpc", "lego"), ("facebook", "paid_social", ""))
    assert (two.settings.country, two.settings.currency) == ("GB", "GBP")


CAPS = {
    'profile = "NO"': 1000,
    'profile = "NO"\ncountry = "SE"': 1000,
    'profile = "DE"': 100,
    'profile = "NO"\ncurrency = "EUR"': 100,
}


@pytest.mark.parametrize("said", CAPS)
def test_what_is_counted_of_an_order_is_by_currency_where_nothing_is_said(tmp_path: Path, said: str) -> None:
    """A thousand kroner are about a hundred of what others pay with, and noise of a thousand euros hides all sales."""
    one = ONE.replace("revenue_cap = 3000\n", "").replace('profile = "NO"', said)
    (found,) = premises(loaded(tmp_path, one)).declared
    assert found.settings.revenue_cap == CAPS[said]


def test_what_is_marked_as_sensitive_reaches_who_reads_the_product_file(tmp_path: Path) -> None:
    """The shop's own words and groups of the list, as whole words, spelt as it may be."""
    marks = ONE + 'sensitive = ["Dyreapotek"]\nsensitive_groups = ["sexual_health"]\nrecommendations = true\n'
    found = premises(loaded(tmp_path, marks + TWO))
    one, two = found.declared
    (recommending,) = found.recommending
    for texts, expected in ((("Hund > DYREAPOTEK", "Helse / kondomer"), True), (("Dyreapoteket", "Lego"), False)):
        assert {said.settings.is_sensitive(text) for said in (one, recommending) for text in texts} == {expected}
        assert not any(two.settings.is_sensitive(text) for text in texts)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('profile = "STRICT"', "country: needed, as exports are switched on"),
        ('profile = "NO"\ncountry = "US"', "currency: needed, as exports are switched on"),
        ('profile = "NO"\ncountry = "no"', "country"),
        ('profile = "NO"\ncurrency = "KRO"', "expected a code of ISO 4217"),
    ],
)
def test_a_shop_that_does_not_say_where_it_advertises_is_told(tmp_path: Path, line: str, fault: str) -> None:
    """One line a fault, and no guess."""
    with pytest.raises(Invalid, match=fault):
        loaded(tmp_path, ONE.replace('profile = "NO"', line))


@pytest.mark.parametrize("wrong", ['["google"]', '["google_labels", "Google_labels"]'])
def test_an_export_that_is_not_there_is_a_fault_that_names_all(tmp_path: Path, wrong: str) -> None:
    """So that nobody has to look them up."""
    with pytest.raises(Invalid, match="'google_labels', 'meta_labels'"):
        loaded(tmp_path, ONE.replace('["google_labels", "campaigns"]', wrong))


def test_one_site_is_meant_where_one_has_exports(tmp_path: Path) -> None:
    """And a list is of all that have."""
    one, both = loaded(tmp_path, ONE + OFF), loaded(tmp_path, ONE + TWO + OFF)
    assert sites_of(one, Wish("campaigns")) == ["one.shop"]
    assert sites_of(both, Wish("campaigns", "two.shop", "2026-W48")) == ["two.shop"]
    assert sites_of(both, Wish()) == ["one.shop", "two.shop"]
    assert sites_of(both, Wish(site="off.shop")) == ["off.shop"]


@pytest.mark.parametrize(
    ("text", "wish", "said"),
    [
        (ONE, Wish("labels"), "the export is one of google_labels"),
        (ONE, Wish("campaigns", week="48"), "expected a week like 2026-W48"),
        (ONE, Wish(week="2026-W48"), "which export"),
        (ONE, Wish(output=Path("x")), "which export"),
        (ONE, Wish("campaigns", new_secret=True), "go without an export"),
        (ONE, Wish("campaigns", "three.shop"), "three.shop is not a site of these settings; known: one.shop"),
        (OFF, Wish(), "no site has exports switched on"),
        (ONE + TWO, Wish("campaigns"), "--site: which\\? one.shop, two.shop"),
        (ONE + TWO, Wish(new_secret=True), "--site: which\\? one.shop, two.shop"),
        (ONE, Wish(new_secret=True, verify=True), "one at a time"),
        (ONE + OFF, Wish(site="off.shop", new_secret=True), "no feed is switched on for off.shop"),
        (NO_FEED, Wish(new_secret=True), "no feed is switched on for any site"),
    ],
)
def test_what_is_not_clear_is_asked_for(tmp_path: Path, text: str, wish: Wish, said: str) -> None:
    """In one line."""
    with pytest.raises(Unclear, match=said):
        sites_of(loaded(tmp_path, text), wish)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writing fails the old one stays, and nothing else is left."""
    file = tmp_path / "labels.tsv"
    put(file, b"old")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("proxy.exporting.os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        put(file, b"new")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"old"]


def test_ledger_can_be_looked_at_when_exports_are_off_again(tmp_path: Path) -> None:
    """What was released stays written down."""
    assert sites_of(loaded(tmp_path, OFF), Wish(verify=True)) == []


def test_new_addresses_are_for_the_site_that_has_some(tmp_path: Path) -> None:
    """Others with exports have nothing that anybody fetches."""
    assert sites_of(loaded(tmp_path, ONE + NO_FEED.replace("one.shop", "two.shop")), Wish(new_secret=True)) == [
        "one.shop"
    ]


def test_a_file_may_be_read_by_whom_the_old_one_could_be(tmp_path: Path) -> None:
    """A web server may hand it out, once it was let; a link goes on to lead to it."""
    file, link = tmp_path / "labels.tsv", tmp_path / "link.tsv"
    put(file, b"first")
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o604)
    link.symlink_to(file)
    put(link, b"second")
    assert (link.is_symlink(), file.read_bytes(), file.stat().st_mode & 0o777) == (True, b"second", 0o604)


def test_what_is_no_file_is_written_into(tmp_path: Path) -> None:
    """`--output /dev/stdout` by root must not put a file in its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    put(pipe, b"body")
    assert (os.read(reading, 10), pipe.is_fifo()) == (b"body", True)
    writing = os.open(pipe, os.O_WRONLY)
    put(Path(f"/dev/fd/{writing}"), b"more")
    assert os.read(reading, 10) == b"more"
    os.close(writing)
    os.close(reading)
    with pytest.raises(IsADirectoryError):
        put(tmp_path, b"body")


@pytest.mark.parametrize(
    ("verdict", "code", "said"),
    [
        (Verdict(12, "ab"), 0, "12 lines of the ledger hold; the last hash: ab\n"),
        (
            Verdict(4, "ab", 5, "what it says was changed"),
            1,
            "line 5 of the ledger: what it says was changed; 4 before it hold\n",
        ),
    ],
)
def test_whether_the_ledger_holds_is_one_line_and_an_exit_code(
    verdict: Verdict, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with receipts."""
    assert (said_of(verdict), capsys.readouterr().out) == (code, said)
