"""What the script does not do: read without consent, store, throw, speak."""

import pytest
from playwright.async_api import Browser, Page

from tests.beacon.stage import Stage

HIDE = """state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
    document.dispatchEvent(new Event('visibilitychange')) }"""
REFUSE_BEACONS = "navigator.sendBeacon = () => false"
SIGNAL = "Object.defineProperty(Navigator.prototype, '{}', {{get: () => {}}})"
# every way to learn something of the device raises an alarm
WATCH = """window.read = [];
    for (const [thing, name] of [[window, 'innerWidth'], [window, 'scrollY'], [window, 'innerHeight'],
        [Navigator.prototype, 'userAgent'], [Navigator.prototype, 'language'], [Document.prototype, 'cookie'],
        [Screen.prototype, 'width'], [window, 'devicePixelRatio'], [window, 'localStorage'], [window, 'sessionStorage'],
        [window, 'indexedDB'], [Performance.prototype, 'now'], [Document.prototype, 'visibilityState']]) {
      const own = Object.getOwnPropertyDescriptor(thing, name);
      Object.defineProperty(thing, name, {configurable: true, get() {
        read.push(name); return own.get ? own.get.call(this) : own.value }});
    }"""


async def test_off_sends_nothing(stage: Stage, page: Page) -> None:
    """With consent withdrawn before the first request, no request is made at all."""
    early = "<script>window.sporlos = function () { (sporlos.q = sporlos.q || []).push(arguments) };"
    await page.goto(stage.put("/", head=f"{early} sporlos('consent', 'off'); sporlos('search', {{}})</script>"))
    await page.evaluate("sporlos('purchase', {value: 5})")
    await stage.leave(page)
    assert stage.names() == ["marker"]


@pytest.mark.parametrize(("mode", "sent"), [(None, None), ("nonsense", None), ("count", "count")])
async def test_without_a_word_nothing_is_read_and_the_server_decides(
    stage: Stage, page: Page, mode: str | None, sent: str | None
) -> None:
    """Without consent: no mode unless the tag says `count`, no width, no engagement, nothing of the device read."""
    await page.add_init_script(WATCH)
    await page.goto(stage.put("/", "<p style='height:3000px'>", mode=mode))
    await stage.wait("page_view")
    await page.evaluate("window.dispatchEvent(new Event('scroll'))")
    await page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    await page.evaluate(HIDE, "hidden")
    await page.evaluate(HIDE, "visible")
    read = await page.evaluate("read")
    await stage.leave(page)
    assert (stage.bodies[0].get("m"), stage.bodies[0].get("w")) == (sent, None)
    assert stage.names() == ["page_view", "marker"]
    assert read == []


async def test_the_watch_notices_a_reading(stage: Stage, page: Page) -> None:
    """The alarm of the test above does go off where measuring is allowed."""
    await page.add_init_script(WATCH)
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    assert "innerWidth" in await page.evaluate("read")


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
    early = "<script>window.sporlos = function () { (sporlos.q = sporlos.q || []).push(arguments) };"
    await page.goto(stage.put("/", head=f"{early} sporlos('consent', 'count')</script>", mode=mode))
    await stage.wait("page_view")
    assert (stage.bodies[0]["m"], "w" in stage.bodies[0]) == ("count", False)


async def test_an_unknown_word_is_no_consent(stage: Stage, page: Page) -> None:
    """What the script does not understand leaves the decision with the server."""
    await page.goto(stage.put("/"))
    await page.evaluate("sporlos('consent', 'ja'); sporlos('consent'); sporlos('login')")
    await stage.wait("login")
    assert {body.get("m") for body in stage.bodies} == {None}


async def test_after_consent_is_taken_back_nothing_is_read(stage: Stage, page: Page) -> None:
    """From measured to counted: no look at the device any more, and the time until then is not sent."""
    await page.clock.install()
    await page.goto(stage.put("/", "<p style='height:3000px'>"))
    await stage.wait("page_view")
    await page.clock.fast_forward(5_000)
    await page.evaluate("sporlos('consent', 'count')")
    await page.evaluate(WATCH)
    await page.evaluate("window.dispatchEvent(new Event('scroll'))")
    await page.evaluate(HIDE, "hidden")
    read = await page.evaluate("read")
    await stage.leave(page)
    assert set(read) <= {"now"}  # which the installed clock reads itself
    assert stage.names() == ["page_view", "marker"]


async def test_a_page_that_was_off_is_viewed_when_consent_comes(stage: Stage, page: Page) -> None:
    """The page view is reported late rather than never."""
    await page.goto(stage.put("/", mode="off"))
    await page.evaluate("sporlos('consent', 'measure')")
    await stage.wait("page_view")
    assert stage.bodies[0]["m"] == "measure"


