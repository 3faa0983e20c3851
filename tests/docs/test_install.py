"""docs/install.md does what it says: its HTML in a browser against a collector, its settings as they are read.

Before each block of HTML stands, as a comment, what it sends.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.async_api import Browser, Request

from pipeline.recommendations.shelf import file_of, publish, shelf
from proxy import settings
from proxy.check.finding import Word
from tests.system.pages import Pages, serving
from tests.system.product import ROOT, Product, products

INSTALL = ROOT / "docs/install.md"
TEXT = INSTALL.read_text(encoding="utf-8")
TOKEN = "t" * 43
STATS = "https://stats.shop.no"
_BLOCK = re.compile(
    r"<!-- sends: (?P<sends>[a-z_ ]+)(?:; press button: (?P<pressed>[a-z_ ]+))?(?:; says: (?P<says>\w+))? -->\n"
    r"```html\n(?P<html>.*?)```",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of HTML, and what it is said to send."""

    html: str
    sends: list[str]
    pressed: list[str]
    says: str

    def within(self, line: str) -> str:
        """A page of it; with the line in it, if it isn't the line."""
        return self.html if "s.js" in self.html else f"{line}\n{self.html}"


BLOCKS = [
    Block(found["html"], *((found[part] or "").split() for part in ("sends", "pressed")), (found["says"] or "").strip())
    for found in _BLOCK.finditer(TEXT)
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pages, Product]]:
    """A shop's web server, and a collector that has its site."""
    with serving() as pages, products() as make:
        sites = f'\n[[sites]]\nid = "shop.no"\norigins = ["http://127.0.0.1:{pages.port}"]\nprofile = "NO"\n'
        sites += "recommendations = true\n"
        sites += f'[[sites.senders]]\nname = "shop"\ntoken_sha256 = "{sha256(TOKEN.encode()).hexdigest()}"\n'
        product = make(tmp_path_factory.mktemp("install"), settings=sites)
        cards = [{"id": one, "name": f"<b>{one}</b>", "link": f"http://127.0.0.1/{one}"} for one in ("11", "12")]
        lists = {"viewed_together": cards[:1], "bought_together": [], "popular": cards}
        publish(shelf(product.data, "shop.no"), [(file_of("60316"), json.dumps(lists).encode())])
        product.start("collect")
        product.wait_ready(product.admin)
        yield pages, product


def test_every_block_of_html_says_what_it_sends() -> None:
    """So that none is left out of the next test."""
    assert len(BLOCKS) == TEXT.count("```html") >= 9


@pytest.mark.parametrize("block", BLOCKS, ids=[" ".join(block.sends + block.pressed) for block in BLOCKS])
async def test_the_html_sends_what_is_said(block: Block, shop: tuple[Pages, Product], browser: Browser) -> None:
    """No more and no less, taken by the collector; the console is silent, and nothing is kept on the device."""
    pages, product = shop
    here = f"http://127.0.0.1:{product.collector}"
    html = block.within(BLOCKS[0].html).replace(STATS, here).replace('"/tall/s.js"', f'"{here}/s.js"')
    path = pages.put("/page", "", html)
    context = await browser.new_context()
    page = await context.new_page()
    reports: list[Request] = []
    complaints: list[str] = []
    page.on("request", lambda request: reports.append(request) if request.method == "POST" else None)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"http://127.0.0.1:{pages.port}{path}", wait_until="networkidle")
    assert names(reports) == sorted(block.sends)
    if block.pressed:
        async with page.expect_response(lambda answer: answer.request.method == "POST"):
            await page.click("button")
        assert names(reports) == sorted(block.sends + block.pressed)
    answers = [await report.response() for report in reports]
    assert {answer.status if answer else 0 for answer in answers} == {202}
    assert {json.loads(report.post_data or "").get("m", "") for report in reports} == {block.says}
    assert complaints == []
    assert await context.cookies() == []
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    await context.close()


async def test_what_others_looked_at_is_shown(shop: tuple[Pages, Product], browser: Browser) -> None:
    """First what others saw, then what is popular, nothing twice, names as text; of an unknown product nothing."""
    pages, product = shop
    (block,) = [block.html for block in BLOCKS if "/r/" in block.html]
    html = block.replace(STATS, f"http://127.0.0.1:{product.collector}")
    page = await browser.new_page()
    for path, body, names_shown in (
        ("/seen", html, ["<b>11</b>", "<b>12</b>"]),
        ("/new", html.replace("'60316'", "'1'"), []),
    ):
        await page.goto(f"http://127.0.0.1:{pages.port}{pages.put(path, body, '')}", wait_until="networkidle")
        assert [name.strip() for name in await page.locator("li").all_inner_texts()] == names_shown
        assert await page.locator("h2").is_visible() == bool(names_shown)
    await page.close()


