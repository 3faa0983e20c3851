"""What the operator sets: the file, the environment before it, every fault at once."""

from pathlib import Path

import pytest

from proxy import settings
from proxy.privacy.modes import Mode
from proxy.settings import Address, Invalid

SHOP = """
[[sites]]
id = "shop.no"
origins = ["https://shop.no"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of settings with one shop."""
    made = tmp_path / "sporlos.toml"
    made.write_text(SHOP, encoding="utf-8")
    return made


def faults_of(file: Path, text: str) -> list[str]:
    """The lines that an operator is shown."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as invalid:
        settings.load(file)
    return str(invalid.value).splitlines()


def test_without_anything_there_are_defaults() -> None:
    """Those of the documentation."""
    found = settings.load(None)
    assert (found.collector.listen, found.collector.admin, found.backoffice.listen) == (
        "127.0.0.1:8080", "127.0.0.1:8082", "127.0.0.1:8081",
    )  # fmt: skip
    assert (found.data, found.time_zone, found.clickhouse.url) == (Path("data"), "Europe/Oslo", "chdb")
    assert (found.collector.trusted_proxies, found.collector.visitor_input, found.collector.salts) == (
        (), "full", "forget",
    )  # fmt: skip
    assert found.sites == ()


def test_the_environment_goes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Value by value; what it doesn't say stays the file's."""
    file.write_text('[collector]\nlisten = "127.0.0.1:1"\nworkers = 3\n' + SHOP, encoding="utf-8")
    monkeypatch.setenv("SPORLOS_COLLECTOR__LISTEN", "127.0.0.1:2")
    found = settings.load(file)
    assert (found.collector.listen, found.collector.workers) == ("127.0.0.1:2", 3)
    assert found.sites[0].id == "shop.no"


def test_every_fault_is_named_at_once(file: Path) -> None:
    """With its place, what was found, and what was expected."""
    faults = faults_of(
        file,
        """
        time_zone = "Europe/Olso"
        colour = "blue"
        [collector]
        listen = "8080"
        workers = 0
        trusted_proxies = ["10.0.0.0/99"]
        [[sites]]
        id = "Shop NO"
        origins = ["https://shop.no/lego"]
        profile = "SE"
        """,
    )
    named = [
        ("time_zone:", "Europe/Olso", "Europe/Oslo"),
        ("colour:", "blue", "not permitted"),
        ("collector.listen:", "'8080'", "host:port"),
        ("collector.workers:", "0", "greater than or equal to 1"),
        ("collector.trusted_proxies.0", "10.0.0.0/99", ""),
        ("sites.0.id:", "Shop NO", "pattern"),
        ("sites.0.origins.0:", "https://shop.no/lego", "without a path"),
        ("sites.0.profile:", "'SE'", "'STRICT', 'NO', 'DE', 'FR' or 'UK'"),
    ]
    for place, value, expected in named:
        assert any(line.startswith(place) and value in line and expected in line for line in faults), (place, faults)


SECRETS = {
    "an address of the wrong kind": '[clickhouse]\nurl = ["http://user:hemmelig@host/"]\nmemory_mebibytes = 1',
    "an address in the wrong place": 'clickhouse = "http://user:hemmelig@host/"',
    "a password under a name of its own": '[clickhouse]\npassword = "hemmelig"',
}


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS.keys())
def test_a_password_is_not_shown(file: Path, text: str) -> None:
    """What an operator pastes into a question to others must not hold it."""
    faults = faults_of(file, text)
    assert any(line.startswith("clickhouse") for line in faults)
    assert "hemmelig" not in "".join(faults)


@pytest.mark.parametrize(
    "text", ['senders = [{name = "till", token_sha256 = "hemmelig"}]', 'ga4 = {G-ABCD = "hemmelig"}']
)
def test_a_token_where_its_hash_belongs_is_not_shown(file: Path, text: str) -> None:
    """The settings hold hashes, and the fault says where one is missing."""
    faults = faults_of(file, SHOP + text)
    assert any(line.startswith("sites.0.") and "pattern" in line for line in faults)
    assert "hemmelig" not in "".join(faults)


@pytest.mark.parametrize("area", ["Norge", "NOR", "no", "NO-", "NO-0301", "NO-03 Oslo", ""])
def test_an_area_is_a_code(file: Path, area: str) -> None:
    """As rows have it: a name would be found in none, and its file would say so for ever."""
    faults = faults_of(file, f'[collector]\nplaces = "x.mmdb"\n{SHOP}areas = ["NO", "{area}"]\n')
    assert any(line.startswith("sites.0.areas.1:") and "NO-03" in line for line in faults)


