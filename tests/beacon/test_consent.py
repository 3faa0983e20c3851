"""What the visitor has chosen, by whichever way the page says it. The last word counts."""

import json

import pytest
from playwright.async_api import Page

from tests.beacon.stage import Stage

STUB = "<script>window.sporlos = window.sporlos || function () { (sporlos.q = sporlos.q || []).push(arguments) };"
GTAG = "<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) };"
SIGNAL = "Object.defineProperty(Navigator.prototype, '{}', {{get: () => {}}})"
TCF = """<script>window.__tcfapi = (command, version, act) => { if (command === 'addEventListener' && version === 2) {
    window.choose = given => act(given, true); choose(%s) } }</script>"""


def chosen(*purposes: int, status: str = "useractioncomplete", applies: bool = True) -> str:
    """What a consent platform tells its listeners."""
    return json.dumps(
        {"eventStatus": status, "gdprApplies": applies, "purpose": {"consents": dict.fromkeys(purposes, True)}}
    )


async def test_consent_changes_the_page_from_then_on(stage: Stage, page: Page) -> None:
    """Before consent no mode is sent, after it `measure`, once it is withdrawn nothing; the page view leaves once."""
    await page.goto(stage.put("/", mode=None))
    await stage.wait("page_view")
    await page.evaluate("sporlos('consent', 'measure'); sporlos('search', {search_term: 'a'})")
    await stage.wait("search")
    await page.evaluate("sporlos('consent', 'off'); sporlos('login')")
    await stage.leave(page)
    assert [(body.get("m"), body.get("w")) for body in stage.bodies] == [
        (None, None),
        ("measure", 1280),
        (None, None),
    ]
    assert stage.names() == ["page_view", "search", "marker"]


@pytest.mark.parametrize("mode", [None, "measure"])
async def test_a_refusal_is_said_with_the_first_view(stage: Stage, page: Page, mode: str | None) -> None:
    """Consent to counting only, given before the first request, overrules a profile that would measure."""
    await page.goto(stage.put("/", head=f"{STUB} sporlos('consent', 'count')</script>", mode=mode))
    await stage.wait("page_view")
    assert (stage.bodies[0]["m"], "w" in stage.bodies[0]) == ("count", False)


async def test_an_unknown_word_is_no_consent(stage: Stage, page: Page) -> None:
    """What the script does not understand leaves the decision with the server."""
    await page.goto(stage.put("/"))
    await page.evaluate("sporlos('consent', 'ja'); sporlos('consent'); sporlos('login')")
    await stage.wait("login")
    assert {body.get("m") for body in stage.bodies} == {None}
    assert {body.get("w") for body in stage.bodies} == {1280}


async def test_off_sends_nothing(stage: Stage, page: Page) -> None:
    """With consent withdrawn before the first request, no request is made at all."""
    await page.goto(stage.put("/", head=f"{STUB} sporlos('consent', 'off'); sporlos('search', {{}})</script>"))
    await page.evaluate("sporlos('purchase', {value: 5})")
    await stage.leave(page)
    assert stage.names() == ["marker"]


async def test_a_page_that_was_off_is_viewed_when_consent_comes(stage: Stage, page: Page) -> None:
    """The page view is reported late rather than never, and once."""
    await page.goto(stage.put("/", mode="off"))
    await page.evaluate("sporlos('consent', 'measure')")
    await stage.wait("page_view")
    await page.evaluate("sporlos('consent', 'off'); sporlos('consent', 'measure')")
    await stage.leave(page)
    assert stage.bodies[0]["m"] == "measure"
    assert stage.names() == ["page_view", "marker"]


async def test_a_view_that_was_taken_back_is_told_when_consent_comes(stage: Stage, page: Page) -> None:
    """Before it had left it was not counted, so it is one view, once the visitor agrees."""
    await page.goto(stage.put("/", head=f"{STUB} sporlos('consent', 'off'); sporlos('consent', 'count')</script>"))
    await stage.wait("page_view")
    await stage.leave(page)
    assert stage.names() == ["page_view", "marker"]


