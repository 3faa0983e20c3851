"""Each finding, from what was seen to the word for it; and that a page as it should be has nothing but good ones."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from proxy.check import verdict
from proxy.check.asked import Asked, Wrong
from proxy.check.finding import Finding, Level, Word
from proxy.check.observed import Consent, Loaded, Markup, Observations, Report, Tag, Violation, Visit
from proxy.check.strangers import known
from proxy.lookups import is_robot

SRC = "https://stats.shop.no/s.js"
TAG = Tag(SRC, site="shop.no")
LOADED = Loaded(SRC, 200, is_ours=True, cache_control="public, max-age=3600", digest="sha384-right")
REPORT = Report(
    "https://stats.shop.no/e", "shop.no", "", ("page_view", "view_item"), products=("Politistasjon",), status=202
)
CLEAN = Visit(
    url="https://shop.no/lego/60316",
    ran=True,
    tags=(TAG,),
    scripts=(LOADED,),
    reports=(REPORT,),
    requests=(SRC, "https://stats.shop.no/e", "https://shop.no/logo.svg"),
    cookies=("PHPSESSID",),
    markup=Markup(described=1),
    consent=Consent(mode="denied"),
)
SILENT = replace(CLEAN, ran=False, reports=(), requests=())
FAILED = replace(REPORT, status=0)


def seen(visit: Visit = CLEAN, **change: object) -> Observations:
    """One visit, changed."""
    return Observations(replace(visit, **change))  # type: ignore[arg-type]  # the names are the tests' own


def tagged(**change: object) -> tuple[Tag, ...]:
    """One tag, changed."""
    return (replace(TAG, **change),)  # type: ignore[arg-type]  # as above


def loaded(**change: object) -> tuple[Loaded, ...]:
    """How the script was answered, changed."""
    return (replace(LOADED, **change),)  # type: ignore[arg-type]  # as above


def reported(**change: object) -> tuple[Report, ...]:
    """One report, changed."""
    return (replace(REPORT, **change),)  # type: ignore[arg-type]  # as above


def blocked(url: str, directive: str) -> tuple[Violation, ...]:
    """What a policy had against an address."""
    return (Violation(url, directive),)


MEASURED = replace(CLEAN, reports=reported(mode="measure"), consent=Consent(mode="granted"))
PIXEL = "https://connect.facebook.net/en_US/fbevents.js"
CASES: Mapping[Word, Observations] = {
    Word.PAGE_FAILED: seen(status=503),
    Word.SCRIPT_RUNS: seen(),
    Word.NO_SCRIPT: seen(SILENT, tags=()),
    Word.SCRIPT_BLOCKED_BY_CSP: seen(SILENT, violations=blocked(SRC, "script-src-elem")),
    Word.SCRIPT_MIXED_CONTENT: seen(SILENT, tags=tagged(src="http://stats.shop.no/s.js"), scripts=()),
    Word.SCRIPT_BLOCKED_BY_CLIENT: seen(SILENT, scripts=loaded(status=0, failure="net::ERR_BLOCKED_BY_CLIENT")),
    Word.SCRIPT_UNREACHABLE: seen(SILENT, scripts=loaded(status=0, failure="net::ERR_NAME_NOT_RESOLVED")),
    Word.SCRIPT_NOT_SERVED: seen(SILENT, scripts=loaded(status=404, is_ours=False)),
    Word.SCRIPT_INTEGRITY: seen(SILENT, tags=tagged(integrity="sha384-wrong", has_crossorigin=True)),
    Word.SCRIPT_DID_NOT_RUN: seen(SILENT),
    Word.SCRIPT_TWICE: seen(tags=(TAG, TAG)),
    Word.SCRIPT_HOLDS_PAGE_UP: seen(tags=tagged(waits=False)),
    Word.SCRIPT_NOT_CACHED: seen(scripts=loaded(cache_control="no-store, max-age=60")),
    Word.EVENTS_ACCEPTED: seen(),
    Word.NOTHING_SENT: seen(reports=()),
    Word.EVENTS_BLOCKED_BY_CSP: seen(reports=(), violations=blocked("https://stats.shop.no/e", "connect-src")),
    Word.EVENTS_BLOCKED_BY_CLIENT: seen(reports=reported(status=0, failure="net::ERR_BLOCKED_BY_CLIENT")),
    Word.EVENTS_UNREACHABLE: seen(reports=(FAILED,)),
    Word.WRONG_ORIGIN: seen(reports=reported(status=403, refused="wrong_origin")),
    Word.UNKNOWN_SITE: seen(reports=reported(status=404, refused="unknown_site")),
    Word.EVENTS_REFUSED: seen(reports=reported(status=400, refused="unknown_event")),
    Word.NO_COLLECTOR: seen(reports=reported(status=404)),
    Word.COLLECTOR_FULL: seen(reports=reported(status=503)),
    Word.COUNTED_TWICE: seen(reports=(REPORT, REPORT)),
    Word.EXPECTED_MISSING: replace(seen(), expected=("purchase",)),
    Word.PRODUCT_SEEN: seen(),
    Word.NO_PRODUCT: seen(reports=reported(names=("page_view",), products=())),
    Word.PRODUCT_WITHOUT_ID: seen(reports=reported(products=(), unnumbered=("Politistasjon",))),
    Word.MARKUP_UNREADABLE: seen(markup=Markup(unreadable=1)),
    Word.SWITCHED_OFF: seen(reports=(), tags=tagged(mode="off")),
    Word.CONSENT_ARRIVES: Observations(CLEAN, MEASURED, "#yes"),
    Word.CONSENT_WAITS: seen(),
    Word.CONSENT_NEVER_GRANTED: Observations(CLEAN, CLEAN, "#yes"),
    Word.CONSENT_BUTTON_MISSING: Observations(CLEAN, None, "#yes"),
    Word.NO_CONSENT_TOOL: seen(consent=Consent()),
    Word.MEASURED_WITHOUT_CONSENT: seen(MEASURED, consent=Consent(tcf="asked")),
    Word.NO_TRACKERS: seen(),
    Word.TRACKER_BEFORE_CONSENT: seen(requests=(PIXEL,)),
    Word.TRACKER_AFTER_CONSENT: Observations(CLEAN, replace(MEASURED, requests=(PIXEL,)), "#yes"),
    Word.TAG_MANAGER: seen(requests=("https://www.googletagmanager.com/gtm.js?id=GTM-X",)),
    Word.TRACKING_COOKIES: seen(cookies=("_fbp", "PHPSESSID")),
    Word.COOKIES: seen(),
}
WARNINGS = {
    Word.SCRIPT_TWICE,
    Word.SCRIPT_HOLDS_PAGE_UP,
    Word.SCRIPT_NOT_CACHED,
    Word.COUNTED_TWICE,
    Word.NO_PRODUCT,
    Word.SWITCHED_OFF,
    Word.NO_CONSENT_TOOL,
    Word.TRACKER_AFTER_CONSENT,
    Word.TAG_MANAGER,
}
FINE = {
    Word.SCRIPT_RUNS,
    Word.EVENTS_ACCEPTED,
    Word.PRODUCT_SEEN,
    Word.CONSENT_ARRIVES,
    Word.CONSENT_WAITS,
    Word.NO_TRACKERS,
    Word.COOKIES,
}


def found(what: Observations, word: Word) -> Finding:
    """The one finding of that word."""
    (finding,) = [finding for finding in verdict.judge(what) if finding.word is word]
    return finding


@pytest.mark.parametrize("word", Word)
def test_each_word_is_found_once_and_is_as_bad_as_it_should_be(word: Word) -> None:
    """And says what was seen; where it is not fine, what to do."""
    finding = found(CASES[word], word)
    level = Level.OK if word in FINE else Level.WARNING if word in WARNINGS else Level.FAULT
    assert finding.level is level
    assert finding.said
    assert bool(finding.todo) is (level is not Level.OK)
    assert verdict.has_fault(verdict.judge(CASES[word])) is (level is Level.FAULT)


def test_a_page_as_it_should_be_has_only_good_findings() -> None:
    """In the order in which a page comes to be counted."""
    assert [(finding.level, finding.word) for finding in verdict.judge(seen())] == [
        (Level.OK, Word.SCRIPT_RUNS),
        (Level.OK, Word.EVENTS_ACCEPTED),
        (Level.OK, Word.PRODUCT_SEEN),
        (Level.OK, Word.CONSENT_WAITS),
        (Level.OK, Word.NO_TRACKERS),
        (Level.OK, Word.COOKIES),
    ]


def test_without_a_script_nothing_is_said_of_what_it_would_have_sent() -> None:
    """One fault, not five that follow from it; who else is there is told all the same."""
    assert [finding.word for finding in verdict.judge(seen(SILENT, tags=()))] == [
        Word.NO_SCRIPT,
        Word.NO_TRACKERS,
        Word.COOKIES,
    ]


def test_what_to_do_names_the_shops_own_addresses() -> None:
    """Lines to paste, not riddles."""
    wrong = found(CASES[Word.WRONG_ORIGIN], Word.WRONG_ORIGIN).todo
    assert 'add "https://shop.no" to `origins` of [[sites]] id = "shop.no"' in wrong
    policy = found(CASES[Word.SCRIPT_BLOCKED_BY_CSP], Word.SCRIPT_BLOCKED_BY_CSP).todo
    assert policy == "add https://stats.shop.no to script-src and connect-src."


def test_an_integrity_without_crossorigin_is_told_apart_from_a_wrong_one() -> None:
    """The first needs an attribute, the second another value, which is given."""
    right = seen(SILENT, tags=tagged(integrity="sha384-right"))
    assert "crossorigin" in found(right, Word.SCRIPT_INTEGRITY).todo
    assert 'integrity="sha384-right"' in found(CASES[Word.SCRIPT_INTEGRITY], Word.SCRIPT_INTEGRITY).todo


def test_a_policy_that_only_reports_blocks_nothing() -> None:
    """The violation is there; the script runs."""
    violations = (replace(blocked(SRC, "script-src-elem")[0], is_enforced=False),)
    assert verdict.judge(seen(violations=violations)) == verdict.judge(seen())


def test_measured_without_a_tool_or_a_choice_is_worth_a_look_only() -> None:
    """Some countries allow it, and a page may remember."""
    finding = found(seen(MEASURED, consent=Consent()), Word.MEASURED_WITHOUT_CONSENT)
    assert finding.level is Level.WARNING


def test_a_trackers_cookies_after_a_choice_are_worth_a_look_only() -> None:
    """Before it they are a fault."""
    after = replace(MEASURED, cookies=("_ga", "_ga_ABC"))
    assert found(Observations(CLEAN, after, "#yes"), Word.TRACKING_COOKIES).level is Level.WARNING


def test_an_expected_event_may_come_after_the_choice() -> None:
    """A page that waits for consent with everything still sends it."""
    after = replace(MEASURED, reports=reported(names=("purchase",), mode="measure"))
    what = replace(Observations(CLEAN, after, "#yes"), expected=("purchase",))
    assert Word.EXPECTED_MISSING not in [finding.word for finding in verdict.judge(what)]


def test_a_products_group_or_a_list_is_named_where_no_product_was_found() -> None:
    """So that it is seen why: several variants under one name, several products."""
    several = seen(reports=reported(names=("page_view",), products=()), markup=Markup(described=3, groups=1))
    said = found(several, Word.NO_PRODUCT)
    assert said.said == "no product found (3 in JSON-LD, 1 product groups)"
    assert said.todo.startswith("right for a list")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.google-analytics.com/g/collect", "Google Analytics"),
        ("https://www.googletagmanager.com/gtag/js?id=G-X", "Google tag"),
        ("https://region1.google-analytics.com/g/collect", "Google Analytics"),
        ("https://www.facebook.com/tr?id=1", "Facebook"),
        ("https://static.hotjar.com/c/hotjar-1.js", "Hotjar"),
        ("https://www.clarity.ms/tag/x", "Microsoft Clarity"),
        ("https://analytics.tiktok.com/i18n/pixel/events.js", "TikTok"),
        ("https://ct.pinterest.com/v3/", "Pinterest"),
        ("https://tr.snapchat.com/p", "Snapchat"),
        ("https://bat.bing.com/bat.js", "Bing Ads"),
        ("https://track.adtraction.com/t/t", "Adtraction"),
        ("https://fonts.googleapis.com/css2", ""),
        ("https://js.stripe.com/v3/", ""),
        ("https://notfacebook.com/", ""),
        ("data:image/png;base64,AA", ""),
    ],
)
def test_trackers_are_known_by_their_hosts(url: str, name: str) -> None:
    """And a payment, a font, or a host that only ends alike is none."""
    assert known(url)[0] == name


def test_the_checks_own_browser_is_taken_for_a_robot() -> None:
    """Else each check would be a visit. Its name is read as text: the module that has it needs Playwright."""
    source = Path(verdict.__file__).with_name("chromium.py").read_text(encoding="utf-8")
    (name,) = [line.split('"')[1] for line in source.splitlines() if line.startswith("NAME = ")]
    browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
    assert not is_robot(browser)
    assert is_robot(f"{browser} {name}")


@pytest.mark.parametrize("url", ["shop.no", "ftp://shop.no/", "https://", "file:///etc/passwd"])
def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    """Before any browser is started."""
    with pytest.raises(Wrong):
        Asked(url)


@pytest.mark.parametrize("resolve", ["shop.no", "=127.0.0.1", "shop.no=127.0.0.1,MAP * 10.0.0.1", "a b=c"])
def test_a_resolved_host_can_be_nothing_else(resolve: str) -> None:
    """It ends up in an argument of the browser, with rules of its own."""
    with pytest.raises(Wrong, match="expected host=address"):
        Asked("https://shop.no/", resolve=("shop.no=127.0.0.1:8443", resolve))


def test_the_page_is_judged_from_outside() -> None:
    """Nothing of the collector is imported: what no browser can see can't be part of a finding."""
    files = Path(verdict.__file__).parent.glob("*.py")
    imported = {
        name for file in files for name in re.findall(r"^ *(?:from|import) (\S+)", file.read_text(), re.MULTILINE)
    }
    ours = {name for name in imported if name.partition(".")[0] in ("proxy", "pipeline", "dashboards", "demo")}
    assert {name for name in ours if not name.startswith("proxy.check")} == set()
    assert "proxy.check.observed" in ours