def test_regions_as_areas_need_a_file_that_tells_them(file: Path) -> None:
    """With one they are taken; that it can be read is for the collector to say, which may be on another machine."""
    areas = f'{SHOP}areas = ["NO", "NO-03", "SE-AB"]\n'
    assert any("NO-03" in line and "[collector] places" in line for line in faults_of(file, areas))
    file.write_text(f'[collector]\nplaces = "/there/is/none.mmdb"\n{areas}', encoding="utf-8")
    found = settings.load(file)
    assert found.sites[0].areas == ("NO", "NO-03", "SE-AB")
    assert found.collector.places == Path("/there/is/none.mmdb")


HASH = "0" * 64
OTHER_SHOP = SHOP.replace("shop.no", "other.no")
TWICE = {
    "a measurement id": (f'ga4 = {{G-ABCD = "{HASH}"}}\n', "G-ABCD"),
    "a token": (f'senders = [{{name = "till", token_sha256 = "{HASH}"}}]\n', HASH),
}


@pytest.mark.parametrize(("line", "named"), TWICE.values(), ids=TWICE.keys())
def test_what_names_two_shops_is_refused(file: Path, line: str, named: str) -> None:
    """Which of the two would an event be counted for?"""
    assert any(named in fault and "once" in fault for fault in faults_of(file, SHOP + line + OTHER_SHOP + line))


def test_a_site_that_stands_twice_is_named(file: Path) -> None:
    """Which of the two would count?"""
    assert any("shop.no" in line and "once" in line for line in faults_of(file, SHOP + SHOP))


BROKEN = {
    "a file that isn't TOML": "sites = [",
    "a site without origins": '[[sites]]\nid = "shop.no"\norigins = []\n',
    "sites that are no table": "sites = 1",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_what_cant_be_used_is_refused(file: Path, text: str) -> None:
    """In words, not with a traceback."""
    assert faults_of(file, text)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """Rather than taken for an empty one."""
    with pytest.raises(Invalid, match=r"nowhere\.toml"):
        settings.load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("profile", "mode"), [("NO", Mode.COUNT), ("DE", Mode.COUNT), ("FR", Mode.MEASURE), ("UK", Mode.MEASURE)]
)
def test_a_profile_says_what_happens_before_consent(file: Path, profile: str, mode: Mode) -> None:
    """Counting where the law knows no exception for statistics."""
    file.write_text(f'{SHOP}profile = "{profile}"\n', encoding="utf-8")
    assert settings.load(file).sites[0].before_consent is mode


def test_of_a_shop_that_names_no_country_nothing_is_stored_before_consent(file: Path) -> None:
    """The strictest one is the default: who names no country gets what is right in each."""
    assert settings.load(file).sites[0].before_consent is Mode.OFF


def test_a_shop_has_the_time_zone_of_all_or_its_own(file: Path) -> None:
    """Where its day begins."""
    other = SHOP.replace("shop.no", "shop.co.uk") + 'time_zone = "Europe/London"\n'
    file.write_text(f'time_zone = "Europe/Berlin"\n{SHOP}{other}', encoding="utf-8")
    assert [site.time_zone for site in settings.load(file).sites] == ["Europe/Berlin", "Europe/London"]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:80", "::1", 80), ("shop.no:0", "shop.no", 0)],
)
def test_an_address_has_a_host_and_a_port(text: str, host: str, port: int) -> None:
    """IPv6 in brackets."""
    assert (Address(text).host, Address(text).port) == (host, port)


ORIGINS = {
    "a port that goes without saying": ("https://shop.no:443", "https://shop.no"),
    "another port": ("http://localhost:8000", "http://localhost:8000"),
    "letters that are not ASCII": ("https://blåbær.no", "https://xn--blbr-roah.no"),
    "capitals": ("HTTPS://Shop.NO", "https://shop.no"),
}


@pytest.mark.parametrize(("written", "spelt"), ORIGINS.values(), ids=ORIGINS.keys())
def test_an_origin_is_spelt_as_browsers_do(file: Path, written: str, spelt: str) -> None:
    """Else every visit would be refused as coming from elsewhere."""
    file.write_text(f'[[sites]]\nid = "shop.no"\norigins = ["{written}"]\n', encoding="utf-8")
    assert settings.load(file).sites[0].origins == (spelt,)


def test_a_name_that_is_no_scripts_is_refused(file: Path) -> None:
    """The operator may choose where the script lies, and is told what such a place looks like."""
    assert faults_of(file, '[collector]\nscript = "vaffel"\n')