async def test_each_switch_switches_on_what_it_says(shop: tuple[Pages, Product], browser: Browser) -> None:
    """A page that isn't there, with a link that leaves, a file, and a form: all that `data-also` names is reported."""
    pages, product = shop
    (line,) = [block.html for block in BLOCKS if "data-also" in block.html]
    agreed = next(block.html for block in BLOCKS if block.says)
    body = """<a id="away" href="http://elsewhere.test/" onclick="return false">away</a>
        <a id="file" href="/terms.pdf" onclick="return false">file</a>
        <form onsubmit="return false"><button>send</button></form>"""
    html = f"{line}\n{agreed}".replace(STATS, f"http://127.0.0.1:{product.collector}")
    pages.put("/also", body, html, status=404)
    page = await browser.new_page()
    reports: list[Request] = []
    page.on("request", lambda request: reports.append(request) if request.method == "POST" else None)
    await page.goto(f"http://127.0.0.1:{pages.port}/also", wait_until="networkidle")
    for selector in ("#away", "#file", "button"):
        await page.click(selector)
    async with page.expect_request(lambda request: "vitals" in (request.post_data or "")):
        await page.evaluate("dispatchEvent(new Event('pagehide'))")  # a page that has gone is not listened to
    also = re.findall(r'data-also="([^"]+)"', line)[0].split()
    assert {f"-{word}" for word in also} <= set(names(reports))
    await page.close()


def test_the_order_that_a_server_reports_is_stored(shop: tuple[Pages, Product]) -> None:
    """As curl sends what stands there, with the token of a sender that the settings know."""
    body = re.search(r"Authorization: Bearer \$TOKEN\" -d '([^']+)'", TEXT)
    assert body
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
    answer = shop[1].post(body[1], "/v1/events", headers)
    assert (answer.status, [one["outcome"] for one in answer.json()["results"]]) == (200, ["stored"])


_WOOCOMMERCE = r"""<?php
function add_action($where, $done) { global $hooks; $hooks[$where] = $done; }
function wp_json_encode($value, $flags) { return json_encode($value, $flags); }
class Order {
    public $status = 'processing', $meta = [], $unsaved = [];
    function has_status($status) { return $this->status === $status; }
    function get_meta($key) { return $this->meta[$key] ?? ''; }
    function update_meta_data($key, $value) { $this->unsaved[$key] = $value; }
    function save() { $this->meta = $this->unsaved; }
    function get_items() { return []; }
    function get_order_number() { return 'A-1001'; }
    function get_currency() { return 'NOK'; }
    function get_total() { return '848.00'; }
}
$orders = [1 => new Order, 2 => new Order];
$orders[2]->status = 'failed';
function wc_get_order($id) { global $orders; return $orders[$id] ?? false; }
"""


@pytest.mark.skipif(shutil.which("php") is None, reason="PHP is not installed")
def test_woocommerce_reports_an_order_once_and_no_failed_payment() -> None:
    """The receipt is opened three times; a payment fails, and succeeds when tried again; no order, no report."""
    snippet = next(
        block for block in re.findall(r"```php\n(.*?)```", TEXT, re.DOTALL) if "woocommerce_thankyou" in block
    )
    opened = """
        foreach ([1, 1, 1, 2, 3] as $id) { $hooks['woocommerce_thankyou']($id); echo "\n"; }
        $orders[2]->status = 'processing'; $hooks['woocommerce_thankyou'](2);"""
    done = subprocess.run(
        ["php"], input=_WOOCOMMERCE + snippet + opened, capture_output=True, text=True, timeout=60, check=True
    )
    assert ['sporlos("purchase"' in line for line in done.stdout.split("\n")] == [
        True,
        False,
        False,
        False,
        False,
        True,
    ]


def test_an_order_is_promised_to_be_one_on_its_day_only() -> None:
    """The key that joins page and server lives no longer, so no more is said."""
    assert "is one purchase on the same day" in " ".join(TEXT.split())


def names(reports: list[Request]) -> list[str]:
    """Of all events so far, in the alphabet's order."""
    return sorted(event["n"] for report in reports for event in json.loads(report.post_data or "")["e"])


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
def test_its_settings_are_settings(block: str, tmp_path: Path) -> None:
    """As the product reads them."""
    file = tmp_path / "sporlos.toml"
    file.write_text(block, encoding="utf-8")
    loaded = settings.load(file)
    assert loaded.collector.public_url.startswith("https://")


def test_its_words_are_those_of_the_check() -> None:
    """Each in the last table is one that the command says."""
    table = TEXT.partition("| it says |")[2]
    words = re.findall(r"`([a-z_]+)`", "".join(line.split("|")[1] for line in table.splitlines() if "| `" in line))
    assert len(words) >= 8
    assert set(words) <= set(Word)


def test_its_files_are_there() -> None:
    """What it links to, and every snippet is linked."""
    linked = set(re.findall(r"\]\((proxies/[^)]+)\)", TEXT))
    assert linked == {f"proxies/{file.name}" for file in (INSTALL.parent / "proxies").iterdir()}
    headings = {re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in TEXT.splitlines()}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= headings
