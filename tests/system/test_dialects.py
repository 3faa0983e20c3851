"""Whatever a shop already sends elsewhere, sent here by the clients that it has."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Response

from tests.system.clients import HOST, Shop, installed, instead_of_google, shop
from tests.system.product import Product, ask

Make = Callable[..., Product]
MEASUREMENT_ID, SECRET = "G-SHOP12345", "k3j9-secret"
MARK = "anna-7f3c"


def settings(origin: str) -> str:
    """One site, which measures and declares an event of its own."""
    return f"""
[[sites]]
id = "{HOST}"
origins = ["{origin}"]
profile = "FR"
events = {{ gift_wrapped = ["paper"] }}
ga4 = {{ "{MEASUREMENT_ID}" = "{sha256(SECRET.encode()).hexdigest()}" }}
"""


def started(make: Make, origin: str) -> Product:
    """A product with that site, ready."""
    product = make(settings=settings(origin))
    product.start()
    product.wait_ready()
    return product


def rows(product: Product, *columns: str) -> list[tuple[str, ...]]:
    """Columns of what was stored, once everything has been shipped."""
    assert product.stop() == 0
    return [
        tuple(json.loads(row))
        for row in product.stored(f"toJSONString([{', '.join(f'toString({c})' for c in columns)}])")
    ]


async def window(browser: Browser) -> Page:
    """A visitor's; where it leads to is nowhere."""
    context = await browser.new_context()
    await context.route("https://lego.example/**", lambda route: route.fulfill(body="bricks"))
    return await context.new_page()


class Heard:
    """What a page's tracker has sent, and how it was answered."""

    def __init__(self, page: Page) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.dropped: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.complaints: list[str] = []
        self._changed = asyncio.Condition()
        page.context.on("response", self._note)  # nobody reads its body, so the request never finishes
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def _note(self, answer: Response) -> None:
        if answer.url.endswith("/api/event"):
            async with self._changed:
                self.bodies.append(json.loads(answer.request.post_data or ""))
                self.statuses[answer.status] += 1
                self.dropped += [value] if (value := answer.headers.get("x-plausible-dropped")) else []
                self._changed.notify_all()

    def names(self) -> list[str]:
        """Names of what was sent, in its order."""
        return [body["n"] for body in self.bodies]

    async def wait(self, name: str, times: int = 1) -> None:
        """Until so many of that name were answered."""
        async with self._changed, asyncio.timeout(20):
            await self._changed.wait_for(lambda: self.names().count(name) >= times)


OFFICIAL = """<!doctype html><title>x</title><link rel="icon" href="data:,">
<a id="out" href="https://lego.example/by?q=anna" target="_blank">Lego</a>
<a id="file" href="/guide.PDF.pdf?token=anna" target="_blank">Guide</a>
<form id="form" action="/sent" target="frame"><input name="email" value="anna@example.com"></form>
<iframe name="frame" hidden></iframe>
<div id="tagged" class="plausible-event-name=gift_wrapped plausible-event-paper=red plausible-revenue-amount=49.50
  plausible-revenue-currency=NOK">x</div>
<script type="module">
import { init, track } from '/node_modules/@plausible-analytics/tracker/plausible.js'
init({ domain: 'HOST', endpoint: 'COLLECTOR/api/event', outboundLinks: true, fileDownloads: true,
  formSubmissions: true, customProperties: { colour: 'blue' } })
</script>"""


async def shop_with_official(opened: Shop, product: Product, page: Page, heard: Heard) -> None:
    """Look, search on, buy, wrap, leave by a link, a file and a form."""
    collector = f"http://127.0.0.1:{product.collector}"
    opened.pages["/lego"] = OFFICIAL.replace("COLLECTOR", collector).replace("HOST", HOST)
    await page.goto(f"{opened.url}/lego?utm_source=nyhetsbrev", referer="https://www.google.com/")
    await heard.wait("pageview")
    await page.evaluate("history.pushState(null, '', '/lego/politi')")
    await heard.wait("pageview", 2)
    sale = {"revenue": {"amount": "749.50", "currency": "NOK"}, "props": {"transaction_id": "A-17"}}
    await page.evaluate("sale => plausible('Purchase', sale)", sale)
    await heard.wait("Purchase")
    await page.evaluate("plausible('Lunch', { interactive: false })")
    await heard.wait("Lunch")
    await page.click("#tagged")
    await heard.wait("gift_wrapped")
    await page.click("#out")
    await heard.wait("Outbound Link: Click")
    await page.bring_to_front()
    await page.click("#file")
    await heard.wait("File Download")
    await page.bring_to_front()
    await page.evaluate("document.getElementById('form').requestSubmit()")
    await heard.wait("Form: Submission")


