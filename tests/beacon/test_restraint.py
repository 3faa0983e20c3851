"""What the script does not do: read without consent, store, throw, speak."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.beacon.stage import Stage
from tests.beacon.tabs import chromium

HIDE = """state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
    document.hasFocus = () => { window.read?.push('hasFocus'); return state === 'visible' };
    document.dispatchEvent(new Event('visibilitychange', {bubbles: true})) }"""
# every way to learn something of the device raises an alarm
WATCH = """window.read = [];
    for (const [thing, name] of [[window, 'innerWidth'], [window, 'scrollY'], [window, 'innerHeight'],
        [Navigator.prototype, 'userAgent'], [Navigator.prototype, 'language'], [Document.prototype, 'cookie'],
        [Screen.prototype, 'width'], [window, 'devicePixelRatio'], [window, 'localStorage'], [window, 'sessionStorage'],
        [window, 'indexedDB'], [Performance.prototype, 'now'], [Document.prototype, 'visibilityState'],
        [Document.prototype, 'hidden'], [Document.prototype, 'hasFocus'], [Navigator.prototype, 'webdriver'],
        [window, 'PerformanceObserver'], [Element.prototype, 'scrollHeight']]) {
      const own = Object.getOwnPropertyDescriptor(thing, name);
      Object.defineProperty(thing, name, {configurable: true, get() {
        read.push(name); return own.get ? own.get.call(this) : own.value }});
    }"""


@pytest.mark.parametrize(("mode", "sent"), [(None, None), ("nonsense", None), ("count", "denied")])
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


async def test_after_consent_is_taken_back_nothing_is_read(stage: Stage, page: Page) -> None:
    """From measured to counted: no look at the device any more, and the time until then is not sent."""
    await page.clock.install()
    await page.goto(stage.put("/", "<p style='height:3000px'>"))
    await stage.wait("page_view")
    await page.clock.fast_forward(5_000)
    await page.evaluate("window.dispatchEvent(new Event('focus')); sporlos('consent', 'count')")
    await page.evaluate(WATCH)
    await page.evaluate("window.dispatchEvent(new Event('scroll'))")
    await page.evaluate(HIDE, "hidden")
    read = await page.evaluate("read")
    await stage.leave(page)
    assert set(read) <= {"now"}  # which the installed clock reads itself
    assert stage.names() == ["page_view", "marker"]


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


async def test_who_looks_elsewhere_spends_no_time_here(stage: Stage, page: Page) -> None:
    """A window that is seen beside another has no focus: its clock stands still until it has."""
    await page.clock.install()
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    focus = "has => { document.hasFocus = () => has; window.dispatchEvent(new Event(has ? 'focus' : 'blur')) }"
    await page.evaluate(focus, arg=False)
    await page.clock.fast_forward(60_000)
    await page.evaluate(focus, arg=True)
    await page.clock.fast_forward(4_000)
    await page.evaluate(HIDE, "hidden")
    assert 4_000 <= (await stage.wait("engagement"))["ms"] < 9_000


async def test_a_glance_is_no_engagement(stage: Stage, page: Page) -> None:
    """Under three seconds nothing is said of time."""
    await page.goto(stage.put("/"))
    await stage.wait("page_view")
    await page.evaluate(HIDE, "hidden")
    await stage.leave(page)
    assert stage.names() == ["page_view", "marker"]


async def test_a_deeper_look_is_told_without_waiting(stage: Stage, page: Page) -> None:
    """Who has scrolled has looked, however short; who was shown the same again has not looked twice."""
    await page.goto(stage.put("/", "<p style='height:3200px;margin:0'>"))
    await stage.wait("page_view")
    await page.evaluate("scrollTo(0, 800)")
    await page.wait_for_function("scrollY === 800")
    await page.evaluate("new Promise(requestAnimationFrame)")
    await page.evaluate(HIDE, "hidden")
    event = await stage.wait("engagement")
    await page.evaluate(HIDE, "visible")
    await page.evaluate(HIDE, "hidden")
    await stage.leave(page)
    assert 45 <= stage.read("engagement")[0].scroll <= 55
    assert event["ms"] < 3000
    assert len(stage.events("engagement")) == 1


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


async def test_time_and_depth_need_the_focus(stage: Stage, tmp_path: Path) -> None:
    """A tab that is seen no more stops its clock, in a browser with real tabs; the other one's is its own."""
    async with chromium(tmp_path) as tabs:
        first = await tabs.open(stage.put("/first", "<p style='height:4000px'>"))
        await stage.wait("page_view")
        await tabs.run(first, "scrollTo(0, 1000)")
        second = await tabs.open(stage.put("/second"))
        told = await stage.wait("engagement")
        await stage.wait("page_view", 2)
        await tabs.run(second, "(now => { performance.now = () => now.call(performance) + 4000 })(performance.now)")
        await tabs.show(first)
        await stage.wait("engagement", 2)
        await tabs.run(first, "location.href = '/second'")
        await stage.wait("page_view", 3)
    [_, other, *more] = [
        (body["u"].removeprefix(stage.shop), event)
        for body in stage.bodies
        for event in body["e"]
        if event["n"] == "engagement"
    ]
    assert told["sd"] > 30
    assert (other[0], other[1]["ms"] >= 3000) == ("/second", True)
    assert more == []


