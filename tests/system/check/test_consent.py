"""`sporlos check` on banners: choices that reach the script, and what is there before anybody has chosen."""

import json

import pytest

from tests.system.check.looking import DENIED, TAG, Stage

REMEMBERS = """<script>window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments) }
    if (document.cookie.includes('choice=yes')) sporlos('consent', 'measure')</script>"""
UPDATES = """<script>
    if (document.cookie.includes('choice=yes')) gtag('consent', 'update', {analytics_storage: 'granted'})</script>"""
TCF = """<script>window.__tcfapi = (command, version, answer) => {
    const yes = document.cookie.includes('choice=yes');
    const consents = {1: yes, 8: yes}, eventStatus = yes ? 'tcloaded' : 'cmpuishown';
    answer({eventStatus, gdprApplies: true, purpose: {consents}}, true)
    }</script>"""
BANNER = """<button id="yes" onclick="document.cookie = 'choice=yes; path=/'">Godta</button>"""


def test_a_choice_that_arrives_and_one_that_never_does(stage: Stage) -> None:
    """The button is pressed, and the page loaded once more: it must know of the choice then."""
    arrives = stage.check(stage.pages.put("/banner", BANNER, REMEMBERS + TAG), "--accept=text=Godta")
    assert (arrives.faults, arrives.words("ok").count("consent_arrives")) == ([], 1)
    never = stage.check(stage.pages.put("/banner", BANNER, TAG), "--accept=#yes")
    assert never.faults == ["consent_never_granted"]
    missing = stage.check(stage.pages.put("/banner", "", TAG), "--accept=#yes", "--seconds=1")
    assert missing.faults == ["consent_button_missing"]


@pytest.mark.parametrize(("tool", "told"), [(DENIED + UPDATES, "mode"), (TCF, "tcf")], ids=["Consent Mode", "TCF"])
def test_a_choice_that_a_consent_tool_tells(stage: Stage, tool: str, told: str) -> None:
    """Google's and the IAB's are heard by the script, so the page needs no call; what each said is told, too."""
    looked = stage.check(stage.pages.put(f"/{told}", BANNER, tool + TAG), "--accept=#yes")
    assert (looked.faults, looked.words("ok").count("consent_arrives")) == ([], 1)
    seen = json.loads(looked.out)["seen"]
    consent = [seen[visit]["consent"][told] for visit in ("before", "after")]
    assert consent == ["denied" if told == "mode" else "asked", "granted"]


def test_a_consent_that_is_no_word_is_looked_at_all_the_same(stage: Stage) -> None:
    """`true` in place of granted is a shop's typing error; it grants nothing."""
    odd = DENIED.replace("'denied'", "true")
    looked = stage.check(stage.pages.put("/odd", "", odd + TAG))
    assert (looked.code, looked.seen["consent"]["mode"]) == (0, "true")


def test_a_page_that_measures_against_its_own_banner(stage: Stage) -> None:
    """Consent Mode says denied, and the template calls for measuring."""
    call = REMEMBERS.replace("if (document.cookie.includes('choice=yes')) ", "")
    assert stage.check(stage.pages.put("/against", "", DENIED + call + TAG)).faults == ["measured_without_consent"]


def test_a_tracker_and_its_cookie_before_any_choice(stage: Stage) -> None:
    """Told by name, though here nothing answers at its address."""
    pixel = """<script async src="http://connect.facebook.net/fbevents.js"></script>
        <script async src="http://www.googletagmanager.com/gtm.js?id=GTM-1"></script>
        <script>document.cookie = '_fbp=fb.1.1.1'</script>"""
    nowhere = ("--resolve=connect.facebook.net=127.0.0.1:9", "--resolve=www.googletagmanager.com=127.0.0.1:9")
    looked = stage.check(stage.pages.put("/pixel", "", DENIED + TAG + pixel), *nowhere)
    assert looked.faults == ["tracker_before_consent", "tracking_cookies"]
    assert "tag_manager" in looked.words("warning")
    assert "Facebook is on the page before anybody has agreed" in looked.out