@pytest.mark.timeout(240)
async def test_plausibles_own_tracker_is_understood(make: Make, browser: Browser, tmp_path: Path) -> None:
    """All that it can send arrives with what it says; what the site doesn't know is said to be dropped."""
    async with shop(installed(tmp_path)) as opened:
        product = started(make, opened.url)
        page = await window(browser)
        heard = Heard(page)
        await shop_with_official(opened, product, page, heard)
        await page.context.close()
    assert heard.complaints == []
    assert heard.dropped == ["1"]
    assert heard.statuses.keys() == {202}
    stored = rows(product, "name", "path", "value", "currency", "order_key != 0", "props", "visitor != 0")
    told = [row[:-1] for row in stored if row[0] != "engagement"]
    assert sorted(told) == [  # each once
        ("click", "/lego/politi", "0", "", "0", "{'link_domain':'lego.example'}"),
        ("file_download", "/lego/politi", "0", "", "0", "{'file_extension':'pdf'}"),
        ("form_submit", "/lego/politi", "0", "", "0", "{}"),
        ("gift_wrapped", "/lego/politi", "4950", "NOK", "0", "{'paper':'red'}"),
        ("page_view", "/lego", "0", "", "0", "{}"),
        ("page_view", "/lego/politi", "0", "", "0", "{}"),
        ("purchase", "/lego/politi", "74950", "NOK", "1", "{}"),
    ]
    assert ("engagement", "/lego") in {row[:2] for row in stored}
    assert {row[-1] for row in stored} == {"1"}


OLDER = """<!doctype html><title>x</title><link rel="icon" href="data:,">
<a id="out" href="https://lego.example/by?q=anna">Lego</a>
<script type="module">
import Plausible from '/node_modules/plausible-tracker/build/module/index.js'
const tracker = Plausible({ apiHost: 'COLLECTOR', hashMode: true })
tracker.trackPageview()
addEventListener('hashchange', () => tracker.trackPageview())
tracker.enableAutoOutboundTracking()
tracker.trackEvent('gift_wrapped', { props: { paper: 'blue', hats: 3, fragile: true } })
</script>"""


@pytest.mark.timeout(240)
async def test_the_older_tracker_is_understood(make: Make, browser: Browser, tmp_path: Path) -> None:
    """It names the page's host as the site, sends properties as text, and the width; its routes stand behind a `#`."""
    async with shop(installed(tmp_path)) as opened:
        product = started(make, opened.url)
        page = await window(browser)
        heard = Heard(page)
        opened.pages["/app/"] = OLDER.replace("COLLECTOR", f"http://127.0.0.1:{product.collector}")
        await page.set_viewport_size({"width": 1300, "height": 800})
        await page.goto(f"{opened.url}/app/")
        await heard.wait("pageview")
        await page.evaluate("location.hash = '#/lego/politi?utm_source=brev'")
        await heard.wait("pageview", 2)
        await page.evaluate("location.hash = '#/lego'")
        await heard.wait("pageview", 3)
        await page.click("#out", no_wait_after=True)
        await heard.wait("Outbound Link: Click")
        await page.context.close()
    assert heard.complaints == []
    assert (heard.dropped, heard.statuses.keys()) == ([], {202})
    stored = rows(product, "name", "path", "source", "viewport", "props")
    assert sorted(stored) == [
        ("click", "/app/lego", "", "1280", "{'link_domain':'lego.example'}"),
        ("gift_wrapped", "/app/", "", "1280", "{'paper':'blue'}"),
        ("page_view", "/app/", "", "1280", "{}"),
        ("page_view", "/app/lego", "", "1280", "{}"),
        ("page_view", "/app/lego/politi", "brev", "1280", "{}"),
    ]


def test_one_report_may_be_for_several_sites(make: Make) -> None:
    """Each of them counts it; the header says how many don't."""
    two = settings("https://shop.test") + settings("https://shop.test").replace(HOST, "www.all.test").split("ga4")[0]
    product = make(settings=two)
    product.start("collect")
    product.wait_ready(product.admin)
    sent = {"n": "pageview", "u": "https://shop.test/", "d": f"www.{HOST},www.all.test,all.test"}
    answer = product.post(json.dumps(sent), "/api/event")
    assert (answer.status, answer.headers["x-plausible-dropped"]) == (202, "1")
    outcomes = ask(product.admin, "GET", "/status").json()["outcomes"]
    assert {word: count for word, count in outcomes.items() if count} == {"stored": 2, "unknown_site": 1}