@pytest.mark.parametrize(("signal", "value"), [("globalPrivacyControl", "true"), ("doNotTrack", "'1'")])
async def test_the_browsers_signal_goes_before_consent(stage: Stage, page: Page, signal: str, value: str) -> None:
    """With Global Privacy Control or Do Not Track a page is counted at most, whatever the tag and the shop say."""
    await page.add_init_script(SIGNAL.format(signal, value))
    head = f"{GTAG} gtag('consent', 'update', {{analytics_storage: 'granted'}})</script>"
    await page.goto(stage.put("/", mode="measure", head=head))
    await stage.wait("page_view")
    await page.evaluate("sporlos('consent', 'measure'); sporlos('login')")
    await stage.wait("login")
    # a banner's yes is no answer to the signal; the page's own call says that the visitor was asked
    assert [body["m"] for body in stage.bodies] == ["denied", "count"]
    assert {"w" in body for body in stage.bodies} == {False}


CONSENT_MODE = {
    "updated to granted": ("update", {"analytics_storage": "granted"}, "measure", True),
    "updated to denied": ("update", {"analytics_storage": "denied"}, "denied", False),
    "denied until the visitor chooses": ("default", {"analytics_storage": "denied"}, "denied", False),
    "a default that grants is not the visitor's": ("default", {"analytics_storage": "granted"}, None, True),
    "something else is updated": ("update", {"ad_storage": "denied"}, None, True),
}


@pytest.mark.parametrize(("kind", "given", "said", "reads"), CONSENT_MODE.values(), ids=CONSENT_MODE.keys())
async def test_googles_consent_mode_is_heard(
    stage: Stage,
    page: Page,
    kind: str,
    given: dict[str, str],
    said: str | None,
    reads: bool,  # noqa: FBT001 - a parameter
) -> None:
    """By its `analytics_storage`, said before the script has loaded."""
    await page.goto(stage.put("/", head=f"{GTAG} gtag('consent', '{kind}', {json.dumps(given)})</script>"))
    await stage.wait("page_view")
    assert (stage.bodies[0].get("m"), "w" in stage.bodies[0]) == (said, reads)


async def test_a_default_allows_nothing(stage: Stage, page: Page) -> None:
    """It is the shop's word, and may be another region's: where the tag does not let the script read, it does not."""
    head = f"{GTAG} gtag('consent', 'default', {{analytics_storage: 'granted'}})</script>"
    await page.goto(stage.put("/", head=head, mode=None))
    await stage.wait("page_view")
    assert ("m" in stage.bodies[0], "w" in stage.bodies[0]) == (False, False)


async def test_consent_mode_may_change_its_mind(stage: Stage, page: Page) -> None:
    """Denied by default for a region, then granted by the visitor, then taken back."""
    default = "gtag('consent', 'default', {analytics_storage: 'denied', region: ['NO'], wait_for_update: 500})"
    await page.goto(stage.put("/", head=f"{GTAG} {default}</script>"))
    await stage.wait("page_view")
    for state in ("granted", "denied"):
        await page.evaluate(f"gtag('consent', 'update', {{analytics_storage: '{state}'}}); sporlos('login')")
        await stage.wait("login", 1 if state == "granted" else 2)
    assert [body.get("m") for body in stage.bodies] == ["denied", "measure", "denied"]


TCF_STATES = {
    "on the device and its content": (chosen(1, 8), "measure"),
    "stored from an earlier visit": (chosen(1, 2, 8, status="tcloaded"), "measure"),
    "without the device": (chosen(8), "denied"),
    "without measuring": (chosen(1, 7), "denied"),
    "nothing": (chosen(), "denied"),
    "while the banner is up": (chosen(status="cmpuishown"), None),
    "where the regulation does not apply": (chosen(status="tcloaded", applies=False), "measure"),
}


@pytest.mark.parametrize(("state", "said"), TCF_STATES.values(), ids=TCF_STATES.keys())
async def test_a_consent_platform_is_heard(stage: Stage, page: Page, state: str, said: str | None) -> None:
    """IAB's TCF 2: purpose 1 to read on the device, 8 to measure what is shown."""
    await page.goto(stage.put("/", head=TCF % state, mode=None))
    await stage.wait("page_view")
    assert stage.bodies[0].get("m") == said


async def test_a_consent_platform_may_change_its_mind(stage: Stage, page: Page) -> None:
    """What is chosen later holds from then on; the shop's own word after it goes before it."""
    await page.goto(stage.put("/", head=TCF % chosen(status="cmpuishown")))
    await stage.wait("page_view")
    await page.evaluate(f"choose({chosen(1, 8)}); sporlos('login')")
    await stage.wait("login")
    await page.evaluate("sporlos('consent', 'count'); sporlos('login')")
    await stage.wait("login", 2)
    assert [body.get("m") for body in stage.bodies] == [None, "measure", "count"]