@pytest.mark.parametrize(("signal", "value"), [("globalPrivacyControl", "true"), ("doNotTrack", "'1'")])
async def test_the_browsers_signal_goes_before_consent(stage: Stage, page: Page, signal: str, value: str) -> None:
    """With Global Privacy Control or Do Not Track a page is counted at most, whatever the tag and the shop say."""
    await page.add_init_script(SIGNAL.format(signal, value))
    await page.goto(stage.put("/", mode="measure"))
    await page.evaluate("sporlos('consent', 'measure'); sporlos('login')")
    await stage.wait("login")
    assert {body["m"] for body in stage.bodies} == {"count"}


async def test_engagement_is_sent_when_the_page_is_hidden(stage: Stage, page: Page) -> None:
    """Visible time and depth leave once it is hidden; next time only what was added since."""
    await page.clock.install()
    await page.goto(stage.put("/", "<p style='height:3200px;margin:0'>"))
    await stage.wait("page_view")
    await page.clock.fast_forward(5_000)
    await page.evaluate("scrollTo(0, 800)")
    await page.evaluate(HIDE, "hidden")
    first = await stage.wait("engagement")
    await page.clock.fast_forward(60_000)
    await page.evaluate(HIDE, "visible")
    await page.clock.fast_forward(4_000)
    await page.evaluate(HIDE, "hidden")
    second = await stage.wait("engagement", 2)
    assert 5_000 <= first["ms"] < 9_000
    assert 4_000 <= second["ms"] < 8_000
    assert 45 <= first["sd"] <= 55


async def test_a_glance_is_no_engagement(stage: Stage, page: Page) -> None:
    """Under three seconds nothing is said of time."""
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    await page.evaluate(HIDE, "hidden")
    await stage.leave(page)
    assert stage.names() == ["page_view", "marker"]


async def test_engagement_belongs_to_the_page_that_had_it(stage: Stage, page: Page) -> None:
    """An in-page navigation reports the time of the page before under that page's address."""
    await page.clock.install()
    address = stage.put("/")
    await page.goto(address)
    await stage.wait("page_view")
    await page.clock.fast_forward(6_000)
    await page.evaluate("history.pushState(null, '', '/next')")
    await stage.wait("engagement")
    assert next(body["u"] for body in stage.bodies if body["e"][0]["n"] == "engagement") == address


async def test_nothing_is_stored(stage: Stage, page: Page) -> None:
    """After views, calls and engagement there is no cookie and every storage of the browser is empty."""
    await page.clock.install()
    await page.goto(stage.put("/"))
    await page.evaluate("sporlos('purchase', {transaction_id: '1', value: 5})")
    await page.clock.fast_forward(5_000)
    await page.evaluate(HIDE, "hidden")
    await stage.wait("engagement")
    stored = """async () => [document.cookie, localStorage.length, sessionStorage.length,
        (await indexedDB.databases()).length, (await caches.keys()).length, window.name,
        (await navigator.serviceWorker.getRegistrations()).length]"""
    assert await page.evaluate(stored) == ["", 0, 0, 0, 0, "", 0]
    assert await page.context.cookies() == []


async def test_it_works_under_a_strict_policy(stage: Stage, page: Page) -> None:
    """A Content-Security-Policy that allows one host for scripts and connections, and nothing inline, is enough."""
    stage.page_headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {stage.collector}; connect-src {stage.collector}; img-src data:; "
        "require-trusted-types-for 'script'"
    )
    await page.goto(stage.put("/", '<b data-sporlos-product="7">'))
    await stage.wait("view_item")


async def test_a_refused_beacon_becomes_a_request(stage: Stage, page: Page) -> None:
    """Where the browser takes no beacon the same body leaves by fetch."""
    await page.add_init_script(REFUSE_BEACONS)
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    assert stage.content_types[0].startswith("text/plain")


async def test_a_collector_that_is_away_is_not_noticed(stage: Stage, browser: Browser) -> None:
    """A broken connection throws nothing, rejects nothing, and leaves the page's own code alone."""
    stage.broken = True
    page = await browser.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    await page.add_init_script(f"{REFUSE_BEACONS}; onunhandledrejection = () => {{ window.rejected = true }}")
    async with page.expect_event("requestfailed"):
        await page.goto(stage.put("/"))
    assert await page.evaluate("sporlos('login'), window.rejected") is None
    assert thrown == []


async def test_a_page_that_is_only_prerendered_is_no_view(stage: Stage, page: Page) -> None:
    """Nothing is sent, calls included, before the visitor sees the page."""
    await page.add_init_script("Object.defineProperty(document, 'prerendering', {get: () => !window.shown})")
    await page.goto(stage.put("/"))
    await page.evaluate("sporlos('login')")
    sent = len(stage.bodies)
    await page.evaluate("window.shown = 1; document.dispatchEvent(new Event('prerenderingchange'))")
    await stage.wait("login")
    assert (sent, stage.names()) == (0, ["page_view", "login"])
