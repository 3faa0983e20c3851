"""The page in two languages."""

import json
import re
from importlib import resources

import pytest
from aiohttp.test_utils import make_mocked_request

from dashboards.web.words import COOKIE, WORDS, language_of
from pipeline.outcome import Outcome
from tests.dashboards.conftest import Visit
from tests.dashboards.shop import Bench, log_in


def test_languages_have_the_same_words() -> None:
    """Same keys, same placeholders, nothing empty."""
    assert set(WORDS["en"]) == set(WORDS["nb"])
    for key, english in WORDS["en"].items():
        assert WORDS["nb"][key].strip()
        assert WORDS["nb"][key].count("%s") == english.count("%s"), key


def test_every_outcome_has_a_word() -> None:
    """The panel of refusals shows no bare code."""
    assert {outcome for outcome in Outcome if outcome != Outcome.STORED} <= set(WORDS["en"])


def test_every_word_that_scripts_and_pages_use_exists() -> None:
    """`words.x` anywhere in the page's files has its entry."""
    folder = resources.files("dashboards.web")
    files = [file for file in folder.iterdir() if file.name.endswith((".js", ".html"))]
    used = {word for file in files for word in re.findall(r"\bwords\.(\w+)", file.read_text(encoding="utf-8"))}
    assert len(used) > 30
    assert used <= set(WORDS["en"])


def test_open_days_are_never_called_anonymous() -> None:
    """Rows of single visits are pseudonymised, and the page says so."""
    for words in WORDS.values():
        text = json.dumps(dict(words), ensure_ascii=False).lower()
        assert "pseudonymis" in text
        assert "anonym" not in text.replace("pseudonymis", "")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("nb-NO,nb;q=0.9,en;q=0.8", "nb"), ("nn", "nb"), ("no", "nb"), ("de,en-GB;q=0.7", "en"), ("fr", "en"), ("", "en")],
)
def test_language_follows_the_browser(accepted: str, language: str) -> None:
    """The first that is asked for and spoken here."""
    assert language_of(make_mocked_request("GET", "/", headers={"Accept-Language": accepted})) == language


async def test_switch_is_remembered(bench: Bench, visit: Visit) -> None:
    """Once chosen, the language stays, whatever the browser asks for."""
    session = await log_in(bench, visit())
    async with session.get("/?lang=nb", headers={"Accept-Language": "en"}) as answer:
        assert COOKIE in answer.cookies
    async with session.get("/", headers={"Accept-Language": "en"}) as answer:
        assert '<html lang="nb">' in await answer.text()