SERVER = f"""
import datetime
from ga4mp import GtagMP

ga = GtagMP(api_secret={SECRET!r}, measurement_id={MEASUREMENT_ID!r}, client_id={MARK!r})
ga.store.set_user_property(name="user_id", value={MARK!r})
ga.store.set_user_property(name="customer", value={MARK!r})


def order(name, number):
    event = ga.create_new_event(name=name)
    event.set_event_param(name="transaction_id", value=number)
    event.set_event_param(name="currency", value="NOK")
    event.set_event_param(name="value", value=749.5)
    event.set_event_param(name="page_location", value="ORIGIN/kasse?token={MARK}")
    item = event.create_new_item(item_id="60316", item_name="Politistasjon")
    item.set_parameter("price", 749.5)
    item.set_parameter("quantity", 1)
    event.add_item_to_event(item)
    return event


def plain(name, **params):
    event = ga.create_new_event(name=name)
    event["params"] = params
    return event


ga.send([order("purchase", "A-17")], validation_hit=True)
ga.send([order("purchase", "A-17"), plain("sign_up", method="phone"), plain("lunch")])
ga.send([order("refund", "A-17")], date=datetime.datetime.now() - datetime.timedelta(seconds=90))
ga.send([plain("gift_wrapped", paper="blue"), plain("login")], postpone=True)
ga.postponed_send()
ga.send([plain("login") for _ in range(30)])
ga.api_secret = "guessed"
ga.send([order("purchase", "A-18")])
"""


@pytest.mark.timeout(240)
async def test_a_server_that_speaks_to_google_is_understood(make: Make, tmp_path: Path) -> None:
    """A client of the Measurement Protocol, led here: all but its visitors arrives; what is refused has its word."""
    product = started(make, "https://shop.test")
    program = tmp_path / "server.py"
    program.write_text(SERVER.replace("ORIGIN", "https://shop.test"), encoding="utf-8")
    async with instead_of_google(product.collector, tmp_path) as environment:
        client = await asyncio.create_subprocess_exec(
            sys.executable, program, env=os.environ | environment, stderr=asyncio.subprocess.PIPE
        )
        _, said = await client.communicate()
        assert client.returncode == 0, said.decode()
    outcomes = ask(product.admin, "GET", "/status").json()["outcomes"]
    assert {word: count for word, count in outcomes.items() if count} == {
        "stored": 35, "unknown_event": 1, "unknown_site": 1,
    }  # fmt: skip
    what = ("name", "path", "value", "currency", "order_key != 0", "item_id", "item_price", "props")
    stored = rows(product, *what, "visitor", "country", "network", "device", "browser", "language")
    assert {row[len(what) :] for row in stored} == {("0", "", "", "", "", "")}
    assert Counter(row[: len(what)] for row in stored) == {
        ("purchase", "/kasse", "74950", "NOK", "1", "['60316']", "[74950]", "{}"): 1,
        ("refund", "/kasse", "74950", "NOK", "1", "['60316']", "[74950]", "{}"): 1,
        ("sign_up", "", "0", "", "0", "[]", "[]", "{}"): 1,
        ("gift_wrapped", "", "0", "", "0", "[]", "[]", "{'paper':'blue'}"): 1,
        ("login", "", "0", "", "0", "[]", "[]", "{}"): 31,
    }
    assert MARK not in repr(product.stored("tuple(*)"))


async def test_the_debug_route_says_what_is_wrong(make: Make) -> None:
    """In Google's form; nothing of it is counted or stored."""
    product = make(settings=settings("https://shop.test"))
    product.start("collect")
    product.wait_ready(product.admin)
    path = f"/debug/mp/collect?measurement_id={MEASUREMENT_ID}&api_secret={SECRET}"
    good = product.post(json.dumps({"client_id": "1.2", "events": [{"name": "login"}]}), path)
    assert (good.status, good.json()) == (200, {"validationMessages": []})
    bad = product.post(json.dumps({"client_id": "1.2", "events": [{"name": "_badEventName"}]}), path)
    [message] = bad.json()["validationMessages"]
    assert (message["fieldPath"], message["validationCode"]) == ("events", "NAME_RESERVED")
    wrong = product.post(b"{}", path + "x").json()["validationMessages"]
    assert [message["fieldPath"] for message in wrong] == ["api_secret"]
    assert sum(ask(product.admin, "GET", "/status").json()["outcomes"].values()) == 0
