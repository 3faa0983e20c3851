"""What a page reports only if its tag asks for it."""

import pytest
from playwright.async_api import Page

from tests.beacon.stage import Stage

ALL = 'data-also="click download form 404 vitals"'
STOP = "<script>document.addEventListener('click', event => event.preventDefault())</script>"
LINKS = """<a id="out" href="https://user:secret@www.annen.no/kari?q=1#x">Ut</a> <a id="in" href="/lego">Inn</a>
    <a id="mail" href="mailto:kari@shop.no">Skriv</a> <a id="file" href="/hjelp/Bruk%20av.PDF?kari=1">Les</a>
    <a id="both" href="https://annen.no/a.zip"><b>Hent</b></a> <a id="page" href="/a.html">Side</a>"""


async def test_links_that_lead_away_and_files(stage: Stage, page: Page) -> None:
    """Of a link that leads elsewhere the host, of a file its kind; nothing of links within, of letters and of pages."""
    await page.goto(stage.put("/", LINKS + STOP, more=ALL))
    for name in ("out", "in", "mail", "file", "both", "page"):
        await page.click(f"#{name}")
    await stage.leave(page)
    said = [(event.name, event.props) for name in ("click", "file_download") for event in stage.read(name)]
    assert said == [
        ("click", {"link_domain": "www.annen.no"}),
        ("click", {"link_domain": "annen.no"}),
        ("file_download", {"file_extension": "pdf"}),
        ("file_download", {"file_extension": "zip"}),
    ]
    assert [secret for secret in ("kari", "secret", "hjelp") if secret in "".join(stage.texts)] == []


async def test_a_form_that_is_sent(stage: Stage, page: Page) -> None:
    """That it was, and nothing of what stands in it."""
    form = '<form name="kari" onsubmit="event.preventDefault()"><input value="Ola"><button>Send</button></form>'
    await page.goto(stage.put("/", form, more=ALL))
    await page.click("button")
    await stage.wait("-form")
    [event] = stage.read("form_submit")
    assert event.props == {}
    assert stage.events("-form")[0].keys() == {"n", "i"}


@pytest.mark.parametrize(("mode", "told"), [("measure", 1), (None, 0)])
async def test_a_page_that_is_not_there(stage: Stage, free_page: Page, mode: str | None, told: int) -> None:
    """By the status of its answer, which the browser tells where measuring is allowed."""
    page = free_page
    address = stage.put("/borte", mode=mode, more=ALL)
    stage.page_status = 404
    await page.goto(address)
    await stage.wait("page_view")
    stage.page_status = 200
    await stage.leave(page)
    assert len(stage.read("page_not_found")) == told


async def test_the_tag_may_say_what_page_it_is(stage: Stage, page: Page) -> None:
    """The error page's own tag needs no status: `data-event` is one more event, with the view."""
    await page.goto(stage.put("/", mode=None, more='data-event="page_not_found"'))
    await stage.wait("page_not_found")
    assert [event["n"] for event in stage.bodies[0]["e"]] == ["page_view", "page_not_found"]


async def test_a_search_is_read_from_the_address(stage: Stage, page: Page) -> None:
    """Of the parameter that the tag names, of pages loaded and of pages pushed; not of any other."""
    address = stage.put("/sok", more='data-search="q"')
    await page.goto(address + "?q=lego+by&epost=kari")
    await stage.wait("page_view")
    await page.evaluate("history.pushState(null, '', '/sok?q=duplo')")
    await stage.wait("page_view", 2)
    await page.evaluate("history.pushState(null, '', '/sok?side=2')")
    await stage.wait("page_view", 3)
    await page.evaluate("sporlos('login')")
    await stage.wait("login")
    assert [event.search_term for event in stage.read("search")] == ["lego by", "duplo"]


async def test_web_vitals_leave_with_the_page(stage: Stage, free_page: Page) -> None:
    """LCP, INP and CLS, once, in the request that the end of the page makes anyway; coarse in the row."""
    page = free_page
    slow = """<p style="font-size:80px">Stort</p><div id="move">x</div><button>Trykk</button><script>
      document.querySelector('button').onclick = () => {
        const end = performance.now() + 120; while (performance.now() < end); }
    </script>"""
    await page.goto(stage.put("/", slow, more=ALL))
    await stage.wait("page_view")
    await page.evaluate("""new Promise(done => { document.body.style.paddingTop = '300px';
        new PerformanceObserver(done).observe({type: 'layout-shift', buffered: true}) })""")
    await page.click("button")
    await page.evaluate("""new Promise(done => new PerformanceObserver(list =>
        list.getEntries().some(one => one.interactionId) && done())
            .observe({type: 'event', buffered: true, durationThreshold: 40}))""")
    await stage.leave(page)
    [event] = stage.read("web_vitals")
    lcp, inp, cls = (float(event.props[name]) for name in ("lcp", "inp", "cls"))
    assert (lcp % 100, inp % 10) == (0, 0)
    assert inp >= 100
    assert 0 < cls < 1
    last = stage.bodies[-2]["e"]
    assert [event["n"] for event in last][-1] == "-vitals"


async def test_layout_shifts_add_up_within_a_window(stage: Stage, free_page: Page) -> None:
    """Shifts that are more than a second apart do not: the worst window is what CLS means."""
    page = free_page
    await page.add_init_script("""window.PerformanceObserver = class { constructor(act) { this.act = act }
        static supportedEntryTypes = ['layout-shift', 'largest-contentful-paint'];
        observe({type}) { const of = {'largest-contentful-paint': [{startTime: 900}], 'layout-shift': [
          [100, .1], [900, .1], [1500, .05], [3000, .2], [3500, .9, true], [9000, .05], [9900, .05], [10800, .05],
          [11700, .05], [12600, .05], [13500, .05], [14400, .05]]
          .map(([startTime, value, hadRecentInput]) => ({startTime, value, hadRecentInput}))};
          this.act({getEntries: () => of[type]}) } }""")
    await page.goto(stage.put("/", more=ALL))
    await stage.wait("page_view")
    await stage.leave(page)
    assert stage.events("-vitals")[0]["p"] == [900, None, pytest.approx(0.3)]


async def test_without_a_word_in_the_tag_none_of_it_is_told(stage: Stage, page: Page) -> None:
    """Each is asked for by itself, and vitals are not even looked at."""
    await page.add_init_script(
        "window.made = 0; const own = PerformanceObserver; PerformanceObserver = class extends own "
        "{ constructor(act) { super(act); made++ } }"
    )
    form = '<form onsubmit="event.preventDefault()"><button>Send</button></form>'
    await page.goto(stage.put("/", LINKS + form + STOP))
    await page.click("#both")
    await page.evaluate("document.querySelector('form').requestSubmit()")
    made = await page.evaluate("made")
    await stage.leave(page)
    assert (stage.names(), made) == (["page_view", "marker"], 0)


async def test_in_count_no_vitals_are_read(stage: Stage, page: Page) -> None:
    """What the device measures is read only where measuring is allowed."""
    await page.add_init_script(
        "window.made = 0; const own = PerformanceObserver; PerformanceObserver = class extends own "
        "{ constructor(act) { super(act); made++ } }"
    )
    await page.goto(stage.put("/", mode=None, more=ALL))
    await stage.wait("page_view")
    assert await page.evaluate("made") == 0