async def test_it_works_under_a_strict_policy(stage: Stage, page: Page) -> None:
    """A Content-Security-Policy that allows one host for scripts and connections, and nothing inline, is enough."""
    stage.page_headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {stage.collector}; connect-src {stage.collector}; img-src data:; "
        "require-trusted-types-for 'script'"
    )
    await page.goto(stage.put("/", '<b data-sporlos-product="7">'))
    await stage.wait("view_item")


async def test_a_collector_that_is_away_is_not_noticed(stage: Stage, free_page: Page) -> None:
    """A broken connection throws nothing, rejects nothing, and leaves the page's own code alone."""
    stage.broken = True
    thrown: list[str] = []
    free_page.on("pageerror", lambda error: thrown.append(str(error)))
    await free_page.add_init_script("onunhandledrejection = () => { window.rejected = true }")
    async with free_page.expect_event("requestfailed"):
        await free_page.goto(stage.put("/"))
    assert await free_page.evaluate("sporlos('login'), window.rejected") is None
    assert thrown == []


@pytest.mark.parametrize(
    "block", ["navigator.sendBeacon = undefined", "navigator.sendBeacon = () => { throw Error('no') }"]
)
async def test_a_browser_that_takes_no_beacon_is_silent(stage: Stage, page: Page, block: str) -> None:
    """A blocker's or a setting's doing: nothing is sent, and nothing is thrown."""
    await page.add_init_script(block)
    await page.goto(stage.put("/"))
    await page.evaluate("history.pushState(null, '', '/lego'), sporlos('login')")
    await stage.leave(page)
    assert stage.names() == ["marker"]


OLD = """<script>
  const own = window.fetch; window.fetch = function () { fetches++; return Promise.reject(new Error('watched')) };
  var fetches = 0; window.onunload = () => { 1 };
  history.pushState = (push => function () { pushes++; return push.apply(this, arguments) })(history.pushState);
  var pushes = 0; window.onerror = () => { errors++ }; var errors = 0;
</script>"""


async def test_a_page_that_has_changed_the_browser_under_us(stage: Stage, page: Page) -> None:
    """Its own `fetch` and `pushState`, an old-style `onunload`: all is told once, and its code runs as before."""
    address = stage.put("/", head=OLD)
    await page.goto(address)
    await stage.wait("page_view")
    await page.evaluate("history.pushState(null, '', '/lego'), sporlos('login')")
    await stage.wait("login")
    assert await page.evaluate("[fetches, pushes, errors]") == [0, 1, 0]
    await page.evaluate("sporlos('sign_up')")
    await stage.leave(page)
    assert stage.names() == ["page_view", "page_view", "login", "sign_up", "marker"]


async def test_a_navigation_is_not_held_up(stage: Stage, page: Page) -> None:
    """A link is left to the browser: no handler prevents it, and none waits for an answer."""
    stage.pages["/next"] = '<!doctype html><title>x</title><link rel="icon" href="data:,">'
    watch = "<script>addEventListener('click', event => { window.name = event.defaultPrevented })</script>"
    await page.goto(stage.put("/", f'<a href="/next" data-sporlos-cart="7">Kjøp</a>{watch}', more='data-also="click"'))
    await page.click("a")
    await page.wait_for_url("**/next")
    assert await page.evaluate("window.name") == "false"
    await page.evaluate("window.name = ''")
    await stage.wait("add_to_cart")
