"""A shop that is one page: Vue and its router from npm, with the history's addresses and with those behind the hash."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Page

from proxy.decode import native
from tests.beacon.stage import Stage

_WANTED = Path(__file__).with_name("application.txt").read_text(encoding="utf-8").split()
_LIBRARIES = "vue/dist/vue.global.prod.js", "vue-router/dist/vue-router.global.prod.js"
SHOP = """<div id="app"><router-view></router-view></div><script>
const products = {60316: {sku: '60316', name: 'Politistasjon', price: '749.00'},
    40112: {sku: '40112', name: 'Drage', price: '1 299,50'}};
const List = {template: `<router-link v-for="one in products" :id="'to' + one.sku" :to="'/p/' + one.sku">
    {{ one.name }}</router-link>
    <router-link id="sorted" to="/?sort=pris" replace>Sorter</router-link>`, data: () => ({products})};
const One = {props: ['sku'], data: () => ({one: null}), template: `<div v-if="one" itemscope itemtype="https://schema.org/Product">
    <h1 itemprop="name">{{ one.name }}</h1><meta itemprop="sku" :content="one.sku">
    <div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="NOK">
    <b itemprop="price">kr {{ one.price }}</b></div><button @click="buy">Kjøp</button>
    <router-link id="home" to="/">Hjem</router-link></div>`,
  mounted() { Promise.resolve(products[this.sku]).then(one => { this.one = one }) },  // it comes from somewhere, later
  methods: {buy() { dataLayer.push({event: 'add_to_cart', ecommerce: {currency: 'NOK',
    items: [{item_id: this.one.sku, item_name: this.one.name}]}}) }}};
const {createRouter, createWebHistory, createWebHashHistory} = VueRouter;
Vue.createApp({}).use(createRouter({history: HISTORY(), routes: [{path: '/', component: List},
  {path: '/p/:sku', component: One, props: true}]})).mount('#app')
</script>"""


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Both as browsers load them, from the registry or from what npm has kept of it."""
    folder = tmp_path_factory.mktemp("application")
    npm = shutil.which("npm")
    flags = ["--prefix", str(folder), "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([npm, "install", *flags, *_WANTED], capture_output=True, check=False) if npm else None
    if done is None or done.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "npm is missing, or can't be reached and has kept nothing"
        )
    texts = ((folder / "node_modules" / name).read_text(encoding="utf-8") for name in _LIBRARIES)
    return "".join(f"<script>{text}</script>" for text in texts)


@pytest.mark.parametrize("history", ["createWebHistory", "createWebHashHistory"])
async def test_a_shop_of_one_page_is_told_page_by_page(
    stage: Stage, free_page: Page, libraries: str, history: str
) -> None:
    """Each page with the product that it shows and no other; sorting is no page; what is bought is told when pushed."""
    page, complaints = free_page, []  # the shop moves its own layout
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    html = SHOP.replace("HISTORY", history)
    for path in ("/p/60316", "/p/40112", "/"):
        address = stage.put(path, html, head=libraries)
    await page.goto(address)
    await stage.wait("page_view")
    await page.click("#sorted")
    await page.click("#to60316")
    await stage.wait("view_item")
    await page.click("button")
    await stage.wait("add_to_cart")
    await page.click("#home")
    await stage.wait("page_view", 3)
    await page.click("#to40112")
    await stage.wait("view_item", 2)
    await page.go_back()
    await stage.wait("page_view", 5)
    await stage.leave(page)

    told: list[tuple[str, str, str]] = []
    for text in stage.texts[:-1]:
        for one in native.decode(text.encode())[0]:
            path = one.url.removeprefix(stage.shop).partition("?")[0]
            told += [(path, event.name, event.items[0].id if event.items else "") for event in one.events]
    assert [each for each in told if each[1] != "engagement"] == [
        ("/", "page_view", ""),
        ("/p/60316", "page_view", ""),
        ("/p/60316", "view_item", "60316"),
        ("/p/60316", "add_to_cart", "60316"),
        ("/", "page_view", ""),
        ("/p/40112", "page_view", ""),
        ("/p/40112", "view_item", "40112"),
        ("/", "page_view", ""),
    ]
    assert [event.items[0].price for event in stage.read("view_item")] == [749.0, 1299.5]
    assert complaints == []
